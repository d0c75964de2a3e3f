"""NIK and KK: flags, cleaning, century, and the SQL form equal to the Python form."""

import datetime as dt

import duckdb
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from registry.identifiers import (
    Flag,
    clean_identifier,
    clean_sql,
    date_part_sql,
    form_flags_sql,
    kk_flags_sql,
    mask,
    nik_flags_sql,
    parse_kk,
    parse_nik,
    sixteen_sql,
)

ON = dt.date(2025, 2, 1)
REGIONS = {"351401": "current", "910101": "historic"}


@pytest.mark.parametrize(
    ("raw", "flags"),
    [
        ("3514011206960001", 0),
        ("3514015206960001", 0),
        ("", Flag.MISSING),
        ("-", Flag.MISSING),
        (None, Flag.MISSING),
        ("0", Flag.PLACEHOLDER | Flag.LENGTH),
        ("9999999999999999", Flag.PLACEHOLDER),
        ("3514010000000000", Flag.PLACEHOLDER),
        ("351401120696001", Flag.LENGTH),
        ("3.57301E+15", Flag.LENGTH | Flag.NON_DIGIT | Flag.SCIENTIFIC),
        ("351401120696000O", Flag.NON_DIGIT | Flag.LETTER_O),
        ("3514010006960001", Flag.IMPOSSIBLE_DATE),
        ("3514013206960001", Flag.IMPOSSIBLE_DATE),
        ("3514014006960001", Flag.IMPOSSIBLE_DATE),
        ("3514017206960001", Flag.IMPOSSIBLE_DATE),
        ("3514013002960001", Flag.IMPOSSIBLE_DATE),
        ("3514012902970001", Flag.IMPOSSIBLE_DATE),
        ("3514012902960001", 0),
        ("3514011206960000", Flag.SERIAL_ZERO),
        ("9999991206960001", Flag.REGION_UNKNOWN),
        ("9101011206960001", Flag.REGION_HISTORIC),
        ("3514011206960001.0", Flag.CLEANED),
        ("'3514011206960001", Flag.CLEANED),
        ('="3514011206960001"', Flag.CLEANED),
        ("\u00a03514 0112-0696 0001", Flag.CLEANED),
    ],
)
def test_nik_of_every_kind_gets_its_flags(raw, flags):
    assert parse_nik(raw, on=ON, regions=REGIONS).flags == flags


def test_century_follows_the_day_of_delivery_and_the_stated_date():
    assert parse_nik("3514010103250001", on=ON).birth_date == dt.date(1925, 3, 1)
    assert parse_nik("3514010101250001", on=ON).birth_date == dt.date(2025, 1, 1)
    assert parse_nik("3514010101200001", on=ON, birth_date=dt.date(1920, 1, 1)).birth_date == dt.date(1920, 1, 1)


def test_row_that_says_something_else_is_flagged():
    parsed = parse_nik("3514015206960001", on=ON, sex=1, birth_date=dt.date(1996, 12, 6))
    assert parsed.flags == Flag.SEX_DIFFERS | Flag.BIRTH_DATE_DIFFERS


def test_mask_keeps_four_and_four():
    assert mask("3514011206960001") == "3514••••••••0001"


_NIKISH = st.one_of(
    st.from_regex(r"\A(351401|910101|999999)[0-9]{6}(0000|0001|9999)\Z"),
    st.from_regex(r"\A[0-9]{14,17}(\.0)?\Z"),
    st.text(alphabet="0123456789oOE+.,- '\u00a0=\"", max_size=20),
    st.sampled_from(["3.57301E+15", '="3514011206960001"', "0" * 16, "351401" + "0" * 10, ""]),
)
_ROWS = st.lists(
    st.tuples(_NIKISH, st.sampled_from([None, 1, 2]), st.none() | st.dates(dt.date(1900, 1, 1), dt.date(2025, 1, 1))),
    min_size=20,
    max_size=60,
)


@settings(max_examples=40, deadline=None)
@given(_ROWS)
def test_sql_says_the_same_as_python(rows):
    con = duckdb.connect()
    con.execute("CREATE TABLE regions (code VARCHAR, state VARCHAR)")
    con.executemany("INSERT INTO regions VALUES (?, ?)", list(REGIONS.items()))
    con.execute("CREATE TABLE people (n INT, raw VARCHAR, sex SMALLINT, born DATE)")
    con.executemany("INSERT INTO people VALUES (?, ?, ?, ?)", [(n, *row) for n, row in enumerate(rows)])
    columns = {"form": "form", "number": "number", "date": "date"}
    nik = nik_flags_sql("c", "raw", sex="sex", birth_date="born", region_state="state")
    kk = kk_flags_sql("c", "raw", region_state="state")
    # The layers that a query over many rows computes once.
    layered_nik = nik_flags_sql("c", "raw", sex="sex", birth_date="born", region_state="state", **columns)
    layered_kk = kk_flags_sql("c", "raw", region_state="state", **columns)
    sixteen = sixteen_sql("raw", "TRY_CAST(raw AS BIGINT)")
    found = con.execute(
        f"SELECT c, {nik}, {kk}, {layered_nik}, {layered_kk} FROM"
        f" (SELECT *, {form_flags_sql('c', 'raw', sixteen='sixteen')} AS form, {date_part_sql('number')} AS date FROM"
        f"  (SELECT *, coalesce(sixteen, TRY_CAST(c AS BIGINT)) AS number FROM"
        f"   (SELECT *, {sixteen} AS sixteen, {clean_sql('raw')} AS c FROM people)))"
        " LEFT JOIN regions ON code = c[1:6] ORDER BY n"
    ).fetchall()
    for (raw, sex, born), (clean, nik_flags, kk_flags, *layered) in zip(rows, found, strict=True):
        assert [nik_flags, kk_flags] == layered
        assert clean == clean_identifier(raw)
        assert nik_flags == parse_nik(raw, on=ON, sex=sex, birth_date=born, regions=REGIONS).flags, (raw, sex, born)
        assert kk_flags == parse_kk(raw, regions=REGIONS).flags, raw
