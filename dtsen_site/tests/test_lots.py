"""Lots: drawn with a plan that keeps its risks, answered from a file, decided once, and followed by what they showed."""

from __future__ import annotations

import datetime as dt
import io
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.db import IntegrityError, transaction
from django.test import Client
from django.urls import reverse

from dtsen_site.tests.test_uji_petik import DUE, NOW, answers
from registry.common.errors import BadInput, NotAllowed, RuleRefused
from registry.models import Assignment, AuditEvent, Design, Household, Lot, Officer
from registry.officers.selectors import system_officer
from registry.uji_petik import lots
from registry.uji_petik.answers import receive_results
from registry.uji_petik.estimating import close_design, estimate_errors
from registry.uji_petik.frames import build_frame
from registry.uji_petik.lots import Asked, LotRequest, LotSource, find_standing, register_lot_source
from registry.uji_petik.operations import draw_sample
from registry.uji_petik.transparency import find_public_estimates

VILLAGE = "35.14.01.2009"


@pytest.fixture
def register(forty_families: None, officers_here: dict[str, Officer]) -> dict[str, Officer]:
    return officers_here


def a_lot(seed: int = 7, method: str = "lot", **options: Any) -> Design:
    asked = {"region_code": VILLAGE, "by": system_officer()} | options
    asked = {"now": NOW} | asked
    return draw_sample(name="Lot", error="data", method=method, seed=seed, due_on=DUE, **asked)


def answer(design: Design, folder: Path, *, wrong: int, missed: int = 0, now: dt.datetime = NOW) -> Lot:
    receive_results(design=design, path=answers(folder, design, wrong, missed), by=system_officer(), now=now)
    return Lot.objects.get(design=design)


def test_a_lot_is_drawn_by_a_plan_that_keeps_its_risks_and_handed_over(register: dict[str, Officer]) -> None:
    design = a_lot(lot=LotRequest(bad_share=0.2))

    lot = design.lots.get()
    families = Household.objects.active().count()
    assert (lot.size, lot.severity, lot.state, lot.first) == (families, "normal", "waiting", True)
    assert lot.consumer_risk <= 0.05 and lot.producer_risk <= 0.05 and 0 < lot.n < families
    assert {draw.probability for draw in design.draws.all()} == {lot.n / families}
    assert Assignment.objects.filter(cause="uji_petik", due_on=DUE).count() == lot.n == design.draws.count()
    assert list(a_lot(lot=LotRequest(bad_share=0.2)).draws.order_by("order").values_list("household_id")) == list(
        design.draws.order_by("order").values_list("household_id")
    )


def test_a_lot_passes_once_what_is_left_cannot_change_it_and_fails_with_one_wrong_too_many(
    register: dict[str, Officer], tmp_path: Path
) -> None:
    asked = LotRequest(bad_share=0.3, accept=1)
    first = answer(a_lot(lot=asked), tmp_path, wrong=1, missed=1)
    assert (first.state, first.opened, first.wrong) == ("waiting", None, None)
    second = answer(a_lot(lot=asked, seed=8), tmp_path, wrong=0, missed=1)
    assert (second.state, second.opened, second.wrong) == ("accepted", second.n - 1, 0)
    third = answer(a_lot(lot=asked, seed=9), tmp_path, wrong=2, missed=3)
    assert (third.state, third.wrong) == ("rejected", 2)
    told = AuditEvent.objects.filter(operation__startswith="uji_petik.lot.").order_by("pk")
    assert [row.operation for row in told] == ["uji_petik.lot.accepted", "uji_petik.lot.rejected"]


def test_whoever_was_not_met_is_not_shown_right_when_the_lot_is_closed(
    register: dict[str, Officer], tmp_path: Path
) -> None:
    design = a_lot(lot=LotRequest(bad_share=0.3, accept=0))
    assert answer(design, tmp_path, wrong=0, missed=1).state == "waiting"
    close_design(design=design, by=register["verifier"], now=NOW)
    lot = design.lots.get()
    assert (lot.state, lot.wrong, lot.decided_by) == ("rejected", 0, register["verifier"])


def test_the_next_lot_of_a_series_is_inspected_as_the_earlier_ones_say(
    register: dict[str, Officer], tmp_path: Path
) -> None:
    asked = LotRequest(bad_share=0.2, accept=0)
    first = a_lot(lot=asked)
    answer(first, tmp_path, wrong=2)
    again = a_lot(lot=asked, seed=8)
    assert again.lots.get().first is False  # the very same families: a second inspection does not count
    answer(again, tmp_path, wrong=0)
    assert find_standing(first.lots.get().series).lots == 1

    Household.objects.filter(pk=first.draws.earliest("order").household_id).update(region_code="35.14.01.2008")
    answer(a_lot(lot=asked, seed=9), tmp_path, wrong=2)
    tightened = a_lot(lot=asked, seed=10).lots.get()
    assert tightened.severity == "tightened" and tightened.n > first.lots.get().n
    other = a_lot(lot=LotRequest(bad_share=0.2, accept=0), region_code="35.14").lots.get()
    assert other.severity == "normal"


def test_small_areas_are_judged_each_and_estimated_together(register: dict[str, Officer], tmp_path: Path) -> None:
    movers = list(Household.objects.active().order_by("pk")[:12].values_list("pk", flat=True))
    Household.objects.filter(pk__in=movers).update(region_code="35.14.01.2008")

    design = a_lot(method="lqas", region_code="35.14.01", lot=LotRequest(good_share=0.2, bad_share=0.5, visits=19))

    by_place = {lot.region_code: lot for lot in design.lots.all()}
    assert {code: lot.n for code, lot in by_place.items()} == {"35.14.01.2008": 12, VILLAGE: 19}
    assert by_place["35.14.01.2008"].consumer_risk == 0.0  # a village that is visited whole
    path = tmp_path / "hasil.csv"
    rows = [
        f"{draw.household_id},{'salah' if draw.psu == '35.14.01.2008' else 'benar'}"
        for draw in design.draws.order_by("order")
    ]
    path.write_text("\n".join(["id_keluarga,hasil", *rows]) + "\n")
    receive_results(design=design, path=path, by=system_officer(), now=NOW)
    states = dict(design.lots.values_list("region_code", "state"))
    assert states == {"35.14.01.2008": "rejected", VILLAGE: "accepted"}
    whole = estimate_errors(design=design, by=system_officer(), now=NOW)[0]
    assert whole.value == pytest.approx(12 / Household.objects.active().count())


def test_a_companion_s_area_bounds_the_lot(register: dict[str, Officer]) -> None:
    companion = register["companion"]
    today = dt.datetime.now(dt.UTC)
    design = a_lot(region_code="35.14", now=today, lot=LotRequest(bad_share=0.2, companion=companion.pk))
    assert design.lots.get().companion == companion
    assert set(design.draws.values_list("psu", flat=True)) == {VILLAGE}
    with pytest.raises(RuleRefused) as refused:
        a_lot(now=today, lot=LotRequest(companion=register["approver"].pk))
    assert refused.value.code == "uji_petik.lot.no_area"


def test_only_those_who_may_draw_in_that_region(register: dict[str, Officer], officers_elsewhere: Any) -> None:
    for stranger in (register["companion"], officers_elsewhere["verifier"]):
        with pytest.raises(NotAllowed):
            a_lot(by=stranger)
    assert a_lot(by=register["verifier"]).lots.count() == 1
    assert Lot.objects.visible_to(officers_elsewhere["verifier"]).count() == 0


def test_the_verdict_of_a_lot_is_no_public_rate_of_its_regency(register: dict[str, Officer], tmp_path: Path) -> None:
    design = a_lot(lot=LotRequest(bad_share=0.2))
    answer(design, tmp_path, wrong=1)
    estimate_errors(design=design, by=system_officer(), now=NOW)
    close_design(design=design, by=system_officer(), now=NOW)
    assert find_public_estimates() == []


def test_a_decided_lot_has_who_when_and_what_was_found(register: dict[str, Officer]) -> None:
    lot = a_lot().lots.get()
    with pytest.raises(IntegrityError), transaction.atomic():
        Lot.objects.filter(pk=lot.pk).update(state="accepted")


def test_lots_can_be_made_of_what_another_stage_adds(
    register: dict[str, Officer], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(lots, "_SOURCES", dict(lots._SOURCES))

    def first_twenty(asked: Asked, officer: Any) -> Any:
        found = build_frame(frame=asked.frame, line=None, region_code=asked.region_code, officer=officer)
        return type(found)(found.units[:20], found.region_of, found.rank_run)

    register_lot_source(LotSource("batch of tests", "batches", first_twenty, lambda asked, officer: {VILLAGE: 20}))
    lot = a_lot(lot=LotRequest(bad_share=0.2, source="batch of tests", batch="77")).lots.get()
    assert (lot.size, lot.source, lot.batch) == (20, "batch of tests", "77")
    with pytest.raises(BadInput):
        a_lot(lot=LotRequest(source="nothing known"))


def test_the_command_draws_a_lot_and_tells_its_plan(register: dict[str, Officer]) -> None:
    out = io.StringIO()
    call_command("draw_sample", region=VILLAGE, method="lot", bad=0.2, seed=3, stdout=out)
    lot = Lot.objects.get()
    assert f"open {lot.n} of {lot.size}, accept with at most {lot.accept} wrong (normal)" in out.getvalue()
    with pytest.raises(CommandError):
        call_command("draw_sample", region=VILLAGE, method="lot", bad=0.2, good=0.3, seed=3, stdout=out)


@pytest.mark.parametrize("page", ["office:lot-plan", "office:lqas-plan", "office:sample-plan"])
def test_a_planner_opens_with_a_plan_and_without_a_complaint(register: dict[str, Officer], page: str) -> None:
    client = Client()
    client.force_login(register["verifier"], backend="django.contrib.auth.backends.ModelBackend")
    shown = client.get(reverse(page)).content.decode()
    assert 'role="alert"' not in shown
    assert 'name="seed"' in shown
