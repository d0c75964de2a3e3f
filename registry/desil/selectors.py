"""Questions to the rankings: which one is published, where a family stands in it, how many stand where."""

import datetime as dt
import math
import uuid
from dataclasses import dataclass
from typing import Any

from django.db.models import Sum

from registry.common.errors import RuleRefused
from registry.desil.models import NATION, HouseholdRank, RankCut, RankModel, RankPointer, RankRun, RankSummary
from registry.desil.states import ModelState, RunState


@dataclass(frozen=True)
class Standing:
    """Where a family stands in one run. `score` and `cuts` are in 1e-6 log-rupiah; cuts[0] is that of desil 1."""

    run: RankRun
    desil: int
    score: int | None
    near_line: bool
    old_data: bool
    filled_in: bool
    cuts: tuple[int, ...]

    def distance(self, desil: int) -> float | None:
        """Return by which share the family's estimated spending lies above (+) or below (−) the limit of a desil."""
        return distance_to(self.score, self.cuts, desil)


def distance_to(score: int | None, cuts: tuple[int, ...], desil: int) -> float | None:
    """Return by which share estimated spending lies above (+) or below (−) the limit of a desil; None where it has none."""
    if score is None or len(cuts) < desil:
        return None
    return math.expm1((score - cuts[desil - 1]) / 1e6)


def find_published_run(as_of: dt.datetime | None = None) -> RankRun | None:
    """Return the run that is published, or the one that was at a time."""
    if as_of is None:
        pointer = RankPointer.objects.select_related("run__model").filter(scope_code=NATION).first()
        return pointer.run if pointer else None
    return (
        RankRun.objects.select_related("model")
        .filter(state=RunState.PUBLISHED, published_at__lte=as_of)
        .order_by("-published_at")
        .first()
    )


def find_own_run() -> RankRun | None:
    """Return the newest run of our own model: for triage and drift where an official ranking is the published one."""
    return (
        RankRun.objects.select_related("model")
        .filter(kind=RankRun.Kind.OWN)
        .exclude(state__in=[RunState.RUNNING, RunState.FAILED])
        .order_by("-id")
        .first()
    )


def find_waiting_official() -> RankRun | None:
    """Return the newest official ranking that was imported and that nobody has published yet."""
    return (
        RankRun.objects.filter(kind=RankRun.Kind.OFFICIAL, state__in=[RunState.READY, RunState.PROPOSED])
        .order_by("-id")
        .first()
    )


def find_counterpart(run: RankRun) -> RankRun | None:
    """Return what a run is compared with unless told otherwise: ours for an official one, else the published one."""
    other = find_own_run() if run.kind == RankRun.Kind.OFFICIAL else find_published_run()
    if other is not None and other.pk == run.pk:
        other = (
            RankRun.objects.filter(kind=run.kind, state=RunState.PUBLISHED, pk__lt=run.pk)
            .order_by("-published_at")
            .first()
        )
    return other


def get_run(run_id: int | None = None) -> RankRun:
    """Return a run that was computed: the named one, else the latest.

    Raises: RuleRefused `desil.run.unknown`, `desil.run.none`.
    """
    computed = RankRun.objects.select_related("model").exclude(state__in=[RunState.RUNNING, RunState.FAILED])
    if run_id is None:
        found = computed.order_by("-id").first()
        if found is None:
            raise RuleRefused("desil.run.none")
        return found
    found = computed.filter(pk=run_id).first()
    if found is None:
        raise RuleRefused("desil.run.unknown", run=run_id)
    return found


def get_model(version: int | None = None) -> RankModel:
    """Return a model that may be used: the named one, else the newest approved one, else the newest.

    Raises: RuleRefused `desil.model.none`, `desil.model.unknown`, `desil.model.retired`.
    """
    if version is not None:
        found = RankModel.objects.filter(pk=version).first()
        if found is None:
            raise RuleRefused("desil.model.unknown", version=version)
        if found.state == ModelState.RETIRED:
            raise RuleRefused("desil.model.retired", version=version)
        return found
    usable = RankModel.objects.exclude(state=ModelState.RETIRED)
    found = usable.filter(state=ModelState.APPROVED).first() or usable.first()
    if found is None:
        raise RuleRefused("desil.model.none")
    return found


def scope_code_of(run: RankRun, region_code: str) -> str:
    """Return the scope of a run that a region belongs to: nothing, its province, or its regency.

    >>> scope_code_of(RankRun(scope="province"), "35.14.01.2009")
    '35'
    """
    return {"nation": NATION, "province": region_code[:2], "regency": region_code[:5]}[run.scope]


def find_cuts(run: RankRun, scope_code: str = NATION) -> tuple[int, ...]:
    """Return the scores at which the desil of a scope end, from 1 to 9."""
    return tuple(RankCut.objects.filter(run=run, scope_code=scope_code).values_list("score", flat=True))


def find_standing(household_id: uuid.UUID, *, run: RankRun | None = None) -> Standing | None:
    """Return where a family stands in a run, the published one unless named; None when it was not ranked.

    The caller has seen to it that the officer may see the family.
    """
    run = run or find_published_run()
    if run is None:
        return None
    row = HouseholdRank.objects.filter(run=run.pk, household_id=household_id).first()
    if row is None:
        return None
    return Standing(
        run=run,
        desil=row.desil,
        score=row.score,
        near_line=bool(row.flags & HouseholdRank.Flag.NEAR_LINE),
        old_data=bool(row.flags & HouseholdRank.Flag.OLD_DATA),
        filled_in=bool(row.flags & HouseholdRank.Flag.FILLED_IN),
        cuts=find_cuts(run, scope_code_of(run, row.region_code)),
    )


@dataclass(frozen=True)
class DesilCount:
    """How many stand in one desil."""

    desil: int
    families: int
    persons: int


def count_by_desil(run: RankRun, region_code: str = "") -> list[DesilCount]:
    """Return families and persons by desil in a region (empty: everywhere), from the run's summary."""
    rows: Any = RankSummary.objects.filter(run=run, region_code__regex=r"^\d\d\.\d\d$")
    if region_code:
        rows = rows.filter(region_code__startswith=region_code[:5])
    counted = {
        row["desil"]: row for row in rows.values("desil").annotate(families=Sum("families"), persons=Sum("persons"))
    }
    return [
        DesilCount(desil, counted[desil]["families"], counted[desil]["persons"])
        if desil in counted
        else DesilCount(desil, 0, 0)
        for desil in range(1, 11)
    ]
