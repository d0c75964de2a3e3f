"""The one written locking order, and advisory locks by name.

Who needs several locks takes them in this order, so that two operations never wait for each
other. `lock_rows` does it for rows; advisory locks come before all rows.

1. advisory locks (`advisory("publish")`, `advisory("delivery:<id>")`), alphabetically
2. rows of models in the order of `LOCK_ORDER`, within a model by primary key
3. everything that hangs on those rows (history, audit, outbox) takes no lock of its own
"""

import contextlib
import hashlib
from collections.abc import Iterator
from typing import Any

from django.db import connections, transaction
from django.db.models import Model, QuerySet

from registry.common.errors import DomainError

LOCK_ORDER = (
    "registry.Officer",
    "registry.OfficerRole",
    "registry.CaseGrant",
    "registry.Delivery",
    "registry.MatchRun",
    "registry.ReviewPair",
    "registry.Household",
    "registry.Individual",
    "registry.Membership",
    "registry.Correction",
    "registry.Enrolment",
    "registry.Job",
)


def key_of(name: str) -> int:
    """Return the 64-bit number PostgreSQL locks for a name."""
    digest = hashlib.sha256(b"dtsen:" + name.encode()).digest()
    return int.from_bytes(digest[:8], "big", signed=True)


@contextlib.contextmanager
def advisory(name: str, *, wait: bool = True, using: str = "default") -> Iterator[None]:
    """Hold the named lock of this database session: across transactions, until the block ends.

    Inside a transaction it is held until that ends (it could not be given back after an error).
    It is lost with the session, so a killed process never leaves it behind. Needs a direct
    connection or PgBouncer in session mode.

    Raises: DomainError `common.lock.busy` when `wait` is False and another session holds it.
    """
    connection = connections[using]
    if connection.in_atomic_block:
        lock_in_transaction(name, wait=wait, using=using)
        yield
        return
    key = key_of(name)
    with connection.cursor() as cursor:
        if wait:
            cursor.execute("SELECT pg_advisory_lock(%s)", [key])
        else:
            cursor.execute("SELECT pg_try_advisory_lock(%s)", [key])
            if not cursor.fetchone()[0]:
                raise DomainError("common.lock.busy", name=name)
    try:
        yield
    finally:
        if connection.connection is not None and not connection.connection.closed:
            with connection.cursor() as cursor:
                cursor.execute("SELECT pg_advisory_unlock(%s)", [key])


def lock_in_transaction(name: str, *, wait: bool = True, using: str = "default") -> None:
    """Hold the named lock until the present transaction ends.

    Raises: DomainError `common.lock.busy` when `wait` is False and another session holds it.
    """
    connection = connections[using]
    if not connection.in_atomic_block:
        raise transaction.TransactionManagementError("lock_in_transaction needs a transaction")
    with connection.cursor() as cursor:
        if wait:
            cursor.execute("SELECT pg_advisory_xact_lock(%s)", [key_of(name)])
        else:
            cursor.execute("SELECT pg_try_advisory_xact_lock(%s)", [key_of(name)])
            if not cursor.fetchone()[0]:
                raise DomainError("common.lock.busy", name=name)


def _place(model: type[Model]) -> int:
    label = model._meta.label
    return LOCK_ORDER.index(label) if label in LOCK_ORDER else len(LOCK_ORDER)


def lock_rows(*querysets: QuerySet) -> list[list[Any]]:
    """Lock the rows of several QuerySets in the written order; return them as they were given.

    Needs a transaction. Rows are read afresh under the lock.
    """
    order = sorted(range(len(querysets)), key=lambda i: (_place(querysets[i].model), i))
    locked: dict[int, list[Any]] = {}
    for i in order:
        locked[i] = list(querysets[i].order_by("pk").select_for_update(of=("self",)))
    return [locked[i] for i in range(len(querysets))]
