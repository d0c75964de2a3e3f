"""The office's parts without a page: comparison, downloads, sealed searches, keyset pages, findings."""

import datetime as dt
import io
import uuid

import duckdb
import openpyxl
import pytest
from django.test import RequestFactory
from django.utils import translation

from registry.officers.scoping import Scope
from registry.web.office.downloads import as_csv, as_xlsx, harmless
from registry.web.office.sealing import seal, unseal
from registry.web.office.selectors.compare import compare_day, compare_number, compare_text
from registry.web.office.selectors.findings import Choice, Findings
from registry.web.office.selectors.paging import read_cursor, write_cursor

FORMULAS = ['=HYPERLINK("http://x")', "+62", "-1+2", "@SUM(A1)", "\t=1"]


@pytest.mark.parametrize("text", FORMULAS)
def test_text_that_a_spreadsheet_would_run_is_made_harmless(text):
    assert harmless(text) == f"'{text}"


def test_csv_download_has_no_live_formula():
    sent = b"".join(as_csv("temuan", ["Nilai"], [[text] for text in FORMULAS])).decode("utf-8-sig")

    assert all(line.lstrip('"')[0] == "'" for line in sent.splitlines()[1:] if line)


def test_xlsx_download_keeps_text_as_text():
    response = as_xlsx("temuan", ["Nilai", "Baris"], [["=1+1", 7], ["0123", 8]])

    sheet = openpyxl.load_workbook(io.BytesIO(b"".join(response))).active

    assert [cell.data_type for cell in sheet["A"]] == ["s", "s", "s"]
    assert [cell.value for cell in sheet["A"]][1:] == ["'=1+1", "0123"]


def test_sealed_search_tells_nothing_and_opens_again():
    word = seal({"number": "3514012708850001"})

    assert "3514" not in word
    assert unseal(word) == {"number": "3514012708850001"}
    assert unseal(word[:-2] + "xx") is None
    assert unseal("") is None


def test_cursor_that_was_tampered_with_starts_from_the_beginning():
    factory = RequestFactory()
    key = [dt.datetime(2026, 7, 1, tzinfo=dt.UTC), uuid.UUID(int=1)]

    good = read_cursor(factory.get("/", {"after": write_cursor(key)}))

    assert good == [str(part) for part in key]
    assert read_cursor(factory.get("/", {"after": "x:y:z"})) is None


def test_birth_dates_are_compared_part_by_part():
    with translation.override("id"):
        line = compare_day("Tanggal lahir", dt.date(1985, 8, 27), dt.date(1985, 3, 27))

    assert line.word == "beda bulan"
    assert [piece.text for piece in line.left if piece.differs] == ["08"]


def test_numbers_are_masked_and_the_place_that_differs_is_marked():
    line = compare_number("NIK", "3514012708850001", "3514012708850011")

    assert "".join(piece.text for piece in line.right) == "3514••••••••0011"
    assert [piece.text for piece in line.right if piece.differs] == ["1"]


def test_names_of_one_letter_apart_are_similar():
    with translation.override("id"):
        assert compare_text("Nama", "SITI AMINAH", "SITI AMINNAH").word == "mirip"
        assert compare_text("Nama", "SITI AMINAH", "PONIDI").word == "beda"
        assert compare_text("Nama", "SITI AMINAH", None).word == "tidak dinilai"


@pytest.fixture
def folder(tmp_path):
    con = duckdb.connect()
    con.execute(
        "CREATE TABLE persons AS SELECT range AS row_no, CASE WHEN range < 60 THEN '35.14.01.2001' ELSE '34.02' END"
        " AS region_code FROM range(100)"
    )
    con.execute(
        "CREATE TABLE findings AS SELECT row_no + 1 AS finding_no, 'persons' AS file_role, row_no, 'K' || row_no AS"
        " record_key, 'nik' AS"
        " \"column\", CASE WHEN row_no % 2 = 0 THEN 'nik.length' ELSE 'nik.date' END AS rule, 'finding' AS severity,"
        " '3514••' AS masked_value FROM persons"
    )
    for name in ("persons", "findings"):
        con.execute(f"COPY {name} TO '{tmp_path}/{name}.parquet' (FORMAT parquet)")
    return tmp_path


def test_findings_page_after_page_are_all_of_them_once(folder):
    findings = Findings(folder, Scope(everything=True))
    seen, after = [], None
    while rows := findings.page(Choice(), after, 7):
        seen += [row.row_no for row in rows]
        last = rows[-1]
        after = [last.finding_no]

    assert seen == list(range(100))


def test_findings_of_another_regency_are_not_shown(folder):
    findings = Findings(folder, Scope(regions=("35.14",)))

    assert findings.count(Choice()) == 60
    assert findings.count(Choice(rule="nik.date")) == 30
    assert {(count.rule, count.count) for count in findings.by_rule()} == {("nik.length", 30), ("nik.date", 30)}
    assert len(list(findings.every(Choice(rule="nik.length")))) == 30


def test_findings_for_nobody_are_none(folder):
    assert Findings(folder / "gone", Scope(everything=True)).page(Choice(), None, 5) == []
