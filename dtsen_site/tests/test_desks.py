"""The desks with rows in them: search, a family's page, its numbers, corrections between two officers."""

import datetime as dt
import uuid

import pytest
from django.test import Client
from django.utils import timezone

from dtsen_site.tests.conftest import make_regions
from registry.common.crypto import encrypt, lookup_hash
from registry.common.models import AccessLog
from registry.households.names import deletions_of, keys_of
from registry.models import Correction, Household, Individual, Membership, NameToken
from registry.officers.operations import grant_role, invite_officer
from registry.officers.selectors import system_officer

NIK, KK = "3514012708850001", "3514010101100003"
HERE = {"region_code": "35.14.01.2001", "regency": 3514, "row_hash": 1, "run": 1}


def officer(email, role, region):
    now = timezone.now()
    made = invite_officer(email=email, name=email.split("@")[0].title(), by=system_officer(), now=now)
    grant_role(officer=made, role=role, region=region, by=system_officer(), now=now)
    made.forget_scope()
    client = Client()
    client.force_login(made, backend="django.contrib.auth.backends.ModelBackend")
    return client


@pytest.fixture
def regions(db):
    make_regions()


@pytest.fixture
def family(regions):
    household = Household.objects.create(
        id=uuid.uuid4(), kk_cipher=encrypt(KK), kk_hash=lookup_hash(KK), id_lantai_terluas=2, n_members=1, **HERE
    )
    keys = keys_of("SITI AMINAH")
    person = Individual.objects.create(
        id=uuid.uuid4(), household=household, nik_cipher=encrypt(NIK), nik_hash=lookup_hash(NIK), name="SITI AMINAH",
        name_keys=keys, birth_date=dt.date(1985, 8, 27), sex=2, **HERE,
    )  # fmt: skip
    Membership.objects.create(individual=person, household=household, relation=1, run=1)
    NameToken.objects.bulk_create(
        [NameToken(deletion=part, token=key) for key in keys for part in deletions_of(key)], ignore_conflicts=True
    )
    Household.objects.filter(pk=household.pk).update(head=person)
    return household


@pytest.fixture
def verifier(regions):
    return officer("dewi@example.go.id", "verifier", "35.14")


def search(client, text):
    return client.post("/kantor/register/", {"text": text}, follow=True)


@pytest.mark.parametrize("text", [NIK, "3514 0127 0885 0001", KK, "siti aminah", "Siti Amimah", "AMINAH"])
def test_person_is_found_by_numbers_and_names_with_a_slip(verifier, family, text):
    response = search(verifier, text)

    assert "Siti Aminah" in response.content.decode()
    assert NIK not in response.content.decode()
    assert text not in response.request["QUERY_STRING"]


def test_person_of_another_regency_is_not_found(family, regions):
    elsewhere = officer("sari@example.go.id", "verifier", "34.02")

    assert "Tidak ada yang sesuai" in search(elsewhere, NIK).content.decode()
    assert elsewhere.get(f"/kantor/register/keluarga/{family.pk}/").status_code == 404


def test_number_of_wrong_length_is_explained(verifier):
    page = verifier.post("/kantor/register/", {"text": "12345"}).content.decode()

    assert "Nomor ini 5 angka. NIK dan nomor KK terdiri atas 16 angka." in page


def test_family_page_masks_numbers_and_the_look_is_recorded(verifier, family):
    page = verifier.get(f"/kantor/register/keluarga/{family.pk}/").content.decode()

    assert "3514••••••••0001" in page
    assert NIK not in page and KK not in page
    assert AccessLog.objects.filter(door="office.family", purpose="register.look").count() == 1


def test_numbers_in_full_need_a_purpose_and_leave_it_on_record(verifier, family):
    address = f"/kantor/register/keluarga/{family.pk}/nomor/"

    without = verifier.post(address)
    with_purpose = verifier.post(address, {"purpose": "numbers.identity"})

    assert without.status_code == 400 and NIK not in without.content.decode()
    assert NIK in with_purpose.content.decode()
    assert AccessLog.objects.filter(purpose="numbers.identity").count() == 1


def test_correction_is_proposed_by_one_and_holds_when_another_accepts(verifier, family):
    address = f"/kantor/register/keluarga/{family.pk}/pembetulan/?item=luas_lantai_bangunan"
    Household.objects.filter(pk=family.pk).update(luas_lantai_bangunan=400)

    verifier.post(address, {"value": "51,5", "evidence": "Diukur saat kunjungan"})
    correction = Correction.objects.get()
    own = verifier.post(f"/kantor/pembetulan/{correction.pk}/", {"decision": "accept"})
    other = officer("rina@example.go.id", "verifier", "35.14")
    other.post(f"/kantor/pembetulan/{correction.pk}/", {"decision": "accept"})

    assert own.status_code == 403
    family.refresh_from_db()
    assert family.luas_lantai_bangunan == 515


def test_empty_lists_name_the_next_action(verifier):
    for address in ("/kantor/kiriman/", "/kantor/tinjau/", "/kantor/pembetulan/"):
        assert 'class="empty"' in verifier.get(address).content.decode()


def test_audit_names_officers_roles_regions_and_days_in_words(verifier):
    auditor = officer("audi@example.go.id", "auditor", "")

    page = auditor.get("/kantor/audit/").content.decode()

    assert "memberi petugas Dewi peran Verifikator kabupaten/kota untuk wilayah Pasuruan" in page
    assert "memberi petugas Audi peran Auditor untuk wilayah seluruh Indonesia" in page
    assert "tanpa batas waktu" in page
    for code in ("verifier ", "35.14,", "wilayah ID"):
        assert code not in page
