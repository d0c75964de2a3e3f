"""The read log: who looked at whose data, through which door, for which task.

One look at a family is one row with its subjects; an export is one row with its selection.
"""

import datetime as dt
import uuid
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone

from registry.common.models import AccessLog, AccessSubject

# Beyond this many subjects a look keeps its selection instead of one row for each person.
MOST_SUBJECTS = 1000

PURPOSES: dict[str, tuple[str, str]] = {}


def register_purposes(purposes: Mapping[str, tuple[str, str]]) -> None:
    """Add the tasks for which personal data are looked at: ``{code: (Indonesian, English)}``."""
    for code, pair in purposes.items():
        if PURPOSES.setdefault(code, pair) != pair:
            raise ValueError(f"purpose {code!r} has two different names")


def label_of_purpose(code: str, language: str) -> str:
    """Return the name of a purpose in `language`, the code itself where it has none."""
    pair = PURPOSES.get(code, (code, code))
    return pair[1 if language.startswith("en") else 0]


Resolver = Callable[[Mapping[str, Any], uuid.UUID, dt.datetime], bool]
_RESOLVERS: dict[str, Resolver] = {}


def register_selection(door: str, resolver: Resolver) -> None:
    """Say how the stored selection of a door is resolved for one person.

    `resolver(selection, individual_id, at)` answers whether the person was among those selected.
    """
    _RESOLVERS[door] = resolver


def record_read(
    by: Any,
    door: str,
    purpose: str,
    individuals: Iterable[Any] = (),
    households: Iterable[Any] = (),
    *,
    selection: Mapping[str, Any] | None = None,
    count: int | None = None,
    now: dt.datetime | None = None,
) -> AccessLog:
    """Append one look at personal data.

    `door` is the page or interface (``office.family``), `purpose` the code of the task at hand
    (``review.pair``). Individuals and households are ids or objects; an export gives its
    `selection` (what resolves to the people again) and `count` instead.

    Raises: ValueError when there are more than MOST_SUBJECTS subjects and no selection.
    """
    at = now or timezone.now()
    subjects = [
        (kind, item if isinstance(item, uuid.UUID) else uuid.UUID(str(getattr(item, "pk", item))))
        for kind, items in (
            (AccessSubject.Kind.INDIVIDUAL, individuals),
            (AccessSubject.Kind.HOUSEHOLD, households),
        )
        for item in items
    ]
    if len(subjects) > MOST_SUBJECTS:
        if selection is None:
            raise ValueError("a look at this many people must keep its selection")
        count, subjects = count or len(subjects), []
    with transaction.atomic(savepoint=False):
        log = AccessLog.objects.create(
            at=at,
            officer=by,
            door=door,
            purpose=purpose,
            subjects=len(subjects) if count is None else count,
            selection=None if selection is None else dict(selection),
        )
        AccessSubject.objects.bulk_create(
            AccessSubject(at=at, log_id=log.pk, kind=kind, subject_id=subject)
            for kind, subject in dict.fromkeys(subjects)
        )
    return log


def get_reads_of(individual_id: uuid.UUID) -> QuerySet[AccessLog]:
    """Return the looks that showed this person by name, newest first (without exports)."""
    shown = AccessSubject.objects.filter(subject_id=individual_id).values("log_id")
    return AccessLog.objects.filter(pk__in=shown).select_related("officer")


def find_exports_with(individual_id: uuid.UUID, *, since: dt.datetime) -> list[AccessLog]:
    """Return the exports since then whose stored selection held this person, newest first."""
    exports = AccessLog.objects.filter(selection__isnull=False, at__gte=since)
    return [
        log
        for log in exports.select_related("officer").order_by("-at", "-id")
        if log.door in _RESOLVERS and _RESOLVERS[log.door](log.selection or {}, individual_id, log.at)
    ]
