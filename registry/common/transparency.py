"""What the rooms publish: each registers providers of figures, the site renders them on its page of transparency.

A provider returns a `Section`: numbers with what they mean, what stands behind them and as of when, and the tables that
anyone may download. Nothing personal goes in, and no number that is not meant for everyone: who fills a section hides
small counts first (`suppression.py`). How it looks is the site's business.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.utils.functional import Promise

Words = str | Promise
NATION = ""


@dataclass(frozen=True)
class Column:
    """One column of a table to download: its name in the file, what it holds, how it is told to people."""

    name: str
    kind: str  # text | count | share (0–1) | date
    label: Words
    meaning: Words


@dataclass(frozen=True)
class Table:
    """One file to download. A cell that is None is hidden or unknown; the table's `note` says which."""

    name: str
    title: Words
    columns: tuple[Column, ...]
    rows: tuple[tuple[Any, ...], ...]
    note: Words = ""


@dataclass(frozen=True)
class Origin:
    """What stands behind numbers: the source in words with its version, as of which day; where more is told.

    `link` is the name of an address and what goes into it.
    """

    said: Words
    as_of: dt.date
    version: str
    link: tuple[Any, ...] = ()


@dataclass(frozen=True)
class Stat:
    """One large number with what it counts; None is hidden."""

    value: int | None
    said: Words
    detail: Words = ""


@dataclass(frozen=True)
class Bar:
    """One line of a chart of counts: a name, its count (None is hidden) and a second one beside it."""

    name: Words
    value: int | None
    beside: int | None = None


@dataclass(frozen=True)
class Bars:
    """A chart of counts that make up a whole; `counted` and `beside` say what the two numbers count."""

    title: Words
    counted: Words
    bars: tuple[Bar, ...]
    beside: Words = ""
    lead: Words = ""


@dataclass(frozen=True)
class Range:
    """One estimated share (0–1) with its interval, its definition and what it rests on."""

    name: Words
    meaning: Words
    value: float
    low: float
    high: float
    basis: Words = ""


@dataclass(frozen=True)
class Ranges:
    """Estimated shares of one kind, drawn on one line from nought to `most`."""

    title: Words
    lines: tuple[Range, ...]
    lead: Words = ""
    note: Words = ""

    @property
    def most(self) -> float:
        """Return the end of the line: the next tenth above the largest bound."""
        largest = max((line.high for line in self.lines), default=0.0)
        return min(1.0, (int(largest * 10) + 1) / 10)


@dataclass(frozen=True)
class Tiles:
    """A map of the provinces by a share (0–1): code → share, None where it is hidden or unknown.

    `limits` are the shares at which the next shade begins. `columns` are further columns of the table beside the map:
    a heading each, and the counts in `further` by province.
    """

    title: Words
    said: Words
    values: Mapping[str, float | None]
    limits: tuple[float, ...]
    lead: Words = ""
    columns: tuple[Words, ...] = ()
    further: Mapping[str, tuple[int | None, ...]] = field(default_factory=dict)


Block = Bars | Ranges | Tiles


@dataclass(frozen=True)
class Section:
    """What one provider tells of the nation or of one province."""

    lead: Words = ""
    origin: Origin | None = None
    stats: tuple[Stat, ...] = ()
    blocks: tuple[Block, ...] = ()
    tables: tuple[Table, ...] = ()
    note: Words = ""
    empty: Words = ""  # the sentence instead, where nothing is published yet


@dataclass(frozen=True)
class Provider:
    """One section of the page.

    `version` names what stands behind the numbers, in a query or two; as long as it stays, `tell` is not asked again
    for the same province. `tell(province)` is given a province's code, or `NATION`; `columns` are those of its tables
    by their name, known also while nothing is published.
    """

    name: str
    order: int
    title: Words
    version: Callable[[], str]
    tell: Callable[[str], Section]
    columns: Mapping[str, tuple[Words, tuple[Column, ...]]] = field(default_factory=dict)
    by_province: bool = False


_PROVIDERS: dict[str, Provider] = {}


def register_provider(provider: Provider) -> Provider:
    """Put a section on the page of transparency.

    Raises: ValueError when the name, or that of one of its tables, is taken.
    """
    others = [one for one in _PROVIDERS.values() if one is not provider]
    taken = {name for one in others for name in (one.name, *one.columns)}
    if taken & {provider.name, *provider.columns}:
        raise ValueError(f"the provider {provider.name} or one of its tables is there already")
    _PROVIDERS[provider.name] = provider
    return provider


def list_providers() -> Sequence[Provider]:
    """Return all providers in the order of the page."""
    return sorted(_PROVIDERS.values(), key=lambda one: (one.order, one.name))
