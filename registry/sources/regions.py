"""From the region columns of a delivery to dotted Kemendagri codes, in DuckDB, never guessed.

District by its Kemendagri code or the BPS bridge, else by its name within the regency; village
by its code, else by its name within the district, else the row stays at the district.
"""

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import duckdb

# Bits of `region_state`.
PADDED, NO_VILLAGE, UNKNOWN = 1, 2, 4


def load_regions(con: duckdb.DuckDBPyConnection, lookup: Path) -> None:
    """Make the tables that resolving needs from the folder that `export_lookup` wrote."""
    con.execute(f"CREATE TABLE bridge AS SELECT * FROM read_parquet('{lookup}/bridge.parquet')")
    con.execute(f"CREATE TABLE regions AS SELECT * FROM read_parquet('{lookup}/regions.parquet')")
    con.execute(
        "CREATE TABLE named AS SELECT parent, level, name_key, min(current_code) AS code FROM regions"
        " WHERE in_force GROUP BY ALL HAVING count(*) = 1"
    )
    con.execute(
        "CREATE TABLE nik_regions AS SELECT replace(code, '.', '')::BIGINT AS code6,"
        " CASE WHEN bool_or(in_force) THEN 'current' ELSE 'historic' END AS state"
        " FROM regions WHERE level = 3 GROUP BY 1"
    )


def _key(column: str | None) -> str:
    if column is None:
        return "NULL::VARCHAR"
    # As the regions' name_key, without the words that only some files put before a name.
    return (
        f"regexp_replace(upper(regexp_replace(trim({column}), '(?i)^(desa|kelurahan|kel\\.|kecamatan|kec\\.)\\s+', '')),"
        " '[^0-9A-Z]', '', 'g')"
    )


def resolve(
    con: duckdb.DuckDBPyConnection,
    *,
    stage: str,
    specs: Sequence[Mapping[str, Any]],
    column: Callable[[str], str | None],
    table: str,
) -> list[str]:
    """Make `table`: one line per distinct combination of region columns; return those columns.

    `column` gives the staged name of a raw column, None where the file lacks it.
    """
    usable = [spec for spec in specs if all(column(name) for name in spec["code"])]
    used: list[str] = []
    for spec in usable:
        names = [*spec["code"], *(spec[part] for part in ("village", "district") if part in spec)]
        used += [staged for name in names if (staged := column(name)) and staged not in used]
    if not usable:
        con.execute(f"CREATE TABLE {table} (region_code VARCHAR, region_state INTEGER)")
        return []
    con.execute(f"CREATE TABLE {table}_seen AS SELECT DISTINCT {', '.join(used)} FROM {stage}")
    tries = []
    for number, spec in enumerate(usable):
        con.execute(_one(f"{table}_{number}", f"{table}_seen", spec, column))
        tries.append(f"{table}_{number}")
    on = " AND ".join(f"seen.{name} IS NOT DISTINCT FROM {{t}}.{name}" for name in used)
    joins = " ".join(f"LEFT JOIN {name} ON {on.format(t=name)}" for name in tries)
    found = ", ".join(f"CASE WHEN length({name}.region_code) = 13 THEN {name}.region_code END" for name in tries)
    any_found = ", ".join(f"{name}.region_code" for name in tries)
    state = " ".join(f"WHEN {name}.region_code IS NOT NULL THEN {name}.region_state" for name in tries)
    best = " ".join(f"WHEN length({name}.region_code) = 13 THEN {name}.region_state" for name in tries)
    con.execute(
        f"CREATE TABLE {table} AS SELECT {', '.join(f'seen.{name}' for name in used)},"
        f" coalesce({found}, {any_found}) AS region_code, CASE {best} {state} ELSE {UNKNOWN} END AS region_state"
        f" FROM {table}_seen seen {joins}"
    )
    return used


def _one(table: str, seen: str, spec: Mapping[str, Any], column: Callable[[str], str | None]) -> str:
    widths = spec.get("widths") or []
    parts, padded = [], []
    for number, name in enumerate(spec["code"]):
        staged = column(name)
        digits = f"regexp_replace(trim({staged}), '([.]0+$)|[^0-9]', '', 'g')"
        if number < len(widths):
            parts.append(f"CASE WHEN {digits} <> '' THEN lpad({digits}, {widths[number]}, '0') ELSE '' END")
            padded.append(f"(length({digits}) BETWEEN 1 AND {widths[number] - 1})")
        else:
            parts.append(f"CASE WHEN length({digits}) = 9 THEN '0' || {digits} ELSE {digits} END")
    joined = " || ".join(f"coalesce({part}, '')" for part in parts)
    was_padded = " OR ".join(padded) or "false"
    village = _key(column(spec["village"]) if "village" in spec else None)
    district = _key(column(spec["district"]) if "district" in spec else None)
    if spec["system"] == "bps":
        code_of = """
            coalesce((SELECT code FROM bridge WHERE bps_code = digits[1:7] AND length(digits) >= 7),
                     (SELECT n.code FROM bridge b JOIN named n ON n.parent = b.code AND n.level = 3
                      WHERE b.bps_code = digits[1:4] AND n.name_key = district_key))"""
        village_of = "NULL::VARCHAR"
    else:
        dotted3 = "digits[1:2] || '.' || digits[3:4] || '.' || digits[5:6]"
        village_of = f"""(SELECT min(current_code) FROM regions
            WHERE code = {dotted3} || '.' || digits[7:10] AND level = 4 AND length(digits) = 10)"""
        code_of = f"""coalesce((SELECT min(current_code) FROM regions WHERE code = {dotted3} AND level = 3),
            (SELECT n.code FROM regions r JOIN named n ON n.parent = r.current_code AND n.level = 3
             WHERE r.level = 2 AND r.code = digits[1:2] || '.' || digits[3:4] AND n.name_key = district_key))"""
    return f"""
        CREATE TABLE {table} AS
        WITH read AS (SELECT *, {joined} AS digits, {village} AS village_key, {district} AS district_key,
                             ({was_padded}) AS padded FROM {seen}),
        coded AS (SELECT *, {village_of} AS village_code, {code_of} AS district_code FROM read),
        placed AS (SELECT *, coalesce(village_code, (SELECT n.code FROM named n
                     WHERE n.parent = district_code AND n.level = 4 AND n.name_key = village_key)) AS best FROM coded)
        SELECT * EXCLUDE (digits, village_key, district_key, padded, village_code, district_code, best),
               coalesce(best, district_code) AS region_code,
               coalesce(padded, false)::INT * {PADDED}
               + CASE WHEN best IS NULL AND district_code IS NOT NULL THEN {NO_VILLAGE} ELSE 0 END AS region_state
        FROM placed"""
