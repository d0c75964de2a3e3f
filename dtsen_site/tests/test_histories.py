"""The history pages: what a build and a correction changed, from which value, by whom; ids that lead on."""

import pytest
from django.test import Client
from django.utils import timezone

from dtsen_site.tests.conftest import make_officer, make_regions
from dtsen_site.tests.deliveries import make_families, write_regsosek
from dtsen_site.tests.world import build, build_small_register, receive
from registry.common.aliases import add_aliases
from registry.common.models import AccessLog
from registry.households.operations import check_correction, propose_correction
from registry.models import Household, Individual, Officer

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def desk(tmp_path):
    make_regions()
    build_small_register(tmp_path)
    verifier = make_officer("verifier", "35.14")
    client = Client(headers={"accept-language": "id"})
    client.force_login(verifier, backend="django.contrib.auth.backends.ModelBackend")
    return client


def verifier_here():
    return Officer.objects.get(email="verifier.35.14@example.go.id")


def test_family_that_never_changed_says_so(desk):
    household = Household.objects.first()

    page = desk.get(f"/kantor/register/keluarga/{household.pk}/riwayat/").content.decode()

    assert "Belum ada yang berubah" in page
    assert AccessLog.objects.filter(door="office.history", purpose="register.history").count() == 1


def test_newer_delivery_shows_the_value_before_and_after_and_its_build(desk, tmp_path):
    household = Household.objects.exclude(luas_lantai_bangunan=None).first()
    before = household.luas_lantai_bangunan
    folder = tmp_path / "newer"
    folder.mkdir()
    receive("regsosek", write_regsosek(folder, make_families(12), floor_area=40), "2026-09")
    build()

    page = desk.get(f"/kantor/register/keluarga/{household.pk}/riwayat/").content.decode()

    household.refresh_from_db()
    assert f"Pembangunan register ke-{household.run}" in page
    assert "Luas lantai" in page
    assert household.luas_lantai_bangunan != before
    for value in (before, household.luas_lantai_bangunan):
        assert f">{value / 10:.1f}".replace(".", ",") in page or f">{value // 10}" in page


def test_correction_shows_who_accepted_it_and_numbers_stay_masked(desk):
    person = Individual.objects.exclude(nik_hash=None).first()
    proposer, checker = make_officer("village_operator", "35.14.01.2009"), verifier_here()
    for variable, value in (("name", "SITI BARU"), ("nik", "3514012708850099")):
        correction = propose_correction(
            target=person, variable=variable, value=value, evidence="KK", by=proposer, now=timezone.now()
        )
        check_correction(correction=correction, accepted=True, by=checker, now=timezone.now())

    page = desk.get(f"/kantor/register/orang/{person.pk}/riwayat/").content.decode()

    assert page.count("Pembetulan diterima") == 2
    assert str(checker) in page
    assert "Siti Baru" in page
    assert "3514••••••••0099" in page and "3514012708850099" not in page


def test_history_goes_on_page_by_page_without_losing_a_change(desk, monkeypatch):
    from registry.web.office.selectors import versions

    monkeypatch.setattr(versions, "SIZE", 2)
    household = Household.objects.first()
    for area in (110, 120, 130, 140, 150):
        Household.objects.filter(pk=household.pk).update(luas_lantai_bangunan=area)
    household.refresh_from_db()
    officer = verifier_here()

    first = versions.find_steps(household, officer)
    second = versions.find_steps(household, officer, before=first.after)
    third = versions.find_steps(household, officer, before=second.after)

    steps = [*first.rows, *second.rows, *third.rows]
    assert third.after is None and len(steps) == 5
    for newer, older in zip(steps, steps[1:], strict=False):
        assert newer.differences[0].was == older.differences[0].now


def test_merged_id_leads_on_and_says_when(desk):
    gone, kept = Household.objects.all()[:2]
    add_aliases({gone.pk: kept.pk}, kind="merge", run=2, now=timezone.now())

    answer = desk.get(f"/kantor/register/keluarga/{gone.pk}/", follow=True)

    assert answer.redirect_chain == [(f"/kantor/register/keluarga/{kept.pk}/", 302)]
    assert "Keluarga yang Anda buka sudah digabung ke keluarga ini." in answer.content.decode()
    assert "pembangunan register ke-2" in answer.content.decode()


def test_history_of_another_region_is_not_there(desk):
    person = Individual.objects.first()
    stranger = Client()
    stranger.force_login(make_officer("verifier", "34.02"), backend="django.contrib.auth.backends.ModelBackend")

    assert stranger.get(f"/kantor/register/orang/{person.pk}/riwayat/").status_code == 404
    assert stranger.get(f"/kantor/register/keluarga/{person.household_id}/riwayat/").status_code == 404
