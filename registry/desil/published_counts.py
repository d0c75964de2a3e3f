"""Which counts of the published rankings are shown, so that neither one table nor two of them tell of a single family.

One table hides its small cells (`suppression.py`). Two tables of nearly the same families tell more than each: where
only one family moved between them, their difference says where to. A province in which fewer than `LEAST` families moved
since some earlier published ranking therefore keeps that ranking's figures, and what was hidden in them stays hidden
(docs/adr/0030).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from django.db.models import Sum
from django.db.models.functions import Left

from registry.common.suppression import LEAST, Pattern, suppress
from registry.desil.models import RankRun, RankSummary
from registry.desil.states import RunState
from registry.wilayah.models import Region

DESILS = range(1, 11)
Counts = tuple[tuple[int, int], ...]  # families and persons of each desil


@dataclass(frozen=True)
class ShownRow:
    """The figures of one province, the ranking that they are of, and the cells that were hidden before."""

    run: RankRun
    counts: Counts
    hidden: tuple[bool, ...] = (False,) * len(DESILS)


@dataclass(frozen=True)
class ShownTable:
    """The rows by province and what is hidden of them, rows in the order of `rows`."""

    rows: dict[str, ShownRow]
    pattern: Pattern


def find_shown_table(run: RankRun) -> ShownTable:
    """Return what is shown of a published ranking, after all that was shown before it."""
    earlier = RankRun.objects.filter(state=RunState.PUBLISHED, published_at__lte=run.published_at).exclude(pk=run.pk)
    shown: list[ShownTable] = []
    for one in [*earlier.select_related("model").order_by("published_at", "pk"), run]:
        shown.append(_add(one, count_by_province(one), shown))
    return shown[-1]


def _add(run: RankRun, counts: dict[str, Counts], before: Sequence[ShownTable]) -> ShownTable:
    rows = {code: _row(run, code, counts[code], before) for code in sorted(counts)}
    return ShownTable(rows, suppress([[n for n, _ in row.counts] for row in rows.values()],
                                     also=[row.hidden for row in rows.values()]))  # fmt: skip


def _row(run: RankRun, code: str, counts: Counts, before: Sequence[ShownTable]) -> ShownRow:
    """Return the province's figures: those of the earlier ranking that is nearest, where hardly anybody moved."""
    near = [
        (moved(table.rows[code].counts, counts), -number) for number, table in enumerate(before) if code in table.rows
    ]
    if not near or min(near)[0] >= LEAST:
        return ShownRow(run, counts)
    table = before[-min(near)[1]]
    kept = table.rows[code]
    hidden = table.pattern.cells[list(table.rows).index(code)]
    return ShownRow(run if kept.counts == counts else kept.run, kept.counts, hidden)


def moved(before: Counts, after: Counts) -> int:
    """Return how many families at least came to another desil, into the table, or out of it.

    >>> moved(((10, 30), (20, 60)), ((12, 36), (18, 54)))
    2
    """
    differences = [b - a for (a, _), (b, _) in zip(before, after, strict=True)]
    return max(sum(n for n in differences if n > 0), -sum(n for n in differences if n < 0))


def count_by_province(run: RankRun) -> dict[str, Counts]:
    """Return families and persons in each desil by province, from the lines of the regencies."""
    regencies = Region.objects.filter(level=Region.Level.REGENCY).values_list("code", flat=True)
    rows = (
        RankSummary.objects.filter(run=run, region_code__in=list(regencies))
        .annotate(province=Left("region_code", 2))
        .values_list("province", "desil")
        .annotate(families=Sum("families"), persons=Sum("persons"))
        .order_by("province", "desil")
    )
    found: dict[str, list[tuple[int, int]]] = {}
    for province, desil, families, persons in rows:
        found.setdefault(province, [(0, 0)] * len(DESILS))[desil - 1] = (families, persons)
    return {province: tuple(counts) for province, counts in found.items()}
