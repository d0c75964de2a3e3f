"""The made-up checkers say of each family on which side of the line it truly is."""

from __future__ import annotations

import csv

import pytest

from dtsen_site.demo import checking
from registry.common.sheets import write_csv


@pytest.fixture
def told(tmp_path):
    """Two regencies whose people bear the same numbers, four families, two of them ranked below the line."""
    for folder, welfare in (("a", {"P1": 1.0, "P2": 9.0}), ("b", {"P1": 2.0, "P2": 8.0})):
        (tmp_path / folder / "truth").mkdir(parents=True)
        records = [["dtks", f"{folder}-{person}", person] for person in welfare]
        _write(tmp_path / folder / "truth/records.csv", [["source", "record_key", "person_id"], *records])
        people = [[person, value] for person, value in welfare.items()]
        _write(tmp_path / folder / "truth/people.csv", [["person_id", "welfare"], *people])
    families = {"poor-right": "a-P1", "poor-missed": "b-P1", "rich-listed": "b-P2", "rich-right": "a-P2"}
    links = [["dtks", key, family] for family, key in families.items()]
    _write(tmp_path / "links.csv", [["source", "record_key", "household_id"], *links])
    desil = {"poor-right": 1, "poor-missed": 7, "rich-listed": 3, "rich-right": 9}
    _write(tmp_path / "ranks.csv", [["household_id", "desil"], *map(list, desil.items())])
    write_csv(tmp_path / "visits.csv", ["id_keluarga", "hasil"], [[family, ""] for family in [*families, "unknown"]])
    return tmp_path


def _write(path, rows):
    with path.open("w", newline="") as file:
        csv.writer(file).writerows(rows)


def test_answers_tell_the_side_of_the_line(told, monkeypatch):
    monkeypatch.setattr(checking, "NOT_REACHED", 0.0)
    monkeypatch.setattr(checking, "REFUSED", 0.0)

    count = checking.answer_visits(
        told / "visits.csv", links=told / "links.csv", ranks=told / "ranks.csv", truths=[told / "a", told / "b"],
        line=4, seed=1, out=told / "results.csv",
    )  # fmt: skip

    assert count == 5
    with (told / "results.csv").open(encoding="utf-8-sig", newline="") as file:
        answers = {row["id_keluarga"]: row["hasil"] for row in csv.DictReader(file, delimiter=";")}
    assert answers == {
        "poor-right": "benar", "poor-missed": "salah", "rich-listed": "salah", "rich-right": "benar",
        "unknown": "tidak_ditemui",
    }  # fmt: skip
