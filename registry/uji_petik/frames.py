"""From whom is drawn: the families of a region, their stratum of risk and their village."""

from __future__ import annotations

import uuid
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from functools import reduce
from operator import or_
from typing import Any

from django.db.models import Count

from registry import sampling
from registry.common.errors import RuleRefused
from registry.desil.models import HouseholdRank, RankRun
from registry.desil.selectors import find_published_run
from registry.households.models import Household
from registry.uji_petik.models import Design, Draw, ErrorKind
from registry.wilayah.querysets import within
from registry.wilayah.selectors import get_place

# What makes a record more likely wrong, as a share; starting values of the risk allocation, replaced by estimates
# of earlier samples once there are some.
RISK = {"near_line": 0.4, "old_data": 0.3, "filled_in": 0.3, "other": 0.1}


@dataclass(frozen=True)
class Frame:
    """The units of a frame and where each family lives."""

    units: list[sampling.Unit]
    region_of: dict[str, str]
    rank_run: RankRun | None


def build_frame(*, frame: str, line: int | None, region_code: str, areas: Sequence[str] = (), officer: Any) -> Frame:
    """Return the families of a region that a frame holds, as far as the officer sees them.

    A frame below or above a line goes by the published desil; `areas` narrow the region. Strata are classes of risk.

    Raises: RuleRefused `uji_petik.draw.no_ranking`, `uji_petik.draw.empty`.
    """
    run = find_published_run()
    rows = _rows(run, frame=frame, line=line, region_code=region_code, areas=areas, officer=officer)
    if run is None:
        found = [(pk, region, 0) for pk, region in rows.order_by("pk").values_list("pk", "region_code").iterator()]
    else:
        found = list(rows.order_by("household_id").values_list("household_id", "region_code", "flags").iterator())
    if not found:
        raise RuleRefused("uji_petik.draw.empty")
    units = [_unit(household_id, region, flags) for household_id, region, flags in found]
    return Frame(units, {str(household_id): region for household_id, region, _ in found}, run)


def suggest_name(error: str, region_code: str) -> str:
    """Return a name for a sample of an error in a region, in the language of who asks."""
    return f"{ErrorKind(error).short_label}, {get_place(region_code)}"[:120]


def count_frame(
    *, frame: str, line: int | None, region_code: str, areas: Sequence[str] = (), officer: Any
) -> list[sampling.Cell]:
    """Return how many families a frame has in each stratum and village, counted where they lie.

    Raises: RuleRefused `uji_petik.draw.no_ranking`, `uji_petik.draw.empty`.
    """
    run = find_published_run()
    rows = _rows(run, frame=frame, line=line, region_code=region_code, areas=areas, officer=officer)
    keys = ("region_code",) if run is None else ("region_code", "flags")
    cells: dict[tuple[str, str], int] = defaultdict(int)
    for *key, families in rows.order_by().values_list(*keys).annotate(families=Count("*")):
        cells[_stratum(key[1] if run else 0), key[0]] += families
    if not cells:
        raise RuleRefused("uji_petik.draw.empty")
    return [sampling.Cell(stratum, village, n, RISK[stratum]) for (stratum, village), n in sorted(cells.items())]


def find_listed(design: Design) -> set[str]:
    """Return the drawn families that the ranking of a design puts at or below its line."""
    if design.rank_run_id is None or design.line is None:
        return set()
    drawn = Draw.objects.filter(design=design).values_list("household_id", flat=True)
    ranks = HouseholdRank.objects.filter(run=design.rank_run_id, household_id__in=list(drawn), desil__lte=design.line)
    return {str(pk) for pk in ranks.values_list("household_id", flat=True)}


def _rows(
    run: RankRun | None, *, frame: str, line: int | None, region_code: str, areas: Sequence[str], officer: Any
) -> Any:
    place = within(region_code)
    if areas:
        place &= reduce(or_, (within(code) for code in areas))
    if run is None:
        if frame != Design.Frame.EVERYONE:
            raise RuleRefused("uji_petik.draw.no_ranking")
        return _visible(Household.objects.active(), officer).filter(place)
    ranked = _visible(HouseholdRank.objects.filter(run=run.pk), officer).filter(place)
    if frame == Design.Frame.BELOW_LINE:
        return ranked.filter(desil__lte=line)
    if frame == Design.Frame.ABOVE_LINE:
        return ranked.filter(desil__gt=line)
    return ranked


def _visible(rows: Any, officer: Any) -> Any:
    return rows if officer.is_system else rows.visible_to(officer)


def _stratum(flags: int) -> str:
    """Return the class of risk of a family's flags."""
    flag = HouseholdRank.Flag
    if flags & flag.NEAR_LINE:
        return "near_line"
    if flags & flag.OLD_DATA:
        return "old_data"
    return "filled_in" if flags & flag.FILLED_IN else "other"


def _unit(household_id: uuid.UUID, region: str, flags: int) -> sampling.Unit:
    stratum = _stratum(flags)
    return sampling.Unit(id=str(household_id), stratum=stratum, village=region, risk=RISK[stratum])
