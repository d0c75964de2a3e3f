"""Corrections over golden records: an officer's value stands until a newer source agrees or disagrees."""

import datetime as dt
import uuid
from dataclasses import dataclass, field
from typing import Any

import duckdb

from registry.common.aliases import resolve_ids
from registry.households.models import Correction
from registry.households.values import CORRECTABLE
from registry.linkage.models import MatchRun, ReviewPair


@dataclass
class Overlay:
    """What a build found out about the corrections it read."""

    agreed: list[int] = field(default_factory=list)
    contested: dict[int, tuple[str, str]] = field(default_factory=dict)  # id → (source, record key)


def apply_corrections(con: duckdb.DuckDBPyConnection) -> Overlay:
    """Put the corrected values into `golden_h` and `golden_i`; say what newer sources think of them."""
    outcome = Overlay()
    corrections = list(Correction.objects.filter(state__in=["active", "contested"]).order_by("id"))
    current = resolve_ids({one.object_id for one in corrections})
    for one in corrections:
        if one.variable not in CORRECTABLE[one.object_type]:
            continue
        target = current[one.object_id]
        rows, table = ("frow", "golden_h") if one.object_type == "household" else ("prow", "golden_i")
        _judge(con, outcome, one, target, rows)
        if one.pk not in outcome.agreed:
            con.execute(
                f"UPDATE {table} SET {one.variable} = TRY_CAST(? AS {_type(con, table, one.variable)}) WHERE id = ?",
                [one.value, target],
            )
    return outcome


def _type(con: duckdb.DuckDBPyConnection, table: str, column: str) -> str:
    row = con.execute(
        "SELECT data_type FROM information_schema.columns WHERE table_name = ? AND column_name = ?", [table, column]
    ).fetchone()
    return str(row[0]) if row else "VARCHAR"


def _judge(con: duckdb.DuckDBPyConnection, outcome: Overlay, one: Correction, target: uuid.UUID, rows: str) -> None:
    """Compare with the newest row that is younger than the correction and has a value."""
    key = "record_key" if rows == "prow" else "family_key"
    newer = con.execute(
        f"SELECT {one.variable}::VARCHAR, source, {key} FROM {rows} WHERE id = ? AND survey_date > ?"
        f" AND {one.variable} IS NOT NULL ORDER BY survey_date DESC LIMIT 1",
        [target, one.proposed_at.date()],
    ).fetchone()
    if newer is None:
        return
    if newer[0] == one.value:
        outcome.agreed.append(one.pk)
    elif one.state == Correction.State.ACTIVE:
        outcome.contested[one.pk] = (newer[1], newer[2])


def settle(outcome: Overlay, *, run: MatchRun, now: dt.datetime) -> None:
    """Retire the corrections that a newer source confirms, open a review of those it contests."""
    Correction.objects.filter(pk__in=outcome.agreed).update(state=Correction.State.RETIRED, ended_run=run.pk)
    for one in Correction.objects.filter(pk__in=list(outcome.contested)):
        source, key = outcome.contested[one.pk]
        one.state = Correction.State.CONTESTED
        one.save(update_fields=["state"])
        facts: dict[str, Any] = {
            "kind": ReviewPair.Kind.CORRECTION,
            "a_source": "correction",
            "a_key": str(one.pk),
            "b_source": source,
            "b_key": key,
        }
        if not ReviewPair.objects.filter(state=ReviewPair.State.OPEN, **facts).exists():
            ReviewPair.objects.create(
                run=run,
                region_code=one.region_code,
                regency=one.regency,
                probability=0.5,
                gain=1.0,
                reasons=["correction_contested"],
                a_id=one.object_id,
                b_id=one.object_id,
                **facts,
            )
