"""Rows in bulk between DuckDB and PostgreSQL: streamed in by COPY, read out in packed blocks, loaded without indexes.

What is written, and what a difference is, says `publish.py`.
"""

import contextlib
import fcntl
import os
import threading
from collections.abc import Iterator, Sequence
from typing import Any

import duckdb
import numpy as np
import pyarrow as pa
from django.db import connection

_BLOCK = 1 << 20
_PACKED_ROWS = 50_000

# How a column travels in a packed block: the function that makes its bytes, and the bytes as numpy reads them.
_PACKING = {
    "uuid": ("uuid_send({})", "V16"),
    "bigint": ("int8send({})", ">i8"),
    "integer": ("int4send({})", ">i4"),
    "smallint": ("int2send({})", ">i2"),
    "hash": ("{}", "V16"),
}
_TYPES = {"hash": "BLOB"}  # where DuckDB calls it otherwise


def copy_query(
    con: duckdb.DuckDBPyConnection,
    cursor: Any,
    query: str,
    *,
    into: str,
    columns: Sequence[str],
    frozen: bool = False,
) -> None:
    """COPY what a DuckDB query gives into a table: the one writes while the other reads, through a pipe.

    Blobs are given as hexadecimal text; an empty unquoted field is NULL. `frozen` needs a table that
    was made or emptied in this very transaction (not in a savepoint of it).
    """
    reader, writer = os.pipe()
    failures: list[BaseException] = []

    def write() -> None:
        try:
            con.execute(
                f"COPY ({query}) TO '/dev/fd/{writer}' (FORMAT csv, HEADER false, NULLSTR '', USE_TMP_FILE false)"
            )
        except BaseException as error:
            failures.append(error)
        finally:
            os.close(writer)

    _widen(writer)
    writing = threading.Thread(target=write, name="copy-query")
    writing.start()
    options = "FORMAT csv, FREEZE" if frozen else "FORMAT csv"
    try:
        with cursor.copy(f"COPY {into} ({', '.join(columns)}) FROM STDIN ({options})") as rows:
            while block := os.read(reader, _BLOCK):
                rows.write(block)
            writing.join()
            if failures:
                raise failures[0]
    finally:
        os.close(reader)  # a writer that still writes finds the pipe broken and ends
        writing.join()


def _widen(pipe: int) -> None:
    """Let a pipe hold a whole block, where the system lets it."""
    with contextlib.suppress(AttributeError, OSError):
        fcntl.fcntl(pipe, fcntl.F_SETPIPE_SZ, _BLOCK)


def read_packed(con: duckdb.DuckDBPyConnection, source: str, *, into: str, columns: dict[str, tuple[str, str]]) -> int:
    """Make the DuckDB table `into` from rows of PostgreSQL and return their number.

    `columns` gives for each column (SQL expression that is never NULL, type); `source` is what
    follows FROM. Thousands of rows come in one message: one message a row costs more than the rows.
    """
    packed = " || ".join(_PACKING[kind][0].format(expression) for expression, kind in columns.values())
    layout = np.dtype([(name, _PACKING[kind][1]) for name, (_expression, kind) in columns.items()])
    typed = ", ".join(f"{name} {_TYPES.get(kind, kind)}" for name, (_expression, kind) in columns.items())
    con.execute(f"CREATE OR REPLACE TABLE {into} ({typed})")
    rows = 0
    connection.ensure_connection()
    with connection.connection.cursor(name="packed_rows", binary=True) as cursor:
        cursor.itersize = 8
        cursor.execute(
            f"SELECT string_agg(packed, ''::bytea) FROM (SELECT {packed} AS packed,"
            f" (row_number() OVER ()) / {_PACKED_ROWS} AS part FROM {source}) AS numbered GROUP BY part"
        )
        for (block,) in cursor:
            values = np.frombuffer(block, layout)
            rows += len(values)
            con.register(
                "packed_block",
                pa.table({name: _as_arrow(values[name], kind) for name, (_e, kind) in columns.items()}),
            )
            con.execute(f"INSERT INTO {into} SELECT * FROM packed_block")
            con.unregister("packed_block")
    return rows


def _as_arrow(values: np.ndarray, kind: str) -> pa.Array:
    if kind in ("uuid", "hash"):
        sixteens = pa.py_buffer(np.ascontiguousarray(values).tobytes())
        plain = pa.FixedSizeBinaryArray.from_buffers(pa.binary(16), len(values), [None, sixteens])
        return pa.ExtensionArray.from_storage(pa.uuid(), plain) if kind == "uuid" else plain
    return pa.array(values.astype(values.dtype.newbyteorder("=")))


@contextlib.contextmanager
def emptied_for_load(cursor: Any, tables: Sequence[str]) -> Iterator[None]:
    """Let empty tables be filled without their keys, indexes and foreign keys; all are made afterwards.

    The tables are locked, found empty (or refused: RuntimeError), and truncated, so that COPY may
    freeze what it writes. A deferred foreign key would be checked row by row, and would keep an index
    from being made in the same transaction; added afterwards it is checked in one pass.
    """
    listed = ", ".join(tables)
    cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
    cursor.execute(f"LOCK TABLE {listed} IN ACCESS EXCLUSIVE MODE")
    for table in tables:
        cursor.execute(f"SELECT EXISTS (SELECT 1 FROM {table})")
        if cursor.fetchone()[0]:
            raise RuntimeError(f"{table} is not empty")
    cursor.execute(
        "SELECT conrelid::regclass::text, conname, pg_get_constraintdef(oid) FROM pg_constraint"
        " WHERE conparentid = 0 AND (contype = 'f' AND confrelid = ANY(%s::regclass[])"
        " OR contype IN ('f', 'p', 'u') AND conrelid = ANY(%s::regclass[]))"
        # Foreign keys rest on the keys: they go first and come back last.
        " ORDER BY contype <> 'f', oid",
        [list(tables), list(tables)],
    )
    constraints = cursor.fetchall()
    cursor.execute(
        "SELECT i.indexrelid::regclass::text, pg_get_indexdef(i.indexrelid) FROM pg_index i"
        " WHERE i.indrelid = ANY(%s::regclass[])"
        " AND NOT EXISTS (SELECT 1 FROM pg_constraint c WHERE c.conindid = i.indexrelid) ORDER BY i.indexrelid",
        [list(tables)],
    )
    indexes = cursor.fetchall()
    for table, name, _definition in constraints:
        cursor.execute(f'ALTER TABLE {table} DROP CONSTRAINT "{name}"')
    for name, _definition in indexes:
        cursor.execute(f"DROP INDEX {name}")
    cursor.execute(f"TRUNCATE {listed}")
    yield
    cursor.execute("SELECT set_config('maintenance_work_mem', '256MB', true)")
    for _name, definition in indexes:
        cursor.execute(definition)
    for table, name, definition in reversed(constraints):
        cursor.execute(f'ALTER TABLE {table} ADD CONSTRAINT "{name}" {definition}')
    cursor.execute("SET CONSTRAINTS ALL DEFERRED")
