"""Which value survives: a value that stands for several codes never overwrites one that stands for itself."""

import datetime as dt

import duckdb
import pytest

from registry.linkage.golden import choose, surviving
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
