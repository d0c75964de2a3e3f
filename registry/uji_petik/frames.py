"""From whom is drawn: the families of a region, their stratum of risk and their village."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from typing import Any

from registry import sampling
from registry.common.errors import RuleRefused
from registry.desil.models import HouseholdRank, RankRun
from registry.desil.selectors import find_published_run
from registry.households.models import Household
from registry.uji_petik.models import Design
from registry.wilayah.querysets import within

# What makes a record more likely wrong, as a share; starting values of the risk allocation, replaced by estimates
# of earlier samples once there are some.
RISK = {"near_line": 0.4, "old_data": 0.3, "filled_in": 0.3, "other": 0.1}


@dataclass(frozen=True)
class Frame:
    """The units of a frame and where each family lives."""

    units: list[sampling.Unit]
    region_of: dict[str, str]
    rank_run: RankRun | None


def build_frame(*, frame: str, line: int | None, region_code: str, officer: Any) -> Frame:
    """Return the families of a region that a frame holds, as far as the officer sees them.

    A frame below or above a line goes by the published desil. Strata are classes of risk.

    Raises: RuleRefused `uji_petik.draw.no_ranking`, `uji_petik.draw.empty`.
    """
    run = find_published_run()
    if run is None:
        if frame != Design.Frame.EVERYONE:
            raise RuleRefused("uji_petik.draw.no_ranking")
        rows = (
            _visible(Household.objects.active(), officer).filter(within(region_code)).values_list("pk", "region_code")
        )
        found = [(pk, region, 0) for pk, region in rows.order_by("pk").iterator()]
    else:
        ranked = _visible(HouseholdRank.objects.filter(run=run.pk), officer).filter(within(region_code))
        if frame == Design.Frame.BELOW_LINE:
            ranked = ranked.filter(desil__lte=line)
        elif frame == Design.Frame.ABOVE_LINE:
            ranked = ranked.filter(desil__gt=line)
        found = list(ranked.order_by("household_id").values_list("household_id", "region_code", "flags").iterator())
    if not found:
        raise RuleRefused("uji_petik.draw.empty")
    units = [_unit(household_id, region, flags) for household_id, region, flags in found]
    return Frame(units, {str(household_id): region for household_id, region, _ in found}, run)


def _visible(rows: Any, officer: Any) -> Any:
    return rows if officer.is_system else rows.visible_to(officer)


def _unit(household_id: uuid.UUID, region: str, flags: int) -> sampling.Unit:
    flag = HouseholdRank.Flag
    if flags & flag.NEAR_LINE:
        stratum = "near_line"
    elif flags & flag.OLD_DATA:
        stratum = "old_data"
    elif flags & flag.FILLED_IN:
        stratum = "filled_in"
    else:
        stratum = "other"
    return sampling.Unit(id=str(household_id), stratum=stratum, village=region, risk=RISK[stratum])
