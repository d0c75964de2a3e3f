"""Uji petik: drawing a sample and handing it over as assignments. Answers are `answers.py`, estimates `estimating.py`."""

from __future__ import annotations

import datetime as dt
import uuid
from collections import Counter
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from django.db import transaction
from django.utils import timezone

from registry import sampling
from registry.common.audit import record
from registry.common.errors import BadInput, RuleRefused
from registry.linkage.models import MatchRun
from registry.uji_petik.frames import Frame, build_frame
from registry.uji_petik.lots import (
    Asked,
    LotDraft,
    LotRequest,
    areas_of,
    get_lot_source,
    keep_lots,
    plan_lots,
)
from registry.uji_petik.models import JUDGING, Design, Draw, ErrorKind, Stratum
from registry.uji_petik.permissions import check_may_sample
from registry.visits.models import Assignment
from registry.wilayah.codes import regency_of


def draw_sample(
    *,
    name: str,
    error: str,
    method: str,
    region_code: str,
    frame: str = Design.Frame.EVERYONE,
    line: int | None = None,
    families: int = 0,
    villages: int = 0,
    per_village: int = 0,
    floor: float = 0.25,
    lot: LotRequest | None = None,
    wish: Mapping[str, Any] | None = None,
    seed: int,
    due_on: dt.date,
    by: Any,
    now: dt.datetime,
) -> Design:
    """Draw families of a regency or below and hand them over as assignments; every probability is kept.

    The same seed over the same register and ranking draws the same families. `families` for samples without villages,
    `villages` and `per_village` for two stages; `floor` is the part of a sample by risk that chance alone draws.
    `wish` is kept as it was asked for. A model's error over everyone is held against `line`, so that exclusion and
    inclusion have denominators of their own. Of a lot, and of small areas that are judged each (LQAS), `lot` says what
    may pass; how many are drawn follows from it and from the earlier lots of the series.

    Raises: NotAllowed `uji_petik.draw.not_allowed`; RuleRefused `uji_petik.draw.no_ranking`, `uji_petik.draw.empty`,
    `uji_petik.draw.payroll`, `uji_petik.draw.coverage`, `uji_petik.lot.no_area`; BadInput `uji_petik.draw.size`,
    `uji_petik.draw.line`, `uji_petik.lot.source`, `uji_petik.lot.shares`, `sampling.…`.
    """
    check_may_sample(by, region_code)
    if error == ErrorKind.COVERAGE:
        raise RuleRefused("uji_petik.draw.coverage")
    if error == ErrorKind.MODEL and frame == Design.Frame.BELOW_LINE:
        raise RuleRefused("uji_petik.draw.payroll")
    if frame == Design.Frame.EVERYONE and error != ErrorKind.MODEL:
        line = None
    elif frame != Design.Frame.EVERYONE and line is None:
        raise BadInput("uji_petik.draw.line")
    judged = method in JUDGING
    two_stage = method == Design.Method.TWO_STAGE
    if not judged and (min(villages, per_village) if two_stage else families) < 1:
        raise BadInput("uji_petik.draw.size")
    key = f"{seed}"
    drafts: list[LotDraft] = []
    if judged:
        lot = lot or LotRequest()
        areas = areas_of(lot.companion, region_code, on=timezone.localdate(now))
        asked = Asked(region_code, frame, line, areas, lot.batch)
        found = get_lot_source(lot.source).build(asked, by)
        drafts = plan_lots(
            Counter(unit.village for unit in found.units), method=method, asked=asked, request=lot, error=error
        )
    else:
        found = build_frame(frame=frame, line=line, region_code=region_code, officer=by)
    try:
        if judged:
            by_village = method == Design.Method.LQAS
            plain = [replace(unit, stratum=unit.village if by_village else "") for unit in found.units]
            sizes = {draft.area if by_village else "": draft.plan.n for draft in drafts}
            sample = sampling.draw_simple(plain, sizes, seed=key)
        elif two_stage:
            sample = sampling.draw_two_stage(found.units, villages, per_village, seed=key)
        elif method == Design.Method.RISK:
            sample = sampling.draw_by_risk(found.units, families, seed=key, floor=floor)
        else:
            plain = [replace(unit, stratum="") for unit in found.units]
            sample = sampling.draw_simple(plain, families, seed=key)
    except sampling.SamplingError as problem:
        raise BadInput(problem.code, **problem.facts) from problem
    settings = {
        "families": families,
        "villages": villages,
        "per_village": per_village,
        **dict(sample.design),
        **(wish or {}),
    }
    register_run = MatchRun.objects.filter(state=MatchRun.State.PUBLISHED).order_by("-id").first()
    with transaction.atomic():
        design = Design.objects.create(
            name=name,
            error=error,
            method=method,
            frame=frame,
            line=line if found.rank_run else None,
            region_code=region_code,
            regency=regency_of(region_code),
            seed=seed,
            register_run=register_run.pk if register_run else 0,
            rank_run=found.rank_run,
            frame_hash=sample.frame_hash,
            frame_size=len(found.units),
            settings=settings,
            due_on=due_on,
            drawn_at=now,
            drawn_by=by,
        )
        strata = _keep_draws(design, sample, found, by=by, now=now)
        if lot is not None and judged:
            keep_lots(design, drafts, strata, lot)
        record(
            "uji_petik.sample.drawn",
            by=by,
            obj_type="design",
            obj_id=design.pk,
            regency=design.regency,
            params={"draws": len(sample.draws), "frame": len(found.units)},
            now=now,
        )
    return design


def _keep_draws(
    design: Design, sample: sampling.Sample, frame: Frame, *, by: Any, now: dt.datetime
) -> dict[str, Stratum]:
    strata = _keep_strata(design, sample, frame)
    assignments = {
        draw.id: Assignment(
            id=uuid.uuid4(),
            household_id=uuid.UUID(draw.id),
            region_code=frame.region_of[draw.id],
            regency=regency_of(frame.region_of[draw.id]),
            cause=Assignment.Cause.UJI_PETIK,
            cause_id=f"{design.pk}/{draw.order}",
            due_on=design.due_on,
            assigned_at=now,
            assigned_by=by,
        )
        for draw in sample.draws
    }
    Assignment.objects.bulk_create(assignments.values(), batch_size=2000)
    Draw.objects.bulk_create(
        (
            Draw(
                design=design,
                stratum=strata[draw.stratum],
                household_id=uuid.UUID(draw.id),
                assignment=assignments[draw.id],
                region_code=frame.region_of[draw.id],
                regency=regency_of(frame.region_of[draw.id]),
                psu=draw.village,
                probability=draw.probability,
                psu_probability=draw.psu_probability,
                psu_families=draw.village_units,
                certain=draw.certain,
                random_floor=draw.random_floor,
                by_risk=draw.by_risk,
                order=draw.order,
            )
            for draw in sample.draws
        ),
        batch_size=2000,
    )
    return strata


def _keep_strata(design: Design, sample: sampling.Sample, frame: Frame) -> dict[str, Stratum]:
    """Count each stratum of the frame and of the sample; a simple sample has one, small areas are one each."""
    drawn_from = {draw.stratum for draw in sample.draws}

    def stratum_of(unit: sampling.Unit) -> str:
        if drawn_from == {""}:
            return ""
        return unit.village if design.method == Design.Method.LQAS else unit.stratum

    families: Counter[str] = Counter(stratum_of(unit) for unit in frame.units)
    villages: dict[str, set[str]] = {}
    for unit in frame.units:
        villages.setdefault(stratum_of(unit), set()).add(unit.village)
    drawn: Counter[str] = Counter(draw.stratum for draw in sample.draws)
    visited: dict[str, set[str]] = {}
    for draw in sample.draws:
        visited.setdefault(draw.stratum, set()).add(draw.village)
    rows = [
        Stratum(
            design=design,
            code=code,
            families=count,
            psus=len(villages[code]),
            drawn_psus=len(visited.get(code, ())),
            drawn_families=drawn[code],
        )
        for code, count in sorted(families.items())
    ]
    return {row.code: row for row in Stratum.objects.bulk_create(rows)}
