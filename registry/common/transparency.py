"""What the rooms tell the public: each registers sections, the site's page shows them in their order.

A provider returns None while it has nothing to say. Its table is also what the CSV download holds; counts below
`SMALL` are never shown, so that nobody can be picked out of a small region.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any

SMALL = 10


@dataclass(frozen=True)
class Row:
    """One published figure: what it measures, of which region and group, its value and interval. Units in `unit`."""

    measure: str
    region: str
    group: str
    value: float | None  # None: suppressed because the cell is small
    unit: str
    low: float | None = None
    high: float | None = None


@dataclass(frozen=True)
class Section:
    """One section of the page: its template, the context of that, and its figures as rows."""

    template: str
    context: dict[str, Any]
    rows: list[Row] = field(default_factory=list)


Provider = Callable[[], Section | None]
_PROVIDERS: dict[str, tuple[int, Provider]] = {}


def register_section(code: str, *, order: int, provider: Provider) -> None:
    """Add a section to the public page of figures; a code that is registered again is replaced."""
    _PROVIDERS[code] = (order, provider)


def find_sections() -> list[Section]:
    """Return what every room has to say today, in order."""
    found = [provider() for _, provider in sorted(_PROVIDERS.values(), key=lambda one: one[0])]
    return [section for section in found if section is not None]


def suppress(count: int) -> int | None:
    """Return a count that may be published: a small one is None, nought stays.

    >>> suppress(0), suppress(9), suppress(10)
    (0, None, 10)
    """
    return count if count == 0 or count >= SMALL else None


def shares(counts: Iterable[int]) -> list[float]:
    """Return each count as a share of all, in percent; all nought give noughts.

    >>> shares([1, 3])
    [25.0, 75.0]
    """
    listed = list(counts)
    whole = sum(listed)
    return [100 * count / whole if whole else 0.0 for count in listed]
