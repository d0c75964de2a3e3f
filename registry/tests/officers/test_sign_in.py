"""Signing in: the link, the lockout, and the way back."""

import pytest
from django.conf import settings
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from registry.officers import operations
from registry.officers.models import Officer
from registry.officers.selectors import system_officer
from registry.tests.officers.staff import an_officer, an_officer_with

pytestmark = pytest.mark.django_db
GOOD = "sawah hijau di pagi hari"


def with_password(officer: Officer) -> Officer:
    acting = {"by": system_officer(), "now": timezone.now()}
    token = operations.make_link(officer=officer, **acting)
    return operations.set_password_by_link(token=token, password=GOOD, now=timezone.now())


def sign_in(client: Client, email: str, password: str) -> bool:
    client.post(reverse("account:sign-in"), {"username": email, "password": password})
    return "_auth_user_id" in client.session


def test_officer_signs_in_whatever_the_case_of_the_address():
    with_password(an_officer("ana@dtsen.test"))

    assert sign_in(Client(), "Ana@DTSEN.test", GOOD)


def test_account_without_a_password_and_the_system_cannot_sign_in():
    an_officer("ana@dtsen.test")

    for email in ("ana@dtsen.test", system_officer().email):
        for password in ("", "!", GOOD):
            assert not sign_in(Client(), email, password)


def test_too_many_failures_lock_the_account_and_unlocking_opens_it():
    officer = with_password(an_officer("ana@dtsen.test"))
    client = Client()
    for _ in range(settings.AXES_FAILURE_LIMIT):
        assert not sign_in(client, officer.email, "wrong")
    assert not sign_in(client, officer.email, GOOD)

    operations.unlock_officer(officer=officer, by=system_officer(), now=timezone.now())

    assert sign_in(client, officer.email, GOOD)


def test_closing_an_account_ends_its_session():
    officer = with_password(an_officer_with("verifier", "34.02"))
    client = Client()
    assert sign_in(client, officer.email, GOOD)

    operations.close_officer(officer=officer, by=system_officer(), now=timezone.now())

    assert client.get(reverse("admin:index")).status_code == 302


def test_new_password_ends_older_sessions():
    officer = with_password(an_officer_with("auditor"))
    client = Client()
    sign_in(client, officer.email, GOOD)
    assert client.get(reverse("admin:index")).status_code == 200
    token = operations.make_link(officer=officer, purpose="reset", by=system_officer(), now=timezone.now())

    operations.set_password_by_link(token=token, password="lain sekali kata sandinya", now=timezone.now())

    assert client.get(reverse("admin:index")).status_code == 302
