"""Which value survives: a value that stands for several codes never overwrites one that stands for itself."""

import datetime as dt
import random
from typing import Any

import duckdb
import pytest

from registry.linkage.golden import FAMILY_FIELDS, PERSON_FIELDS
from registry.linkage.survivorship import Surviving, choose, forget_choice, surviving
from registry.variables import load_dictionary

ITEM = "id_ijazah_tertinggi"  # of sources that the dictionary does not call coarse as a whole
BIT = [item.name for item in load_dictionary().individual_items].index(ITEM)


def survivor(*rows: tuple[str, int, str, int]) -> int | None:
    """Return what survives of (source, value, date, coarse bits), one row each of one person."""
    con = duckdb.connect()
    con.execute(
        f"CREATE TABLE rows (id INTEGER, place BIGINT, source VARCHAR, {ITEM} SMALLINT, survey_date DATE,"
        " coarse BIGINT, priority INTEGER, padan_dukcapil BOOLEAN)"
    )
    for place, (source, value, date, coarse) in enumerate(rows, 1):
        con.execute(
            "INSERT INTO rows VALUES (1, ?, ?, ?, ?, ?, 10, NULL)",
            [place, source, value, dt.date.fromisoformat(date), coarse],
        )
    choose(con, rows="rows", into="golden", fields=surviving([ITEM]))
    return con.execute(f"SELECT {ITEM} FROM golden").fetchall()[0][0]


def test_newest_of_two_fine_values_survives():
    assert survivor(("klinik", 4, "2019-01-01", 0), ("regsosek", 13, "2022-10-01", 0)) == 13


@pytest.mark.parametrize("order", [1, -1])
def test_newer_coarse_value_does_not_overwrite_a_fine_one(order):
    rows = [("regsosek", 14, "2019-01-01", 0), ("klinik", 13, "2022-10-01", 1 << BIT)]

    assert survivor(*rows[::order]) == 14


def test_many_coarse_rows_do_not_outvote_a_fine_one():
    coarse = [("klinik", 13, "2022-10-01", 1 << BIT), ("sekolah", 13, "2023-10-01", 1 << BIT)]

    assert survivor(("regsosek", 14, "2019-01-01", 0), *coarse) == 14


def test_a_value_is_fine_when_any_row_says_it_finely():
    rows = [
        ("klinik", 13, "2022-10-01", 1 << BIT),
        ("lapangan", 13, "2018-01-01", 0),
        ("regsosek", 14, "2019-01-01", 0),
    ]

    assert survivor(*rows) == 13


def test_bits_of_other_items_mean_nothing_here():
    others = ((1 << 40) - 1) & ~(1 << BIT)

    assert survivor(("regsosek", 14, "2019-01-01", 0), ("klinik", 13, "2022-10-01", others)) == 13


def test_source_that_knows_groups_only_is_coarse_as_a_whole():
    assert survivor(("regsosek", 14, "2019-01-01", 0), ("dtks", 13, "2022-10-01", 0)) == 14


def test_coarse_value_is_better_than_none():
    assert survivor(("klinik", 13, "2022-10-01", 1 << BIT)) == 13


DAYS = [dt.date(2019, 5, 1), dt.date(2022, 10, 1), dt.date(2022, 10, 2), dt.date(2024, 1, 1)]
ODD_DAYS = [None, dt.date(1969, 12, 31), dt.date(2150, 1, 1)]


def drawn_rows(seed: int, fields: list[Surviving], people: int = 400) -> list[dict[str, Any]]:
    """Return rows of people with one to six rows whose values often agree, often differ and are often absent."""
    rng = random.Random(seed)
    rows = []
    for person in range(people):
        odd = rng.random() < 0.1
        for place in range(1, rng.choice([1, 2, 2, 3, 3, 3, 4, 6]) + 1):
            row: dict[str, Any] = {
                "id": person, "place": place, "source": rng.choice(["dtks", "p3ke", "regsosek", "klinik"]),
                "survey_date": rng.choice(DAYS + ODD_DAYS if odd else DAYS), "priority": rng.choice([10, 20, 30]),
                "padan_dukcapil": rng.choice([None, False, True]), "coarse": rng.getrandbits(34) & rng.getrandbits(34),
            }  # fmt: skip
            rows.append(row | {field.name: rng.choice([None, 2, 11, 11, 7]) for field in fields})
    return rows


def by_the_rule(rows: list[dict[str, Any]], field: Surviving, marked: int) -> tuple[Any, int]:
    """Return the value that survives among the rows of one id and the place that gives it, as the rule is worded."""
    said: dict[Any, list[dict[str, Any]]] = {}
    for row in rows:
        if row[field.name] is not None:
            said.setdefault(row[field.name], []).append(row)
    if not said:
        return None, 0

    def fine(row: dict[str, Any]) -> bool:
        return row["source"] not in field.coarse_sources and not (
            field.bit is not None and row["coarse"] >> field.bit & 1
        )

    def day(row: dict[str, Any], unknown: dt.date) -> int:
        return (row["survey_date"] or unknown).toordinal()

    def standing(value: Any) -> list[Any]:
        of = {
            "grain": any(map(fine, said[value])),
            "verified": any(row["padan_dukcapil"] for row in said[value]),
            "recency": max(day(row, dt.date(1970, 1, 1)) for row in said[value]),
            "agreement": len(said[value]),
            "priority": max(row["priority"] for row in said[value]),
        }
        return [of[word] for word in field.words(marked)] + [str(value)]

    value = max(said, key=standing)
    return value, max(said[value], key=lambda row: (day(row, dt.date(1900, 1, 1)), -row["place"]))["place"]


@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize("fields", [PERSON_FIELDS, FAMILY_FIELDS], ids=["people", "families"])
def test_values_that_survive_are_those_of_the_rules(seed, fields):
    rows = drawn_rows(seed, fields)
    # Numbers as text are ordered as text.
    kinds = {field.name: "SMALLINT" if field.bit is not None or field.name == "sex" else "VARCHAR" for field in fields}
    con = duckdb.connect()
    con.execute(
        "CREATE TABLE rows (id INTEGER, place BIGINT, source VARCHAR, survey_date DATE, priority INTEGER,"
        f" padan_dukcapil BOOLEAN, coarse BIGINT, {', '.join(f'{name} {kind}' for name, kind in kinds.items())})"
    )
    con.executemany(f"INSERT INTO rows VALUES ({', '.join('?' * len(rows[0]))})", [list(row.values()) for row in rows])
    marked = 0
    for row in rows:
        marked |= row["coarse"]

    choose(con, rows="rows", into="golden", fields=fields)

    names = ", ".join(field.name for field in fields)
    found = con.execute(f"SELECT {names}, winner FROM golden ORDER BY id").fetchall()
    for person, (*values, winner) in enumerate(found):
        own = [row for row in rows if row["id"] == person]
        wanted = [by_the_rule(own, field, marked) for field in fields]
        assert [None if value is None else int(value) for value in values] == [value for value, _place in wanted]
        assert list(bytes.fromhex(winner)) == [place for _value, place in wanted]
    assert len(found) == 400
    forget_choice(con, "golden")
