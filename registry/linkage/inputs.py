"""What a build reads: the rows that are current, as tables of one DuckDB connection and one file.

Tables made here: `p` (one row a delivered person), `f` (one row a delivered family).
"""

from dataclasses import dataclass
from pathlib import Path

import duckdb

from registry.households.items import HOUSEHOLD_ITEMS, INDIVIDUAL_ITEMS


@dataclass(frozen=True)
class CurrentDelivery:
    """A delivery that takes part in the build; a higher `priority` wins.

    Its rows in the regencies of `replaced` are out: a newer complete delivery of the source has those.
    """

    number: int
    source: str
    folder: Path
    priority: int
    complete: bool = False
    replaced: frozenset[str] = frozenset()


PERSON_COLUMNS = [
    "row_no",
    "record_key",
    "family_key",
    "family_no",
    "dwelling_key",
    "kk_number",
    "nik",
    "nik_flags",
    "name",
    "sex",
    "birth_date",
    "birth_place",
    "mother_name",
    "id_hub_kepala_keluarga",
    "region_code",
    "survey_date",
    "padan_dukcapil",
    "other_number",
    "address",
    "place_name",
    "wider_place",
    "may_repeat",
    "coarse",
] + list(INDIVIDUAL_ITEMS)
FAMILY_COLUMNS = [
    "row_no",
    "family_key",
    "region_code",
    "kk_number",
    "address",
    "sls",
    "head_name",
    "survey_date",
    "n_members",
    "coarse",
] + list(HOUSEHOLD_ITEMS)


def _union(con: duckdb.DuckDBPyConnection, deliveries: list[CurrentDelivery], name: str, columns: list[str]) -> str:
    """Return the SELECT over one file of every delivery; a column that a file lacks is NULL."""
    parts = []
    for delivery in deliveries:
        path = delivery.folder / f"{name}.parquet"
        if not path.exists():
            continue
        quoted = str(path).replace("'", "''")
        described = con.execute(f"DESCRIBE SELECT * FROM read_parquet('{quoted}')").fetchall()
        there = {row[0] for row in described}
        chosen = ", ".join(column if column in there else f"NULL AS {column}" for column in columns)
        source = delivery.source.replace("'", "''")
        parts.append(
            f"SELECT '{source}' AS source, {delivery.number}::INTEGER AS delivery,"
            f" {delivery.priority}::INTEGER AS priority, {chosen}"
            f" FROM read_parquet('{quoted}') WHERE accepted{_outside(delivery.replaced)}"
        )
    return " UNION ALL BY NAME ".join(parts)


def _outside(regencies: frozenset[str]) -> str:
    if not regencies:
        return ""
    listed = ", ".join("'" + code.replace("'", "''") + "'" for code in sorted(regencies))
    return f" AND coalesce(region_code[1:5], '') NOT IN ({listed})"


def _without_moved(con: duckdb.DuckDBPyConnection, deliveries: list[CurrentDelivery], rows: str, families: str) -> str:
    """Leave out older rows of a family that a newer complete delivery of its source has, wherever it lives now."""
    complete = {one.number for one in deliveries if one.complete}
    several = {one.source for one in deliveries if sum(other.source == one.source for other in deliveries) > 1}
    if not complete or not several:
        return rows
    numbers = ", ".join(str(number) for number in sorted(complete))
    con.execute(
        f"CREATE OR REPLACE TEMP TABLE sent_again AS SELECT source, family_key, max(delivery) AS delivery"
        f" FROM ({families}) WHERE delivery IN ({numbers}) GROUP BY ALL"
    )
    return (
        f"SELECT r.* FROM ({rows}) r LEFT JOIN sent_again a USING (source, family_key)"
        " WHERE a.delivery IS NULL OR r.delivery >= a.delivery"
    )


def load_current(con: duckdb.DuckDBPyConnection, deliveries: list[CurrentDelivery]) -> None:
    """Make `p` and `f` from the newest accepted row per source and record key."""
    families = _union(con, deliveries, "families", FAMILY_COLUMNS)
    persons = _without_moved(con, deliveries, _union(con, deliveries, "persons", PERSON_COLUMNS), families)
    con.execute(f"""
        CREATE OR REPLACE TABLE p AS
        SELECT (row_number() OVER (ORDER BY source, record_key) - 1)::BIGINT AS row_id, *,
               -- Who is delivered without a family is a family of one.
               source || '|' || coalesce(family_key, '#' || record_key) || '|' || coalesce(family_no, 1) AS delivered_family
        FROM (
            SELECT * FROM ({persons})
            QUALIFY row_number() OVER (
                PARTITION BY source, record_key ORDER BY delivery DESC, survey_date DESC NULLS LAST, row_no) = 1
        )
        ORDER BY row_id
    """)
    con.execute(f"""
        CREATE OR REPLACE TABLE f AS
        WITH own AS (
            SELECT * FROM ({families})
            QUALIFY row_number() OVER (
                PARTITION BY source, family_key ORDER BY delivery DESC, survey_date DESC NULLS LAST, row_no) = 1
        ), seen AS (
            SELECT source, family_key, delivered_family, min(family_no) AS family_no,
                   -- The number most members carry; of several the largest, so that a repeated build agrees.
                   arg_max(kk_number, {{'n': n_kk, 'then': kk_number}}) FILTER (kk_number IS NOT NULL) AS members_kk,
                   max(region_code) AS members_region, max(survey_date) AS members_date, count(*) AS n_rows,
                   max(address::VARCHAR) AS members_address,
                   max(delivery) AS delivery, max(priority) AS priority, min(dwelling_key) AS dwelling_key
            FROM (SELECT *, count(*) OVER (PARTITION BY delivered_family, kk_number) AS n_kk FROM p)
            GROUP BY source, family_key, delivered_family
        )
        SELECT seen.source, seen.delivered_family, seen.family_key, seen.dwelling_key, seen.delivery, seen.priority,
               coalesce(own.kk_number, seen.members_kk) AS kk_number,
               coalesce(own.region_code, seen.members_region) AS region_code,
               coalesce(own.address, seen.members_address) AS address, own.sls, own.coarse, coalesce(own.survey_date, seen.members_date) AS survey_date, seen.n_rows,
               {", ".join(f"own.{item}" for item in HOUSEHOLD_ITEMS)}
        FROM seen LEFT JOIN own USING (source, family_key)
    """)


def write_match_input(con: duckdb.DuckDBPyConnection, path: Path) -> None:
    """Write `match_input.parquet` for the engine."""
    con.execute(f"""
        COPY (
            SELECT p.row_id, p.source, p.record_key, p.delivered_family, p.dwelling_key, p.kk_number, p.nik,
                   p.nik_flags, p.name, p.sex, p.birth_date, p.mother_name,
                   p.id_hub_kepala_keluarga AS relation, p.id_status_perkawinan AS marital,
                   p.status_keberadaan AS presence, p.region_code, p.survey_date, p.padan_dukcapil,
                   f.address, f.sls, p.other_number::VARCHAR AS other_number, p.address::VARCHAR AS street,
                   p.place_name::VARCHAR AS place_name, p.wider_place::VARCHAR AS wider_place,
                   -- Beside such evidence only: a region says more than where somebody was born.
                   CASE WHEN coalesce(p.other_number, p.address, p.place_name, p.wider_place)::VARCHAR IS NOT NULL
                        THEN p.birth_place::VARCHAR END AS birth_place,
                   coalesce(p.may_repeat::BOOLEAN, false) AS may_repeat
            FROM p LEFT JOIN f USING (delivered_family) ORDER BY p.row_id
        ) TO '{path}' (FORMAT parquet, COMPRESSION zstd)
    """)
