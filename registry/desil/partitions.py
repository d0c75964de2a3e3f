"""One partition of scores a run: filled aside by COPY, keyed as its parent, then attached in a moment."""

from collections.abc import Iterator
from pathlib import Path

import duckdb
from django.db import connection

TABLE = "registry_householdrank"
COLUMNS = "run, household_id, region_code, regency, score, desil, flags"


def _name(run: int) -> str:
    return f"{TABLE}_{int(run):05d}"


def _is_attached(name: str) -> bool:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT EXISTS (SELECT 1 FROM pg_inherits WHERE inhrelid = to_regclass(%s))",
            [name],
        )
        return bool(cursor.fetchone()[0])


def keep_scores(run: int, scores: Path) -> int:
    """Make the partition of a run from its file of scores and attach it; return the rows.

    `scores` has the columns household_id, region_code, regency, score, desil, flags. Must run inside the run's
    transaction. A partition that is attached already is left alone.
    """
    name = _name(run)
    with connection.cursor() as cursor:
        if _is_attached(name):
            cursor.execute(f"SELECT count(*) FROM {name}")  # noqa: S608 - our own name
            return int(cursor.fetchone()[0])
        cursor.execute(f"DROP TABLE IF EXISTS {name}")
        cursor.execute(
            f"CREATE TABLE {name} (LIKE {TABLE} INCLUDING DEFAULTS INCLUDING CONSTRAINTS,"
            f" CONSTRAINT {name}_run CHECK (run = {int(run)}))"
        )
        rows = 0
        with cursor.copy(f"COPY {name} ({COLUMNS}) FROM STDIN (FORMAT csv)") as copy:
            for block in _as_csv(run, scores):
                copy.write(block)
        rows = cursor.rowcount
        cursor.execute(f"ALTER TABLE {name} ADD PRIMARY KEY (run, household_id)")
        cursor.execute(f"CREATE INDEX ON {name} (regency, score, household_id)")
        cursor.execute(f"ALTER TABLE {TABLE} ATTACH PARTITION {name} FOR VALUES IN ({int(run)})")
        cursor.execute(f"ALTER TABLE {name} DROP CONSTRAINT {name}_run")
        cursor.execute(f"ANALYZE {name}")
    return rows


def drop_scores(run: int) -> None:
    """Remove what an unfinished run left behind."""
    name = _name(run)
    if not _is_attached(name):
        with connection.cursor() as cursor:
            cursor.execute(f"DROP TABLE IF EXISTS {name}")


def _as_csv(run: int, scores: Path) -> Iterator[bytes]:
    aside = scores.with_suffix(".csv")
    try:
        with duckdb.connect(":memory:") as con:
            con.execute(
                f"COPY (SELECT {int(run)}, household_id, region_code, regency, score, desil, flags"  # noqa: S608
                f" FROM read_parquet('{scores}')) TO '{aside}' (FORMAT csv, HEADER false)"
            )
        with aside.open("rb") as file:
            while block := file.read(1 << 20):
                yield block
    finally:
        aside.unlink(missing_ok=True)
