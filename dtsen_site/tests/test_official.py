"""An official ranking comes in: whom it names, what is wrong with its rows, and that it becomes the one in use."""

from __future__ import annotations

import csv
import datetime as dt
import io
import json
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from django.conf import settings
from django.core.management import CommandError, call_command
from django.test import Client
from django.urls import reverse

from dtsen_site.tests.conftest import make_regions
from dtsen_site.tests.deliveries import Family
from dtsen_site.tests.world import build_small_register, kept_for_a_module, let_workers_work
from registry.common.crypto import encrypt, lookup_hash
from registry.common.errors import BadInput, NotAllowed, RuleRefused
from registry.common.models import AccessLog, Job
from registry.desil.fitting import fit_model
from registry.desil.importing import Imported, import_ranking
from registry.desil.models import HouseholdRank, RankRun, RankSummary
from registry.desil.official import page_of_findings
from registry.desil.publishing import propose_run, publish_run
from registry.desil.runs import compute_run, get_run_folder
from registry.desil.selectors import find_published_run, find_standing
from registry.models import FormerIdentifier, Household, Officer
from registry.officers.operations import grant_role, invite_officer
from registry.officers.selectors import system_officer
from registry.tests.ranking.worlds import QUICK, write_survey

NOW = dt.datetime(2026, 11, 24, 3, 0, tzinfo=dt.UTC)
HEADING = ("No. KK", "NIK", "Desil Nasional", "Persentil", "cut_off")


@pytest.fixture(scope="module")
def built(
    django_db_setup: None, django_db_blocker: Any, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[list[Family]]:
    """A small register that every test of this file finds as it was."""
    with kept_for_a_module(django_db_blocker):
        make_regions()
        yield build_small_register(tmp_path_factory.mktemp("deliveries"))


@pytest.fixture
def people(built: list[Family], officers_here: dict[str, Officer]) -> list[Family]:
    """The families of a small register."""
    return built


@pytest.fixture
def second(officers_here: dict[str, Officer]) -> Officer:
    """Another administrator than the first."""
    by, at = system_officer(), dt.datetime.now(dt.UTC)
    officer = invite_officer(email="second.administrator@example.go.id", name="Second", by=by, now=at)
    grant_role(officer=officer, role="administrator", region="", by=by, now=at)
    officer.forget_scope()
    return officer


def sheet(
    folder: Path, rows: Sequence[Sequence[Any]], *, heading: Sequence[str] = HEADING, name: str = "desil.csv"
) -> Path:
    path = folder / name
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file, delimiter=";")
        writer.writerow(heading)
        writer.writerows(rows)
    return path


def row_of(family: Family, desil: Any, percentile: Any = "", day: str = "2026-09-30") -> tuple[Any, ...]:
    return (family.kk, family.members[0].nik, desil, percentile, day)


def bring(path: Path, **options: Any) -> Imported:
    return import_ranking(path=path, by=system_officer(), now=NOW, **({"source": "BPS"} | options))


def rules(run: RankRun) -> dict[str, int]:
    return dict(run.counts["findings"])


def desil_of(run: RankRun, family: Family) -> int | None:
    household = Household.objects.active().get(kk_hash=lookup_hash(family.kk))
    found = HouseholdRank.objects.filter(run=run.pk, household_id=household.pk).first()
    return found.desil if found else None


def test_each_family_gets_the_desil_that_the_file_names(people: list[Family], tmp_path: Path) -> None:
    run = bring(sheet(tmp_path, [row_of(family, n % 10 + 1) for n, family in enumerate(people)])).run

    assert [desil_of(run, family) for family in people] == [n % 10 + 1 for n in range(len(people))]
    assert (run.kind, run.state, run.as_of, run.source) == ("official", "ready", dt.date(2026, 9, 30), "BPS")
    assert run.counts["families"] == len(people) and run.counts["unranked"] == 0 and not rules(run)
    assert sum(RankSummary.objects.filter(run=run, region_code="35.14").values_list("families", flat=True)) == len(
        people
    )
    assert (get_run_folder(run.pk) / "as_sent" / f"{run.file_hash}.sealed").is_file()


def test_a_row_for_each_person_counts_once(people: list[Family], tmp_path: Path) -> None:
    rows = [("", person.nik, "3", "", "2026-09") for family in people for person in family.members]
    run = bring(sheet(tmp_path, rows)).run
    assert run.counts["families"] == len(people) and run.counts["used"] == len(rows) and not rules(run)
    assert run.as_of == dt.date(2026, 9, 30)  # a month alone stands for its last day


def test_what_is_wrong_with_a_row_is_a_finding_and_never_a_guess(people: list[Family], tmp_path: Path) -> None:
    a, b, c, d, e, f, *rest = people
    rows = [
        row_of(a, 1), row_of(a, 2),  # two desil for one family
        (b.kk, c.members[0].nik, 3, "", "2026-09-30"),  # KK and NIK of two families
        ("9999999999999991", "", 4, "", "2026-09-30"),  # nobody here
        ("", "3,51401E+15", 4, "", "2026-09-30"),  # figures lost in a spreadsheet
        ("", "", 5, "", "2026-09-30"),
        row_of(d, 11), row_of(e, ""),
        (f.kk, "12345", "Desil 6", "75,5", "31/02/2026"),  # NIK and day unusable, the percentile of another desil
        *[row_of(family, 7, "abc") for family in rest],
    ]  # fmt: skip
    run = bring(sheet(tmp_path, rows)).run

    assert rules(run) == {
        "number.missing": 1, "number.digits_lost": 1, "number.left_out": 1, "desil.missing": 1, "desil.invalid": 1,
        "family.not_found": 1, "family.numbers_differ": 1, "family.conflict": 2, "percentile.invalid": len(rest),
        "percentile.differs": 1, "date.invalid": 1,
    }  # fmt: skip
    assert [desil_of(run, one) for one in (a, b, c, d, e)] == [None] * 5
    assert desil_of(run, f) == 6 and {desil_of(run, one) for one in rest} == {7}
    assert run.counts["unranked"] == 5
    listed = page_of_findings(get_run_folder(run.pk) / "findings.parquet")
    assert len(listed) == sum(rules(run).values())
    shown = " ".join(str(value) for row in listed for value in row)
    assert not any(family.kk in shown or person.nik in shown for family in people for person in family.members)


def test_a_number_that_two_families_claim_is_ambiguous_and_the_nik_decides(
    people: list[Family], tmp_path: Path
) -> None:
    one, other, *_ = people
    twin = Household.objects.active().get(kk_hash=lookup_hash(other.kk))
    twin.kk_hash = lookup_hash(one.kk)
    twin.save(update_fields=["kk_hash"])

    doubtful = bring(sheet(tmp_path, [(one.kk, "", 2, "", "2026-09-30"), row_of(people[2], 9)])).run
    clear = bring(sheet(tmp_path, [row_of(one, 2), row_of(people[2], 9)], name="b.csv")).run

    assert rules(doubtful) == {"family.ambiguous": 1} and doubtful.counts["families"] == 1
    assert not rules(clear) and clear.counts["families"] == 2


def test_a_former_number_still_finds_the_family(people: list[Family], tmp_path: Path) -> None:
    family = people[0]
    household = Household.objects.active().get(kk_hash=lookup_hash(family.kk))
    old = "3514011203010007"
    FormerIdentifier.objects.create(
        kind="kk", object_id=household.pk, cipher=encrypt(old), hash=lookup_hash(old), source="dtks", run=1
    )
    run = bring(sheet(tmp_path, [(old, "", 4, "", "2026-09-30")])).run
    assert desil_of(run, family) == 4


def test_the_export_layout_and_inactive_rows(people: list[Family], tmp_path: Path) -> None:
    heading = (
        "nomor_kartu_keluarga",
        "nomor_induk_kependudukan",
        "desil_nasional",
        "skor",
        "status_dtsen",
        "cut_off_keluarga",
    )
    rows = [
        (family.kk, family.members[0].nik, 2, "13,25", "DTSEN NONAKTIF" if n == 0 else "DTSEN AKTIF", "2026-06-30")
        for n, family in enumerate(people)
    ]
    run = bring(sheet(tmp_path, rows, heading=heading)).run
    assert rules(run) == {"row.inactive": 1} and run.counts["families"] == len(people) - 1


def test_a_workbook_keeps_its_numbers_as_text_or_says_that_they_are_lost(people: list[Family], tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    page = book.active
    page.append(HEADING)
    page.append((people[0].kk, people[0].members[0].nik, 3, 30, dt.date(2026, 9, 30)))
    page.append((int(people[1].kk) // 10 * 10, None, 4, 40, dt.date(2026, 9, 30)))  # a number: Excel keeps 15 figures
    page.append((people[2].kk, None, "=1+1", 20, dt.date(2026, 9, 30)))
    book.save(tmp_path / "desil.xlsx")

    run = bring(tmp_path / "desil.xlsx").run

    assert rules(run) == {"row.formula": 1, "number.digits_lost": 1} and desil_of(run, people[0]) == 3


def test_the_mark_of_what_a_ranking_says_follows_what_it_says(people: list[Family], tmp_path: Path) -> None:
    rows = [row_of(family, n % 10 + 1, "12,5") for n, family in enumerate(people)]
    one = bring(sheet(tmp_path, rows)).run
    turned = bring(sheet(tmp_path, rows[::-1], name="turned.csv")).run
    other = bring(sheet(tmp_path, [row_of(people[0], 1, "12,6"), *rows[1:]], name="other.csv")).run

    assert one.file_hash != turned.file_hash and one.content_hash == turned.content_hash != other.content_hash
    assert len(one.content_hash) == 64


def test_the_same_file_twice_changes_nothing_and_says_so(people: list[Family], tmp_path: Path) -> None:
    path = sheet(tmp_path, [row_of(family, 5) for family in people])
    first = bring(path)
    again = bring(path)
    other = bring(path, ranked_on=dt.date(2026, 8, 31))

    assert (first.already_there, again.already_there) == (False, True) and again.run == first.run
    assert other.run != first.run and other.run.as_of == dt.date(2026, 8, 31)
    assert RankRun.objects.count() == 2


@pytest.mark.parametrize(
    ("heading", "code"),
    [
        (("NIK", "Nama"), "desil.official.no_desil"),
        (("Nama", "Desil"), "desil.official.no_number"),
        (("NIK", "Desil"), "desil.official.date_missing"),
    ],
)
def test_a_file_that_is_no_ranking_is_refused(
    people: list[Family], tmp_path: Path, heading: tuple[str, ...], code: str
) -> None:
    with pytest.raises(BadInput) as refused:
        bring(sheet(tmp_path, [(people[0].members[0].nik, "3")], heading=heading))
    assert refused.value.code == code and not RankRun.objects.exists()


def test_a_file_of_strangers_is_refused(people: list[Family], tmp_path: Path) -> None:
    with pytest.raises(BadInput) as refused:
        bring(sheet(tmp_path, [("9999999999999991", "", 3, "", "2026-09-30")]))
    assert refused.value.code == "desil.official.nobody_found"
    assert not HouseholdRank.objects.exists() and RankRun.objects.get().state == "failed"


def test_another_layout_needs_a_mapping_only(people: list[Family], tmp_path: Path) -> None:
    path = sheet(tmp_path, [(people[0].kk, "3")], heading=("Nomor Rumah", "Golongan"))
    mapping = tmp_path / "layout.yaml"
    mapping.write_text("version: 1\ncolumns: {kk_number: [nomor rumah], desil: [golongan]}\n")
    run = bring(path, mapping=mapping, ranked_on=dt.date(2026, 9, 30)).run
    assert desil_of(run, people[0]) == 3
    mapping.write_text("version: 1\ncolumns: {kk_number: [nomor rumah]}\n")
    with pytest.raises(BadInput) as refused:
        bring(path, mapping=mapping)
    assert refused.value.code == "desil.official.layout"


def test_two_people_publish_it_and_it_is_the_one_in_use(
    people: list[Family], officers_here: dict[str, Officer], second: Officer, tmp_path: Path
) -> None:
    first = officers_here["administrator"]
    run = bring(sheet(tmp_path, [row_of(family, 8) for family in people[1:]])).run
    propose_run(run=run, by=first, now=NOW)
    with pytest.raises(NotAllowed) as refused:
        publish_run(run=run, by=first, now=NOW)
    assert refused.value.code == "desil.run.same_person"
    publish_run(run=run, by=second, now=NOW)

    assert find_published_run() == run
    left = Household.objects.active().get(kk_hash=lookup_hash(people[0].kk))
    there = Household.objects.active().get(kk_hash=lookup_hash(people[1].kk))
    assert find_standing(left.pk) is None  # nobody guesses a desil that the file does not give
    standing = find_standing(there.pk)
    assert standing is not None and (standing.desil, standing.score, standing.distance(4)) == (8, None, None)


def test_the_command_prints_counts_and_refuses_in_words(people: list[Family], tmp_path: Path) -> None:
    path = sheet(tmp_path, [row_of(family, 5) for family in people])
    out = io.StringIO()
    call_command("import_ranking", str(path), "--source", "BPS", "--json", stdout=out)
    told = json.loads(out.getvalue().strip().splitlines()[-1])
    assert told["families"] == len(people) and told["state"] == "ready" and Path(told["findings_file"]).is_file()
    with pytest.raises(CommandError) as refused:
        call_command("import_ranking", str(tmp_path / "none.csv"), "--source", "BPS", "--json")
    assert refused.value.returncode == 2


def test_the_office_uploads_compares_and_lists_what_was_wrong(
    people: list[Family], officers_here: dict[str, Officer], second: Officer, tmp_path: Path, client: Client
) -> None:
    own = own_run(tmp_path)
    first = officers_here["administrator"]
    path = sheet(
        tmp_path, [*[row_of(family, 5) for family in people[1:]], ("9999999999999991", "", 4, "", "2026-09-30")]
    )
    client.force_login(first)
    with path.open("rb") as file:
        told = {"source": "BPS", "unit": "person", "scope": "nation", "sheet": file}
        answer = client.post(reverse("office:ranking-upload"), told)
    assert answer.status_code == 302
    job = Job.objects.get(kind="import_ranking")
    let_workers_work()
    job.refresh_from_db()
    assert job.state == Job.State.DONE, (job.error, job.error_facts)
    run = RankRun.objects.get(pk=job.counts["run"])
    assert not list(Path(settings.DTSEN_UPLOAD_DIR).glob("*/desil.csv"))  # the sealed copy is the only one left

    page = client.get(reverse("office:ranking", args=[run.pk])).content.decode()
    assert "kappa" in page and reverse("office:ranking-findings", args=[run.pk]) in page
    compared = client.get(reverse("office:ranking-compare", args=[run.pk]), {"dengan": own.pk})
    assert compared.status_code == 200 and compared.context["place"].counted.in_both == len(people) - 1
    listed = client.get(reverse("office:ranking-findings", args=[run.pk])).content.decode()
    assert "9999••••••••9991" in listed and "9999999999999991" not in listed
    file = client.get(reverse("office:ranking-findings-download", args=[run.pk, "csv"]))
    assert "9999••••••••9991" in b"".join(file).decode()  # type: ignore[call-overload]
    assert AccessLog.objects.filter(door="office.ranking_findings").count() == 1

    propose_run(run=run, by=first, now=NOW)
    publish_run(run=run, by=second, now=NOW)
    with pytest.raises(RuleRefused) as refused:
        publish(own, first, second)
    assert refused.value.code == "desil.run.official_in_use" and find_published_run() == run
    there = Household.objects.active().get(kk_hash=lookup_hash(people[1].kk))
    left = Household.objects.active().get(kk_hash=lookup_hash(people[0].kk))
    client.force_login(officers_here["verifier"])
    panel = client.get(reverse("office:family", args=[there.pk])).context["panel"]
    assert (panel.desil, panel.official, panel.source) == (5, True, "BPS")
    mine = HouseholdRank.objects.get(run=own.pk, household_id=there.pk).desil
    assert panel.own_desil == mine
    score = client.get(reverse("office:family-score", args=[there.pk])).context["score"]
    assert (score.desil, score.own_desil) == (5, mine) and score.drivers
    score = client.get(reverse("office:family-score", args=[left.pk])).context["score"]
    assert score.desil is None and score.own_desil is not None
    assert client.get(reverse("office:rankings")).context["in_use"].source == "BPS"


def publish(run: RankRun, first: Officer, other: Officer) -> RankRun:
    propose_run(run=run, by=first, now=NOW)
    return publish_run(run=run, by=other, now=NOW)


def own_run(folder: Path) -> RankRun:
    model = fit_model(
        survey=write_survey(folder / "survey.csv"), outcome="spending", weight="weight", psu="psu", stratum="stratum",
        region="regency", settings=QUICK, by=system_officer(), now=NOW,
    )  # fmt: skip
    return compute_run(model=model, as_of=NOW.date(), by=system_officer(), now=NOW)
