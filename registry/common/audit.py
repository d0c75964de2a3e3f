"""The record of operations: `record` appends one event in the transaction of the change.

Chaining and checking is `sealing.py`; row-by-row history is `history.py`.
"""

import datetime as dt
from collections.abc import Mapping
from typing import Any

from django.db import transaction

from registry.common.errors import DomainError, render_sentence
from registry.common.models import AuditEvent

EVENT_SENTENCES: dict[str, tuple[str, str]] = {}


def register_event_sentences(sentences: Mapping[str, tuple[str, str]]) -> None:
    """Add the sentences of a stage's audit events: ``{operation: (Indonesian, English)}``.

    Braces name the event's params, also `{actor}` and `{object}`.
    Raises ValueError when an operation is registered twice with different words.
    """
    for operation, pair in sentences.items():
        if EVENT_SENTENCES.setdefault(operation, pair) != pair:
            raise ValueError(f"audit event {operation!r} has two different sentences")


def record(
    operation: str,
    *,
    by: Any,
    obj_type: str,
    obj_id: Any,
    regency: int | None = None,
    params: Mapping[str, Any] | None = None,
    now: dt.datetime,
) -> AuditEvent:
    """Append the audit event of an operation; takes no lock, commits with the change.

    `by` is the officer, or None where nobody is signed in (a refused sign-in). `params` holds
    public ids and codes, never a NIK, a KK number or a name.

    Raises: DomainError `common.audit.no_sentence` when the operation has no sentence.
    """
    if operation not in EVENT_SENTENCES:
        raise DomainError("common.audit.no_sentence", operation=operation)
    with transaction.atomic(savepoint=False):
        return AuditEvent.objects.create(
            at=now,
            actor=by,
            operation=operation,
            obj_type=obj_type,
            obj_id=str(obj_id),
            regency=regency,
            params=dict(params or {}),
        )


def describe(event: AuditEvent, language: str | None = None) -> str:
    """Return the event as one sentence that an auditor can read."""
    pair = EVENT_SENTENCES.get(event.operation, (event.operation, event.operation))
    facts = {
        **event.params,
        "actor": str(event.actor) if event.actor_id else "–",
        "object": event.obj_id,
    }
    return render_sentence(pair, facts, language)


register_event_sentences(
    {
        "common.job.cancel_requested": (
            "{actor} meminta pekerjaan {kind} dibatalkan",
            "{actor} asked to cancel the job {kind}",
        ),
        "common.audit.verified": (
            "{actor} memeriksa jejak audit: {events} peristiwa cocok",
            "{actor} verified the audit trail: {events} events fit",
        ),
        "common.audit.broken": (
            "{actor} memeriksa jejak audit: rantai putus pada blok/peristiwa {place}",
            "{actor} verified the audit trail: it breaks at block/event {place}",
        ),
        "common.keys.made": (
            "Kunci baru dibuat: {names}",
            "New keys were made: {names}",
        ),
    }
)
