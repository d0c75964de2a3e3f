"""The hash chain over the audit events: `seal` makes blocks, `verify` walks them.

One sealer lists the committed events that no block lists yet in the next block, with the digest
of each, their Merkle root and the hash of the block before. Ids may have gaps, and an event that
commits late goes into a later block. The first event that was changed, removed or slipped in is
named. Cutting off the newest blocks cannot be seen from inside: `verify` prints the head of the
chain, which somebody outside keeps, and takes it back as `known_head`.
"""

import datetime as dt
import hashlib
import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.db import connection, transaction

from registry.common import locks
from registry.common.audit import record
from registry.common.errors import DomainError
from registry.common.models import AuditBlock, AuditEvent, AuditUnsealed

GENESIS = bytes(32)
MOST_EVENTS = 5000
# Events committed longer ago than this should have been sealed; `verify` says so if not.
LATEST = dt.timedelta(minutes=5)

_FIELDS = ("id", "at", "actor_id", "operation", "obj_type", "obj_id", "regency", "params")


def digest_of(event: dict[str, Any]) -> bytes:
    """Return the SHA-256 of an event in its canonical form (sorted JSON, UTC, leaf prefix)."""
    plain = {
        **event,
        "at": event["at"].astimezone(dt.UTC).isoformat(timespec="microseconds"),
        "actor_id": None if event["actor_id"] is None else str(event["actor_id"]),
    }
    text = json.dumps(plain, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return hashlib.sha256(b"\x00" + text.encode()).digest()


def merkle_root(digests: Sequence[bytes]) -> bytes:
    """Return the root of the hash tree over the digests (an odd one is carried up, RFC 9162).

    >>> merkle_root([bytes(32)]) == bytes(32)
    True
    """
    level = list(digests)
    while len(level) > 1:
        paired = [hashlib.sha256(b"\x01" + level[i] + level[i + 1]).digest() for i in range(0, len(level) - 1, 2)]
        level = paired + (level[-1:] if len(level) % 2 else [])
    return level[0] if level else GENESIS


def hash_of_block(
    *, number: int, sealed_at: dt.datetime, event_ids: Sequence[int], root: bytes, previous: bytes
) -> bytes:
    """Return the hash that ties a block to the one before."""
    head = json.dumps(
        [
            number,
            sealed_at.astimezone(dt.UTC).isoformat(timespec="microseconds"),
            list(event_ids),
            bytes(root).hex(),
            bytes(previous).hex(),
        ],
        separators=(",", ":"),
    )
    return hashlib.sha256(b"\x02" + head.encode()).digest()


def seal(*, now: dt.datetime, limit: int = MOST_EVENTS) -> AuditBlock | None:
    """Chain the committed events that no block lists yet; None when there are none.

    Only one sealer works at a time: a second one leaves at once.
    """
    with transaction.atomic():
        try:
            locks.lock_in_transaction("audit.seal", wait=False)
        except DomainError:
            return None
        ids = sorted(AuditUnsealed.objects.order_by("event_id").values_list("event_id", flat=True)[:limit])
        if not ids:
            return None
        digests = [digest_of(event) for event in _read_events(ids)]
        if len(digests) != len(ids):
            # Somebody removed an event before it was sealed: `verify` will name it, since its
            # mark stays behind. The others must not wait.
            found = set(AuditEvent.objects.filter(pk__in=ids).values_list("pk", flat=True))
            ids = [i for i in ids if i in found]
            if not ids:
                return None
        last = AuditBlock.objects.order_by("-number").first()
        number = last.number + 1 if last else 1
        previous = bytes(last.hash) if last else GENESIS
        root = merkle_root(digests)
        block = AuditBlock.objects.create(
            number=number,
            sealed_at=now,
            event_ids=ids,
            digests=b"".join(digests),
            root=root,
            previous=previous,
            hash=hash_of_block(number=number, sealed_at=now, event_ids=ids, root=root, previous=previous),
        )
        AuditUnsealed.objects.filter(event_id__in=ids).delete()
    return block


def seal_all(*, now: dt.datetime) -> int:
    """Seal what is there now, in as many blocks as it takes; return how many events."""
    sealed = 0
    while (block := seal(now=now)) is not None:
        sealed += len(block.event_ids)
        if len(block.event_ids) < MOST_EVENTS:
            break  # what came meanwhile waits for the next second
    return sealed


def _read_events(ids: Sequence[int]) -> Iterable[dict[str, Any]]:
    return AuditEvent.objects.filter(pk__in=ids).order_by("pk").values(*_FIELDS)


@dataclass(frozen=True)
class Fault:
    """The first thing in the chain that does not fit."""

    block: int | None
    event: int | None
    why: str  # changed | missing | unlisted | listed_twice | block_changed | block_missing | …


@dataclass
class Verdict:
    """What a walk over the chain found."""

    blocks: int = 0
    events: int = 0
    unsealed: int = 0
    overdue: int = 0
    head: str = ""
    fault: Fault | None = None
    notes: list[str] = field(default_factory=list)


def verify(*, now: dt.datetime, known_head: str | None = None) -> Verdict:
    """Walk all blocks and compare every event with its sealed digest; stop at the first fault.

    `known_head` is ``number:hash`` as an earlier walk printed it: the chain must still hold it.
    """
    verdict = Verdict()
    outermost = not connection.in_atomic_block
    with transaction.atomic():
        if outermost:
            # One snapshot of all tables: what commits during the walk is not looked at.
            with connection.cursor() as cursor:
                cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
        _walk(verdict, known_head)
        if verdict.fault is None:
            _look_for_unlisted(verdict, now)
    return verdict


def verify_on_record(*, by: Any, now: dt.datetime, known_head: str | None = None) -> Verdict:
    """Walk the chain as `verify` does, and keep on record who did it and what came out."""
    verdict = verify(now=now, known_head=known_head)
    fault = verdict.fault
    record(
        "common.audit.verified" if fault is None else "common.audit.broken",
        by=by,
        obj_type="audit",
        obj_id="chain",
        params={
            "events": verdict.events,
            "head": verdict.head,
            "place": "" if fault is None else f"{fault.block or '–'}/{fault.event or '–'}",
        },
        now=now,
    )
    return verdict


def _walk(verdict: Verdict, known_head: str | None) -> None:
    previous, number = GENESIS, 0
    wanted = known_head.partition(":") if known_head else None
    met = wanted is None
    for block in AuditBlock.objects.order_by("number").iterator(chunk_size=20):
        number += 1
        verdict.fault = _check_block(block, number, previous)
        if verdict.fault is not None:
            return
        verdict.blocks += 1
        verdict.events += len(block.event_ids)
        previous = bytes(block.hash)
        verdict.head = f"{block.number}:{previous.hex()}"
        if wanted and wanted[0] == str(block.number):
            if wanted[2] != previous.hex():
                verdict.fault = Fault(block.number, None, "head_differs")
                return
            met = True
    if not met:
        verdict.fault = Fault(number, None, "head_missing")


def _check_block(block: AuditBlock, number: int, previous: bytes) -> Fault | None:
    if block.number != number:
        return Fault(number, None, "block_missing")
    digests = list(_cut(bytes(block.digests)))
    whole = hash_of_block(
        number=block.number,
        sealed_at=block.sealed_at,
        event_ids=block.event_ids,
        root=bytes(block.root),
        previous=bytes(block.previous),
    )
    if bytes(block.previous) != previous or bytes(block.hash) != whole:
        return Fault(number, None, "block_changed")
    if len(digests) != len(block.event_ids) or merkle_root(digests) != bytes(block.root):
        return Fault(number, None, "block_changed")
    found = {event["id"]: event for event in _read_events(block.event_ids)}
    for event_id, digest in zip(block.event_ids, digests, strict=True):
        if event_id not in found:
            return Fault(number, event_id, "missing")
        if digest_of(found[event_id]) != digest:
            return Fault(number, event_id, "changed")
    return None


def _cut(digests: bytes) -> Iterator[bytes]:
    for start in range(0, len(digests), 32):
        yield digests[start : start + 32]


# Events of no block: those the sealer has still to do (marked) and those that have lost their
# mark. Marks without an event: somebody removed the event before it was sealed.
_UNLISTED = """
    WITH listed AS (SELECT unnest(event_ids) AS id FROM registry_auditblock)
    SELECT e.id, e.at, u.event_id IS NOT NULL
    FROM registry_auditevent e
    LEFT JOIN registry_auditunsealed u ON u.event_id = e.id
    WHERE NOT EXISTS (SELECT 1 FROM listed l WHERE l.id = e.id)
    ORDER BY e.id
"""
_ORPHANS = """
    SELECT u.event_id FROM registry_auditunsealed u
    WHERE NOT EXISTS (SELECT 1 FROM registry_auditevent e WHERE e.id = u.event_id)
    ORDER BY u.event_id LIMIT 1
"""
_TWICE = """
    SELECT id FROM (SELECT unnest(event_ids) AS id FROM registry_auditblock) AS listed
    GROUP BY id HAVING count(*) > 1 ORDER BY id LIMIT 1
"""


def _look_for_unlisted(verdict: Verdict, now: dt.datetime) -> None:
    with connection.cursor() as cursor:
        cursor.execute(_UNLISTED)
        for event_id, at, marked in cursor.fetchall():
            if not marked:
                verdict.fault = Fault(None, event_id, "unlisted")
                return
            verdict.unsealed += 1
            verdict.overdue += at < now - LATEST
        for sql, why in ((_ORPHANS, "missing"), (_TWICE, "listed_twice")):
            cursor.execute(sql)
            row = cursor.fetchone()
            if row is not None:
                verdict.fault = Fault(None, row[0], why)
                return
