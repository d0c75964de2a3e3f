"""Looks at personal rows through the administration: masked, scoped, on record."""

import datetime as dt
import uuid

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from registry.admin.pages.base import subjects_of
from registry.common.models import AccessLog, AccessSubject
from registry.common.privacy import mask_text
from registry.models import FormerIdentifier, Household, Individual, Membership
from registry.officers.models import Officer, OfficerRole
from registry.officers.operations import grant_case
from registry.officers.selectors import system_officer
from registry.tests.officers.staff import an_officer_with

pytestmark = pytest.mark.django_db

NIK = "3402011704900003"


def a_family() -> tuple[Household, Individual]:
    """Write one family as the publish does: rows with ids given out before."""
    place = {"region_code": "34.02.01.2001", "regency": 3402, "row_hash": 1, "run": 1}
    household = Household.objects.create(
        id=uuid.uuid4(), address=f"Jl. Melati, NIK {NIK}", kk_cipher=b"secret", kk_hash=b"hash", **place
    )
    person = Individual.objects.create(
        id=uuid.uuid4(), household=household, name="SITI AMINAH", birth_date=dt.date(1990, 4, 17), **place
    )
    Membership.objects.create(individual=person, household=household, relation=1, run=1)
    return household, person


def signed_in(officer: Officer) -> Client:
    client = Client()
    client.force_login(officer, backend="django.contrib.auth.backends.ModelBackend")
    return client


def test_page_of_a_family_masks_numbers_and_is_on_record():
    household, _person = a_family()

    page = signed_in(an_officer_with("auditor")).get(reverse("admin:registry_household_change", args=[household.pk]))

    text = page.content.decode()
    assert page.status_code == 200
    assert NIK not in text and mask_text(NIK) in text
    assert "secret" not in text
    log = AccessLog.objects.get()
    assert (log.door, log.purpose) == ("admin.household", "administration.lookup")
    assert AccessSubject.objects.get().subject_id == household.pk


def test_list_of_people_is_one_look_at_all_it_shows():
    _household, person = a_family()

    signed_in(an_officer_with("auditor")).get(reverse("admin:registry_individual_changelist"))

    shown = set(AccessSubject.objects.values_list("subject_id", flat=True))
    assert AccessLog.objects.count() == 1
    assert person.pk in shown


def test_search_by_something_that_is_no_id_finds_nothing():
    a_family()

    page = signed_in(an_officer_with("auditor")).get(reverse("admin:registry_individual_changelist"), {"q": "siti"})

    assert page.status_code == 200
    assert not page.context["cl"].result_list


@pytest.mark.parametrize("name", ["membership", "formeridentifier", "correction", "familysnapshot", "mergeplan"])
def test_lists_beside_the_family_open_with_rows(name):
    household, _person = a_family()
    FormerIdentifier.objects.create(kind="kk", object_id=household.pk, cipher=b"c", hash=b"h", source="dtks", run=1)

    page = signed_in(an_officer_with("auditor")).get(reverse(f"admin:registry_{name}_changelist"))

    assert page.status_code == 200


def test_rows_name_the_people_they_are_about():
    household, person = a_family()
    kk = FormerIdentifier(kind="kk", object_id=household.pk)

    assert subjects_of(person) == {("individual", person.pk), ("household", household.pk)}
    assert subjects_of(kk) == {("household", household.pk)}
    assert subjects_of(OfficerRole()) == set()


def test_scope_of_a_verifier_hides_other_regencies_and_a_grant_opens_one_family():
    household, person = a_family()
    here = an_officer_with("verifier", "34.02")
    elsewhere = an_officer_with("verifier", "34.04", email="elsewhere@dtsen.test")

    assert Individual.objects.visible_to(here).get() == person
    assert not Individual.objects.visible_to(elsewhere).exists()
    grant_case(
        officer=elsewhere,
        object_type="household",
        object_id=household.pk,
        cause="review",
        by=system_officer(),
        now=timezone.now(),
    )
    assert Individual.objects.visible_to(elsewhere).get() == person
    assert Household.objects.visible_to(elsewhere).get() == household


@pytest.mark.parametrize(
    ("role", "region", "sees"),
    [
        ("village_operator", "34.02.01.2001", True),
        ("village_operator", "34.02.02.2001", False),
        ("province_officer", "34", True),
        ("province_officer", "35", False),
        ("task_force", "34.02.01", True),
        ("task_force", "34.02.02", False),
        ("companion", "34.02", False),
        ("administrator", "", False),
        ("auditor", "", True),
        ("partner", "34.02", False),
    ],
)
def test_each_role_sees_its_own_rows_only(role, region, sees):
    a_family()

    assert Household.objects.visible_to(an_officer_with(role, region)).exists() is sees
