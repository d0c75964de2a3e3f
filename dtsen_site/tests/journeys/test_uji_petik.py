"""A verifier plans a sample, draws it, fetches the template, sends results and reads the rate."""

from __future__ import annotations

import csv
import re

import pytest
from django.urls import reverse

from dtsen_site.tests.conftest import make_regions
from dtsen_site.tests.journeys.test_line import make_signing_officer, sign_in
from dtsen_site.tests.world import build_small_register, let_workers_work
from registry.models import AccessLog, Assignment, CheckResult, Design, Estimate, Lot, ResultFile

pytestmark = pytest.mark.django_db(transaction=True)
JOB = re.compile(r"/pekerjaan/[0-9a-f-]{36}/")


def after_the_job(page):
    page.wait_for_url(JOB)
    let_workers_work()
    page.reload()


@pytest.mark.parametrize("width", ["desk", "phone"])
def test_a_sample_is_planned_drawn_answered_and_read(open_page, check_page, tmp_path, width):
    make_regions()
    build_small_register(tmp_path, count=60)
    page = open_page(width)
    sign_in(page, make_signing_officer("verifier", "35.14"))
    page.goto(reverse("office:samples"))
    check_page(page)
    page.locator("main a.btn[href$='/rencana/']").first.click()
    page.wait_for_url("**/rencana/")
    page.locator("[name=half_width]").first.fill("12")
    page.locator("form[method=get] button").click()
    page.wait_for_load_state()
    check_page(page)

    page.locator("input[type=radio][value=srs-0]").check()
    page.locator("[name=seed]").fill("7")
    page.locator("form[action$='/tarik/'] button.btn").click()
    after_the_job(page)
    check_page(page)
    design = Design.objects.get()
    assert (design.seed, design.method, design.region_code) == (7, "srs", "35.14")
    assert Assignment.objects.count() == design.draws.count() > 5

    page.goto(reverse("office:sample", args=[design.pk]))
    check_page(page)
    with page.expect_download() as fetched:
        page.locator(f"aside a[href='{reverse('office:sample-template', args=[design.pk])}']").click()
    filled = tmp_path / "isi.csv"
    fetched.value.save_as(filled)
    assert AccessLog.objects.filter(purpose="sample.visits").count() == 1
    heading, *rows = list(csv.reader(filled.open(encoding="utf-8-sig"), delimiter=";"))
    words = ["salah", "tidak_ditemui", "menolak"] + ["benar"] * len(rows)
    for row, word in zip(rows, words, strict=False):
        row[1] = word

    def send(*lines):
        with filled.open("w", encoding="utf-8", newline="") as file:
            csv.writer(file, delimiter=";").writerows([heading, *lines])
        page.goto(reverse("office:sample", args=[design.pk]))
        page.locator("[name=attachment]").set_input_files(str(filled))
        page.locator("form[action$='/hasil/'] button").click()
        after_the_job(page)

    send(*rows[:-1], [rows[-1][0], "mungkin", "", "", ""])
    assert not CheckResult.objects.exists() and not ResultFile.objects.get().taken
    page.goto(reverse("office:sample", args=[design.pk]))
    page.locator("details summary").first.click()
    check_page(page)
    assert "mungkin" in page.content()

    send(*rows)
    assert CheckResult.objects.count() == len(rows)
    send(*rows)
    assert CheckResult.objects.count() == len(rows)
    page.goto(reverse("office:sample", args=[design.pk]))
    check_page(page)
    page.locator("[name=sensitivity]").fill("90")
    page.locator("[name=specificity]").fill("99")
    page.locator("form[action$='/taksir/'] button").click()
    page.wait_for_load_state()
    check_page(page)
    assert Estimate.objects.filter(method__endswith="rogan_gladen").count() == 1
    page.goto(reverse("office:sample-progress", args=[design.pk]))
    check_page(page)
    page.goto(reverse("office:samples"))
    check_page(page)
    page.goto(
        reverse("office:lot-calculator") + "?lot=200&bad_share=10&risk=5&accept=0&bad_found=1&visits=19&high=80&low=50"
    )
    check_page(page)
    assert "27" in page.locator("#plan + p").inner_text()

    page.goto(reverse("office:lots"))
    check_page(page)
    page.locator("main a.btn[href$='/rencana/lot/']").first.click()
    page.wait_for_url("**/rencana/lot/")
    page.locator("select[name=region]").select_option("35.14.01.2009")
    page.locator("form[method=get] [name=bad]").fill("20")
    page.locator("form[method=get] button").click()
    page.wait_for_url("**region=**")
    check_page(page)
    page.locator("[name=seed]").fill("11")
    page.locator("form[action$='/tarik/'] button.btn").click()
    after_the_job(page)
    lot = Lot.objects.get()
    assert (lot.design.seed, lot.region_code) == (11, "35.14.01.2009") and lot.consumer_risk <= 0.05
    filled.write_text(
        "\n".join(["id_keluarga;hasil", *(f"{draw.household_id};benar" for draw in lot.design.draws.all())]) + "\n"
    )
    page.goto(reverse("office:sample", args=[lot.design_id]))
    page.locator("[name=attachment]").set_input_files(str(filled))
    page.locator("form[action$='/hasil/'] button").click()
    after_the_job(page)
    lot.refresh_from_db()
    assert (lot.state, lot.wrong) == ("accepted", 0)
    for address in (
        reverse("office:sample", args=[lot.design_id]),
        reverse("office:lots"),
        reverse("office:lqas-plan") + "?region=35.14.01",
        reverse("office:coverage"),
    ):
        page.goto(address)
        check_page(page)
