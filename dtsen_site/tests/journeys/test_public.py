"""What everyone may read, in a browser without JavaScript: from the front page to the numbers, the model and its file."""

from __future__ import annotations

import datetime as dt
import hashlib
import json
from pathlib import Path
from typing import Any

import pytest
from django.core.cache import cache
from django.urls import reverse

from dtsen_site.tests.conftest import make_officer, make_regions
from dtsen_site.tests.test_ranking import publish, rank
from dtsen_site.tests.test_transparency import fill_nation
from dtsen_site.tests.test_uji_petik import answers
from dtsen_site.tests.world import build_small_register
from registry.desil.fitting import fit_model
from registry.desil.models import RankModel
from registry.officers.selectors import system_officer
from registry.tests.ranking.worlds import QUICK, write_survey
from registry.uji_petik.answers import receive_results
from registry.uji_petik.estimating import close_design, estimate_errors
from registry.uji_petik.operations import draw_sample

pytestmark = pytest.mark.django_db(transaction=True)


def publish_everything(folder: Path) -> RankModel:
    """A published ranking of a nation's summary, and a closed sample."""
    now, by = dt.datetime.now(dt.UTC), system_officer()
    cache.clear()
    make_regions()
    build_small_register(folder, count=24)
    model = fit_model(
        survey=write_survey(folder / "survey.csv"), outcome="spending", weight="weight", psu="psu", stratum="stratum",
        region="regency", settings=QUICK, by=by, now=now,
    )  # fmt: skip
    publish(
        rank(model), make_officer("administrator", ""), make_officer("administrator", "", email="second@example.go.id")
    )
    design = draw_sample(
        name="Data", error="data", method="srs", families=12, region_code="35.14", seed=7,
        due_on=now.date() + dt.timedelta(days=30), by=by, now=now,
    )  # fmt: skip
    receive_results(design=design, path=answers(folder, design, wrong=3), by=by, now=now)
    estimate_errors(design=design, by=by, now=now)
    close_design(design=design, by=by, now=now)
    fill_nation(model)
    return model


def look(page: Any, twin: Any, check_page: Any) -> None:
    """Check the page that a browser without JavaScript shows; the checker itself needs a browser with it."""
    twin.goto(page.url)
    for summary in twin.locator("summary").all():
        summary.click()
    check_page(twin)


@pytest.mark.parametrize("width", ["phone", "desk"])
def test_anyone_goes_from_the_front_page_to_the_numbers_and_the_model(
    open_page: Any, check_page: Any, tmp_path: Path, width: str
) -> None:
    model = publish_everything(tmp_path)
    page, twin = open_page(width, scripts=False), open_page(width)
    page.goto("/")
    look(page, twin, check_page)
    page.get_by_role("link", name="Seberapa tepat data dan peringkat kami").click()
    page.wait_for_url("**/transparansi/")
    look(page, twin, check_page)
    page.locator("summary", has_text="Lihat sebagai tabel").first.click()
    look(page, twin, check_page)
    page.locator("details[open] tbody a").first.click()
    page.wait_for_url("**/transparansi/provinsi/*/")
    look(page, twin, check_page)

    page.goto(reverse("transparency:dictionary"))
    look(page, twin, check_page)
    with page.expect_download() as told:
        page.get_by_role("link", name="Unduh dtsen-desil.csv").click()
    assert Path(told.value.path()).read_text(encoding="utf-8-sig").startswith("kode_provinsi;")

    page.goto(reverse("public:models"))
    look(page, twin, check_page)
    page.locator("main a.go").first.click()
    page.wait_for_url(f"**/model/{model.pk}/")
    look(page, twin, check_page)
    with page.expect_download() as told:
        page.get_by_role("link", name="Modelnya (JSON").click()
    content = json.loads(Path(told.value.path()).read_text(encoding="utf-8"))
    told_hash = content.pop("sha256")
    canonical = json.dumps(content, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    assert hashlib.sha256(canonical.encode()).hexdigest() == told_hash
    assert told_hash in page.locator("main").inner_text()


def test_the_pages_say_so_while_nothing_is_published(open_page: Any, check_page: Any) -> None:
    cache.clear()
    page, twin = open_page("phone", scripts=False), open_page("phone")
    for name in ("transparency:page", "transparency:dictionary", "public:models"):
        page.goto(reverse(name))
        look(page, twin, check_page)
    page.goto(reverse("transparency:page"))
    assert page.locator(".empty").count() == 4
