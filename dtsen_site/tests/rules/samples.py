"""One object of each kind that stands in an address, in Pasuruan, made through commands and operations."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import Any

from dtsen_site.tests.world import build_small_register
from registry.beneficiaries.operations import open_cycle
from registry.models import Correction, Household, Individual, MatchRun, MergePlan, Officer, ReviewPair
from registry.officers.selectors import system_officer
from registry.programmes.files import read_programmes
from registry.programmes.operations import load_programmes
from registry.uji_petik.operations import draw_sample

NATIONAL: dict[str, Any] = {}  # such an object has no region: the roles alone decide


def make_samples(officers: dict[str, Officer], folder: Path) -> dict[str, dict[str, Any]]:
    """Return the address parts of each sample; an empty one says that roles alone decide."""
    build_small_register(folder)
    household = Household.objects.filter(regency=3514).order_by("pk").first()
    individual = Individual.objects.filter(household=household).order_by("pk").first()
    assert household is not None and individual is not None
    where = {"region_code": household.region_code, "regency": household.regency}
    now = dt.datetime.now(dt.UTC)
    # The rows below stand for what officers would have started; only their region matters here.
    plan = MergePlan.objects.create(
        kind="merge",
        object_type="household",
        object_ids=[household.pk],
        reason="sample",
        planned_at=now,
        planned_by=officers["verifier"],
        **where,
    )
    pair = ReviewPair.objects.filter(regency=3514).first() or ReviewPair.objects.create(
        run=MatchRun.objects.latest("pk"),
        kind="person",
        a_source="regsosek",
        a_key="R0000001-01",
        b_source="p3ke",
        b_key="P3KE00000000101",
        probability=0.6,
        gain=0.5,
        **where,
    )
    sample = draw_sample(
        name="sample",
        error="data",
        method="srs",
        families=3,
        region_code="35.14",
        seed=1,
        due_on=now.date(),
        by=officers["verifier"],
        now=now,
    )
    load_programmes(content=read_programmes(), by=system_officer(), now=now)
    cycle = open_cycle(
        programme="pkh", starts_on=dt.date(2026, 10, 1), region_code="35.14", by=officers["verifier"], now=now
    )
    return {
        "cycle": {"cycle_id": cycle.pk},
        "sample": {"design_id": sample.pk},
        "household": {"household_id": household.pk},
        "individual": {"individual_id": individual.pk},
        "plan": {"plan_id": plan.pk},
        "pair": {"pair_id": pair.pk},
        "delivery": NATIONAL,
        "job": NATIONAL,
        "list": NATIONAL,
        "rank_run": NATIONAL,
        "rank_pair": NATIONAL,
        "rank_model": NATIONAL,
        "correction": {"correction_id": _correction(household, officers["village_operator"], now, where)},
    }


def _correction(household: Household, by: Officer, now: dt.datetime, where: dict[str, Any]) -> Any:
    fields = {field.name for field in Correction._meta.concrete_fields}
    given = {
        "object_type": "household",
        "object_id": household.pk,
        "target_type": "household",
        "target_id": household.pk,
        "variable": "luas_lantai_bangunan",
        "value": "400",
        "evidence": "sample",
        "proposed_at": now,
        "proposed_by": by,
        **where,
    }
    return Correction.objects.create(**{name: value for name, value in given.items() if name in fields}).pk
