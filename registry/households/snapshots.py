"""Families as they stood, kept under the hash of what they hold: what scores, decisions and payments rely on.

No name and no number is in a snapshot: people by their public id, the coded items, dates of birth, relations.
`winner` and `run` say which delivered row each value came from (`registry.linkage.lineage`), `as_of` how old it is.
"""

import datetime as dt
import hashlib
import json
import uuid
from collections.abc import Iterable
from typing import Any

from registry.households.items import HOUSEHOLD_ITEMS, INDIVIDUAL_ITEMS
from registry.households.models import FamilySnapshot, Household, Membership

FORM = 1  # of `content`; a reader of later forms still reads this one
CHUNK = 2000


def keep_snapshots(household_ids: Iterable[uuid.UUID], *, now: dt.datetime) -> dict[uuid.UUID, bytes]:
    """Keep each family as it stands and return the hash of its snapshot (32 bytes) by its id.

    A family that has not changed gets the snapshot it already has. Ids of families that do not stand today are left out.
    """
    wanted = list(dict.fromkeys(household_ids))
    kept: dict[uuid.UUID, bytes] = {}
    for start in range(0, len(wanted), CHUNK):
        rows = [_snapshot(content, now) for content in _read(wanted[start : start + CHUNK])]
        FamilySnapshot.objects.bulk_create(rows, ignore_conflicts=True)
        kept |= {row.household_id: bytes(row.hash) for row in rows}
    return kept


def _read(ids: list[uuid.UUID]) -> Iterable[dict[str, Any]]:
    members: dict[uuid.UUID, list[dict[str, Any]]] = {}
    found = Membership.objects.current().filter(household__in=ids).select_related("individual").order_by("individual")
    for membership in found:
        person = membership.individual
        members.setdefault(membership.household_id, []).append(
            {
                "id": str(person.pk),
                "relation": membership.relation,
                "birth_date": _day(person.birth_date),
                "sex": person.sex,
                "items": _items(person, INDIVIDUAL_ITEMS),
                **_where_from(person),
            }
        )
    for household in Household.objects.active().filter(pk__in=ids):
        yield {
            "form": FORM,
            "id": str(household.pk),
            "region_code": household.region_code,
            "regency": household.regency,
            "items": _items(household, HOUSEHOLD_ITEMS),
            **_where_from(household),
            "members": members.get(household.pk, []),
        }


def _snapshot(content: dict[str, Any], now: dt.datetime) -> FamilySnapshot:
    text = json.dumps(content, sort_keys=True, separators=(",", ":"))
    return FamilySnapshot(
        hash=hashlib.sha256(text.encode()).digest(),
        household_id=uuid.UUID(content["id"]),
        regency=content["regency"],
        content=content,
        made_at=now,
    )


def _items(row: Any, names: Iterable[str]) -> dict[str, int]:
    return {name: value for name in names if (value := getattr(row, name)) is not None}


def _where_from(row: Any) -> dict[str, Any]:
    return {
        "as_of": _day(row.as_of),
        "run": row.run,
        "version": row.version,
        "winner": None if row.winner is None else bytes(row.winner).hex(),
    }


def _day(day: dt.date | None) -> str | None:
    return day.isoformat() if day else None
