"""Publishing: the difference between a build's golden records and the register, in one transaction.

The caller holds the lock `registry.publish` and the transaction. Rows travel by COPY. A first load
goes into the tables with their secondary indexes dropped and made again; a later one goes through
staging tables, and only rows whose hash differs are written.
"""

import csv
import datetime as dt
import io
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import duckdb
from django.db import connection

from registry.common.aliases import add_aliases
from registry.common.history import set_context_for_copy
from registry.households.items import HOUSEHOLD_ITEMS, INDIVIDUAL_ITEMS
from registry.households.names import deletions_of, register_name_keys

HOUSEHOLD_VALUES = [
    "region_code",
    "regency",
    "address",
    "sls",
    "dwelling_key",
    "n_members",
    "as_of",
    "head_id",
    "winner",
] + list(HOUSEHOLD_ITEMS)
INDIVIDUAL_VALUES = [
    "household_id",
    "region_code",
    "regency",
    "name",
    "name_keys",
    "birth_date",
    "sex",
    "birth_place",
    "mother_name",
    "as_of",
    "winner",
] + list(INDIVIDUAL_ITEMS)


@dataclass
class Published:
    """How many rows a publish wrote."""

    new: dict[str, int] = field(default_factory=dict)
    changed: dict[str, int] = field(default_factory=dict)
    gone: dict[str, int] = field(default_factory=dict)


@dataclass(frozen=True)
class Table:
    """One published table: where golden rows come from, and what is written."""

    name: str
    golden: str
    number: str  # the plain column of the identifier
    cipher: str
    hash: str
    values: tuple[str, ...]


TABLES = (
    Table("registry_household", "golden_h", "kk_number", "kk_cipher", "kk_hash", tuple(HOUSEHOLD_VALUES)),
    Table("registry_individual", "golden_i", "nik", "nik_cipher", "nik_hash", tuple(INDIVIDUAL_VALUES)),
)


def _hash_of(table: Table) -> str:
    """Return the SQL of the row hash: what the sources say, not the cipher and not the run."""
    parts = ", ".join(f"{column}::VARCHAR" for column in (table.number, *table.values) if column != "name_keys")
    return f"(hash({parts})::HUGEINT - 9223372036854775808)::BIGINT"


def read_published(con: duckdb.DuckDBPyConnection, folder: Path) -> bool:
    """Make `was_<table>` (id, row_hash, status) of what the register holds; say whether it holds anything."""
    found = False
    for table in TABLES:
        path = folder / f"was_{table.name}.csv"
        with connection.cursor() as cursor, path.open("wb") as out:  # noqa: SIM117
            with cursor.copy(f"COPY (SELECT id, row_hash, status FROM {table.name}) TO STDOUT (FORMAT csv)") as rows:
                for block in rows:
                    out.write(block)
        found = found or path.stat().st_size > 0
        con.execute(f"""
            CREATE OR REPLACE TABLE was_{table.name} AS
            SELECT * FROM read_csv('{path}', header = false, auto_detect = false, delim = ',', quote = '"',
                columns = {{'id': 'UUID', 'row_hash': 'BIGINT', 'status': 'VARCHAR'}})
        """)
        path.unlink()
    return found


@contextmanager
def _csv_of(con: duckdb.DuckDBPyConnection, query: str, folder: Path) -> Iterator[Path]:
    """Write a query as CSV for COPY (blobs as hexadecimal) and remove it afterwards."""
    with tempfile.NamedTemporaryFile(dir=folder, suffix=".csv", delete=False) as file:
        path = Path(file.name)
    try:
        con.execute(f"COPY ({query}) TO '{path}' (FORMAT csv, HEADER false, NULLSTR '')")
        yield path
    finally:
        path.unlink(missing_ok=True)


def copy_in(cursor: Any, path: Path, into: str, columns: list[str]) -> None:
    """COPY a CSV file into a table; empty unquoted is NULL."""
    statement = f"COPY {into} ({', '.join(columns)}) FROM STDIN (FORMAT csv)"
    with cursor.copy(statement) as rows, path.open("rb") as lines:
        while block := lines.read(1 << 20):
            rows.write(block)


def _select(table: Table, run: int) -> tuple[str, list[str]]:
    """Return the query of the rows to write, and their columns in the register."""
    shown = []
    for column in table.values:
        if column == "winner":
            shown.append(r"'\x' || winner AS winner")
        elif column == "name_keys":
            shown.append("'{' || array_to_string(keys, ',') || '}' AS name_keys")
        else:
            shown.append(column)
    query = f"""
        SELECT id, '\\x' || hex(encrypt_number({table.number})), '\\x' || hex(lookup_number({table.number})),
               {", ".join(shown)}, new_hash, {run}, 'active', 1
        FROM delta_{table.name} ORDER BY id
    """
    columns = ["id", table.cipher, table.hash, *table.values, "row_hash", "run", "status", "version"]
    return query, columns


def _find_delta(con: duckdb.DuckDBPyConnection, table: Table) -> None:
    con.execute(f"""
        CREATE OR REPLACE TABLE delta_{table.name} AS
        SELECT * FROM (
            SELECT g.*, w.id IS NULL AS is_new
            FROM (SELECT *, {_hash_of(table)} AS new_hash FROM {table.golden}) g
            LEFT JOIN was_{table.name} w USING (id)
            WHERE w.id IS NULL OR w.row_hash <> g.new_hash OR w.status <> 'active'
        )
    """)
    if "name_keys" in table.values:  # once for every distinct name: people share few
        con.execute(f"""
            CREATE OR REPLACE TABLE delta_{table.name} AS
            SELECT d.*, k.keys FROM delta_{table.name} d
            JOIN (SELECT name, name_keys(name) AS keys FROM (SELECT DISTINCT name FROM delta_{table.name})) k USING (name)
        """)
    con.execute(f"""
        CREATE OR REPLACE TABLE gone_{table.name} AS
        SELECT w.id FROM was_{table.name} w ANTI JOIN {table.golden} USING (id) WHERE w.status = 'active'
    """)


def _count(con: duckdb.DuckDBPyConnection, query: str) -> int:
    row = con.execute(f"SELECT count(*) FROM {query}").fetchone()
    return int(row[0]) if row else 0


@contextmanager
def _without_indexes(cursor: Any, tables: list[str]) -> Iterator[None]:
    """Drop the secondary indexes of tables that are about to be filled, and make them again."""
    cursor.execute(
        "SELECT i.indexname, i.indexdef FROM pg_indexes i"
        " LEFT JOIN pg_constraint c ON c.conname = i.indexname"
        " WHERE i.tablename = ANY(%s) AND c.oid IS NULL AND i.schemaname = current_schema()",
        [tables],
    )
    dropped = cursor.fetchall()
    for name, _definition in dropped:
        cursor.execute(f'DROP INDEX "{name}"')
    yield
    cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
    for _name, definition in dropped:
        cursor.execute(definition)
    cursor.execute("SET CONSTRAINTS ALL DEFERRED")


def publish(con: duckdb.DuckDBPyConnection, *, run: int, folder: Path, by: Any, now: dt.datetime) -> Published:
    """Write the difference between `golden_h`, `golden_i`, `member` and the register.

    `con` knows `encrypt_number` and `lookup_number` (`registry.common.crypto.register_crypto`).
    """
    register_name_keys(con)
    outcome = Published()
    holds_rows = read_published(con, folder)
    for table in TABLES:
        _find_delta(con, table)
    with connection.cursor() as cursor:
        set_context_for_copy("linkage.register.built", by=by)
        if not holds_rows:
            names = [table.name for table in TABLES] + ["registry_membership"]
            with _without_indexes(cursor, names):
                for table in TABLES:
                    query, columns = _select(table, run)
                    outcome.new[table.name] = _count(con, f"delta_{table.name}")
                    with _csv_of(con, query, folder) as path:
                        copy_in(cursor, path, table.name, columns)
                _copy_members(con, cursor, run, folder)
        else:
            for table in TABLES:
                _write_delta(con, cursor, table, run, folder, outcome)
            _renew_members(con, cursor, run, folder)
        _retire(con, cursor, run)
        _write_former(con, cursor, run, folder)
        _write_tokens(con, cursor)
    _write_aliases(con, run, now)
    for table in TABLES:
        outcome.gone[table.name] = _count(con, f"gone_{table.name}")
    return outcome


def _write_delta(
    con: duckdb.DuckDBPyConnection, cursor: Any, table: Table, run: int, folder: Path, outcome: Published
) -> None:
    outcome.new[table.name] = _count(con, f"delta_{table.name} WHERE is_new")
    outcome.changed[table.name] = _count(con, f"delta_{table.name} WHERE NOT is_new")
    query, columns = _select(table, run)
    staging = f"staged_{table.name}"
    cursor.execute(f"CREATE TEMP TABLE {staging} (LIKE {table.name}) ON COMMIT DROP")
    with _csv_of(con, query, folder) as path:
        copy_in(cursor, path, staging, columns)
    listed = ", ".join(columns)
    cursor.execute(
        f"INSERT INTO {table.name} ({listed}) SELECT {', '.join('s.' + c for c in columns)} FROM {staging} s"
        f" WHERE NOT EXISTS (SELECT 1 FROM {table.name} t WHERE t.id = s.id) ORDER BY s.id"
    )
    plain = [c for c in columns if c not in {"id", table.cipher, "version"}]
    cursor.execute(
        f"UPDATE {table.name} t SET {', '.join(f'{c} = s.{c}' for c in plain)}, version = t.version + 1,"
        f" {table.cipher} = CASE WHEN t.{table.hash} IS NOT DISTINCT FROM s.{table.hash}"
        f" THEN t.{table.cipher} ELSE s.{table.cipher} END"
        f" FROM {staging} s WHERE t.id = s.id AND (t.row_hash <> s.row_hash OR t.status <> 'active')"
    )


def _copy_members(con: duckdb.DuckDBPyConnection, cursor: Any, run: int, folder: Path) -> None:
    query = (
        f"SELECT individual_id, household_id, relation, as_of, {run} FROM member ORDER BY household_id, individual_id"
    )
    with _csv_of(con, query, folder) as path:
        copy_in(cursor, path, "registry_membership", ["individual_id", "household_id", "relation", "since", "run"])


def _renew_members(con: duckdb.DuckDBPyConnection, cursor: Any, run: int, folder: Path) -> None:
    """End the memberships that no longer hold and begin the new ones."""
    cursor.execute(
        "CREATE TEMP TABLE staged_member (individual_id uuid, household_id uuid, relation smallint, since date)"
        " ON COMMIT DROP"
    )
    with _csv_of(con, "SELECT individual_id, household_id, relation, as_of FROM member", folder) as path:
        copy_in(cursor, path, "staged_member", ["individual_id", "household_id", "relation", "since"])
    cursor.execute("ANALYZE staged_member")
    cursor.execute(
        "UPDATE registry_membership m SET until = coalesce(greatest(s.since, m.since), current_date)"
        " FROM registry_membership n LEFT JOIN staged_member s ON s.individual_id = n.individual_id"
        " WHERE n.id = m.id AND m.until IS NULL"
        " AND (s.individual_id IS NULL OR s.household_id <> m.household_id"
        " OR s.relation IS DISTINCT FROM m.relation)"
    )
    cursor.execute(
        "INSERT INTO registry_membership (individual_id, household_id, relation, since, run)"
        " SELECT s.individual_id, s.household_id, s.relation, s.since, %s FROM staged_member s"
        " WHERE NOT EXISTS (SELECT 1 FROM registry_membership m"
        " WHERE m.individual_id = s.individual_id AND m.until IS NULL)"
        " ORDER BY s.household_id, s.individual_id",
        [run],
    )


def _retire(con: duckdb.DuckDBPyConnection, cursor: Any, run: int) -> None:
    """Mark the ids that the build no longer has as merged or retired; they are never deleted."""
    for table, kind in zip(TABLES, ("household", "individual"), strict=True):
        for was, status in (("merged", "merged"), ("retired", "retired")):
            rows = con.execute(
                f"SELECT g.id FROM gone_{table.name} g JOIN {kind}_moves m ON m.old_id = g.id AND m.was = '{was}'"
            ).fetchall()
            cursor.execute(
                f"UPDATE {table.name} SET status = %s, run = %s, version = version + 1 WHERE id = ANY(%s)",
                [status, run, [row[0] for row in rows]],
            )


def _write_aliases(con: duckdb.DuckDBPyConnection, run: int, now: dt.datetime) -> None:
    for kind in ("household", "individual"):
        moved = con.execute(f"SELECT DISTINCT old_id, new_id FROM {kind}_moves WHERE was = 'merged'").fetchall()
        if moved:
            add_aliases(dict(moved), kind="merge", run=run, now=now)


def _write_former(con: duckdb.DuckDBPyConnection, cursor: Any, run: int, folder: Path) -> None:
    """Keep every NIK and KK that a source gave and that lost, so that it still finds its people."""
    cursor.execute(
        "CREATE TEMP TABLE staged_former (kind varchar, object_id uuid, cipher bytea, hash bytea, source varchar)"
        " ON COMMIT DROP"
    )
    query = r"""
        SELECT kind, id, '\x' || hex(encrypt_number(number)), '\x' || hex(lookup_number(number)), source FROM (
            SELECT 'nik' AS kind, r.id, r.nik AS number, min(r.source) AS source
            FROM prow r JOIN golden_i g USING (id) WHERE r.nik IS NOT NULL AND r.nik IS DISTINCT FROM g.nik
            GROUP BY ALL
            UNION ALL
            SELECT 'kk', r.id, r.kk_number, min(r.source)
            FROM frow r JOIN golden_h g USING (id)
            WHERE r.kk_number IS NOT NULL AND r.kk_number IS DISTINCT FROM g.kk_number
            GROUP BY ALL
        )
    """
    with _csv_of(con, query, folder) as path:
        copy_in(cursor, path, "staged_former", ["kind", "object_id", "cipher", "hash", "source"])
    cursor.execute(
        "INSERT INTO registry_formeridentifier (kind, object_id, cipher, hash, source, run)"
        " SELECT kind, object_id, cipher, hash, source, %s FROM staged_former s"
        " WHERE NOT EXISTS (SELECT 1 FROM registry_formeridentifier f"
        " WHERE f.object_id = s.object_id AND f.kind = s.kind AND f.hash = s.hash)",
        [run],
    )


def _write_tokens(con: duckdb.DuckDBPyConnection, cursor: Any) -> None:
    """Add the words of names that the dictionary of one-letter deletions does not know yet."""
    words = {row[0] for row in con.execute("SELECT DISTINCT unnest(keys) FROM delta_registry_individual").fetchall()}
    cursor.execute("SELECT DISTINCT token FROM registry_nametoken")
    new = sorted(words - {row[0] for row in cursor.fetchall()})
    text = io.StringIO()
    writer = csv.writer(text)
    for word in new:
        for deletion in sorted(deletions_of(word)):
            writer.writerow((deletion, word))
    with cursor.copy("COPY registry_nametoken (deletion, token) FROM STDIN (FORMAT csv)") as rows:
        rows.write(text.getvalue().encode())
