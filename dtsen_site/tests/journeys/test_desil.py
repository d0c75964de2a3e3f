"""From a survey to a desil that people can question: two administrators and a verifier, desk and phone, two languages."""

from __future__ import annotations

import csv
import functools
import io
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command
from django.urls import reverse

from dtsen_site.tests.conftest import make_regions
from dtsen_site.tests.journeys.conftest import WIDTHS
from dtsen_site.tests.journeys.test_line import make_signing_officer, sign_in
from dtsen_site.tests.world import build_small_register, let_workers_work
from registry import ranking
from registry.common.crypto import lookup_hash
from registry.desil.models import RankModel, RankRun
from registry.desil.selectors import find_published_run
from registry.models import AccessLog, Household
from registry.tests.ranking.worlds import QUICK, write_survey

pytestmark = pytest.mark.django_db(transaction=True)
JOB = re.compile(r"/pekerjaan/[0-9a-f-]{36}/")
SURVEY = {"outcome": "spending", "weight": "weight", "psu": "psu", "stratum": "stratum", "region": "regency"}


def after_the_job(page: Any, *, limit: int = 200) -> None:
    """Let the workers do what was asked for, and follow the job to its result."""
    page.wait_for_url(JOB)
    let_workers_work(limit)
    page.reload()
    page.locator("#job aside a.btn").click()
    page.wait_for_load_state()


def press(page: Any, action: str) -> None:
    """Press the button of the form with this address."""
    page.locator(f"main form[action='{action}'] button.btn").click()
    page.wait_for_load_state()


def move(run: RankRun, step: str) -> str:
    return reverse("office:ranking-move", args=[run.pk, step])


def official_sheet(path: Path, numbers: list[str]) -> Path:
    rows = [(number, n % 10 + 1, "2026-09-30") for n, number in enumerate(numbers)]
    with path.open("w", newline="", encoding="utf-8") as file:
        csv.writer(file, delimiter=";").writerows([("No. KK", "Desil Nasional", "cut_off"), *rows])
    return path


def test_a_ranking_is_made_compared_published_questioned_and_explained(
    open_page: Any, check_page: Callable[[Any], None], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def look(page: Any) -> None:
        for across, down in WIDTHS.values():
            page.set_viewport_size({"width": across, "height": down})
            check_page(page)

    # The statistics of a fit have tests of their own; here a small one is enough.
    monkeypatch.setattr(ranking, "fit", functools.partial(_fit_quickly, ranking.fit))
    make_regions()
    call_command("load_programmes", stdout=io.StringIO())
    families = build_small_register(tmp_path, count=30)
    numbers = [family.kk for family in families]

    # One administrator sends a survey; a model comes out, and she signs it.
    one = open_page()
    sign_in(one, make_signing_officer("administrator", ""))
    one.goto(reverse("office:rankings"))
    look(one)
    one.locator(f"main a[href='{reverse('office:survey-upload')}']").first.click()
    look(one)
    one.locator("[name=sheet]").set_input_files(str(write_survey(tmp_path / "survey.csv")))
    for name, column in SURVEY.items():
        one.locator(f"[name={name}]").fill(column)
    one.locator("form:has([name=sheet]) button.btn").click()
    after_the_job(one)
    model = RankModel.objects.get()
    assert one.url.endswith(reverse("office:rank-model", args=[model.pk])) and model.survey_name == "survey"
    look(one)
    press(one, reverse("office:rank-model-sign", args=[model.pk]))

    # Another one, who reads English, approves it.
    other = open_page()
    sign_in(other, make_signing_officer("administrator", "", email="second@example.go.id"))
    other.locator("button[name=language][value=en]").click()
    other.wait_for_load_state()
    other.goto(reverse("office:rank-model", args=[model.pk]))
    look(other)
    press(other, reverse("office:rank-model-sign", args=[model.pk]))

    # A first ranking: computed and proposed by the one, published by the other.
    one.goto(reverse("office:rankings"))
    press(one, reverse("office:ranking-compute"))
    after_the_job(one)
    run = RankRun.objects.get()
    look(one)
    press(one, move(run, "usul"))
    assert not one.locator(f"form[action='{move(run, 'terbit')}']").count()  # the proposer cannot publish
    other.goto(reverse("office:ranking", args=[run.pk]))
    look(other)
    press(other, move(run, "terbit"))
    assert find_published_run() == run
    let_workers_work()

    # A second one is compared with it by the workers while the page waits, and replaces it.
    one.goto(reverse("office:rankings"))
    look(one)
    one.locator("[name=unit]").select_option("family")
    press(one, reverse("office:ranking-compute"))
    after_the_job(one, limit=1)
    later = RankRun.objects.first()
    assert later is not None and later != run
    comparison = reverse("office:ranking-compare", args=[later.pk])
    other.goto(comparison)
    assert other.locator("#wait progress, #wait svg.bar").count() == 1
    look(other)
    let_workers_work()
    other.wait_for_selector("table.matrix")  # the page has loaded itself anew
    look(other)
    one.goto(comparison)
    assert one.locator("table.matrix").count() == 1
    look(one)
    one.goto(reverse("office:ranking", args=[later.pk]))
    press(one, move(later, "usul"))
    other.goto(reverse("office:ranking", args=[later.pk]))
    press(other, move(later, "terbit"))
    assert find_published_run() == later

    # A verifier reads a family's desil and reasons, and asks what another line would mean.
    verifier = make_signing_officer("verifier", "35.14")
    page = open_page("phone")
    sign_in(page, verifier)
    household = Household.objects.active().get(kk_hash=lookup_hash(numbers[0]))
    page.goto(reverse("office:family", args=[household.pk]))
    page.locator(f"main a[href='{reverse('office:family-score', args=[household.pk])}']").first.click()
    page.wait_for_load_state()
    assert page.locator("table tbody tr").count() > 3
    look(page)
    assert AccessLog.objects.filter(officer=verifier, purpose="ranking.explain").count() == 1
    page.goto(reverse("office:rankings"))
    look(page)
    page.locator(f"main a[href='{reverse('office:what-if')}']").click()
    page.wait_for_load_state()
    look(page)
    page.locator("[name=before]").select_option("4")
    page.locator("[name=after]").select_option("3")
    page.locator("[name=amount]").fill("600000")
    page.locator("form:has([name=after]) button.btn").click()
    page.wait_for_load_state()
    look(page)
    with page.expect_download() as told:
        page.locator(f"main a[href^='{reverse('office:what-if-download')}']").click()
    heading, *places = csv.reader(io.StringIO(Path(told.value.path()).read_text("utf-8-sig")), delimiter=";")
    assert [place[0] for place in places[:-1]] == ["35.14"] and len(heading) == 8
    assert int(places[0][2]) - int(places[0][3]) == -int(places[0][4]) > 0
    assert int(places[0][6]) == 600_000 * int(places[0][4])

    # The pages beside the way: its history, lists, doubtful pairs, lots, programmes, the model for everyone.
    for address in (
        reverse("office:family-history", args=[household.pk]),
        reverse("office:lists"),
        reverse("office:reviews"),
        reverse("office:lots"),
        reverse("office:lot-calculator") + "?lot=200&bad_share=10&risk=5&accept=0&bad_found=1&visits=19&high=80&low=50",
        reverse("office:programmes"),
        reverse("public:model", args=[model.pk]),
    ):
        page.goto(address)
        look(page)

    # An official ranking comes in with a stranger's row, is compared with ours, and takes over.
    one.goto(reverse("office:ranking-upload"))
    look(one)
    one.locator("[name=sheet]").set_input_files(
        str(official_sheet(tmp_path / "desil.csv", [*numbers[1:], "9999999999999991"]))
    )
    one.locator("form:has([name=sheet]) button.btn").click()
    after_the_job(one)
    official = RankRun.objects.filter(kind="official").get()
    assert one.locator("table.matrix").count() == 1
    look(one)
    one.locator(f"main a[href^='{reverse('office:ranking-findings', args=[official.pk])}']").first.click()
    one.wait_for_load_state()
    assert "9999••••••••9991" in one.locator("main").inner_text()
    look(one)
    one.goto(reverse("office:ranking", args=[official.pk]))
    press(one, move(official, "usul"))
    other.goto(reverse("office:ranking", args=[official.pk]))
    look(other)
    press(other, move(official, "terbit"))
    assert find_published_run() == official
    page.goto(reverse("office:family-score", args=[household.pk]))  # the family that the sheet does not name
    look(page)


def _fit_quickly(fit: Callable[..., Any], *told: Any, **options: Any) -> Any:
    return fit(*told, **(options | {"settings": QUICK}))
