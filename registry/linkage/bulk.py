"""Rows in bulk between DuckDB and PostgreSQL: streamed in by COPY, read out in packed blocks, loaded without indexes.

What is written, and what a difference is, says `publish.py`.
"""

import contextlib
import fcntl
import os
import tempfile
import threading
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

import duckdb
import numpy as np
import pyarrow as pa
from django.db import connection

_BLOCK = 1 << 20
_PAUSE = 0.005  # seconds until a reader looks again whether more is written
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
) -> None:
    """COPY what a DuckDB query gives into a table: the one writes while the other reads, through a pipe.

    Blobs are given as hexadecimal text; an empty unquoted field is NULL.
    """
    reader, writer = os.pipe()
    failures: list[BaseException] = []

    def write() -> None:
        try:
            con.execute(_written(query, writer))
        except BaseException as error:
            failures.append(error)
        finally:
            os.close(writer)

    _widen(writer)
    writing = threading.Thread(target=write, name="copy-query")
    writing.start()
    try:
        with cursor.copy(f"COPY {into} ({', '.join(columns)}) FROM STDIN (FORMAT csv)") as rows:
            while block := os.read(reader, _BLOCK):
                rows.write(block)
            writing.join()
            if failures:
                raise failures[0]
    finally:
        os.close(reader)  # a writer that still writes finds the pipe broken and ends
        writing.join()


def _written(query: str, descriptor: int) -> str:
    return f"COPY ({query}) TO '/dev/fd/{descriptor}' (FORMAT csv, HEADER false, NULLSTR '', USE_TMP_FILE false)"


@dataclass
class Ahead:
    """The rows of one table, on their way through a file that has no name."""

    query: str
    into: str
    columns: Sequence[str]
    before: Callable[[], None] = lambda: None
    descriptor: int = -1
    ended: threading.Event = field(default_factory=threading.Event)
    failure: BaseException | None = None

    def blocks(self) -> Iterator[bytes]:
        """Return what is written, block by block, to its end."""
        place = 0
        while True:
            ended = self.ended.is_set()  # asked before reading: nothing comes after it
            if block := os.pread(self.descriptor, _BLOCK, place):
                place += len(block)
                yield block
            elif ended:
                break
            else:
                self.ended.wait(_PAUSE)
        if self.failure:
            raise self.failure


@contextlib.contextmanager
def writing_ahead(con: duckdb.DuckDBPyConnection, tables: Sequence[Ahead]) -> Iterator[None]:
    """Let DuckDB write the rows of one table after another while PostgreSQL takes them and makes its indexes.

    Until the end `con` belongs to the writing. What is written and not yet taken waits beside what DuckDB spills.
    """
    row = con.execute("SELECT current_setting('temp_directory')").fetchone()
    spill = str(row[0]) if row and row[0] and os.path.isdir(str(row[0])) else None
    stopped = threading.Event()

    def write() -> None:
        for table in tables:
            try:
                if not stopped.is_set():
                    table.before()
                    con.execute(_written(table.query, table.descriptor))
            except BaseException as error:
                table.failure = error
                stopped.set()
            finally:
                if stopped.is_set() and table.failure is None:
                    table.failure = RuntimeError(f"the rows of {table.into} were not written")
                table.ended.set()

    with contextlib.ExitStack() as files:
        for table in tables:
            table.descriptor = files.enter_context(tempfile.TemporaryFile(dir=spill)).fileno()
        writing = threading.Thread(target=write, name="write-ahead")
        writing.start()
        try:
            yield
        except BaseException:
            stopped.set()
            while writing.is_alive():  # a query that begins just now would not hear it the first time
                con.interrupt()
                writing.join(_PAUSE)
            raise
        finally:
            writing.join()


def copy_ahead(cursor: Any, table: Ahead) -> None:
    """COPY the rows of one table, frozen: it was emptied in this very transaction, not in a savepoint of it."""
    columns = ", ".join(table.columns)
    with cursor.copy(f"COPY {table.into} ({columns}) FROM STDIN (FORMAT csv, FREEZE)") as rows:
        for block in table.blocks():
            rows.write(block)


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
def emptied_for_load(cursor: Any, tables: Sequence[str]) -> Iterator[Callable[[str], None]]:
    """Let empty tables be filled without their keys, indexes and foreign keys.

    What is given makes the keys and indexes of one table that is filled; foreign keys are made at the end.
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
        "SELECT conrelid::regclass::text, conname, pg_get_constraintdef(oid), contype = 'f' FROM pg_constraint"
        " WHERE conparentid = 0 AND (contype = 'f' AND confrelid = ANY(%s::regclass[])"
        " OR contype IN ('f', 'p', 'u') AND conrelid = ANY(%s::regclass[]))"
        # Foreign keys rest on the keys: they go first and come back last.
        " ORDER BY contype <> 'f', oid",
        [list(tables), list(tables)],
    )
    constraints = cursor.fetchall()
    cursor.execute(
        "SELECT i.indrelid::regclass::text, i.indexrelid::regclass::text, pg_get_indexdef(i.indexrelid) FROM pg_index i"
        " WHERE i.indrelid = ANY(%s::regclass[])"
        " AND NOT EXISTS (SELECT 1 FROM pg_constraint c WHERE c.conindid = i.indexrelid) ORDER BY i.indexrelid",
        [list(tables)],
    )
    indexes = cursor.fetchall()
    for table, name, _definition, _foreign in constraints:
        cursor.execute(f'ALTER TABLE {table} DROP CONSTRAINT "{name}"')
    for _table, name, _definition in indexes:
        cursor.execute(f"DROP INDEX {name}")
    cursor.execute(f"TRUNCATE {listed}")
    cursor.execute("SELECT set_config('maintenance_work_mem', '256MB', true)")

    def make_keys(filled: str) -> None:
        for table, _name, definition in indexes:
            if table == filled:
                cursor.execute(definition)
        for table, name, definition, foreign in constraints:
            if table == filled and not foreign:
                cursor.execute(f'ALTER TABLE {table} ADD CONSTRAINT "{name}" {definition}')

    yield make_keys
    for table, name, definition, foreign in constraints:
        if foreign:
            cursor.execute(f'ALTER TABLE {table} ADD CONSTRAINT "{name}" {definition}')
    cursor.execute("SET CONSTRAINTS ALL DEFERRED")
