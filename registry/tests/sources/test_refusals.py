"""Every refusal, every spreadsheet pitfall, on small files made here."""

import csv
import gzip

import duckdb
import openpyxl
import pytest

from registry.sources.readers import workbook

pytestmark = pytest.mark.django_db

NIK = "3514011206960001"
PERSON = {"id_anggota": "A-1", "id_keluarga": "K-1", "r402": "ANI", "r403": NIK, "r405": "1", "r406": "1996-06-12",
          "r409": "1"}  # fmt: skip


def _csv(path, rows, separator=";"):
    with path.open("w", newline="", encoding="utf-8") as file:
        csv.writer(file, delimiter=separator).writerows(rows)
    return path


def _book(path, rows):
    book = openpyxl.Workbook()
    for row in rows:
        book.active.append(row)
    book.save(path)
    return path


@pytest.fixture
def people(header_of):
    """Return rows of a member file: the header, and one line for each set of changed cells."""

    def rows(*changes: dict) -> list[list]:
        header = header_of("regsosek", "persons")
        lines = [
            [(PERSON | {"id_anggota": f"A-{n}"} | one).get(name, "") for name in header]
            for n, one in enumerate(changes)
        ]
        return [header, *lines]

    return rows


def _values(settings, answer, columns):
    folder = settings.DTSEN_STORE_DIR / "deliveries" / answer["delivery"]
    con = duckdb.connect()
    rows = con.execute(f"SELECT {columns} FROM read_parquet('{folder}/persons.parquet') ORDER BY row_no").fetchall()
    told = con.execute(f"SELECT row_no, rule FROM read_parquet('{folder}/findings.parquet') WHERE row_no IS NOT NULL")
    return rows, set(told.fetchall())


def test_files_that_are_no_delivery_are_refused_with_their_reason(receive, people, tmp_path):
    good = people({})
    packed = tmp_path / "bomb.csv.gz"
    with gzip.open(packed, "wb", compresslevel=9) as file:
        for _ in range(70):
            file.write(bytes(1 << 20))
    cut = tmp_path / "cut.xlsx"
    cut.write_bytes(_book(tmp_path / "whole.xlsx", good).read_bytes()[:2000])
    old = tmp_path / "old.xls"
    old.write_bytes(b"\xd0\xcf\x11\xe0" + bytes(100))
    empty = tmp_path / "empty.csv"
    empty.touch()
    cases = {
        "is empty": empty,
        "has a header and no rows": _csv(tmp_path / "header.csv", good[:1]),
        "unpacks to more": packed,
        "cut short or damaged": cut,
        "old Excel file": old,
        "two columns named r403": _csv(tmp_path / "twice.csv", [[*good[0], "r403"], [*good[1], NIK]]),
        "mandatory column r402": _csv(tmp_path / "nameless.csv", [["id_anggota", "id_keluarga", "r403", "r405", "r406",
            "r407", "r408", "r409", "r410", "r411", "r412", "r413", "r414", "r415", "r416a", "r417"], ["A"] * 16]),
        "columns; no layout": _csv(tmp_path / "wide.csv", [[*good[0], *(f"x{n}" for n in range(600))], good[1]]),
        "fit no layout": _csv(tmp_path / "strange.csv", [["a", "b", "c"], ["1", "2", "3"]]),
    }  # fmt: skip
    for sentence, path in cases.items():
        answer = receive("regsosek", path, dry_run=True)
        assert answer["exit"] == 2 and sentence in answer["refused"], (path.name, answer["refused"])


def test_announcements_that_do_not_fit_and_files_given_twice_are_refused(receive, people, tmp_path):
    path = _csv(tmp_path / "good.csv", people({}))
    assert "separator" in receive("regsosek", path, separator=",", dry_run=True)["refused"]
    assert "is not known" in receive("regsosek", path, encoding="klingon", dry_run=True)["refused"]
    assert "given twice" in receive("regsosek", path, path, dry_run=True)["refused"]
    assert "is not known" in receive("atlantis", path, dry_run=True)["refused"]
    assert "YYYY-MM" in receive("regsosek", path, period="2022-13", dry_run=True)["refused"]
    assert "is not there" in receive("regsosek", tmp_path / "nowhere.csv", dry_run=True)["refused"]
    other = _csv(tmp_path / "other.csv", people({}, {}))
    assert "both are the persons file" in receive("regsosek", path, other, dry_run=True)["refused"]


def test_large_workbook_is_refused_with_what_to_do(receive, people, tmp_path, monkeypatch):
    monkeypatch.setattr(workbook, "MAX_SHEET", 1000)
    answer = receive("regsosek", _book(tmp_path / "large.xlsx", people({})), dry_run=True)
    assert answer["exit"] == 2 and "Send it as CSV" in answer["refused"]


def test_number_cell_that_lost_its_last_digit_is_no_number(receive, settings, people, tmp_path):
    rows = people({"r403": 3514011206960000}, {"r403": 3514015206960000})
    found, told = _values(settings, receive("regsosek", _book(tmp_path / "numbers.xlsx", rows)), "nik")
    assert found == [(None,), (None,)]
    assert {(1, "number.scientific"), (2, "number.scientific")} <= told


def test_number_cells_that_hold_all_digits_are_kept(receive, settings, people, tmp_path):
    rows = people({"r403": 3514011206960001}, {"r403": 3514011206960010})
    found, told = _values(settings, receive("regsosek", _book(tmp_path / "numbers.xlsx", rows)), "nik")
    assert found == [("3514011206960001",), ("3514011206960010",)]
    assert not {rule for _, rule in told} & {"number.scientific", "number.length"}


def test_unusual_writings_of_codes_dates_and_numbers_are_read(receive, settings, people, tmp_path):
    rows = people(
        {"r405": "1.0", "r406": "35228", "r409": " 1 "},
        {"r405": "02", "r406": "1996-02-30", "r409": "1e0", "r403": "3514-0112-0696-0001"},
        {"r405": "0x1", "r406": "12/06/1996", "r403": "3.51401E+15"},
    )
    answer = receive("regsosek", _csv(tmp_path / "odd.csv", rows))
    found, told = _values(settings, answer, "sex, birth_date::VARCHAR, relation, nik")
    assert found == [(1, "1996-06-12", 1, NIK), (2, None, None, NIK), (None, None, 1, None)]
    assert told >= {(1, "date.serial"), (2, "date.unreadable"), (2, "value.code"), (2, "number.cleaned"),
                    (3, "value.code"), (3, "date.unreadable"), (3, "number.scientific")}  # fmt: skip


def test_formulas_in_cells_are_never_values(receive, settings, people, tmp_path):
    rows = people({"r402": "=1+1"}, {"r402": "BUDI"})
    found, told = _values(settings, receive("regsosek", _book(tmp_path / "formula.xlsx", rows)), "accepted")
    assert found == [(False,), (True,)] and (1, "row.formula") in told


def test_word_that_stands_for_several_codes_is_marked(receive, settings, header_of, tmp_path):
    header = header_of("p3ke", "families")
    row = {"id_keluarga_P3KE": "K-1", "jenis_atap": "Asbes/Seng", "jenis_dinding": "Tembok"}
    rows = [header, *([(row | {"id_keluarga_P3KE": f"K-{n}", "jenis_atap": roof}).get(name, "") for name in header]
            for n, roof in enumerate(("Asbes/Seng", "Seng")))]  # fmt: skip
    answer = receive("p3ke", _csv(tmp_path / "words.csv", rows, ","))
    folder = settings.DTSEN_STORE_DIR / "deliveries" / answer["delivery"]
    found = duckdb.connect().execute(
        f"SELECT id_atap_terluas, coarse <> 0 FROM read_parquet('{folder}/families.parquet') ORDER BY row_no"
    )
    assert found.fetchall() == [(3, True), (3, False)]


def test_one_file_that_holds_families_and_members(receive, settings, tmp_path):
    mapping = tmp_path / "census.yaml"
    mapping.write_text(
        "version: 1\nsource: census\none_file: true\n"
        "families:\n  key: hh\n  mandatory: [hh]\n  columns:\n    road: {to: address, type: text}\n"
        "persons:\n  key: pid\n  family: hh\n  mandatory: [pid, hh]\n  columns:\n    who: {to: name}\n"
        "    rel: {to: id_hub_kepala_keluarga, codes: 1-8}\n"
    )
    rows = [["pid", "hh", "road", "who", "rel"], ["1", "A", "Jalan 1", "Ani", "1"], ["2", "A", "Jalan 1", "Budi", "3"],
            ["3", "B", "Jalan 2", "Citra", "1"]]  # fmt: skip
    answer = receive("census", _csv(tmp_path / "census.csv", rows, ","), mapping=mapping)
    assert {file["role"]: file["rows"] for file in answer["files"]} == {"families": 2, "persons": 3}
    folder = settings.DTSEN_STORE_DIR / "deliveries" / answer["delivery"]
    found = duckdb.connect().execute(
        f"SELECT family_key, address FROM read_parquet('{folder}/families.parquet') ORDER BY 1"
    )
    assert found.fetchall() == [("A", "Jalan 1"), ("B", "Jalan 2")]
    assert _values(settings, answer, "name")[0] == [("Ani",), ("Budi",), ("Citra",)]
