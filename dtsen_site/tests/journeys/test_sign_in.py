"""An officer is invited by link, sets a password, signs in, changes the language, is locked out, signs out."""

from __future__ import annotations

import datetime as dt

import pytest
from django.urls import reverse

from dtsen_site.tests.conftest import make_officer, make_regions
from dtsen_site.tests.journeys.conftest import PASSWORD
from registry.officers.operations import make_link
from registry.officers.selectors import system_officer

pytestmark = pytest.mark.django_db(transaction=True)


def invite(role: str = "verifier", region: str = "35.14"):
    make_regions()
    officer = make_officer(role, region)
    token = make_link(officer=officer, by=system_officer(), now=dt.datetime.now(dt.UTC))
    return officer, reverse("account:first-password", args=[token])


def set_password(page, address):
    page.goto(address)
    for field in page.locator("input[type=password]").all():
        field.fill(PASSWORD)
    page.locator("form:has(input[type=password]) button").click()


def sign_in(page, officer, password=PASSWORD):
    page.goto(reverse("account:sign-in"))
    page.locator("[name=username]").fill(officer.email)
    page.locator("[name=password]").fill(password)
    page.locator("form:has([name=password]) button").click()


def test_invited_officer_sets_a_password_signs_in_and_meets_the_office(open_page, check_page):
    officer, address = invite()
    page = open_page("phone")
    set_password(page, address)
    if "/kantor/" not in page.url:
        sign_in(page, officer)
    page.wait_for_url("**/kantor/")
    check_page(page)
    assert page.locator("h1").count() == 1
    assert page.locator("html").get_attribute("lang") == "id"


@pytest.mark.parametrize("width", ["phone", "desk"])
def test_public_pages_and_sign_in_are_readable_by_everybody(open_page, check_page, width):
    page = open_page(width)
    for name in ("public:home", "public:about", "account:sign-in"):
        page.goto(reverse(name))
        check_page(page)


def test_account_is_locked_after_five_wrong_passwords_even_for_the_right_one(open_page):
    officer, address = invite()
    set_password(open_page(), address)
    page = open_page()
    for _ in range(5):
        sign_in(page, officer, "salah sama sekali")
    sign_in(page, officer)
    assert "/kantor/" not in page.url
