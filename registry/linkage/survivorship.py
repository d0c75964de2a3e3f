"""Which value survives: of the values that the rows of one person or family give, by the dictionary's declared rules.

A rule orders the values: `grain` (fine before coarse: a value that its row marks as standing for several codes,
or of a source that knows only groups, comes last whatever else the rule says), `verified` (the civil registry's
own check before none), `recency`, `agreement` (rows that say the same) and `priority` of the source, in the
order that the dictionary declares. Equals are told apart by their text.

Few people have more than three rows, and few of their values leave a doubt: the rows of one person are laid
side by side and every field is settled by comparing two or three numbers (`_settle`). What that cannot tell
for certain is grouped by value and ordered by the whole rule (`_compare`).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import duckdb

from registry.variables import load_dictionary

# What a rule's word says of all rows that give one value.
_ORDER = {
    "grain": "max(CASE WHEN {coarse} THEN 0 ELSE 1 END)",
    "verified": "max(CASE WHEN padan_dukcapil THEN 1 ELSE 0 END)",
    "recency": "max(coalesce(epoch(survey_date::TIMESTAMP) // 86400, 0))",
    "agreement": "count(*)",
    "priority": "max(priority)",
}
# The same of one row, with the bits it needs; a rule's later words are of no use once rows of different days are told apart.
_ROW_ORDER = {
    "grain": (1, "CASE WHEN {coarse} THEN 0 ELSE 1 END"),
    "verified": (1, "CASE WHEN padan_dukcapil THEN 1 ELSE 0 END"),
    "priority": (32, "priority"),
}
_SIDES = ("a", "b", "c")  # rows laid side by side: places 1, 2 and 3
_PLACE_BITS, _DAY_BITS = 2, 16
_DAY = "CASE WHEN survey_date BETWEEN DATE '1970-01-01' AND DATE '2149-01-01' THEN survey_date - DATE '1970-01-01' END"
_PLACE_OF = "3 - ({} & 3)"  # of the number that `row_order` gives
_PLACES_A_WORD = 8  # bytes of a UBIGINT


@dataclass(frozen=True)
class Surviving:
    """One column of the golden record and the rule that orders its candidates."""

    name: str
    rule: tuple[str, ...]
    coarse_sources: tuple[str, ...] = ()
    bit: int | None = None  # of the rows' column `coarse`

    def words(self, marked: int) -> list[str]:
        """Return the words that order its values; `marked` are the bits that any row has in `coarse`."""
        grain = ["grain"] if self._coarse(marked) else []
        return grain + [word for word in self.rule if word in _ORDER and word != "grain"]

    def order(self, marked: int) -> str:
        """Return the DuckDB list that orders values, largest first, over all rows that give one."""
        keys = [_ORDER[word].format(coarse=self._coarse(marked)) for word in self.words(marked)]
        return f"[{', '.join(f'({key})::BIGINT' for key in keys)}]"

    def row_order(self, words: Sequence[str], marked: int) -> str:
        """Return the number that orders rows, largest first, by these words, then the day, then the place."""
        key, width = f"(day::BIGINT << {_PLACE_BITS}) + (3 - place)", _PLACE_BITS + _DAY_BITS
        for word in reversed(words):
            bits, expression = _ROW_ORDER[word]
            key += f" + (({expression.format(coarse=self._coarse(marked))})::BIGINT << {width})"
            width += bits
        return key

    def _coarse(self, marked: int) -> str:
        names = ", ".join(f"'{source}'" for source in self.coarse_sources)
        tests = [f"source IN ({names})"] if names else []
        if self.bit is not None and marked >> self.bit & 1:
            tests.append(f"(coalesce(coarse, 0) >> {self.bit}) & 1 = 1")
        return " OR ".join(tests)


def surviving(names: Sequence[str]) -> list[Surviving]:
    """Return the columns with the rules that the dictionary declares."""
    dictionary = load_dictionary()
    bits = {
        item.name: bit
        for items in (dictionary.household_items, dictionary.individual_items)
        for bit, item in enumerate(items)
    }
    found = []
    for name in names:
        variable = dictionary[name]
        coarse = tuple(source for source, grain in variable.grain.items() if grain == "coarse")
        found.append(Surviving(name, variable.survivorship, coarse, bits.get(name)))
    return found


def choose(con: duckdb.DuckDBPyConnection, *, rows: str, into: str, fields: Sequence[Surviving]) -> None:
    """Make the view `into` (id, the fields, `winner`) from `rows` (id, place, source, …), in no order.

    `place` numbers the rows of one id from 1; byte k of `winner` is the place of the row that gave
    field k, 0 where no row has a value. The value that wins is given by the row that is newest.
    """
    seen = con.execute(f"SELECT bit_or(coarse) FROM {rows}").fetchone()
    marked = int(seen[0] or 0) if seen else 0
    _settle(con, rows, into, fields, marked)
    _compare(con, rows, into, fields, marked)
    names = ", ".join(field.name for field in fields)
    alone = _words([f"({field.name} IS NOT NULL)::UTINYINT" for field in fields])
    columns = ", ".join(f"coalesce(c.v{n}, s.{field.name}) AS {field.name}" for n, field in enumerate(fields))
    words = ", ".join(f"s.w{n} | coalesce(c.w{n}, 0)::UBIGINT AS w{n}" for n in range(len(alone)))
    con.execute(f"""
        CREATE OR REPLACE TEMP VIEW {into} AS
        SELECT id, {names}, {_winner(len(fields))} AS winner
        FROM (
            SELECT id, {names}, {", ".join(f"{word} AS w{n}" for n, word in enumerate(alone))}
            FROM {rows} ANTI JOIN (SELECT id FROM {rows} WHERE place = 2) USING (id)
            UNION ALL BY NAME
            SELECT s.id, {columns}, {words} FROM {into}_settled s LEFT JOIN {into}_compared c USING (id)
        )
    """)


def forget_choice(con: duckdb.DuckDBPyConnection, into: str) -> None:
    """Drop the view `into` and what it reads."""
    con.execute(f"DROP VIEW {into}")
    con.execute(f"DROP TABLE {into}_settled")
    con.execute(f"DROP TABLE {into}_compared")


def _settle(con: duckdb.DuckDBPyConnection, rows: str, into: str, fields: Sequence[Surviving], marked: int) -> None:
    """Make `<into>_settled` of the ids with several rows: id, the fields, places in words w0…, `doubt`.

    A field with its bit in `doubt` has no place here, and a value that means nothing.
    """
    orders: dict[str, str] = {}  # worked out once a row
    compared, places, doubts = [], [], []
    for n, field in enumerate(fields):
        found = _compare_sides(n, field, marked, orders)
        compared += found.compared
        places.append(found.place)
        doubts.append(f"mixed OR {found.doubt}" if found.doubt else "mixed")
    worked_out = ", ".join(f"{order} AS {name}" for order, name in orders.items())
    side = f"(SELECT *, {worked_out} FROM (SELECT *, {_DAY} AS day FROM {rows} WHERE place = {{}}))"
    values = ", ".join(
        f"CASE place{n} WHEN 1 THEN {field.name}_a WHEN 2 THEN {field.name}_b ELSE {field.name}_c END AS {field.name}"
        for n, field in enumerate(fields)
    )
    kept = [f"CASE WHEN {doubt} THEN 0 ELSE coalesce(place{n}, 0) END" for n, doubt in enumerate(doubts)]
    con.execute(f"""
        CREATE OR REPLACE TEMP TABLE {into}_settled AS
        SELECT id, {values}, {", ".join(f"{word} AS w{n}" for n, word in enumerate(_words(kept)))},
               {" | ".join(f"(({doubt})::BIGINT << {n})" for n, doubt in enumerate(doubts))} AS doubt
        FROM (SELECT *, {", ".join(f"{place} AS place{n}" for n, place in enumerate(places))} FROM (
            SELECT a.id, {", ".join(f"{side}.{field.name} AS {field.name}_{side}" for field in fields for side in _SIDES)},
                   more.id IS NOT NULL OR a.day IS NULL OR b.day IS NULL OR (c.id IS NOT NULL AND c.day IS NULL)
                   OR coalesce(a.day = b.day OR a.day = c.day OR b.day = c.day, false) AS mixed,
                   {", ".join(compared)}
            FROM {side.format(1)} a JOIN {side.format(2)} b USING (id) LEFT JOIN {side.format(3)} c USING (id)
            LEFT JOIN (SELECT id FROM {rows} WHERE place = 4) more USING (id)
        ))
    """)


@dataclass(frozen=True)
class _Compared:
    compared: list[str]
    place: str
    doubt: str


def _compare_sides(n: int, field: Surviving, marked: int, orders: dict[str, str]) -> _Compared:
    """Return what is compared of field `n`, the place of the row that wins by it, and when that is not certain.

    Rows of different days are told apart by any rule that looks at the day.
    """
    name, words = field.name, field.words(marked)

    def largest(words: Sequence[str]) -> str:
        order = orders.setdefault(field.row_order(words, marked), f"order{len(orders)}")
        return (
            f"greatest({', '.join(f'CASE WHEN {side}.{name} IS NOT NULL THEN {side}.{order} END' for side in _SIDES)})"
        )

    newest = f"{largest([])} AS newest{n}"
    if words[0] == "recency":
        return _Compared([newest], _PLACE_OF.format(f"newest{n}"), "")
    before = [word for word in words if word != "agreement"]
    before = before[: before.index("recency")] if "recency" in before else before
    pairs = [(one, other) for at, one in enumerate(_SIDES) for other in _SIDES[at + 1 :]]
    compared = [
        newest,
        f"{largest(before)} AS best{n}",
        f"coalesce({' OR '.join(f'{one}.{name} <> {other}.{name}' for one, other in pairs)}, false) AS differs{n}",
        f"c.{name} IS NOT NULL AND a.{name} IS NOT NULL AND b.{name} IS NOT NULL AS many{n}",
    ]
    best, latest = _PLACE_OF.format(f"best{n}"), _PLACE_OF.format(f"newest{n}")
    place = f"CASE WHEN differs{n} THEN {best} ELSE {latest} END"
    # Of two rows the better one wins. Of three, two may say the same and make it better than one of them is.
    doubt = f"differs{n} AND many{n}" if "recency" in words else f"differs{n}"
    if words[:2] == ["grain", "recency"]:  # nothing comes before a row that is the best and the newest
        doubt = f"{doubt} AND {best} <> {latest}"
    elif words[0] == "agreement" or words[:2] == ["verified", "agreement"]:
        compared.append(f"{_said_twice(field, words[0] == 'verified')} AS twice{n}")
        place = f"coalesce(CASE WHEN many{n} AND differs{n} THEN twice{n} END, {place})"
        doubt = "" if "recency" in words else f"differs{n} AND NOT (many{n} AND twice{n} IS NOT NULL)"
    return _Compared(compared, place, f"({doubt})" if doubt else "")


def _said_twice(field: Surviving, verified: bool) -> str:
    """Return the place that wins where two of three rows say the same, null where they do not.

    Two win over one, unless that one alone is `verified`; of the two the newer row gives the value.
    """
    whens = []
    for one, other, single in (("a", "b", "c"), ("a", "c", "b"), ("b", "c", "a")):
        newer = f"CASE WHEN {one}.day > {other}.day THEN {one}.place ELSE {other}.place END"
        if verified:
            checked = " AND ".join(
                f"{'' if side == single else 'NOT '}coalesce({side}.padan_dukcapil, false)"
                for side in (single, one, other)
            )
            newer = f"CASE WHEN {checked} THEN {single}.place ELSE {newer} END"
        whens.append(f"WHEN {one}.{field.name} = {other}.{field.name} THEN {newer}")
    return f"CASE {' '.join(whens)} END"


def _compare(con: duckdb.DuckDBPyConnection, rows: str, into: str, fields: Sequence[Surviving], marked: int) -> None:
    """Make `<into>_compared` (id, values v0…, places in words w0…) of the fields that have their bit in `doubt`."""
    found = con.execute(f"SELECT bit_or(doubt) FROM {into}_settled").fetchone()
    doubted = int(found[0] or 0) if found else 0
    con.execute(f"""
        CREATE OR REPLACE TEMP TABLE doubtful AS
        SELECT r.*, s.doubt FROM {rows} r JOIN (SELECT id, doubt FROM {into}_settled WHERE doubt <> 0) s USING (id)
    """)
    parts = [
        f"""
        SELECT id, {n} AS field, {field.name}::VARCHAR AS value, {field.order(marked)} AS standing,
               arg_max(place, {{'on': coalesce(survey_date, DATE '1900-01-01'), 'then': -place}}) AS place
        FROM doubtful WHERE (doubt >> {n}) & 1 = 1 AND {field.name} IS NOT NULL GROUP BY id, {field.name}
        """
        for n, field in enumerate(fields)
        if (doubted >> n) & 1
    ] or ["SELECT id, 0 AS field, '' AS value, [0] AS standing, place FROM doubtful WHERE false"]
    order = "{'standing': standing, 'then': value}"
    kinds = {row[0]: row[1] for row in con.execute(f"DESCRIBE {rows}").fetchall()}
    values = ", ".join(
        f"max(CASE WHEN field = {n} THEN value END)::{kinds[field.name]} AS v{n}" for n, field in enumerate(fields)
    )
    places = [f"max(CASE WHEN field = {n} THEN place ELSE 0 END)" for n in range(len(fields))]
    con.execute(f"""
        CREATE OR REPLACE TEMP TABLE {into}_compared AS
        SELECT id, {values}, {", ".join(f"{word} AS w{n}" for n, word in enumerate(_words(places)))} FROM (
            SELECT id, field, arg_max(value, {order}) AS value, arg_max(place, {order}) AS place
            FROM ({" UNION ALL ".join(parts)}) GROUP BY id, field
        ) GROUP BY id
    """)
    con.execute("DROP TABLE doubtful")


def _parts(places: Sequence[Any]) -> list[Sequence[Any]]:
    return [places[start : start + _PLACES_A_WORD] for start in range(0, len(places), _PLACES_A_WORD)]


def _words(places: Sequence[str]) -> list[str]:
    """Return the numbers that hold eight places each, the first in the highest byte in use."""
    return [
        " | ".join(f"(least({place}, 255)::UBIGINT << {8 * (len(part) - 1 - at)})" for at, place in enumerate(part))
        for part in _parts(places)
    ]


def _winner(fields: int) -> str:
    """Return the words as text of two hexadecimal digits a place: chr(0) is not text in every client."""
    return " || ".join(f"printf('%0{2 * len(part)}x', w{n})" for n, part in enumerate(_parts(range(fields))))
