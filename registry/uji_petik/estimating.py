"""The rates that follow from a sample's answers, each with its interval, design effect and response."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from django.db import transaction

from registry import sampling
from registry.common.audit import record
from registry.common.errors import BadInput, InvalidMove, RuleRefused
from registry.uji_petik.answers import MET
from registry.uji_petik.frames import find_listed
from registry.uji_petik.lots import judge_lots
from registry.uji_petik.models import CheckResult, Design, Draw, ErrorKind, Estimate
from registry.uji_petik.permissions import check_may_sample
from registry.uji_petik.states import DESIGN_TRANSITIONS, DesignState

LEVEL = 0.95
EXCLUSION, INCLUSION = "exclusion", "inclusion"  # domains of a rank's error, beside the strata
FAMILIES = "families"  # of coverage: the rate of families, beside that of people


@dataclass(frozen=True)
class Checkers:
    """How often checkers are right about an error that is there, and about one that is not (0–1)."""

    sensitivity: float
    specificity: float


def estimate_errors(
    *, design: Design, checkers: Checkers | None = None, guarantee: bool = False, by: Any, now: dt.datetime
) -> list[Estimate]:
    """Estimate the rate of a design's error over its frame and in each stratum of risk; keep the estimates.

    With `checkers` the rate of the whole frame is corrected for their mistakes as well, as a further estimate.

    Raises: NotAllowed `uji_petik.draw.not_allowed`; RuleRefused `uji_petik.results.none`; BadInput `sampling.…`.
    """
    check_may_sample(by, design.region_code)
    draws = [
        sampling.Draw(
            id=str(draw.household_id),
            stratum=draw.stratum.code,
            village=draw.psu,
            order=draw.order,
            probability=draw.probability,
            psu_probability=draw.psu_probability,
            within_probability=draw.probability / draw.psu_probability,
            certain=draw.certain,
            random_floor=draw.random_floor,
            by_risk=draw.by_risk,
            stratum_units=draw.stratum.families,
            village_units=draw.psu_families,
            stratum_villages=draw.stratum.psus,
        )
        for draw in Draw.objects.filter(design=design).select_related("stratum").order_by("order")
    ]
    values: dict[str, float | None] = {
        str(result.draw.household_id): float(result.outcome == CheckResult.Outcome.WRONG)
        for result in CheckResult.objects.filter(draw__design=design, blind=False)
        .filter(outcome__in=MET)
        .select_related("draw")
    }
    if not values:
        raise RuleRefused("uji_petik.results.none")
    found = []
    for domain, members, counted in _questions(design, draws, values):
        try:
            rate = sampling.estimate_rate(
                sampling.results_of(draws, counted, domain=members), level=LEVEL, guarantee=guarantee
            )
        except sampling.SamplingError as problem:
            if domain:
                continue
            raise BadInput(problem.code, **problem.facts) from problem
        found.append(_as_row(design, domain, rate, by=by, now=now))
        if not domain and checkers is not None:
            found.append(_corrected(design, rate, checkers, by=by, now=now))
    with transaction.atomic():
        Estimate.objects.bulk_create(found)
        record(
            "uji_petik.errors.estimated",
            by=by,
            obj_type="design",
            obj_id=design.pk,
            regency=design.regency,
            now=now,
        )
    return found


Question = tuple[str, set[str] | None, dict[str, float | None]]


def _questions(design: Design, draws: list[sampling.Draw], values: dict[str, float | None]) -> Iterator[Question]:
    """Yield what is asked of a sample: the whole frame, each stratum, and for a rank exclusion and inclusion.

    A rank is wrong on one of two sides, each with its own denominator: excluded are those above the line among those
    who belong below it; included those who do not belong among those below it.
    """
    yield "", None, values
    if design.error == ErrorKind.MODEL and design.frame == Design.Frame.EVERYONE and design.line is not None:
        listed = find_listed(design)
        poor = {one for one, wrong in values.items() if bool(wrong) != (one in listed)}
        yield EXCLUSION, poor, {one: float(one not in listed) for one in values}
        yield INCLUSION, listed & values.keys(), values
    strata = sorted({draw.stratum for draw in draws})
    for code in strata if len(strata) > 1 else ():
        members = {draw.id for draw in draws if draw.stratum == code}
        if members & values.keys():
            yield code, members, values


def close_design(*, design: Design, by: Any, now: dt.datetime) -> Design:
    """Close a design: no further answer is taken; its estimates stay, and lots that were not decided are.

    Raises: NotAllowed `uji_petik.draw.not_allowed`; InvalidMove `uji_petik.design.closed`.
    """
    check_may_sample(by, design.region_code)
    with transaction.atomic():
        locked = Design.objects.select_for_update().get(pk=design.pk)
        if DesignState.CLOSED not in DESIGN_TRANSITIONS[DesignState(locked.state)]:
            raise InvalidMove("uji_petik.design.closed")
        if locked.judges_lots:
            judge_lots(design=locked, final=True, by=by, now=now)
        locked.state = DesignState.CLOSED
        locked.save(update_fields=["state"])
        record(
            "uji_petik.design.closed",
            by=by,
            obj_type="design",
            obj_id=locked.pk,
            regency=locked.regency,
            now=now,
        )
    return locked


def _as_row(design: Design, domain: str, rate: sampling.Estimate, *, by: Any, now: dt.datetime) -> Estimate:
    return Estimate(
        design=design,
        domain=domain,
        value=rate.value,
        low=min(rate.low, rate.value),
        high=max(rate.high, rate.value),
        level=LEVEL,
        deff=rate.deff,
        n=rate.n,
        n_eff=rate.n_eff,
        response=rate.response_rate,
        method=rate.method,
        note={"merged": list(rate.merged), "clusters": rate.clusters, "df": rate.df, "drawn": rate.drawn},
        estimated_at=now,
        estimated_by=by,
    )


def _corrected(design: Design, rate: sampling.Estimate, checkers: Checkers, *, by: Any, now: dt.datetime) -> Estimate:
    """Correct a rate and its bounds for imperfect checkers (Rogan–Gladen)."""
    try:
        value, low, high = (
            sampling.rogan_gladen(share, checkers.sensitivity, checkers.specificity)
            for share in (rate.value, rate.low, rate.high)
        )
    except sampling.SamplingError as problem:
        raise BadInput(problem.code, **problem.facts) from problem
    row = _as_row(design, "", rate, by=by, now=now)
    row.value, row.low, row.high, row.method = value, min(low, value), max(high, value), f"{rate.method}+rogan_gladen"
    row.note |= {"sensitivity": checkers.sensitivity, "specificity": checkers.specificity}
    return row
