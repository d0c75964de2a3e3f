"""The families as a ranking sees them: the register's families and members as files, items derived by the ranking.

No name and no number of a person is in them. `families.parquet` is what `ranking.score` reads; `places.parquet` holds
`household_id`, `region_code` and `as_of` (the newest date of the family's facts).
"""

from __future__ import annotations

import datetime as dt
import hashlib
import uuid
from collections.abc import Callable
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa
from django.db import connection

from registry import ranking
from registry.households.items import HOUSEHOLD_ITEMS

HOUSEHOLDS = f"""
    SELECT h.id AS household_id, left(h.region_code, 5) AS regency, h.region_code, h.as_of,
        {", ".join(f"h.{name}" for name in HOUSEHOLD_ITEMS)}
    FROM registry_household h WHERE h.status = 'active' AND {{which}} ORDER BY h.id
"""  # noqa: S608 - the dictionary's own names
DIED = 2  # of status_keberadaan
MEMBERS = f"""
    SELECT m.household_id, m.individual_id, m.relation, i.sex, i.birth_date,
        {", ".join(f"i.{name}" for name in ranking.MEMBER_COLUMNS[5:])}
    FROM registry_household h
    JOIN registry_membership m ON m.household_id = h.id AND m.until IS NULL
    JOIN registry_individual i ON i.id = m.individual_id
    WHERE h.status = 'active' AND {{which}} AND coalesce(i.status_keberadaan, 1) <> {DIED}
    ORDER BY m.household_id, m.individual_id
"""  # noqa: S608 - the dictionary's own names
OF_REGENCY = "h.regency = %(regency)s"
OF_FAMILY = "h.id = %(household_id)s"
TYPES = {
    "household_id": "UUID",
    "individual_id": "UUID",
    "regency": "VARCHAR",
    "region_code": "VARCHAR",
    "as_of": "DATE",
    "birth_date": "DATE",
}
ARROW = {"UUID": pa.string(), "VARCHAR": pa.string(), "DATE": pa.date32()}


def find_regencies() -> list[int]:
    """Return the regencies that hold families, in order."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT DISTINCT regency FROM registry_household WHERE status = 'active' ORDER BY regency")
        return [row[0] for row in cursor.fetchall()]


def write_families(
    folder: Path, *, as_of: dt.date, progress: Callable[[int, int], None] = lambda done, total: None
) -> str:
    """Write `families.parquet` and `places.parquet` of all active families; return the SHA-256 of what they say."""
    digest = hashlib.sha256(as_of.isoformat().encode())
    parts = folder / ".parts"
    parts.mkdir(mode=0o700, parents=True, exist_ok=True)
    regencies = find_regencies()
    try:
        for number, regency in enumerate(regencies):
            for name, query in (("households", HOUSEHOLDS), ("members", MEMBERS)):
                _copy_out(query.format(which=OF_REGENCY), regency, parts / f"{name}-{regency}.csv", digest)
            progress(number + 1, len(regencies))
        for name in ("households", "members"):
            _as_parquet(sorted(parts.glob(f"{name}-*.csv")), parts / f"{name}.parquet")
        aside = folder / ".families.part"
        ranking.write_families(parts / "households.parquet", parts / "members.parquet", aside, as_of=as_of)
        with duckdb.connect(":memory:") as con:
            con.execute(
                f"COPY (SELECT household_id, region_code, as_of"  # noqa: S608 - our own paths
                f" FROM read_parquet('{parts / 'households.parquet'}'))"
                f" TO '{folder / 'places.parquet'}' (FORMAT parquet, COMPRESSION zstd)"
            )
        aside.replace(folder / "families.parquet")
    finally:
        for file in parts.iterdir():
            file.unlink()
        parts.rmdir()
    return digest.hexdigest()


def read_today(household_id: uuid.UUID, *, as_of: dt.date) -> dict[str, Any] | None:
    """Return one family's row as `families.parquet` would hold it now: `regency`, `persons` and the items.

    None when it is not active or has no living member.
    """
    tables = {}
    for name, query in (("households", HOUSEHOLDS), ("members", MEMBERS)):
        with connection.cursor() as cursor:
            cursor.execute(query.format(which=OF_FAMILY), {"household_id": household_id})
            columns = [column[0] for column in cursor.description or ()]
            rows = cursor.fetchall()
        kinds = {column: ARROW.get(TYPES.get(column, ""), pa.int64()) for column in columns}
        tables[name] = pa.table(
            {
                column: pa.array([str(row[n]) if TYPES.get(column) == "UUID" else row[n] for row in rows], kind)
                for n, (column, kind) in enumerate(kinds.items())
            }
        )
    with duckdb.connect(":memory:", config={"threads": 1, "memory_limit": "256MB"}) as con:
        for name, table in tables.items():
            con.register(name, table)
        result = con.execute(
            ranking.families_query("households", "members", as_of, set(tables["households"].column_names))
        )
        names = [column[0] for column in result.description or ()]
        rows = result.fetchall()
    return dict(zip(names, rows[0], strict=True)) if rows else None


def _copy_out(query: str, regency: int, path: Path, digest: hashlib._Hash) -> None:
    with (
        connection.cursor() as cursor,
        path.open("wb") as out,
        cursor.copy(f"COPY ({query}) TO STDOUT (FORMAT csv, HEADER true)", {"regency": regency}) as rows,
    ):
        for block in rows:
            digest.update(block)
            out.write(block)


def _as_parquet(parts: list[Path], path: Path) -> None:
    with duckdb.connect(":memory:") as con:
        names = parts[0].open(encoding="utf-8").readline().strip().split(",")
        columns = {name: TYPES.get(name, "SMALLINT") for name in names}
        con.execute(
            f"COPY (SELECT * FROM read_csv($1, header = true,"  # noqa: S608 - our own names
            f" auto_detect = false, columns = {columns!r}))"
            f" TO '{path}' (FORMAT parquet)",
            [[str(part) for part in parts]],
        )
