"""The crosswalk of the published run, for whoever wants to compare links with what they sent."""

import datetime as dt
import uuid
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb
from django.db import transaction

from registry.common.audit import record
from registry.common.errors import BadInput, RuleRefused
from registry.linkage.runs import find_last_run, get_run_folder

Row = tuple[str, str]  # source, record key


@dataclass(frozen=True)
class Link:
    """What became of one source row in the published run."""

    source: str
    record_key: str
    individual_id: uuid.UUID
    household_id: uuid.UUID
    rule: str
    probability: float
    reasons: list[str]


def find_links(kind: str, object_id: uuid.UUID) -> list[Link]:
    """Return the source rows of a person (`individual`) or a family (`household`), by source and key."""
    run = find_last_run()
    if run is None:
        return []
    crosswalk = get_run_folder(run.pk) / "crosswalk.parquet"
    column = {"individual": "individual_id", "household": "household_id"}[kind]
    with duckdb.connect(":memory:", config={"threads": 1, "memory_limit": "256MB"}) as con:
        rows = con.execute(
            "SELECT source, record_key, individual_id, household_id, rule, probability, reasons"
            f" FROM read_parquet('{crosswalk}') WHERE {column} = ? ORDER BY source, record_key",
            [object_id],
        ).fetchall()
    return [Link(*row) for row in rows]


def find_rows(kind: str, object_id: uuid.UUID) -> list[Row]:
    """Return source and key of the delivered rows of a person (`individual`) or a family (`household`)."""
    return [(link.source, link.record_key) for link in find_links(kind, object_id)]


def export_links(*, path: str, by: Any, now: dt.datetime) -> int:
    """Write `source,record_key,individual_id,household_id,rule,probability`; return the rows.

    `household_id` is the family the person belongs to today.

    Raises: BadInput `linkage.links.format`; RuleRefused `linkage.build.never`.
    """
    formats = {".csv": "FORMAT csv, HEADER", ".parquet": "FORMAT parquet, COMPRESSION zstd"}
    wanted = formats.get(Path(path).suffix)
    if wanted is None:
        raise BadInput("linkage.links.format", name=Path(path).name)
    run = find_last_run()
    if run is None:
        raise RuleRefused("linkage.build.never")
    crosswalk = get_run_folder(run.pk) / "crosswalk.parquet"
    quoted = str(path).replace("'", "''")
    with transaction.atomic(), duckdb.connect(":memory:") as con:
        con.execute(f"""
            COPY (
                SELECT c.source, c.record_key, c.individual_id, today.household_id, c.rule, c.probability
                FROM read_parquet('{crosswalk}') c
                JOIN read_parquet('{get_run_folder(run.pk) / "members.parquet"}') today USING (individual_id)
                ORDER BY c.source, c.record_key
            ) TO '{quoted}' ({wanted})
        """)
        found = con.execute(f"SELECT count(*) FROM read_parquet('{crosswalk}')").fetchone()
        rows = int(found[0]) if found else 0
        record("linkage.links.exported", by=by, obj_type="match_run", obj_id=run.pk, params={"rows": rows}, now=now)
    return rows
