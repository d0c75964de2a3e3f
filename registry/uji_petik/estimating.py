"""Answers of a sample and the rates that follow from them, each with its interval, design effect and response."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb
from django.db import transaction

from registry import sampling
from registry.common.audit import record
from registry.common.errors import BadInput, InvalidMove, NotAllowed, RuleRefused
from registry.officers.roles import May
from registry.uji_petik.models import CheckResult, Design, Draw, Estimate
from registry.uji_petik.states import DESIGN_TRANSITIONS, DesignState, DrawState

LEVEL = 0.95


@dataclass(frozen=True)
class Checkers:
    """How often checkers are right about an error that is there, and about one that is not (0–1)."""

    sensitivity: float
    specificity: float


def _check(design: Design, by: Any) -> None:
    if not (by.is_system or by.may(May.DRAW_SAMPLES, design.region_code)):
        raise NotAllowed("uji_petik.draw.not_allowed")


def receive_results(*, design: Design, path: Path, by: Any, now: dt.datetime) -> int:
    """Take the answers of a CSV file (household_id, outcome, perhaps reason); all of them or none. Return how many.

    A family that was answered before keeps its first answer.

    Raises: NotAllowed `uji_petik.draw.not_allowed`; InvalidMove `uji_petik.design.closed`; BadInput
    `uji_petik.results.columns`, `.outcome`, `.not_drawn`, `.unreadable`.
    """
    _check(design, by)
    rows = _read(path)
    with transaction.atomic():
        locked = Design.objects.select_for_update().get(pk=design.pk)
        if locked.state == DesignState.CLOSED:
            raise InvalidMove("uji_petik.design.closed")
        draws = {str(draw.household_id): draw for draw in Draw.objects.filter(design=design)}
        strangers = sum(household not in draws for household, _, _ in rows)
        if strangers:
            raise BadInput("uji_petik.results.not_drawn", rows=strangers)
        answered = set(CheckResult.objects.filter(draw__design=design, blind=False).values_list("draw_id", flat=True))
        new: dict[int, CheckResult] = {}
        for household, outcome, reason in rows:
            draw = draws[household]
            if draw.pk not in answered and draw.pk not in new:
                new[draw.pk] = CheckResult(
                    draw=draw, outcome=outcome, reason=reason, source="file", received_at=now, received_by=by
                )
        CheckResult.objects.bulk_create(new.values(), batch_size=2000)
        missed = [pk for pk, one in new.items() if one.outcome == CheckResult.Outcome.NOT_REACHED]
        Draw.objects.filter(pk__in=missed).update(state=DrawState.NOT_REACHED)
        Draw.objects.filter(pk__in=set(new) - set(missed)).update(state=DrawState.ANSWERED)
        record(
            "uji_petik.results.received",
            by=by,
            obj_type="design",
            obj_id=design.pk,
            regency=design.regency,
            params={"answers": len(new)},
            now=now,
        )
    return len(new)


def _read(path: Path) -> list[tuple[str, str, str]]:
    try:
        with duckdb.connect(":memory:") as con:
            cursor = con.execute("SELECT * FROM read_csv($1, all_varchar = true, header = true)", [str(path)])
            columns = [column[0].strip().lower() for column in cursor.description or ()]
            rows = cursor.fetchall()
    except duckdb.Error as error:
        raise BadInput("uji_petik.results.unreadable", name=path.name) from error
    if not {"household_id", "outcome"} <= set(columns):
        raise BadInput("uji_petik.results.columns", name=path.name, columns=", ".join(columns))
    found = []
    for number, row in enumerate(rows, start=2):
        told = dict(zip(columns, row, strict=True))
        outcome = (told["outcome"] or "").strip().lower()
        if outcome not in CheckResult.Outcome.values:
            raise BadInput("uji_petik.results.outcome", row=number, value=outcome)
        found.append(((told["household_id"] or "").strip().lower(), outcome, (told.get("reason") or "").strip()[:40]))
    return found


def estimate_errors(
    *, design: Design, checkers: Checkers | None = None, guarantee: bool = False, by: Any, now: dt.datetime
) -> list[Estimate]:
    """Estimate the rate of a design's error over its frame and in each stratum of risk; keep the estimates.

    With `checkers` the rate of the whole frame is corrected for their mistakes as well, as a further estimate.

    Raises: NotAllowed `uji_petik.draw.not_allowed`; RuleRefused `uji_petik.results.none`; BadInput `sampling.…`.
    """
    _check(design, by)
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
        .exclude(outcome=CheckResult.Outcome.NOT_REACHED)
        .select_related("draw")
    }
    if not values:
        raise RuleRefused("uji_petik.results.none")
    domains: dict[str, set[str] | None] = {"": None}
    if len({draw.stratum for draw in draws}) > 1:
        for code in sorted({draw.stratum for draw in draws}):
            domains[code] = {draw.id for draw in draws if draw.stratum == code}
    found = []
    for domain, members in domains.items():
        if members is not None and not members & values.keys():
            continue
        try:
            rate = sampling.estimate_rate(
                sampling.results_of(draws, values, domain=members), level=LEVEL, guarantee=guarantee
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


def close_design(*, design: Design, by: Any, now: dt.datetime) -> Design:
    """Close a design: no further answer is taken; its estimates stay.

    Raises: NotAllowed `uji_petik.draw.not_allowed`; InvalidMove `uji_petik.design.closed`.
    """
    _check(design, by)
    with transaction.atomic():
        locked = Design.objects.select_for_update().get(pk=design.pk)
        if DesignState.CLOSED not in DESIGN_TRANSITIONS[DesignState(locked.state)]:
            raise InvalidMove("uji_petik.design.closed")
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
