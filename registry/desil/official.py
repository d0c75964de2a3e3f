"""Reading an official ranking: rows as told, the families they speak of, what is wrong with them. DuckDB only.

Numbers are cleaned as those of deliveries are, and looked up by their keyed hash among the current and the former
numbers of the register. Nothing is guessed: a row that points to two families, or two rows that say different things
of one family, are findings, and the family stays without a desil.
"""

# ruff: noqa: S608  (the SQL is put together from constants and our own paths)

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import duckdb
from django.db import connection, transaction

from registry.common.crypto import register_crypto
from registry.desil.layouts import Layout
from registry.identifiers.flags import Flag
from registry.identifiers.sql import clean_sql, form_flags_sql, usable_sql
from registry.linkage.bulk import read_packed
from registry.sources.expressions import literal, masked_sql
from registry.sources.readers import Prepared, Refused, prepare_file
from registry.sources.readers.plain import survey
from registry.sources.readers.text import rewrite_carefully

DESIL = r"^(?:desil|desile|d)?[\s.:_-]*0*(10|[1-9])(?:[.,]0+)?$"
DATES = ("%Y-%m-%d", "%d-%m-%Y", "%d/%m/%Y", "%d.%m.%Y", "%Y/%m/%d", "%Y%m%d", "%Y-%m-%d %H:%M:%S")
MONTHS = ("%Y-%m", "%Y%m", "%m-%Y", "%m/%Y")
THINGS = ("kk_number", "nik", "desil", "percentile", "score", "ranked_on", "status")
# Each finding with its severity: an error is a row that gives no family a desil, a finding a value that was left out.
RULES = {
    "row.broken": "error",
    "row.formula": "error",
    "number.missing": "error",
    "number.digits_lost": "error",
    "number.unusable": "error",
    "number.left_out": "finding",
    "desil.missing": "error",
    "desil.invalid": "error",
    "row.inactive": "note",
    "family.not_found": "error",
    "family.ambiguous": "error",
    "family.numbers_differ": "error",
    "family.conflict": "error",
    "percentile.invalid": "finding",
    "percentile.differs": "note",
    "score.invalid": "finding",
    "date.invalid": "finding",
}


@dataclass(frozen=True)
class Told:
    """What was read: rows, those that gave a family its desil, findings by rule."""

    rows: int
    used: int
    findings: dict[str, int]


def open_sheet(path: Path, layout: Layout, folder: Path) -> Prepared:
    """Make a file readable and see that it is a ranking.

    Raises: Refused with the reason.
    """
    prepared = prepare_file(path, folder=folder, fit=layout.fit, usual=layout.separator, separator=None, encoding=None)
    places = layout.places(prepared.header)
    if "desil" not in places:
        raise Refused("desil.official.no_desil", name=prepared.name, names=", ".join(layout.columns["desil"]))
    if "kk_number" not in places and "nik" not in places:
        names = (*layout.columns.get("kk_number", ()), *layout.columns.get("nik", ()))
        raise Refused("desil.official.no_number", name=prepared.name, names=", ".join(names))
    if not prepared.faults and survey(prepared).null_bytes:
        prepared = rewrite_carefully(prepared, folder)
    return prepared


def read_sheet(con: duckdb.DuckDBPyConnection, prepared: Prepared, layout: Layout, folder: Path) -> None:
    """Make the table `told`: one row a line of the file, cleaned, with its faults."""
    places = layout.places(prepared.header)
    try:
        _stage(con, prepared, places)
    except duckdb.Error:
        if prepared.faults:
            raise
        _stage(con, rewrite_carefully(prepared, folder), places)
    inactive = ", ".join(literal(word) for word in layout.inactive) or "NULL"
    formula = " OR ".join(f"list_contains(string_split(row_fault[9:], ','), '{places[thing]}')" for thing in places)
    con.execute(f"""
        CREATE TABLE told AS
        WITH cleaned AS (
            SELECT *, {clean_sql("kk_raw")} AS kk, {clean_sql("nik_raw")} AS nik FROM staged
        ), flagged AS (
            SELECT *, {form_flags_sql("kk", "coalesce(kk_raw, '')")} AS kk_flags,
                   {form_flags_sql("nik", "coalesce(nik_raw, '')")} AS nik_flags FROM cleaned
        )
        SELECT row_no, kk_raw, nik_raw, desil_raw, percentile_raw, score_raw, date_raw, kk_flags, nik_flags,
               CASE WHEN {usable_sql("kk_flags")} THEN kk END AS kk, CASE WHEN {usable_sql("nik_flags")} THEN nik END AS nik,
               TRY_CAST(regexp_extract(lower(trim(desil_raw)), {literal(DESIL)}, 1) AS UTINYINT) AS desil,
               {_decimal("percentile_raw")} AS percentile, {_decimal("score_raw")} AS score, {_day("date_raw")} AS ranked_on,
               CASE WHEN starts_with(row_fault, 'formula:') THEN
                        CASE WHEN {formula} THEN 'row.formula' ELSE '' END
                    WHEN row_fault <> '' THEN 'row.broken' ELSE '' END AS fault,
               coalesce(lower(regexp_replace(trim(status_raw), '\\s+', ' ', 'g')) IN ({inactive}), false) AS inactive
        FROM flagged
    """)
    con.execute("UPDATE told SET percentile = NULL WHERE percentile NOT BETWEEN 0 AND 100")


def _stage(con: duckdb.DuckDBPyConnection, prepared: Prepared, places: dict[str, int]) -> None:
    names = [f"c{number}" for number in range(len(prepared.header))] + (["row_fault"] if prepared.faults else [])
    columns = ", ".join(f"'{name}': 'VARCHAR'" for name in names)
    short = dict(zip(THINGS, ("kk", "nik", "desil", "percentile", "score", "date", "status"), strict=True))
    taken = ", ".join(f"{f'c{places[thing]}' if thing in places else 'NULL'} AS {short[thing]}_raw" for thing in THINGS)
    fault = "coalesce(row_fault, '')" if prepared.faults else "''"
    used = " OR ".join(f"trim(c{places[thing]}) <> ''" for thing in places)
    con.execute(f"""
        CREATE OR REPLACE TABLE staged AS
        SELECT * FROM (
            SELECT row_number() OVER () + 1 AS row_no, {taken}, {fault} AS row_fault, coalesce({used}, false) AS used
            FROM read_csv({literal(str(prepared.path))}, delim = {literal(prepared.separator)}, quote = '"', escape = '"',
                header = {str(prepared.has_header).lower()}, auto_detect = false, columns = {{{columns}}},
                max_line_size = 4194304)
        ) WHERE used OR row_fault <> ''
    """)


def _decimal(raw: str) -> str:
    """Return the number of a text with a decimal point or comma, null for any other."""
    return f"TRY_CAST(replace(CASE WHEN regexp_full_match(trim({raw}), '-?[0-9]+([.,][0-9]+)?') THEN trim({raw}) END, ',', '.') AS DOUBLE)"


def _day(raw: str) -> str:
    """Return the day of a text; of a month alone its last day."""
    days = ", ".join(literal(form) for form in DATES)
    months = ", ".join(literal(form) for form in MONTHS)
    return f"coalesce(try_strptime(trim({raw}), [{days}])::DATE, last_day(try_strptime(trim({raw}), [{months}])::DATE))"


def read_numbers(con: duckdb.DuckDBPyConnection, families: Path) -> None:
    """Make the table `numbers`: every NIK and KK hash of today and of before, with the family it leads to."""
    register_crypto(con)
    with transaction.atomic():  # a cursor on the server lives in a transaction
        read_packed(
            con, "registry_household WHERE status = 'active' AND kk_hash IS NOT NULL", into="family_cards",
            columns={"household_id": ("id", "uuid"), "hash": ("kk_hash", "hash")},
        )  # fmt: skip
        read_packed(
            con, "registry_individual WHERE status = 'active' AND household_id IS NOT NULL", into="members",
            columns={"individual_id": ("id", "uuid"), "household_id": ("household_id", "uuid")},
        )  # fmt: skip
        read_packed(
            con,
            "registry_individual WHERE status = 'active' AND household_id IS NOT NULL AND nik_hash IS NOT NULL",
            into="niks", columns={"household_id": ("household_id", "uuid"), "hash": ("nik_hash", "hash")},
        )  # fmt: skip
        read_packed(
            con, "registry_formeridentifier", into="former",
            columns={"object_id": ("object_id", "uuid"), "hash": ("hash", "hash"),
                     "is_kk": ("(kind = 'kk')::int::smallint", "smallint")},
        )  # fmt: skip
        with connection.cursor() as cursor:
            cursor.execute("SELECT EXISTS (SELECT 1 FROM registry_idalias)")
            has_aliases = bool(cursor.fetchone()[0])
        read_packed(
            con, "registry_idalias" if has_aliases else "registry_idalias WHERE false", into="aliases",
            columns={"old_id": ("old_id", "uuid"), "current_id": ("current_id", "uuid")},
        )  # fmt: skip
    con.execute(f"""
        CREATE TABLE numbers AS
        WITH RECURSIVE way(start, id) AS (
            SELECT old_id, current_id FROM aliases
            UNION SELECT way.start, a.current_id FROM way JOIN aliases a ON a.old_id = way.id
        ), today AS (
            SELECT start, id FROM way WHERE id NOT IN (SELECT old_id FROM aliases)
        ), before AS (
            SELECT f.hash, f.is_kk = 1 AS is_kk, coalesce(t.id, f.object_id) AS object_id
            FROM former f LEFT JOIN today t ON t.start = f.object_id
        ), every AS (
            SELECT hash, true AS is_kk, false AS former, household_id FROM family_cards
            UNION ALL SELECT hash, false, false, household_id FROM niks
            UNION ALL SELECT hash, true, true, object_id FROM before WHERE is_kk
            UNION ALL SELECT b.hash, false, true, m.household_id FROM before b JOIN members m ON m.individual_id = b.object_id
            WHERE NOT b.is_kk
        )
        SELECT DISTINCT e.hash, e.is_kk, e.former, e.household_id FROM every e
        SEMI JOIN read_parquet({literal(str(families))}) f ON f.household_id = e.household_id
    """)
    for table in ("family_cards", "niks", "members", "former", "aliases"):
        con.execute(f"DROP TABLE {table}")


def find_families(con: duckdb.DuckDBPyConnection) -> None:
    """Make the table `placed`: for each row that tells a desil, its family or what stands in the way.

    A current number outweighs a former one; where KK and NIK both lead somewhere, the family is the one they share.
    """
    con.execute("""
        CREATE TABLE placed AS
        WITH asked AS (
            SELECT row_no, true AS is_kk, lookup_number(kk) AS hash FROM told WHERE kk IS NOT NULL
            UNION ALL SELECT row_no, false, lookup_number(nik) FROM told WHERE nik IS NOT NULL
        ), hit AS (
            SELECT a.row_no, a.is_kk, n.household_id, n.former FROM asked a JOIN numbers n ON n.hash = a.hash AND n.is_kk = a.is_kk
            QUALIFY NOT n.former OR bool_and(n.former) OVER (PARTITION BY a.row_no, a.is_kk)
        ), both_ways AS (
            SELECT row_no, list(DISTINCT household_id) FILTER (is_kk) AS cards, list(DISTINCT household_id) FILTER (NOT is_kk) AS people,
                   bool_or(former) AS former
            FROM hit GROUP BY row_no
        ), chosen AS (
            SELECT t.row_no, t.desil, b.former, CASE WHEN b.cards IS NOT NULL AND b.people IS NOT NULL
                THEN list_intersect(b.cards, b.people) ELSE coalesce(b.cards, b.people, []) END AS found,
                b.cards IS NOT NULL AND b.people IS NOT NULL AS two_ways
            FROM told t LEFT JOIN both_ways b USING (row_no)
            WHERE t.fault = '' AND NOT t.inactive AND t.desil IS NOT NULL AND (t.kk IS NOT NULL OR t.nik IS NOT NULL)
        ), one AS (
            SELECT row_no, desil, former, CASE WHEN len(found) = 1 THEN found[1] END AS household_id,
                CASE WHEN len(found) = 1 THEN '' WHEN len(found) > 1 THEN 'family.ambiguous'
                     WHEN two_ways THEN 'family.numbers_differ' ELSE 'family.not_found' END AS fault
            FROM chosen
        )
        SELECT row_no, household_id, coalesce(former, false) AS former,
            CASE WHEN household_id IS NOT NULL AND min(desil) OVER same <> max(desil) OVER same THEN 'family.conflict'
                 ELSE fault END AS fault
        FROM one WINDOW same AS (PARTITION BY household_id)
    """)


def list_findings(con: duckdb.DuckDBPyConnection, target: Path) -> dict[str, int]:
    """Write every finding (row, column, rule, severity, value masked) to a Parquet file; return the counts."""
    kk, nik = masked_sql("trim(kk_raw)", "identifier"), masked_sql("trim(nik_raw)", "identifier")
    number = f"CASE WHEN coalesce(trim(kk_raw), '') <> '' THEN {kk} ELSE {nik} END"
    of_number = "CASE WHEN coalesce(trim(kk_raw), '') <> '' THEN 'kk_number' ELSE 'nik' END"
    lost = f"((kk_flags | nik_flags) & {Flag.SCIENTIFIC.value}) <> 0"
    given = "coalesce(trim(kk_raw), '') <> '' OR coalesce(trim(nik_raw), '') <> ''"
    none = "kk IS NULL AND nik IS NULL"
    sound = "fault = '' AND NOT inactive"
    plain = {name: masked_sql(f"trim({name}_raw)", "plain") for name in ("desil", "percentile", "score", "date")}
    parts = [
        ("fault", of_number, number, "fault <> ''"),
        ("'row.inactive'", of_number, number, "fault = '' AND inactive"),
        ("'number.missing'", of_number, "NULL", f"{sound} AND {none} AND NOT ({given})"),
        ("'number.digits_lost'", of_number, number, f"{sound} AND {none} AND ({given}) AND {lost}"),
        ("'number.unusable'", of_number, number, f"{sound} AND {none} AND ({given}) AND NOT {lost}"),
        ("'number.left_out'", "'kk_number'", kk, f"{sound} AND kk IS NULL AND nik IS NOT NULL AND coalesce(trim(kk_raw), '') <> ''"),
        ("'number.left_out'", "'nik'", nik, f"{sound} AND nik IS NULL AND kk IS NOT NULL AND coalesce(trim(nik_raw), '') <> ''"),
        ("'desil.missing'", "'desil'", "NULL", f"{sound} AND NOT ({none}) AND coalesce(trim(desil_raw), '') = ''"),
        ("'desil.invalid'", "'desil'", plain["desil"], f"{sound} AND NOT ({none}) AND desil IS NULL AND trim(desil_raw) <> ''"),
        ("'percentile.invalid'", "'percentile'", plain["percentile"], f"{sound} AND percentile IS NULL AND trim(percentile_raw) <> ''"),
        ("'percentile.differs'", "'percentile'", plain["percentile"], f"{sound} AND percentile IS NOT NULL AND greatest(ceil(percentile / 10), 1) <> desil"),
        ("'score.invalid'", "'score'", plain["score"], f"{sound} AND score IS NULL AND trim(score_raw) <> ''"),
        ("'date.invalid'", "'ranked_on'", plain["date"], f"{sound} AND ranked_on IS NULL AND trim(date_raw) <> ''"),
    ]  # fmt: skip
    selects = [
        f'SELECT row_no, {column} AS "column", {rule} AS rule, {value} AS masked_value FROM told WHERE {when}'
        for rule, column, value, when in parts
    ]
    selects.append(
        f'SELECT t.row_no, {of_number} AS "column", p.fault AS rule, {number} AS masked_value'
        " FROM placed p JOIN (SELECT * EXCLUDE (fault) FROM told) t USING (row_no) WHERE p.fault <> ''"
    )
    severity = " ".join(f"WHEN '{rule}' THEN '{severity}'" for rule, severity in RULES.items())
    con.execute(f"""
        COPY (
            SELECT row_number() OVER (ORDER BY row_no, rule, "column") AS finding_no, row_no, "column", rule,
                   CASE rule {severity} END AS severity, masked_value FROM ({" UNION ALL ".join(selects)})
            ORDER BY finding_no
        ) TO {literal(str(target))} (FORMAT parquet, COMPRESSION zstd)
    """)
    found = con.execute(f"SELECT rule, count(*) FROM read_parquet({literal(str(target))}) GROUP BY 1").fetchall()
    counts = dict(found)
    return {rule: int(counts[rule]) for rule in RULES if rule in counts}


def write_ranks(con: duckdb.DuckDBPyConnection, families: Path, target: Path) -> tuple[int, int, str]:
    """Write `ranks.parquet` of an official ranking; return families, persons and the mark of what it says.

    The columns of our own runs, with no score of ours, and `percentile`, `official_score`, `ranked_on`, `former` (found
    by a number that is no longer in use). Several rows that agree on a family count once, the first of them.
    """
    con.execute(f"""
        COPY (
            SELECT f.household_id, f.regency, f.persons, NULL::INTEGER AS score, t.desil, false AS near_line,
                   t.percentile, t.score AS official_score, t.ranked_on, p.former
            FROM (
                SELECT household_id, min(row_no) AS row_no, bool_and(former) AS former FROM placed WHERE fault = '' GROUP BY ALL
            ) p JOIN told t USING (row_no) JOIN read_parquet({literal(str(families))}) f USING (household_id)
            ORDER BY f.regency, f.household_id
        ) TO {literal(str(target))} (FORMAT parquet, COMPRESSION zstd)
    """)
    # Sums of MD5 say the same in every version of DuckDB and in any order of the rows; its own hash() does not.
    told = [
        "household_id::VARCHAR", "desil::VARCHAR", "coalesce(ranked_on::VARCHAR, '')",
        *(f"coalesce(round({column} * 1e6)::HUGEINT::VARCHAR, '')" for column in ("percentile", "official_score")),
    ]  # fmt: skip
    [row] = con.execute(
        "SELECT count(*), coalesce(sum(persons), 0)::BIGINT,"
        " coalesce(concat_ws(':', sum(md5_number_upper(said)::HUGEINT), sum(md5_number_lower(said)::HUGEINT)), '')"
        f" FROM (SELECT persons, concat_ws('|', {', '.join(told)}) AS said FROM read_parquet({literal(str(target))}))"
    ).fetchall()
    return int(row[0]), int(row[1]), str(row[2])


def summarise(con: duckdb.DuckDBPyConnection, findings: dict[str, int]) -> Told:
    """Return what was read."""
    [(rows, used)] = con.execute("SELECT count(*), (SELECT count(*) FROM placed WHERE fault = '') FROM told").fetchall()
    return Told(int(rows), int(used), findings)


def page_of_findings(
    path: Path, *, rule: str = "", after: int = 0, size: int | None = None
) -> Sequence[tuple[int, int, str, str, str, str | None]]:
    """Return findings in the order of the file: number, row, column, rule, severity, masked value."""
    if not path.is_file():
        return []
    with duckdb.connect(":memory:", config={"threads": 1, "memory_limit": "256MB"}) as con:
        return con.execute(
            'SELECT finding_no, row_no, "column", rule, severity, masked_value FROM read_parquet($1)'
            " WHERE finding_no > $2 AND ($3 = '' OR rule = $3) ORDER BY finding_no LIMIT $4",
            [str(path), after, rule, size or 1 << 40],
        ).fetchall()
