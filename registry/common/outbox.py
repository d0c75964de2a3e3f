"""What must follow a committed change: a row in the same transaction, sent by the sweeper.

Signals of the room are in `registry/signals.py`, tasks in `registry/tasks.py`; both register
here under their name. A message may arrive twice, never not at all.
"""

import datetime as dt
import logging
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from django.db import transaction
from django.utils import timezone

from registry.common.models import Outbox
from registry.common.privacy import mask_text

logger = logging.getLogger(__name__)

Receiver = Callable[..., Any]
_RECEIVERS: dict[str, Receiver] = {}

LONGEST_WAIT = dt.timedelta(hours=1)


def register_receiver(signal: str, receiver: Receiver) -> None:
    """Say who gets the messages of a signal: called with the payload as keyword arguments."""
    _RECEIVERS[signal] = receiver


def enqueue(signal: str, payload: Mapping[str, Any] | None = None, *, now: dt.datetime | None = None) -> Outbox:
    """Write a message that is sent after the present transaction has committed.

    The payload carries public ids and codes only. Raises ValueError for an unknown signal.
    """
    if signal not in _RECEIVERS:
        raise ValueError(f"nobody registered the signal {signal!r}")
    at = now or timezone.now()
    return Outbox.objects.create(signal=signal, payload=dict(payload or {}), created_at=at, due_at=at)


def enqueue_all(signal: str, payloads: Sequence[Mapping[str, Any]], *, now: dt.datetime) -> None:
    """Write many messages of one signal, as `enqueue` writes one.

    Raises ValueError for an unknown signal.
    """
    if signal not in _RECEIVERS:
        raise ValueError(f"nobody registered the signal {signal!r}")
    Outbox.objects.bulk_create(
        (Outbox(signal=signal, payload=dict(payload), created_at=now, due_at=now) for payload in payloads),
        batch_size=5000,
    )


def sweep(*, limit: int = 200, now: dt.datetime | None = None) -> int:
    """Send the due messages, oldest first, and return how many were sent.

    Several sweepers may run at once. One that fails waits twice as long each time, up to an hour.
    """
    sent = 0
    for _ in range(limit):
        if not _send_next(now or timezone.now()):
            break
        sent += 1
    return sent


def _send_next(now: dt.datetime) -> bool:
    with transaction.atomic():
        message = (
            Outbox.objects.select_for_update(skip_locked=True)
            .filter(sent_at=None, due_at__lte=now)
            .order_by("due_at", "id")
            .first()
        )
        if message is None:
            return False
        try:
            with transaction.atomic():
                _RECEIVERS[message.signal](**message.payload)
        except Exception as error:  # whatever the receiver did, the message must not be lost
            logger.exception("outbox message %s (%s) failed", message.pk, message.signal)
            message.attempts = min(message.attempts + 1, 1000)
            message.error = mask_text(f"{type(error).__name__}: {error}")[:500]
            wait = dt.timedelta(seconds=2 ** min(message.attempts, 12))
            message.due_at = now + min(wait, LONGEST_WAIT)
            message.save(update_fields=["attempts", "error", "due_at"])
        else:
            message.sent_at = now
            message.error = ""
            message.save(update_fields=["sent_at", "error"])
        return True


def forget_sent(*, before: dt.datetime) -> int:
    """Delete messages that were sent before then; return how many."""
    return Outbox.objects.filter(sent_at__lt=before).delete()[0]
