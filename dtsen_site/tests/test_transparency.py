"""What everyone may see: the page of transparency, the models, their files."""

from __future__ import annotations

import csv
import datetime as dt
import hashlib
import io
import json
from pathlib import Path
from typing import Any

import pytest
from django.core.cache import cache
from django.db.backends.postgresql.psycopg_any import DateRange
from django.test import Client
from django.urls import reverse

from dtsen_site.tests.test_ranking import NOW, model, publish, rank, second  # noqa: F401 - fixtures
from dtsen_site.tests.test_uji_petik import answers
from dtsen_site.transparency.cartogram import EAST, WEST
from registry.common.suppression import LEAST
from registry.common.transparency import Provider, Section, list_providers, register_provider
from registry.desil.models import RankModel, RankSummary
from registry.models import Estimate, Officer, Region
from registry.officers.selectors import system_officer
from registry.uji_petik.answers import receive_results
from registry.uji_petik.estimating import close_design, estimate_errors
from registry.uji_petik.operations import draw_sample

MOST_BYTES = 60 * 1024
SHEETS = ("static/css/tokens.css", "static/css/base.css", "static/icons/sprite.svg")


@pytest.fixture(autouse=True)
def nothing_kept():
    """No section of another test is read."""
    cache.clear()
    yield
    cache.clear()


@pytest.fixture
def published(model: RankModel, officers_here: dict[str, Officer], second: Officer) -> RankModel:  # noqa: F811
    """A published ranking, and a summary as large as a nation's."""
    publish(rank(model), officers_here["administrator"], second)
    model.refresh_from_db()
    return model


def fill_nation(ranked: RankModel) -> None:
    """Put lines of every province and 514 regencies into the summary, some of them small."""
    run = ranked.runs.get()
    RankSummary.objects.filter(run=run).delete()
    regions, lines = [], []
    for at, province in enumerate(sorted({*WEST, *EAST})):
        regions.append((province, f"Provinsi Uji {province}", 1, None))
        for number in range(1, 15):
            code = f"{province}.{number:02}"
            regions.append((code, f"Kabupaten {code}", 2, province))
            for desil in range(1, 11):
                families = (at * 37 + number * 11 + desil * 5) % 4000
                if desil == 10 and at % 3 == 0:  # few and far between
                    families = int(number <= at % 5 + 1)
                if families:
                    lines.append(
                        RankSummary(run=run, region_code=code, desil=desil, families=families, persons=families * 3)
                    )
    for code, name, level, parent in regions:
        Region.objects.get_or_create(
            code=code,
            defaults={"name": name, "level": level, "parent_id": parent, "valid": DateRange(dt.date(2000, 1, 1), None)},
        )
    RankSummary.objects.bulk_create(lines)


def rows_of(response: Any) -> list[dict[str, str]]:
    text = b"".join(response.streaming_content).decode("utf-8-sig")
    return list(csv.DictReader(io.StringIO(text), delimiter=";"))


def page(name: str, *args: Any, language: str = "id") -> Any:
    client = Client(headers={"accept-language": language})
    client.cookies["django_language"] = language
    return client.get(reverse(name, args=args))


@pytest.mark.django_db
@pytest.mark.parametrize(
    "name", ["transparency:page", "public:models", "transparency:dictionary", "transparency:dictionary-file"]
)
def test_pages_say_so_while_nothing_is_published(name: str) -> None:
    assert page(name).status_code == 200


@pytest.mark.django_db
def test_files_have_their_heading_while_nothing_is_published() -> None:
    assert rows_of(page("transparency:file", "desil")) == []
    assert page("transparency:file", "nothing").status_code == 404


def test_a_hidden_count_is_in_no_page_and_no_file(published: RankModel) -> None:
    fill_nation(published)
    rows = rows_of(page("transparency:file", "desil"))

    assert len(rows) == 39 * 11
    assert {row["kode_provinsi"] for row in rows} >= {"00", "35", "96"}
    shown = [int(row["keluarga"]) for row in rows if row["keluarga"]]
    assert not [count for count in shown if 0 < count < LEAST]
    hidden = [row for row in rows if row["disembunyikan"] == "1"]
    assert hidden and all(row["keluarga"] == row["jiwa"] == "" for row in hidden)
    for province in {row["kode_provinsi"] for row in rows}:
        cells = [row for row in rows if row["kode_provinsi"] == province and row["desil"] != "0"]
        total = next(row for row in rows if row["kode_provinsi"] == province and row["desil"] == "0")
        if all(row["keluarga"] for row in [*cells, total]):
            assert sum(int(row["keluarga"]) for row in cells) == int(total["keluarga"])
        else:
            assert len([row for row in [*cells, total] if not row["keluarga"]]) >= 2
    assert {row["versi"] for row in rows} == {f"ranking-{published.runs.get().pk}.model-{published.pk}"}


def test_two_files_of_two_rankings_do_not_tell_where_one_family_went(
    published: RankModel,
    officers_here: dict[str, Officer],
    second: Officer,  # noqa: F811
) -> None:
    fill_nation(published)
    first = published.runs.get()
    before = rows_of(page("transparency:file", "desil"))
    later = publish(rank(published, unit="family"), officers_here["administrator"], second)
    RankSummary.objects.filter(run=later).delete()
    lines = list(RankSummary.objects.filter(run=first))
    for line in lines:
        line.pk, line.run = None, later
    RankSummary.objects.bulk_create(lines)
    # One family of Jawa Timur comes from desil 6 to 5, two hundred of Bali from 3 to 4.
    for code, source, target, n in (("35.01", 6, 5, 1), ("51.01", 3, 4, 200)):
        for desil, change in ((source, -n), (target, n)):
            line = RankSummary.objects.get(run=later, region_code=code, desil=desil)
            line.families += change
            line.save()
    cache.clear()
    after = rows_of(page("transparency:file", "desil"))

    def of(rows: list[dict[str, str]], province: str) -> list[tuple[str, str]]:
        return [(row["desil"], row["keluarga"]) for row in rows if row["kode_provinsi"] == province]

    assert of(after, "35") == of(before, "35") and of(after, "51") != of(before, "51")
    versions = {row["kode_provinsi"]: row["versi"] for row in after}
    assert versions["35"].startswith(f"ranking-{first.pk}.") and versions["51"].startswith(f"ranking-{later.pk}.")
    assert "Di 1 provinsi" in page("transparency:page").content.decode()


@pytest.mark.parametrize("language", ["id", "en"])
def test_every_page_is_light_at_national_size(published: RankModel, language: str) -> None:
    fill_nation(published)
    common = sum(Path(name).stat().st_size for name in SHEETS)
    for name, args in [
        ("transparency:page", ()), ("transparency:province", ("35",)), ("transparency:dictionary", ()),
        ("public:models", ()), ("public:model", (published.pk,)), ("public:home", ()),
    ]:  # fmt: skip
        response = page(name, *args, language=language)
        assert response.status_code == 200
        assert len(response.content) + common <= MOST_BYTES, f"{name}: {len(response.content)} + {common}"
        assert b"<script" not in response.content and b"style=" not in response.content


def test_a_section_is_asked_for_once(published: RankModel, django_assert_max_num_queries: Any) -> None:
    page("transparency:page")
    with django_assert_max_num_queries(12):
        page("transparency:page")


def test_only_published_models_are_public(model: RankModel, officers_here: Any, second: Officer) -> None:  # noqa: F811
    names = ("public:model", "public:model-file", "public:model-card", "public:model-weights")
    run = rank(model)
    assert {page(name, model.pk).status_code for name in names} == {404}
    publish(run, officers_here["administrator"], second)
    assert {page(name, model.pk).status_code for name in names} == {200}


def test_the_model_file_has_the_hash_that_its_page_prints(published: RankModel) -> None:
    content = json.loads(page("public:model-file", published.pk).content)
    told = content.pop("sha256")
    canonical = json.dumps(content, sort_keys=True, separators=(",", ":"), ensure_ascii=False)

    assert hashlib.sha256(canonical.encode()).hexdigest() == told == published.hash
    assert told in page("public:model", published.pk).content.decode()


def test_the_page_of_a_model_names_no_person_and_no_code(published: RankModel) -> None:
    text = page("public:model", published.pk).content.decode()

    for officer in Officer.objects.exclude(email=""):
        assert officer.email not in text
    assert "administrator@" not in text and "Second" not in text
    for item in json.loads(published.content)["items"]:
        assert item["item"] not in text
    assert "UU 27" in text or "27/2022" in text


def test_only_closed_samples_are_public(published: RankModel, tmp_path: Path) -> None:
    by = system_officer()
    design = draw_sample(
        name="Data", error="data", method="srs", families=12, region_code="35.14", seed=7,
        due_on=dt.date(2026, 12, 20), by=by, now=NOW,
    )  # fmt: skip
    receive_results(design=design, path=answers(tmp_path, design, wrong=3), by=by, now=NOW)
    (found,) = estimate_errors(design=design, by=by, now=NOW)
    assert rows_of(page("transparency:file", "uji-petik")) == []

    close_design(design=design, by=by, now=NOW)

    (row,) = rows_of(page("transparency:file", "uji-petik"))
    assert (row["kesalahan"], row["kode_wilayah"], row["jawaban"]) == ("data", "35.14", str(found.n))
    assert float(row["bawah"]) <= float(row["nilai"]) <= float(row["atas"])
    Estimate.objects.filter(pk=found.pk).update(n=LEAST - 1)
    cache.clear()
    assert rows_of(page("transparency:file", "uji-petik")) == []


def test_the_dictionary_explains_every_column_of_every_file(published: RankModel) -> None:
    told = {(row["berkas"], row["kolom"]) for row in rows_of(page("transparency:dictionary-file"))}
    for name in {file for file, _ in told}:
        heading = b"".join(page("transparency:file", name).streaming_content).decode("utf-8-sig").splitlines()[0]
        assert {(name, column) for column in heading.split(";")} <= told


def test_provider_or_table_of_a_name_that_is_taken_is_refused() -> None:
    before = list(list_providers())
    for name, columns in (("desil", {}), ("other", {"cakupan": ("", ())})):
        with pytest.raises(ValueError, match="there already"):
            register_provider(Provider(name, 99, "x", lambda: "", lambda province: Section(), columns=columns))
    assert list(list_providers()) == before
