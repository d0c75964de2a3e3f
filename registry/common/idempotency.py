"""A request that may be sent again is carried out once; the repetition gets the first answer."""

import datetime as dt
import hashlib
import json
import uuid
from collections.abc import Callable, Mapping
from typing import Any

from django.db import connection, transaction

from registry.common.errors import StaleWrite
from registry.common.models import IdempotencyKey


def hash_of_payload(payload: Mapping[str, Any]) -> bytes:
    """Return the hash under which two payloads are the same content."""
    text = json.dumps(payload, sort_keys=True, separators=(",", ":"), default=str)
    return hashlib.sha256(text.encode()).digest()


def once(
    *,
    key: uuid.UUID,
    operation: str,
    payload: Mapping[str, Any],
    work: Callable[[], Any],
    by: Any,
    now: dt.datetime,
) -> tuple[Any, bool]:
    """Carry `work` out unless the key was used before; return its JSON result and whether it ran.

    Key, work and result are one transaction; a second request that comes meanwhile waits for it.

    Raises: StaleWrite `common.idempotency.other_content`.
    """
    content = hash_of_payload(payload)
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute(
                "INSERT INTO registry_idempotencykey"
                " (key, operation, payload_hash, created_at, actor_id)"
                " VALUES (%s, %s, %s, %s, %s) ON CONFLICT (key) DO NOTHING",
                [key, operation, content, now, None if by is None else by.pk],
            )
            fresh = cursor.rowcount == 1
        if fresh:
            result = work()
            IdempotencyKey.objects.filter(pk=key).update(result=result)
            return result, True
        earlier = IdempotencyKey.objects.get(pk=key)
        if earlier.operation != operation or bytes(earlier.payload_hash) != content:
            raise StaleWrite("common.idempotency.other_content")
        return earlier.result, False


def forget_keys(*, before: dt.datetime) -> int:
    """Delete keys used before then, when no phone or client repeats them any more; return how many."""
    return IdempotencyKey.objects.filter(created_at__lt=before).delete()[0]
