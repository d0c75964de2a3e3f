"""Public ids that lead on: every reference from outside is resolved here before it is looked up."""

import datetime as dt
import uuid
from collections.abc import Iterable, Mapping

from django.db import connection

from registry.common.models import IdAlias

# Follows old -> current as often as needed; UNION (not UNION ALL) ends a ring.
_FOLLOW = """
    WITH RECURSIVE way(start, id) AS (
        SELECT a.old_id, a.current_id FROM registry_idalias a WHERE a.old_id = ANY(%s)
        UNION
        SELECT way.start, a.current_id FROM way JOIN registry_idalias a ON a.old_id = way.id
    )
    SELECT start, id FROM way
    WHERE NOT EXISTS (SELECT 1 FROM registry_idalias a WHERE a.old_id = way.id)
"""

_LEAD = """
    WITH RECURSIVE way(id) AS (
        SELECT a.old_id FROM registry_idalias a WHERE a.current_id = %s
        UNION
        SELECT a.old_id FROM way JOIN registry_idalias a ON a.current_id = way.id
    )
    SELECT id FROM way
"""


def resolve_ids(ids: Iterable[uuid.UUID]) -> dict[uuid.UUID, uuid.UUID]:
    """Return today's id for each id; one that never changed leads to itself."""
    asked = list(ids)
    with connection.cursor() as cursor:
        cursor.execute(_FOLLOW, [asked])
        found = dict(cursor.fetchall())
    return {one: found.get(one, one) for one in asked}


def resolve_id(one: uuid.UUID) -> uuid.UUID:
    """Return today's id for a public id that may be an old one."""
    return resolve_ids([one])[one]


def find_former_ids(current: uuid.UUID) -> list[uuid.UUID]:
    """Return every id that leads to this one today."""
    with connection.cursor() as cursor:
        cursor.execute(_LEAD, [current])
        return [row[0] for row in cursor.fetchall()]


def add_aliases(
    current_of: Mapping[uuid.UUID, uuid.UUID],
    *,
    kind: str,
    run: int | None = None,
    now: dt.datetime,
) -> None:
    """Keep that the old ids lead to others from now on; an id that comes back loses its alias."""
    revived = set(current_of.values())
    IdAlias.objects.filter(old_id__in=revived).delete()
    IdAlias.objects.bulk_create(
        [
            IdAlias(old_id=old, current_id=current, kind=kind, run=run, at=now)
            for old, current in current_of.items()
            if old != current
        ],
        update_conflicts=True,
        unique_fields=["old_id"],
        update_fields=["current_id", "kind", "run", "at"],
        batch_size=5000,
    )
