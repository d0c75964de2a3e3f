"""The words of a name are the same for the tables (DuckDB) and for a search (Python)."""

import duckdb
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from registry.households.names import deletions_of, key_names, keys_of, one_slip_apart, register_name_keys
from registry.matching.words import MEANINGS

LETTERS = "AEIOUDFGHJKNQSTVXYZ '.-éÉçıñ"
WRITTEN = [
    "", " ", "-", "H. MOH. SOEKARNO", "Siti  Chadidjah", "SJAFRUDDIN", "R. A. KARTINI", "ABD. ROCHIM", "HJ", "MUHAMMAD",
    "NJONO TJIPTO", "Zulfikri Quraisy", "Ma'ruf", "BAHRUDDIN S.PD", "Anne-Marie Íñigo", "NUR\tHAYATI", "XXIE", "GHHHANI",
    *MEANINGS,
]  # fmt: skip


@pytest.fixture(scope="module")
def engine():
    con = duckdb.connect(":memory:", config={"threads": 1})
    register_name_keys(con)
    return con


def keys_in(engine, names):
    engine.execute("CREATE OR REPLACE TABLE given AS SELECT unnest(?::VARCHAR[]) AS name", [names])
    key_names(engine, names="SELECT name FROM given", into="keyed")
    keys = dict(engine.execute("SELECT name, keys FROM keyed").fetchall())
    return [keys[name] for name in names]


def test_keys_of_written_names_are_those_of_the_engine(engine):
    assert [keys_of(name) for name in WRITTEN] == keys_in(engine, WRITTEN)


@settings(max_examples=15, deadline=None)
@given(names=st.lists(st.text(LETTERS, max_size=24), min_size=20, max_size=60))
def test_keys_of_any_letters_are_those_of_the_engine(engine, names):
    assert [keys_of(name) for name in names] == keys_in(engine, names)


@given(word=st.text("ABCDE", min_size=3, max_size=8), letter=st.sampled_from("ABCDE"), at=st.integers(0, 7))
def test_a_word_and_its_slips_share_a_deletion(word, letter, at):
    at %= len(word)
    slips = {word[:at] + word[at + 1 :], word[:at] + letter + word[at:], word[:at] + letter + word[at + 1 :]}
    if at + 1 < len(word):
        slips.add(word[:at] + word[at + 1] + word[at] + word[at + 2 :])

    for slip in slips:
        assert one_slip_apart(word, slip)
        assert deletions_of(word) & (deletions_of(slip) | {slip})


def test_words_two_slips_apart_are_told_from_one():
    assert not one_slip_apart("AMINAH", "AMNIA")
    assert not one_slip_apart("SITI", "SRIT")
