"""Layouts that need no code, files alone, and the ways in which a delivery survives."""

import csv

import duckdb
import pytest

from registry.sources.models import Delivery

pytestmark = pytest.mark.django_db

FOREIGN = """
version: 1
source: benchmark
priority: 5
separator: ","
persons:
  key: rec_id
  mandatory: [rec_id, surname]
  columns:
    given_name: {to: name, part: 1}
    surname: {to: name, part: 2}
    gender: {to: sex, codes: {m: 1, f: 2}}
    date_of_birth: {to: birth_date, formats: ["%Y%m%d"]}
"""


def _write(path, rows, separator=","):
    with path.open("w", newline="", encoding="utf-8") as file:
        csv.writer(file, delimiter=separator).writerows(rows)
    return path


def _persons(settings, answer):
    path = settings.DTSEN_STORE_DIR / "deliveries" / answer["delivery"] / "persons.parquet"
    return duckdb.sql(
        f"SELECT record_key, name, sex, birth_date, family_key, accepted FROM '{path}' ORDER BY row_no"
    ).fetchall()


@pytest.fixture
def foreign(tmp_path):
    """Return a file of another world and its mapping."""
    mapping = tmp_path / "benchmark.yaml"
    mapping.write_text(FOREIGN, encoding="utf-8")
    rows = [["rec_id", "given_name", "surname", "gender", "date_of_birth"],
            ["r-1", "ana", "o'neil", "f", "19800229"], ["r-2", "", "budi", "x", "19810229"]]  # fmt: skip
    return _write(tmp_path / "benchmark.csv", rows), mapping


def test_foreign_layout_through_a_mapping_file_needs_no_code(receive, settings, foreign):
    file, mapping = foreign
    answer = receive("benchmark", file, mapping=mapping)
    assert answer["files"][0]["accepted"] == 2 and answer["files"][0]["with_findings"] == 1
    rows = _persons(settings, answer)
    assert [row[1:3] for row in rows] == [("ana o'neil", 2), ("budi", None)]
    assert str(rows[0][3]) == "1980-02-29" and rows[1][3] is None


def test_mapping_that_names_no_variable_is_refused(receive, foreign):
    file, mapping = foreign
    mapping.write_text(FOREIGN.replace("to: sex", "to: gender"), encoding="utf-8")
    answer = receive("benchmark", file, mapping=mapping)
    assert answer["exit"] == 2 and "gender" in answer["refused"]


def test_dry_run_keeps_nothing(receive, settings, foreign):
    file, mapping = foreign
    answer = receive("benchmark", file, mapping=mapping, dry_run=True)
    assert answer["files"][0]["rows"] == 2
    assert not Delivery.objects.exists()
    assert not list(settings.DTSEN_STORE_DIR.glob("deliveries/*"))


def test_folder_without_its_row_is_made_again(receive, settings, foreign):
    """A run killed between the rename and the row leaves a folder that the next run replaces."""
    file, mapping = foreign
    first = receive("benchmark", file, mapping=mapping)
    Delivery.objects.all().delete()
    again = receive("benchmark", file, mapping=mapping)
    assert again["delivery"] == first["delivery"] and not again["already_there"]
    assert list(settings.DTSEN_STORE_DIR.glob("incoming/*")) == []
    assert list((settings.DTSEN_STORE_DIR / "deliveries" / first["delivery"]).glob("as_sent/*.sealed"))
