"""Lineage: every value that every delivered row gave, by public id, in files small enough for a look-up.

A file is one bucket of ids; `bucket_of` (and `_BUCKET` for whole columns) says which.
"""

import hashlib
import uuid
from pathlib import Path
from typing import Any

import duckdb

from registry.linkage.golden import FAMILY_FIELDS, PERSON_FIELDS

ROWS_A_BUCKET = 160_000  # keeps a look-up at some milliseconds however large the register is
_BUCKET = "('0x' || md5({id}::VARCHAR)[1:8])::BIGINT % {buckets}"


def bucket_of(object_id: uuid.UUID, buckets: int) -> int:
    """Return the bucket of an id; `_BUCKET` is the same in DuckDB.

    >>> bucket_of(uuid.UUID("018f0000-0000-7000-8000-000000000001"), 7)
    1
    """
    digest = hashlib.md5(str(object_id).encode(), usedforsecurity=False).hexdigest()
    return int(digest[:8], 16) % buckets


def _path(folder: Path, part: str, bucket: int) -> Path:
    return folder / f"{part}-{bucket:05d}.parquet"


def write_lineage(con: duckdb.DuckDBPyConnection, folder: Path) -> None:
    """Write the rows of `prow` and `frow` by id, in as many buckets as keep a look-up short."""
    row = con.execute("SELECT greatest((SELECT count(*) FROM prow), (SELECT count(*) FROM frow))").fetchone()
    buckets = max(1, int(row[0] if row else 0) // ROWS_A_BUCKET + 1)
    for part, fields, number, key in (
        ("prow", PERSON_FIELDS, "nik", "record_key"),
        ("frow", FAMILY_FIELDS, "kk_number", "family_key AS record_key"),
    ):
        columns = ", ".join(field.name for field in fields if field.name != number)
        # Sorted once: a bucket is then a part of the table, found without reading the others.
        con.execute(f"""
            CREATE OR REPLACE TEMP TABLE by_bucket AS
            SELECT ({_BUCKET.format(id="id", buckets=buckets)})::INTEGER AS bucket, id, place, source, delivery, {key},
                   survey_date, {number}, {columns}
            FROM {part} ORDER BY bucket, id, place
        """)
        for bucket in range(buckets):
            con.execute(f"""
                COPY (
                    SELECT * EXCLUDE (bucket) REPLACE (encrypt_number({number}) AS {number})
                    FROM by_bucket WHERE bucket = {bucket}
                ) TO '{_path(folder, part, bucket)}' (FORMAT parquet, COMPRESSION zstd, ROW_GROUP_SIZE 20480)
            """)
        con.execute("DROP TABLE by_bucket")


def find_lineage(con: duckdb.DuckDBPyConnection, folder: Path, part: str, object_id: uuid.UUID) -> list[dict[str, Any]]:
    """Return the values of every row of a person (`prow`) or a family (`frow`), by their place."""
    buckets = len(list(folder.glob(f"{part}-*.parquet")))
    if not buckets:
        return []
    path = _path(folder, part, bucket_of(object_id, buckets))
    cursor = con.execute(
        "SELECT * FROM read_parquet(?) WHERE id = CAST(? AS UUID) ORDER BY place", [str(path), str(object_id)]
    )
    names = [column[0] for column in cursor.description or []]
    return [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]
