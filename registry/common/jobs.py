"""Long work that can be watched, cancelled and taken up again: `Job` and its handle.

A command runs its work inside ``with start_job("build", by=officer) as job:``; the office
queues it with `queue_job`, and a worker runs the kind's `work` through `run_job`. The handle
writes from its own thread and connection, so progress is seen while the work itself sits in one
long transaction, and it holds an advisory lock there: a task that Redis gives out a second time
finds the lock taken and leaves. When a worker dies, its lock and heartbeat end, and
`revive_jobs` queues the job again.
"""

import contextlib
import datetime as dt
import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from django.db import transaction
from django.db.models import F, Q, QuerySet
from django.utils import timezone

from registry.common import locks, outbox
from registry.common.audit import record
from registry.common.errors import DomainError, InvalidMove
from registry.common.job_handle import JobCancelled, JobHandle
from registry.common.key_check import check_keys
from registry.common.models import Job

__all__ = [
    "JobCancelled",
    "JobHandle",
    "JobKind",
    "claim_job",
    "eta_seconds",
    "find_silent",
    "get_kind",
    "get_queued",
    "hand_over_with",
    "is_known",
    "label_of",
    "no_job",
    "queue_job",
    "register_kind",
    "request_cancel",
    "revive_jobs",
    "run_job",
    "start_job",
    "step_label_of",
]

logger = logging.getLogger(__name__)

# A worker beats every 5 s (job_handle.BEAT_SECONDS); a minute of silence means that it is gone.
SILENCE = dt.timedelta(seconds=60)
# A queue may be long, but a broker may also have lost it: hand a waiting job over again, which
# does no harm when it was not lost.
WAITING = dt.timedelta(minutes=15)


@dataclass(frozen=True)
class JobKind:
    """A kind of long work: its label, its steps with their share of the time, what it does."""

    name: str
    label: tuple[str, str]
    steps: Mapping[str, tuple[str, str]]
    shares: Mapping[str, float]
    work: Callable[[JobHandle], Any] | None
    attempts: int


_KINDS: dict[str, JobKind] = {}
_hand_over: list[Callable[[str], Any]] = []


def register_kind(
    name: str,
    *,
    label: tuple[str, str],
    steps: Mapping[str, tuple[str, str]] | None = None,
    shares: Mapping[str, float] | None = None,
    work: Callable[[JobHandle], Any] | None = None,
    attempts: int = 3,
) -> JobKind:
    """Declare a kind of job; labels are (Indonesian, English).

    `shares` are the steps' parts of the whole time (equal when left out). `work(handle)` is what
    a worker does for a queued job: it reads `handle.job.params` and calls one operation, in the
    name of `handle.job.created_by`. Without it only commands run this kind.
    """
    parts = dict(steps or {})
    weights = dict(shares or dict.fromkeys(parts, 1.0))
    whole = sum(weights.values()) or 1.0
    kind = JobKind(name, label, parts, {k: w / whole for k, w in weights.items()}, work, attempts)
    _KINDS[name] = kind
    return kind


def hand_over_with(task: Callable[[str], Any]) -> None:
    """Say how the id of a queued job reaches a worker (`registry/tasks.py` does)."""
    _hand_over[:] = [task]


def is_known(kind: str) -> bool:
    """Return whether the kind was registered."""
    return kind in _KINDS


def get_kind(name: str) -> JobKind:
    """Return the kind.

    Raises: DomainError `common.job.unknown_kind`.
    """
    try:
        return _KINDS[name]
    except KeyError:
        raise DomainError("common.job.unknown_kind", kind=name) from None


def queue_job(
    kind: str,
    *,
    by: Any,
    params: Mapping[str, Any] | None = None,
    regency: int | None = None,
    now: dt.datetime | None = None,
) -> Job:
    """Write a job for the workers; it starts after the present transaction has committed.

    Raises: DomainError `common.job.unknown_kind`.
    """
    if get_kind(kind).work is None:
        raise DomainError("common.job.unknown_kind", kind=kind)
    at = now or timezone.now()
    with transaction.atomic():
        job = Job.objects.create(kind=kind, params=dict(params or {}), regency=regency, created_at=at, created_by=by)
        outbox.enqueue("job.queued", {"job_id": str(job.pk)}, now=at)
    return job


def _hand_to_workers(job_id: str) -> None:
    waiting = Job.objects.filter(pk=job_id, state=Job.State.QUEUED)
    if not waiting.update(heartbeat_at=timezone.now()):
        return
    if not _hand_over:
        raise RuntimeError("no worker can be reached from this process")
    _hand_over[0](job_id)


outbox.register_receiver("job.queued", _hand_to_workers)


def start_job(
    kind: str,
    *,
    by: Any,
    params: Mapping[str, Any] | None = None,
    regency: int | None = None,
    terminal: bool = False,
    now: dt.datetime | None = None,
) -> JobHandle:
    """Write a job and take it on at once; use the handle as a context manager.

    `terminal` shows a bar on standard error when that is a terminal.

    Raises: DomainError `common.job.unknown_kind`; Misconfigured as `check_keys` does: work that writes
    numbers never begins with keys other than those of the database.
    """
    known = get_kind(kind)
    check_keys()
    at = now or timezone.now()
    for left in Job.objects.filter(kind=kind, state=Job.State.RUNNING, resumable=False):
        _end_if_dead(left, now=at)
    job = Job.objects.create(
        kind=kind,
        params=dict(params or {}),
        regency=regency,
        resumable=False,
        created_at=at,
        created_by=by,
    )
    return JobHandle(job, label=known.label, steps=known.steps, shares=known.shares, bar=terminal)


def claim_job(job_id: Any, *, terminal: bool = False) -> JobHandle | None:
    """Take on a queued job, or one whose worker has died; None when there is nothing to do.

    None means that it is over, or that another worker is on it: a second delivery of the task
    simply ends.
    """
    job = Job.objects.filter(pk=job_id).first()
    if job is None or job.state not in (Job.State.QUEUED, Job.State.RUNNING):
        return None
    known = get_kind(job.kind)
    if job.state == Job.State.RUNNING and job.attempt >= known.attempts:
        return None  # perhaps it kills its workers: `revive_jobs` gives it up
    handle = JobHandle(job, label=known.label, steps=known.steps, shares=known.shares, bar=terminal)
    try:
        handle.take()
    except DomainError as error:
        if error.code in ("common.job.running", "common.job.over"):
            return None
        raise
    return handle


def run_job(job_id: Any) -> bool:
    """Do the work of a queued job, unless somebody else is on it; return whether it was done.

    What goes wrong is kept on the job; it is raised on, so that the worker logs it too, except a
    cancellation and what the rules refuse.
    """
    handle = claim_job(job_id)
    if handle is None:
        return False
    work = get_kind(handle.job.kind).work
    try:
        with handle:
            if work is None:
                raise DomainError("common.job.unknown_kind", kind=handle.job.kind)
            work(handle)
    except DomainError as error:
        logger.warning("job %s ended: %s", job_id, error)
        return False
    return True


def request_cancel(*, job: Job, by: Any, now: dt.datetime) -> Job:
    """Ask for a job to stop: a queued one ends now, a running one at its next look.

    Raises: InvalidMove `common.job.over`.
    """
    with transaction.atomic():
        job = Job.objects.select_for_update().get(pk=job.pk)
        if job.state not in (Job.State.QUEUED, Job.State.RUNNING):
            raise InvalidMove("common.job.over")
        if job.cancelled_at is None:
            job.cancelled_at, job.cancelled_by = now, by
            if job.state == Job.State.QUEUED:
                job.state, job.finished_at = Job.State.CANCELLED, now
            job.save(update_fields=["cancelled_at", "cancelled_by", "state", "finished_at"])
            record(
                "common.job.cancel_requested",
                by=by,
                obj_type="job",
                obj_id=job.pk,
                regency=job.regency,
                params={"kind": job.kind},
                now=now,
            )
    return job


def find_silent(*, now: dt.datetime) -> QuerySet[Job]:
    """Return the jobs that call themselves running but have been silent for too long."""
    silent = Q(heartbeat_at__lt=now - SILENCE) | Q(heartbeat_at=None)
    return Job.objects.filter(silent, state=Job.State.RUNNING)


def revive_jobs(*, now: dt.datetime) -> list[Job]:
    """Queue the jobs again whose worker has died; give those up that died too often.

    Safe to run at any time: a job whose worker still holds its lock is left alone. A command that
    was killed is marked as failed; running it again takes its own way on.
    """
    for pk in get_queued().filter(heartbeat_at__lt=now - WAITING).values_list("pk", flat=True):
        outbox.enqueue("job.queued", {"job_id": str(pk)}, now=now)
        Job.objects.filter(pk=pk).update(heartbeat_at=now)
    ended = [_end_if_dead(job, now=now) for job in find_silent(now=now)]
    return [job for job in ended if job is not None]


def _end_if_dead(job: Job, *, now: dt.datetime) -> Job | None:
    """Queue, cancel or fail a job that calls itself running although nobody holds its lock."""
    with transaction.atomic():
        try:
            locks.lock_in_transaction(f"job:{job.pk}", wait=False)
        except DomainError:
            return None  # it is alive, perhaps only slow to tell
        dead = Job.objects.select_for_update().filter(pk=job.pk, state=Job.State.RUNNING).first()
        if dead is None:
            return None
        kind = _KINDS.get(dead.kind)
        if dead.cancelled_at is not None:
            dead.state, dead.finished_at = Job.State.CANCELLED, now
        elif not dead.resumable or kind is None or kind.work is None or dead.attempt >= kind.attempts:
            dead.state, dead.finished_at = Job.State.FAILED, now
            dead.error = "common.job.worker_died"
            dead.error_facts = {"attempts": dead.attempt}
        else:
            dead.state = Job.State.QUEUED
            outbox.enqueue("job.queued", {"job_id": str(dead.pk)}, now=now)
        dead.save(update_fields=["state", "finished_at", "error", "error_facts"])
    return dead


def eta_seconds(job: Job, *, now: dt.datetime) -> int | None:
    """Return the seconds a running job will still take, None while that cannot be said."""
    if job.state != Job.State.RUNNING or job.started_at is None or job.fraction < 0.02:
        return None
    elapsed = (now - job.started_at).total_seconds()
    return max(0, round(elapsed * (1 - job.fraction) / job.fraction))


def label_of(job: Job, language: str) -> str:
    """Return the name of the job's kind in `language`."""
    known = _KINDS.get(job.kind)
    return job.kind if known is None else known.label[1 if language.startswith("en") else 0]


def step_label_of(job: Job, language: str) -> str:
    """Return the name of the step a job is at in `language`."""
    known = _KINDS.get(job.kind)
    pair = known.steps.get(job.step) if known else None
    return job.step if pair is None else pair[1 if language.startswith("en") else 0]


def get_queued() -> QuerySet[Job]:
    """Return the jobs waiting for a worker, oldest first."""
    return Job.objects.filter(state=Job.State.QUEUED).order_by(F("created_at").asc())


@contextlib.contextmanager
def no_job() -> Any:
    """Yield a handle that reports to nobody, for tests and for calls from Python."""
    yield JobHandle.silent()
