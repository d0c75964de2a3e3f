"""Lots: how strictly the next one is inspected, its plan, and the verdict that follows from what was opened.

Of what a lot can be made is registered with `register_lot_source`: a published ranking here, batches of decisions by
the stage that makes them. Drawing and keeping is `operations.draw_sample`.
"""

from __future__ import annotations

import datetime as dt
import math
from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from django.db.models import Count, Q
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from registry import sampling
from registry.common.audit import record
from registry.common.errors import BadInput, RuleRefused
from registry.officers.models import OfficerRole
from registry.uji_petik.frames import Frame, build_frame, count_frame
from registry.uji_petik.models import CheckResult, Design, Lot, Stratum
from registry.uji_petik.states import LotState
from registry.wilayah.codes import regency_of

COMPANION = "companion"  # the role whose regions are a companion's area
RANKING = "ranking"


@dataclass(frozen=True)
class LotRequest:
    """What may pass and what may not, as shares of wrong ones, and how often the plan may err about either.

    `accept` None: the smallest plan that keeps both risks is looked for. `visits`: of each small area (LQAS).
    `reduced`: reduced inspection is used where the series allows it. `companion`: only the area of this officer.
    `source`, `batch`: of what the lot is made.
    """

    good_share: float = 0.01
    bad_share: float = 0.10
    producer_risk: float = 0.05
    consumer_risk: float = 0.05
    accept: int | None = None
    visits: int = 19
    reduced: bool = False
    companion: int | None = None
    source: str = RANKING
    batch: str = ""


@dataclass(frozen=True)
class Asked:
    """Which families a lot is made of: those of a frame of the ranking in a region, or those of a batch."""

    region_code: str
    frame: str
    line: int | None
    areas: tuple[str, ...] = ()
    batch: str = ""


@dataclass(frozen=True)
class LotSource:
    """Of what lots can be made: `build` gives the families, `count` how many in each village without reading them."""

    code: str
    label: str | Promise
    build: Callable[[Asked, Any], Frame]
    count: Callable[[Asked, Any], Mapping[str, int]]


_SOURCES: dict[str, LotSource] = {}


def register_lot_source(source: LotSource) -> None:
    """Let lots be made of something; a stage above calls this when it is loaded."""
    _SOURCES[source.code] = source


def get_lot_source(code: str) -> LotSource:
    """Return the source of a code. Raises: BadInput `uji_petik.lot.source`."""
    if code not in _SOURCES:
        raise BadInput("uji_petik.lot.source", source=code)
    return _SOURCES[code]


def _families_of_ranking(asked: Asked, officer: Any) -> Frame:
    return build_frame(
        frame=asked.frame, line=asked.line, region_code=asked.region_code, areas=asked.areas, officer=officer
    )


def _count_of_ranking(asked: Asked, officer: Any) -> dict[str, int]:
    cells = count_frame(
        frame=asked.frame, line=asked.line, region_code=asked.region_code, areas=asked.areas, officer=officer
    )
    found: dict[str, int] = defaultdict(int)
    for cell in cells:
        found[cell.village] += cell.families
    return dict(found)


register_lot_source(LotSource(RANKING, _("families of the published ranking"), _families_of_ranking, _count_of_ranking))


@dataclass(frozen=True)
class LotDraft:
    """One lot before it is drawn: where, of how many, by which plan."""

    area: str
    series: str
    plan: sampling.LotPlan
    severity: sampling.Severity
    stricter_accept: int


def areas_of(companion: int | None, region_code: str, *, on: dt.date) -> tuple[str, ...]:
    """Return the regions that a companion has within a region; nobody named: no limit.

    Raises: RuleRefused `uji_petik.lot.no_area`.
    """
    if companion is None:
        return ()
    held = OfficerRole.objects.in_force(on).filter(role=COMPANION, officer=companion)
    codes = held.values_list("region_code", flat=True)
    found = sorted(
        {code if len(code) >= len(region_code) else region_code for code in codes if _meet(code, region_code)}
    )
    if not found:
        raise RuleRefused("uji_petik.lot.no_area")
    return tuple(found)


def _meet(code: str, other: str) -> bool:
    short, long = sorted((code, other), key=len)
    return long == short or long.startswith(f"{short}.")


def series_of(asked: Asked, request: LotRequest, error: str, area: str) -> str:
    """Name the lots that follow each other: the same question about the same families of the same place."""
    who = f"companion {request.companion}" if request.companion else area
    what = f"{asked.frame} {asked.line or ''}".strip() if request.source == RANKING else request.source
    return f"{error}, {what}, {who}"


def find_standing(series: str) -> sampling.Standing:
    """Return how strictly the next lot of a series is inspected, after all that were decided."""
    past = (
        Lot.objects.filter(series=series, first=True)
        .exclude(state=LotState.WAITING)
        .order_by("decided_at", "pk")
        .values_list("severity", "state", "wrong", "stricter_accept", "accept")
    )
    return sampling.standing(
        [
            sampling.PastLot(
                sampling.Severity(severity),
                state == LotState.ACCEPTED,
                state == LotState.ACCEPTED and (wrong or 0) <= stricter,
                accept,
            )
            for severity, state, wrong, stricter, accept in past
        ]
    )


def plan_lots(
    sizes: Mapping[str, int], *, method: str, asked: Asked, request: LotRequest, error: str
) -> list[LotDraft]:
    """Return the plan of one lot of all families, or of each village where small areas are judged.

    Raises: BadInput `uji_petik.lot.shares`, `sampling.…`; RuleRefused `uji_petik.draw.empty`.
    """
    if not sum(sizes.values()):
        raise RuleRefused("uji_petik.draw.empty")
    if not 0 <= request.good_share < request.bad_share < 1:
        raise BadInput("uji_petik.lot.shares")
    try:
        if method == Design.Method.LQAS:
            return [_small_area(area, size, asked, request, error) for area, size in sorted(sizes.items())]
        return [_lot(sum(sizes.values()), asked, request, error)]
    except sampling.SamplingError as problem:
        raise BadInput(problem.code, **problem.facts) from problem


def _lot(size: int, asked: Asked, request: LotRequest, error: str) -> LotDraft:
    area = request.batch or asked.region_code
    series = series_of(asked, request, error, area)
    severity = severity_of(find_standing(series), reduced=request.reduced)
    if severity == sampling.Severity.HALTED:
        plan = sampling.whole_lot(size, request.good_share, request.bad_share)
        return LotDraft(asked.region_code, series, plan, severity, plan.accept)
    guarded = sampling.bad_share_for(severity, request.bad_share)
    plan = _plan(size, guarded, request)
    stricter = sampling.accept_one_step_stricter(plan, guarded / sampling.STEP, risk=request.consumer_risk)
    return LotDraft(asked.region_code, series, plan, severity, stricter)


def _plan(size: int, guarded: float, request: LotRequest) -> sampling.LotPlan:
    good = min(request.good_share, guarded * 0.999)
    if request.accept is None:
        return sampling.lot_plan_for_both(
            size, good, guarded, producer_risk=request.producer_risk, consumer_risk=request.consumer_risk
        )
    return sampling.lot_plan(size, guarded, risk=request.consumer_risk, accept=request.accept, good_share=good)


def severity_of(standing: sampling.Standing, *, reduced: bool) -> sampling.Severity:
    """Return how strictly the next lot is inspected; reduced inspection is used only where it is asked for."""
    if standing.may_reduce:
        return sampling.Severity.REDUCED if reduced else sampling.Severity.NORMAL
    return standing.severity


def _small_area(area: str, size: int, asked: Asked, request: LotRequest, error: str) -> LotDraft:
    found = sampling.lqas(request.visits, 1 - request.good_share, 1 - request.bad_share, lot=size)
    good, bad = (size - math.floor(share * size + 0.5) for share in (found.high, found.low))
    plan = sampling.LotPlan(size, found.n, found.n - found.d, bad, found.beta, good, found.alpha)
    series = series_of(asked, request, f"{error}, lqas", area)
    return LotDraft(area, series, plan, sampling.Severity.NORMAL, -1)


def keep_lots(
    design: Design, drafts: Sequence[LotDraft], strata: Mapping[str, Stratum], request: LotRequest
) -> list[Lot]:
    """Keep the lots of a design that was drawn; the same families again are no first inspection."""
    again = set(
        Lot.objects.filter(
            series__in=[draft.series for draft in drafts], design__frame_hash=design.frame_hash
        ).values_list("series", flat=True)
    )
    whole = design.method == Design.Method.LOT
    return Lot.objects.bulk_create(
        [
            Lot(
                design=design,
                stratum=strata["" if whole else draft.area],
                source=request.source,
                batch=request.batch,
                series=draft.series,
                region_code=draft.area,
                regency=regency_of(draft.area),
                companion_id=request.companion,
                size=draft.plan.lot,
                n=draft.plan.n,
                accept=draft.plan.accept,
                stricter_accept=draft.stricter_accept,
                good_share=request.good_share,
                bad_share=request.bad_share,
                good_limit=draft.plan.good_limit,
                bad_limit=draft.plan.bad_limit,
                producer_risk=draft.plan.fails_good,
                consumer_risk=draft.plan.passes_bad,
                severity=draft.severity.value,
                first=draft.series not in again,
            )
            for draft in drafts
        ]
    )


@dataclass(frozen=True)
class Opened:
    """What was found in a lot so far: met families, wrong ones among them."""

    opened: int = 0
    wrong: int = 0


def count_opened(design: Design) -> dict[int, Opened]:
    """Return what was found so far in each stratum of a design."""
    rows = (
        CheckResult.objects.filter(draw__design=design, blind=False, outcome__in=["right", "wrong"])
        .order_by()
        .values_list("draw__stratum")
        .annotate(opened=Count("pk"), wrong=Count("pk", filter=Q(outcome="wrong")))
    )
    return {stratum: Opened(opened, wrong) for stratum, opened, wrong in rows}


def judge_lots(*, design: Design, final: bool = False, by: Any, now: dt.datetime) -> list[Lot]:
    """Decide the lots of a design whose verdict is clear; within the transaction of the caller. Return them.

    A lot fails with one wrong family more than allowed, and passes once what is not opened could not change that.
    `final`: nothing more will be opened; whoever was not met counts as not shown right.
    """
    waiting = list(Lot.objects.select_for_update(of=("self",)).filter(design=design, state=LotState.WAITING))
    if not waiting:
        return []
    found = count_opened(design)
    decided = []
    for lot in waiting:
        seen = found.get(lot.stratum_id, Opened())
        passes = sampling.verdict(lot.n, lot.accept, opened=seen.opened, bad_found=seen.wrong)
        if passes is None and not final:
            continue
        lot.state = LotState.ACCEPTED if passes else LotState.REJECTED
        lot.opened, lot.wrong = seen.opened, seen.wrong
        lot.decided_at, lot.decided_by = now, by
        lot.save(update_fields=["state", "opened", "wrong", "decided_at", "decided_by"])
        decided.append(lot)
        record(
            "uji_petik.lot.accepted" if passes else "uji_petik.lot.rejected",
            by=by,
            obj_type="lot",
            obj_id=lot.pk,
            regency=lot.regency,
            params={"wrong": seen.wrong, "opened": seen.opened, "n": lot.n, "accept": lot.accept},
            now=now,
        )
    return decided


def request_from(told: Mapping[str, Any]) -> LotRequest:
    """Return the request that a job's parameters hold."""
    return replace(LotRequest(), **told)
