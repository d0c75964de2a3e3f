"""Words of a name as they are looked up: the engine's own spelling keys, for tables and for queries."""

import functools
import threading

import duckdb

from registry.matching.engine import SQL
from registry.matching.words import MEANINGS

# A cursor of its own would not see the variables, so the one connection is shared in turn.
_LOCK = threading.Lock()


def register_name_keys(con: duckdb.DuckDBPyConnection) -> None:
    """Give a DuckDB connection `name_keys(text)`: distinct spelling keys of the words of a name."""
    con.execute((SQL / "05_macros.sql").read_text())
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
        CREATE OR REPLACE MACRO name_keys(raw) AS list_sort(list_distinct(list_transform(
            CASE WHEN len(list_filter(name_words(raw), lambda w: NOT list_contains(getvariable('dropped_words'), w))) > 0
                 THEN list_filter(name_words(raw), lambda w: NOT list_contains(getvariable('dropped_words'), w))
                 ELSE name_words(raw) END,
            lambda w: spelling_key(CASE WHEN list_contains(getvariable('changed_words'), w)
                THEN getvariable('changed_to')[list_position(getvariable('changed_words'), w)] ELSE w END))))
    """)


@functools.cache
def _connection() -> duckdb.DuckDBPyConnection:
    con = duckdb.connect(":memory:", config={"threads": 1})
    register_name_keys(con)
    return con


def keys_of(name: str) -> list[str]:
    """Return the spelling keys of a name as somebody typed it.

    >>> keys_of("Moh. Djoko") == keys_of("MUHAMMAD JOKO")
    True
    """
    with _LOCK:
        row = _connection().execute("SELECT name_keys(?)", [name]).fetchone()
    return list(row[0] or []) if row else []


def deletions_of(token: str) -> set[str]:
    """Return a word and the word with each one of its letters left out."""
    return {token} | {token[:place] + token[place + 1 :] for place in range(len(token)) if len(token) > 2}
