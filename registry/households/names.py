"""Words of a name as they are looked up: the engine's own spelling keys, for tables and for queries."""

import itertools
import re
import unicodedata

import duckdb

from registry.matching.statements import read_statements
from registry.matching.words import MEANINGS


def register_name_keys(con: duckdb.DuckDBPyConnection) -> None:
    """Give a DuckDB connection what `key_names` needs: the words of a name and a word's spelling key."""
    con.execute(read_statements("05_macros"))
    con.execute("SET VARIABLE dropped_words = ?", [[word for word, meaning in MEANINGS.items() if not meaning]])
    changed = {word: meaning for word, meaning in MEANINGS.items() if meaning}
    con.execute("SET VARIABLE changed_words = ?", [list(changed)])
    con.execute("SET VARIABLE changed_to = ?", [list(changed.values())])
    con.execute("""
        CREATE OR REPLACE MACRO name_words(raw) AS list_filter(string_split(trim(regexp_replace(
            regexp_replace(upper(strip_accents(raw)), '[^A-Z ]+', '', 'g'), ' +', ' ', 'g')), ' '),
            lambda w: w <> '')
    """)
    con.execute("""
        CREATE OR REPLACE MACRO word_key(w) AS spelling_key(
            CASE WHEN list_contains(getvariable('changed_words'), w)
                 THEN getvariable('changed_to')[list_position(getvariable('changed_words'), w)] ELSE w END)
    """)
    con.execute("""
        CREATE OR REPLACE MACRO word_dropped(w) AS list_contains(getvariable('dropped_words'), w)
    """)


def key_names(con: duckdb.DuckDBPyConnection, *, names: str, into: str) -> None:
    """Make the table `into` (name, keys) of the distinct names that the query `names` gives.

    `keys` are the distinct spelling keys of a name's words, sorted; words that say nothing (titles,
    "bin") are left out where another word remains. Each distinct word is keyed once: people share few.
    """
    con.execute(f"""
        CREATE OR REPLACE TEMP TABLE {into} AS
        WITH told AS MATERIALIZED (SELECT DISTINCT name FROM ({names})),
        said AS MATERIALIZED (SELECT name, unnest(name_words(name)) AS word FROM told),
        known AS MATERIALIZED (
            SELECT word, word_key(word) AS key, word_dropped(word) AS dropped FROM (SELECT DISTINCT word FROM said)
        )
        SELECT told.name, coalesce(k.keys, []) AS keys FROM told LEFT JOIN (
            SELECT name, list_sort(coalesce(list(DISTINCT key) FILTER (NOT dropped), list(DISTINCT key))) AS keys
            FROM said JOIN known USING (word) GROUP BY name
        ) k USING (name)
    """)


_SPELLED_ALIKE = (("OE", "U"), ("DJ", "J"), ("TJ", "C"), ("SJ", "SY"), ("NJ", "NY"), ("IE", "I"))
_ONE_SOUND = str.maketrans("FVZYQX", "PPJIKS")


def spelling_key(word: str) -> str:
    """Return what `spelling_key` of the engine's SQL returns; a test holds the two together.

    DuckDB takes 20 ms to plan it, which is too long for a search.
    """
    for old, new in _SPELLED_ALIKE:
        word = word.replace(old, new)
    word = re.sub("([KGDBTS])H", r"\1", word).translate(_ONE_SOUND)
    return "".join(letter for letter, _group in itertools.groupby(word))


def keys_of(name: str) -> list[str]:
    """Return the spelling keys of a name as somebody typed it.

    >>> keys_of("Moh. Djoko") == keys_of("MUHAMMAD JOKO")
    True
    """
    plain = "".join(c for c in unicodedata.normalize("NFD", name) if unicodedata.category(c) != "Mn")
    raised = "".join(c.upper() if len(c.upper()) == 1 else c for c in plain)
    words = re.sub("[^A-Z ]+", "", raised).split()
    words = [word for word in words if MEANINGS.get(word, word)] or words
    return sorted({spelling_key(MEANINGS.get(word) or word) for word in words})


def deletions_of(token: str) -> set[str]:
    """Return a word and the word with each one of its letters left out."""
    return {token} | {token[:place] + token[place + 1 :] for place in range(len(token)) if len(token) > 2}


def one_slip_apart(one: str, other: str) -> bool:
    """Say whether two words are the same but for one letter added, left out, changed or swapped with the next.

    >>> one_slip_apart("AMINAH", "AMINHA"), one_slip_apart("AMINAH", "AMINA"), one_slip_apart("AMINAH", "ARINA")
    (True, True, False)
    """
    while one and other and one[0] == other[0]:
        one, other = one[1:], other[1:]
    while one and other and one[-1] == other[-1]:
        one, other = one[:-1], other[:-1]
    if len(one) <= 1 and len(other) <= 1:
        return True
    return len(one) == len(other) == 2 and one == other[::-1]
