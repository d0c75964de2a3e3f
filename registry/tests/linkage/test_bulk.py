"""Rows that are written ahead of their table: all of them in order, or the failure that stopped them."""

import duckdb
import pytest

from registry.linkage.bulk import Ahead, writing_ahead


def test_tables_are_read_whole_and_in_order_while_they_are_written():
    con = duckdb.connect()
    numbers, keyed = Ahead("SELECT * FROM range(300000)", "numbers", ["n"]), Ahead("SELECT n FROM made", "made", ["n"])
    keyed.before = lambda: con.execute("CREATE TABLE made AS SELECT 7 AS n") and None

    with writing_ahead(con, [numbers, keyed]):
        text = b"".join(numbers.blocks()).decode()
        made = b"".join(keyed.blocks()).decode()

    assert text.split() == [str(number) for number in range(300_000)]
    assert made == "7\n"


def test_what_cannot_be_written_fails_where_it_is_read_and_stops_the_rest():
    con = duckdb.connect()
    good, bad = Ahead("SELECT 1", "good", ["n"]), Ahead("SELECT error('no such day')", "bad", ["n"])
    late = Ahead("SELECT 2", "late", ["n"])

    with writing_ahead(con, [good, bad, late]):
        assert b"".join(good.blocks()) == b"1\n"
        with pytest.raises(duckdb.Error, match="no such day"):
            list(bad.blocks())
        with pytest.raises(RuntimeError, match="late"):
            list(late.blocks())


def test_a_reader_that_fails_ends_the_writing():
    con = duckdb.connect()
    endless = Ahead("SELECT sum(a.range * b.range) FROM range(10000000) a, range(1000000) b", "endless", ["n"])

    with pytest.raises(ValueError, match="enough"), writing_ahead(con, [endless]):
        raise ValueError("enough")

    assert con.execute("SELECT 1").fetchall() == [(1,)]
