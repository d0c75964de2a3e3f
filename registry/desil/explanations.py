"""Why one family stands where it stands: what a run knew of it, taken apart by the run's own model and cuts."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import duckdb

from registry import ranking
from registry.desil.models import RankModel, RankRun
from registry.desil.runs import get_run_folder
from registry.desil.selectors import find_published_run
from registry.desil.states import RunState


@dataclass(frozen=True)
class FamilyInRun:
    """What a run knew of one family: `values` as whole numbers, None where a fact was missing."""

    region: str
    values: dict[str, int | None]


@lru_cache(maxsize=8)
def read_model(version: int) -> ranking.RankModel:
    """Return a kept model, checked against its hash."""
    return ranking.RankModel.from_json(RankModel.objects.get(pk=version).content)


@lru_cache(maxsize=8)
def read_cuts(run: int) -> ranking.Cuts:
    """Return the cuts of a run."""
    found = RankRun.objects.get(pk=run)
    values: dict[str, list[int]] = {}
    for cut in found.cuts.order_by("scope_code", "desil"):
        values.setdefault(cut.scope_code, []).append(cut.score)
    return ranking.Cuts(found.unit, found.scope, {scope: tuple(row) for scope, row in values.items()})


def read_family(run: RankRun, household_id: uuid.UUID) -> FamilyInRun | None:
    """Return what a run knew of a family, None when it was not in the run or the run's file was pruned."""
    path = get_run_folder(run.pk) / "families.parquet"
    if not path.exists():
        return None
    with duckdb.connect(":memory:", config={"threads": 1, "memory_limit": "256MB"}) as con:
        cursor = con.execute("SELECT * FROM read_parquet($1) WHERE household_id = $2", [str(path), household_id])
        names = [column[0] for column in cursor.description or ()]
        row = cursor.fetchone()
    if row is None:
        return None
    told: dict[str, Any] = dict(zip(names, row, strict=True))
    return as_family(told)


def as_family(told: dict[str, Any]) -> FamilyInRun:
    """Return a row of the families' file as what is known of a family."""
    plain = {"household_id", "regency", "persons"}
    return FamilyInRun(told["regency"], {name: value for name, value in told.items() if name not in plain})


@dataclass(frozen=True)
class OfficialRank:
    """What an official ranking told of one family beside its desil."""

    percentile: float | None
    score: float | None


def read_official(run: RankRun, household_id: uuid.UUID) -> OfficialRank | None:
    """Return what an official run told of a family beside its desil; None when it names it not."""
    path = get_run_folder(run.pk) / "ranks.parquet"
    if run.kind != RankRun.Kind.OFFICIAL or not path.exists():
        return None
    with duckdb.connect(":memory:", config={"threads": 1, "memory_limit": "256MB"}) as con:
        row = con.execute(
            "SELECT percentile, official_score FROM read_parquet($1) WHERE household_id = $2", [str(path), household_id]
        ).fetchone()
    return OfficialRank(*row) if row else None


def explain_family(
    household_id: uuid.UUID, *, run: RankRun | None = None, line: int = 4, language: str = "id"
) -> ranking.Explanation | None:
    """Take a family's score in a run apart; None when it has none of ours. The caller has checked the scope."""
    run = run or find_published_run()
    if run is None or run.model_id is None:
        return None
    family = read_family(run, household_id)
    if family is None:
        return None
    return ranking.explain(
        read_model(run.model_id), family.values, family.region, cuts=read_cuts(run.pk), line=line, language=language
    )


def find_change(household_id: uuid.UUID, *, run: RankRun | None = None, line: int = 4) -> ranking.Change | None:
    """Split the change of a family's distance to a line between a run and the published one before it."""
    run = run or find_published_run()
    if run is None or run.model_id is None or run.published_at is None:
        return None
    before = (
        RankRun.objects.filter(
            state=RunState.PUBLISHED, kind=RankRun.Kind.OWN, published_at__lt=run.published_at, unit=run.unit,
            scope=run.scope,
        )
        .order_by("-published_at")
        .first()
    )  # fmt: skip
    if before is None or before.model_id is None:
        return None
    then, today = read_family(before, household_id), read_family(run, household_id)
    if then is None or today is None:
        return None
    return ranking.why_changed(
        ranking.Standing(read_model(before.model_id), then.values, then.region, read_cuts(before.pk)),
        ranking.Standing(read_model(run.model_id), today.values, today.region, read_cuts(run.pk)),
        line=line,
    )
