"""One day in the office: two deliveries go up, the register is built, a verifier searches, looks and decides."""

from __future__ import annotations

import datetime as dt
import re
from typing import Any

import pytest
from django.urls import reverse

from dtsen_site.tests.conftest import make_officer, make_regions
from dtsen_site.tests.deliveries import make_families, write_p3ke, write_regsosek
from dtsen_site.tests.journeys.conftest import PASSWORD
from dtsen_site.tests.world import let_workers_work
from registry.models import AccessLog, Delivery, Household, Officer, ReviewDecision, ReviewPair

pytestmark = pytest.mark.django_db(transaction=True)


def make_signing_officer(role: str, region: str, *, email: str = "") -> Officer:
    officer = make_officer(role, region, now=dt.datetime.now(dt.UTC), email=email)
    officer.set_password(PASSWORD)
    officer.save(update_fields=["password"])
    return officer


def sign_in(page: Any, officer: Officer) -> None:
    page.goto(reverse("account:sign-in"))
    page.locator("[name=username]").fill(officer.email)
    page.locator("[name=password]").fill(PASSWORD)
    page.locator("form:has([name=password]) button").click()
    page.wait_for_url("**/kantor/**")


def upload(page: Any, source: str, paths: list[Any]) -> None:
    page.goto(reverse("office:delivery-upload"))
    page.locator("[name=source]").select_option(source)
    page.locator("[name=period]").fill("2026-06")
    page.locator("[name=attachments]").set_input_files([str(path) for path in paths])
    page.locator("form:has([name=attachments]) button.btn").first.click()
    page.wait_for_url(re.compile(r"/pekerjaan/[0-9a-f-]{36}/"))
    let_workers_work()
    page.reload()


def test_deliveries_go_up_the_register_is_built_and_a_verifier_finds_looks_and_decides(open_page, check_page, tmp_path):
    make_regions()
    families = make_families(25)
    central = open_page()
    sign_in(central, make_signing_officer("administrator", ""))
    upload(central, "regsosek", write_regsosek(tmp_path, families))
    check_page(central)
    upload(central, "p3ke", write_p3ke(tmp_path, families))
    assert Delivery.objects.count() == 2

    central.goto(reverse("office:deliveries"))
    check_page(central)
    central.locator(f"form[action='{reverse('office:build')}'] button").first.click()
    central.wait_for_url(re.compile(r"/pekerjaan/[0-9a-f-]{36}/"))
    let_workers_work()
    central.reload()
    check_page(central)
    assert Household.objects.filter(status="active").count() == len(families)

    verifier = make_signing_officer("verifier", "35.14")
    for width in ("desk", "phone"):
        page = open_page(width)
        sign_in(page, verifier)
        check_page(page)
        page.goto(reverse("office:register"))
        check_page(page)
        page.locator("[name=text]").fill(families[0].members[0].name.lower())
        page.locator("form[role=search] button.btn").click()
        page.wait_for_url("**/hasil/**")
        check_page(page)
        page.locator("tbody th a").first.click()
        page.wait_for_load_state()
        check_page(page)
        if "/orang/" in page.url:
            page.locator("main a[href*='/register/keluarga/']").first.click()
            page.wait_for_url("**/keluarga/**")
            check_page(page)
        assert families[0].members[0].nik not in page.content()
        seen = AccessLog.objects.filter(officer=verifier).count()
        assert seen >= 2

    page = open_page()
    sign_in(page, verifier)
    page.goto(reverse("office:reviews"))
    check_page(page)
    pair = ReviewPair.objects.filter(state="open").order_by("-gain", "id").first()
    if pair is not None:
        page.goto(reverse("office:review", args=[pair.pk]))
        check_page(page)
        page.keyboard.press("s")
        page.wait_for_url(lambda url: not url.endswith(reverse("office:review", args=[pair.pk])))
        assert ReviewDecision.objects.filter(decided_by=verifier).count() == 1


def test_family_of_another_region_is_not_there(open_page, tmp_path):
    from dtsen_site.tests.world import build_small_register

    make_regions()
    build_small_register(tmp_path)
    page = open_page()
    sign_in(page, make_signing_officer("verifier", "34.02"))
    household = Household.objects.first()
    answer = page.goto(reverse("office:family", args=[household.pk]))
    assert answer.status == 404
