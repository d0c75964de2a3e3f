"""Row history by statement-level triggers, so that COPY and bulk updates leave history too.

`tracked` goes above a model; `because` says who did what, for every row that changes inside it.
"""

import contextlib
import datetime as dt
import json
import uuid
from collections.abc import Callable, Iterator
from typing import Any

import pghistory
import pgtrigger
from django.db import connection, models


def tracked(
    *, inserts: bool = True, exclude: list[str] | None = None
) -> Callable[[type[models.Model]], type[models.Model]]:
    """Return the decorator that gives a model its `<Model>Event` history table.

    `inserts=False` for tables that runs publish: there the first build is its own history, and
    only updates (the old row) and deletions are kept.
    """
    trackers: list[pghistory.Tracker] = [
        pghistory.UpdateEvent(row="OLD" if not inserts else "NEW"),
        pghistory.DeleteEvent(),
    ]
    if inserts:
        trackers.insert(0, pghistory.InsertEvent())
    return pghistory.track(
        *trackers,
        exclude=exclude,
        level=pgtrigger.Statement,
        append_only=False,
        # The library's own is 32 bits wide: a few national runs would use them up.
        attrs={"pgh_id": models.BigAutoField(primary_key=True)},
    )


def _metadata(operation: str, by: Any) -> dict[str, Any]:
    return {"operation": operation, "officer": None if by is None else str(by.pk)}


@contextlib.contextmanager
def because(operation: str, *, by: Any) -> Iterator[None]:
    """Attach operation and officer to every history row written inside the block."""
    with pghistory.context(**_metadata(operation, by)):
        yield


def set_context_for_copy(operation: str, *, by: Any) -> uuid.UUID:
    """Attach operation and officer to what the rest of this transaction writes, COPY included.

    Must run inside the transaction: COPY cannot carry the context that `because` injects into
    ordinary statements. Returns the id of the context.
    """
    if not connection.in_atomic_block:
        raise RuntimeError("the context of a COPY is set inside its transaction")
    context = uuid.uuid4()
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT set_config('pghistory.context_id', %s, true), set_config('pghistory.context_metadata', %s, true)",
            [str(context), json.dumps(_metadata(operation, by))],
        )
    return context


def find_versions(obj: models.Model, *, since: dt.datetime | None = None) -> models.QuerySet:
    """Return the history rows of an object, newest first, with their context."""
    events = type(obj).pgh_event_model  # type: ignore[attr-defined]
    versions = events.objects.filter(pgh_obj_id=obj.pk).select_related("pgh_context")
    if since is not None:
        versions = versions.filter(pgh_created_at__gte=since)
    return versions.order_by("-pgh_created_at", "-pgh_id")
