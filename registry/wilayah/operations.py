"""Changes to the regions: loading files in one transaction, by the difference.

Codes are never deleted: one that ceases keeps its row, so that an old NIK can be read.
"""

import datetime as dt
from dataclasses import dataclass
from typing import Any

from django.db import connection, transaction
from django.utils import timezone

from registry.common.audit import record
from registry.common.errors import BadInput
from registry.wilayah import events as _events  # noqa: F401  (registers them)
from registry.wilayah.codes import level_of, parent_of
from registry.wilayah.files import (
    BridgeRow,
    RegionRow,
    SuccessionRow,
    dated_by_succession,
    historic_regions,
)


@dataclass(frozen=True)
class LoadedRegions:
    """What a load changed, counted."""

    added: int
    changed: int
    ended: int
    same: int
    bridged: int

    @property
    def is_noop(self) -> bool:
        """Say whether the register held all of it already."""
        return not (self.added or self.changed or self.ended or self.bridged)


def load_regions(
    *,
    regions: list[RegionRow],
    bridge: list[BridgeRow] | None = None,
    successions: list[SuccessionRow] | None = None,
    complete: bool = False,
    on: dt.date | None = None,
    by: Any,
    now: dt.datetime,
) -> LoadedRegions:
    """Make the register hold these regions; what is the same already stays untouched.

    With `complete`, regions in force that the files lack cease on the day `on` (default today).

    Raises: BadInput `wilayah.load.empty`, `wilayah.load.orphan`.
    """
    if not regions:
        raise BadInput("wilayah.load.empty")
    follow = successions or []
    rows = dated_by_succession(regions, follow)
    known = {row.code for row in rows}
    rows += [r for r in historic_regions(regions, bridge or [], follow) if r.code not in known]
    day = on or timezone.localdate(now)
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("LOCK TABLE registry_region IN SHARE ROW EXCLUSIVE MODE")
        total = _copy_regions(cursor, rows)
        _refuse_orphans(cursor)
        cursor.execute(_UPDATE)
        changed = cursor.rowcount
        cursor.execute(_INSERT)
        added = cursor.rowcount
        ended = 0
        if complete:
            cursor.execute(_END, {"day": day})
            ended = cursor.rowcount
        _write_successions(cursor, follow)
        bridged = _write_bridge(cursor, bridge or [])
        cursor.execute("DROP TABLE incoming_region")
        loaded = LoadedRegions(added, changed, ended, total - added - changed, bridged)
        record(
            "wilayah.regions.loaded",
            by=by,
            obj_type="region",
            obj_id="all",
            params={
                "added": added,
                "changed": changed,
                "ended": ended,
                "same": loaded.same,
                "bps_codes": bridged,
            },
            now=now,
        )
    return loaded


_UPDATE = """
    UPDATE registry_region region
    SET name = incoming.name,
        valid = daterange(coalesce(incoming.since, lower(region.valid)), incoming.until),
        successor_id = coalesce(incoming.successor, region.successor_id)
    FROM incoming_region incoming
    WHERE incoming.code = region.code
      AND (region.name, region.valid, region.successor_id) IS DISTINCT FROM
          (incoming.name,
           daterange(coalesce(incoming.since, lower(region.valid)), incoming.until),
           coalesce(incoming.successor, region.successor_id))
"""

# In the order of the code: a region after the one it lies in, and near its neighbours.
_INSERT = """
    INSERT INTO registry_region (code, level, parent_id, name, valid, successor_id)
    SELECT code, level, parent, name, daterange(since, until), successor
    FROM incoming_region incoming
    WHERE NOT EXISTS (SELECT 1 FROM registry_region region WHERE region.code = incoming.code)
    ORDER BY code
"""

_END = """
    UPDATE registry_region region
    SET valid = daterange(lower(valid), %(day)s)
    WHERE valid @> %(day)s::date
      AND (lower(valid) IS NULL OR lower(valid) < %(day)s)
      AND NOT EXISTS (SELECT 1 FROM incoming_region i WHERE i.code = region.code)
"""


def _copy_regions(cursor: Any, rows: list[RegionRow]) -> int:
    cursor.execute(
        """
        CREATE TEMPORARY TABLE incoming_region (
            code varchar(13) COLLATE "C", level smallint, parent varchar(13) COLLATE "C",
            name varchar(80), since date, until date, successor varchar(13) COLLATE "C"
        ) ON COMMIT DROP
        """
    )
    with cursor.copy("COPY incoming_region FROM STDIN") as copy:
        for row in rows:
            copy.write_row(
                (
                    row.code,
                    level_of(row.code),
                    parent_of(row.code),
                    row.name,
                    row.since,
                    row.until,
                    row.successor,
                )
            )
    cursor.execute("ANALYZE incoming_region")
    return len(rows)


def _refuse_orphans(cursor: Any) -> None:
    cursor.execute(
        """
        SELECT child.code, needed.code FROM incoming_region child,
            LATERAL (VALUES (child.parent), (child.successor)) needed (code)
        WHERE needed.code IS NOT NULL
          AND NOT EXISTS (SELECT 1 FROM incoming_region i WHERE i.code = needed.code)
          AND NOT EXISTS (SELECT 1 FROM registry_region r WHERE r.code = needed.code)
        ORDER BY 1 LIMIT 1
        """
    )
    orphan = cursor.fetchone()
    if orphan:
        raise BadInput("wilayah.load.orphan", region=orphan[0], parent=orphan[1])


def _write_successions(cursor: Any, rows: list[SuccessionRow]) -> None:
    for row in rows:
        cursor.execute(
            """
            INSERT INTO registry_regionsuccession (old_id, new_id, since, kind, source)
            SELECT %s, %s, %s, %s, %s
            WHERE (SELECT count(*) FROM registry_region WHERE code IN (%s, %s)) = 2
            ON CONFLICT (old_id, new_id) DO UPDATE
            SET since = excluded.since, kind = excluded.kind, source = excluded.source
            """,
            [row.old, row.new, row.since, row.kind, row.source, row.old, row.new],
        )


def _write_bridge(cursor: Any, rows: list[BridgeRow]) -> int:
    """Write what differs; a code whose region the register does not know is left out."""
    if not rows:
        return 0
    cursor.execute("CREATE TEMPORARY TABLE incoming_bridge (bps_code text, bps_name text, code text) ON COMMIT DROP")
    with cursor.copy("COPY incoming_bridge FROM STDIN") as copy:
        for row in rows:
            copy.write_row((row.bps_code, row.bps_name, row.code))
    cursor.execute(
        """
        MERGE INTO registry_bpsbridge bridge
        USING (SELECT i.* FROM incoming_bridge i JOIN registry_region r ON r.code = i.code) new
        ON bridge.bps_code = new.bps_code
        WHEN MATCHED AND (bridge.bps_name, bridge.region_id) IS DISTINCT FROM
                         (new.bps_name, new.code)
            THEN UPDATE SET bps_name = new.bps_name, region_id = new.code
        WHEN NOT MATCHED THEN INSERT (bps_code, bps_name, region_id, valid)
            VALUES (new.bps_code, new.bps_name, new.code, daterange(NULL, NULL))
        """
    )
    written: int = cursor.rowcount
    cursor.execute("DROP TABLE incoming_bridge")
    return written
