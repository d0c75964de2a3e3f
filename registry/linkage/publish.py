"""Publishing: the difference between a build's golden records and the register, in one transaction.

The caller holds the lock `registry.publish` and the transaction. A first load fills emptied tables
without their indexes and foreign keys; a later one goes through staging tables, and only rows whose
hash differs are written. How rows travel is in `bulk.py`.
"""

import csv
import datetime as dt
import io
from dataclasses import dataclass, field
from typing import Any

import duckdb
from django.db import connection

from registry.common.aliases import add_aliases
from registry.common.errors import StaleWrite
from registry.common.history import set_context_for_copy
from registry.common.outbox import enqueue_all
from registry.households.items import HOUSEHOLD_ITEMS, INDIVIDUAL_ITEMS
from registry.households.models import IdSplit
from registry.households.names import deletions_of, key_names, register_name_keys
from registry.linkage.bulk import Ahead, copy_ahead, copy_query, emptied_for_load, read_packed, writing_ahead

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

    kind: str
    name: str
    golden: str
    number: str  # the plain column of the identifier
    cipher: str
    hash: str
    values: tuple[str, ...]


TABLES = (
    Table("household", "registry_household", "golden_h", "kk_number", "kk_cipher", "kk_hash", tuple(HOUSEHOLD_VALUES)),
    Table("individual", "registry_individual", "golden_i", "nik", "nik_cipher", "nik_hash", tuple(INDIVIDUAL_VALUES)),
)
MEMBERS = "registry_membership"
FORMER = "registry_formeridentifier"
_FORMER_COLUMNS = ["kind", "object_id", "cipher", "hash", "source", "run"]
# Stand for an absent value and between values: no delivered text keeps control characters.
_ABSENT, _BETWEEN = "chr(30)", "chr(31)"


def row_hash_of(table: Table) -> str:
    """Return the SQL of the row hash: what the sources say, not the cipher and not the run.

    The first eight bytes of an MD5: it tells rows apart, it protects nothing. DuckDB's own `hash` is
    faster by a microsecond a row, but may differ between its versions: every row would be rewritten.
    """
    parts = ", ".join(
        f"coalesce({column}::VARCHAR, {_ABSENT})" for column in (table.number, *table.values) if column != "name_keys"
    )
    return f"(('0x' || md5(concat_ws({_BETWEEN}, {parts}))[1:16])::UBIGINT::HUGEINT - 9223372036854775808)::BIGINT"


def publish(con: duckdb.DuckDBPyConnection, *, run: int, by: Any, now: dt.datetime) -> Published:
    """Write the difference between `golden_h`, `golden_i`, `member` and the register.

    `con` knows `encrypt_number` and `lookup_number` (`registry.common.crypto.register_crypto`).

    Raises: StaleWrite `linkage.publish.changed_meanwhile`.
    """
    register_name_keys(con)
    outcome = Published()
    holds_rows = [_read_published(con, table) > 0 for table in TABLES]
    for table in TABLES:
        _find_delta(con, table, first=not any(holds_rows))
    with connection.cursor() as cursor:
        set_context_for_copy("linkage.register.built", by=by)
        if any(holds_rows):
            _key_names(con)
            for table in TABLES:
                _write_delta(con, cursor, table, run, outcome)
            _renew_members(con, cursor, run, now)
            _add_former(con, cursor, run)
        else:
            _load_all(con, cursor, run, outcome)
        _retire(con, cursor, run, outcome)
        _write_tokens(con, cursor)
    _write_moves(con, run, now)
    return outcome


def _read_published(con: duckdb.DuckDBPyConnection, table: Table) -> int:
    """Make `was_<kind>` of what the register holds and return its rows."""
    return read_packed(
        con,
        table.name,
        into=f"was_{table.kind}",
        columns={
            "id": ("id", "uuid"),
            "row_hash": ("row_hash", "bigint"),
            "version": ("version", "integer"),
            "active": ("(status = 'active')::integer", "integer"),
        },
    )


def _find_delta(con: duckdb.DuckDBPyConnection, table: Table, *, first: bool) -> None:
    """Make `delta_<kind>`, the golden rows to write, and `gone_<kind>`, the ids that no row stands for any more."""
    hashed = f"SELECT *, {row_hash_of(table)} AS new_hash FROM {table.golden}"
    if first:  # everything is new: nothing to compare, nothing to copy
        con.execute(
            f"CREATE OR REPLACE VIEW delta_{table.kind} AS SELECT *, NULL::INTEGER AS was_version FROM ({hashed})"
        )
    else:
        con.execute(f"""
            CREATE OR REPLACE TABLE delta_{table.kind} AS
            SELECT g.*, w.version AS was_version
            FROM ({hashed}) g LEFT JOIN was_{table.kind} w USING (id)
            WHERE w.id IS NULL OR w.row_hash <> g.new_hash OR w.active = 0
        """)
    con.execute(f"""
        CREATE OR REPLACE TABLE gone_{table.kind} AS
        SELECT w.id FROM was_{table.kind} w ANTI JOIN {table.golden} USING (id) WHERE w.active = 1
    """)


def _select(table: Table, run: int) -> tuple[str, list[str]]:
    """Return the query of the rows to write, and their columns in the register."""
    shown = {
        "winner": r"'\x' || winner",
        "name_keys": "keys_text",
    }
    keyed = (
        "JOIN (SELECT name, '{' || array_to_string(keys, ',') || '}' AS keys_text FROM keyed_name) USING (name)"
        if "name_keys" in table.values
        else ""
    )
    query = rf"""
        SELECT id, '\x' || hex(encrypt_number({table.number})), '\x' || lookup_hex({table.number}),
               {", ".join(shown.get(column, column) for column in table.values)}, new_hash, {run}, 'active',
               coalesce(was_version, 0) + 1
        FROM delta_{table.kind} {keyed}
    """
    return query, ["id", table.cipher, table.hash, *table.values, "row_hash", "run", "status", "version"]


def _count(con: duckdb.DuckDBPyConnection, query: str) -> int:
    row = con.execute(f"SELECT count(*) FROM {query}").fetchone()
    return int(row[0]) if row else 0


def _key_names(con: duckdb.DuckDBPyConnection) -> None:
    key_names(con, names="SELECT name FROM delta_individual", into="keyed_name")


def _load_all(con: duckdb.DuckDBPyConnection, cursor: Any, run: int, outcome: Published) -> None:
    """Fill the empty tables: while one gets its keys and indexes, the rows of the next are written."""
    household, individual = TABLES
    members = f"SELECT individual_id, household_id, relation, as_of, {run} FROM member"
    order = [
        Ahead(*_load_of(household, run)),
        Ahead(members, MEMBERS, ["individual_id", "household_id", "relation", "since", "run"]),
        Ahead(_former(run), FORMER, _FORMER_COLUMNS),
        Ahead(*_load_of(individual, run), before=lambda: _key_names(con)),
    ]
    with emptied_for_load(cursor, [table.into for table in order]) as make_keys, writing_ahead(con, order):
        for table in order:
            copy_ahead(cursor, table)
            make_keys(table.into)
    for each in TABLES:
        outcome.new[each.name] = _count(con, each.golden)
        outcome.changed[each.name] = 0
        con.execute(f"DROP VIEW delta_{each.kind}")


def _load_of(table: Table, run: int) -> tuple[str, str, list[str]]:
    query, columns = _select(table, run)
    return query, table.name, columns


def _write_delta(con: duckdb.DuckDBPyConnection, cursor: Any, table: Table, run: int, outcome: Published) -> None:
    """Insert the new rows and update those that differ, unless somebody changed one since it was read."""
    outcome.new[table.name] = _count(con, f"delta_{table.kind} WHERE was_version IS NULL")
    outcome.changed[table.name] = _count(con, f"delta_{table.kind} WHERE was_version IS NOT NULL")
    query, columns = _select(table, run)
    staging = f"staged_{table.kind}"
    cursor.execute(f"CREATE TEMP TABLE {staging} (LIKE {table.name}) ON COMMIT DROP")
    copy_query(con, cursor, f"{query} ORDER BY id", into=staging, columns=columns)
    cursor.execute(f"ANALYZE {staging}")
    listed = ", ".join(columns)
    cursor.execute(f"INSERT INTO {table.name} ({listed}) SELECT {listed} FROM {staging} WHERE version = 1 ORDER BY id")
    plain = [c for c in columns if c not in {"id", table.cipher}]
    cursor.execute(
        f"UPDATE {table.name} t SET {', '.join(f'{c} = s.{c}' for c in plain)},"
        f" {table.cipher} = CASE WHEN t.{table.hash} IS NOT DISTINCT FROM s.{table.hash}"
        f" THEN t.{table.cipher} ELSE s.{table.cipher} END"
        f" FROM {staging} s WHERE t.id = s.id AND s.version > 1 AND t.version = s.version - 1"
    )
    if cursor.rowcount != outcome.changed[table.name]:
        raise StaleWrite("linkage.publish.changed_meanwhile")


def _renew_members(con: duckdb.DuckDBPyConnection, cursor: Any, run: int, now: dt.datetime) -> None:
    """End the memberships that no longer hold and begin the new ones."""
    read_packed(
        con,
        f"{MEMBERS} WHERE until IS NULL",
        into="was_member",
        columns={
            "individual_id": ("individual_id", "uuid"),
            "household_id": ("household_id", "uuid"),
            "relation": ("coalesce(relation, -1)::smallint", "smallint"),
        },
    )
    cursor.execute(
        "CREATE TEMP TABLE staged_member (individual_id uuid, household_id uuid, relation smallint, since date)"
        " ON COMMIT DROP"
    )
    query = """
        SELECT individual_id, m.household_id, m.relation, m.as_of
        FROM member m FULL JOIN was_member w USING (individual_id)
        WHERE m.household_id IS DISTINCT FROM w.household_id OR coalesce(m.relation, -1) IS DISTINCT FROM w.relation
        ORDER BY m.household_id, individual_id
    """
    copy_query(con, cursor, query, into="staged_member", columns=["individual_id", "household_id", "relation", "since"])
    cursor.execute("ANALYZE staged_member")
    cursor.execute(
        f"UPDATE {MEMBERS} m SET until = coalesce(greatest(s.since, m.since), %s)"
        " FROM staged_member s WHERE s.individual_id = m.individual_id AND m.until IS NULL",
        [now.date()],
    )
    cursor.execute(
        f"INSERT INTO {MEMBERS} (individual_id, household_id, relation, since, run)"
        " SELECT individual_id, household_id, relation, since, %s FROM staged_member"
        " WHERE household_id IS NOT NULL ORDER BY household_id, individual_id",
        [run],
    )


def _retire(con: duckdb.DuckDBPyConnection, cursor: Any, run: int, outcome: Published) -> None:
    """Mark the ids that the build no longer has as merged or retired; they are never deleted."""
    for table in TABLES:
        outcome.gone[table.name] = _count(con, f"gone_{table.kind}")
        if not outcome.gone[table.name]:
            continue
        staging = f"staged_gone_{table.kind}"
        cursor.execute(f"CREATE TEMP TABLE {staging} (id uuid, status varchar) ON COMMIT DROP")
        query = f"""
            SELECT id, CASE WHEN id IN (SELECT old_id FROM {table.kind}_moves WHERE was = 'merged')
                            THEN 'merged' ELSE 'retired' END
            FROM gone_{table.kind} ORDER BY id
        """
        copy_query(con, cursor, query, into=staging, columns=["id", "status"])
        cursor.execute(
            f"UPDATE {table.name} t SET status = s.status, run = %s, version = t.version + 1"
            f" FROM {staging} s WHERE t.id = s.id",
            [run],
        )


def _write_moves(con: duckdb.DuckDBPyConnection, run: int, now: dt.datetime) -> None:
    """Record merges and splits, so that old public ids can be followed, and tell the other rooms."""
    merged, split = [], []
    for table in TABLES:
        moves = con.execute(f"SELECT DISTINCT old_id, new_id, was FROM {table.kind}_moves ORDER BY ALL").fetchall()
        leads_on = {old: new for old, new, was in moves if was == "merged"}
        if leads_on:
            add_aliases(leads_on, kind="merge", run=run, now=now)
        merged += [{"kind": table.kind, "old": str(old), "current": str(new)} for old, new in leads_on.items()]
        parts: dict[Any, list[Any]] = {}
        for old, new, was in moves:
            if was == "split":
                parts.setdefault(old, []).append(new)
        IdSplit.objects.bulk_create(
            [
                IdSplit(object_type=table.kind, old_id=old, new_id=new, run=run, at=now)
                for old, news in parts.items()
                for new in news
            ],
            ignore_conflicts=True,
            batch_size=5000,
        )
        split += [
            {"kind": table.kind, "old": str(old), "new": [str(new) for new in news]} for old, news in parts.items()
        ]
    enqueue_all("identities.merged", merged, now=now)
    enqueue_all("identity.split", split, now=now)


def _former(run: int, *, known: str = "") -> str:
    """Return the query of every NIK and KK that a source gave and that lost; `known` names a table of those kept."""
    unknown = f"ANTI JOIN {known} USING (id, hash)" if known else ""
    return rf"""
        SELECT kind, id, '\x' || hex(encrypt_number(number)), '\x' || hex(hash), source, {run}
        FROM (
            SELECT *, lookup_number(number) AS hash FROM (
                SELECT 'nik' AS kind, r.id, r.nik AS number, min(r.source) AS source
                FROM prow r JOIN golden_i g USING (id) WHERE r.nik IS NOT NULL AND r.nik IS DISTINCT FROM g.nik
                GROUP BY ALL
                UNION ALL
                SELECT 'kk', r.id, r.kk_number, min(r.source)
                FROM frow r JOIN golden_h g USING (id)
                WHERE r.kk_number IS NOT NULL AND r.kk_number IS DISTINCT FROM g.kk_number
                GROUP BY ALL
            )
        ) {unknown}
    """


def _add_former(con: duckdb.DuckDBPyConnection, cursor: Any, run: int) -> None:
    """Keep the numbers that lost, so that they still find their people."""
    read_packed(con, FORMER, into="was_former", columns={"id": ("object_id", "uuid"), "hash": ("hash", "hash")})
    copy_query(con, cursor, _former(run, known="was_former"), into=FORMER, columns=_FORMER_COLUMNS)


def _write_tokens(con: duckdb.DuckDBPyConnection, cursor: Any) -> None:
    """Add the words of names that the dictionary of one-letter deletions does not know yet."""
    words = {row[0] for row in con.execute("SELECT DISTINCT unnest(keys) FROM keyed_name").fetchall()}
    cursor.execute("SELECT DISTINCT token FROM registry_nametoken")
    new = sorted(words - {row[0] for row in cursor.fetchall()})
    text = io.StringIO()
    writer = csv.writer(text)
    for word in new:
        for deletion in sorted(deletions_of(word)):
            writer.writerow((deletion, word))
    with cursor.copy("COPY registry_nametoken (deletion, token) FROM STDIN (FORMAT csv)") as rows:
        rows.write(text.getvalue().encode())
