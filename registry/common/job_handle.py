"""The worker's side of a job: take it, tell how far it is, notice a cancellation, finish it."""

import contextlib
import datetime as dt
import logging
import os
import secrets
import socket
import sys
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from types import TracebackType
from typing import Any, Self

from django.db import DatabaseError, connection, transaction
from django.utils import timezone
from rich.console import Console
from rich.progress import BarColumn, Progress, TaskID, TextColumn, TimeRemainingColumn

from registry.common import locks
from registry.common.errors import DomainError, InvalidMove
from registry.common.models import Job, JobStep

logger = logging.getLogger(__name__)

BEAT_SECONDS = 5.0
FLUSH_SECONDS = 1.0


class JobCancelled(DomainError):
    """Somebody asked for the job to stop."""

    def __init__(self) -> None:
        super().__init__("common.job.cancelled")


class _Reporter(threading.Thread):
    """Holds the job's lock and writes its progress, on a database connection of its own.

    Inside a transaction of the caller (a test) there is no second connection that could see the
    row, so the same work is done in line, see `JobHandle.take`.
    """

    def __init__(self, handle: "JobHandle") -> None:
        super().__init__(name=f"job {handle.job.pk}", daemon=True)
        self.handle = handle
        self.wake = threading.Event()
        self.ready = threading.Event()
        self.refused: DomainError | None = None
        self.ending: Callable[[], None] | None = None

    def run(self) -> None:
        """Take the lock, then write every second that had news and at every beat."""
        try:
            with self.locked():
                self.ready.set()
                self.report_until_ended()
                if self.ending is not None:
                    self.ending()
        except DomainError as refused:
            self.refused = refused
        except DatabaseError:
            logger.exception("the reporter of job %s lost its database", self.handle.job.pk)
            self.handle.lost = True
        finally:
            self.ready.set()
            connection.close()

    @contextlib.contextmanager
    def locked(self) -> Iterator[None]:
        """Hold the lock of the job, and have the job marked as running."""
        name = f"job:{self.handle.job.pk}"
        try:
            lock = locks.advisory(name, wait=False)
            lock.__enter__()
        except DomainError:
            raise DomainError("common.job.running") from None
        try:
            self.handle.mark_running()
            yield
        finally:
            with contextlib.suppress(DatabaseError):
                lock.__exit__(None, None, None)

    def report_until_ended(self) -> None:
        """Write progress and heartbeat until the work has ended."""
        last = time.monotonic()
        while self.ending is None:
            self.wake.wait(FLUSH_SECONDS)
            due = time.monotonic() - last >= BEAT_SECONDS
            if self.ending is None and (self.handle.dirty or due):
                self.handle.flush()
                last = time.monotonic()

    def end(self, ending: Callable[[], None]) -> None:
        """Write the end of the job, give the lock back, and wait for both."""
        self.ending = ending
        self.wake.set()
        self.join()


class JobHandle:
    """What running work tells about itself; a context manager.

    The block's end marks the job as done; an exception marks it as failed or cancelled and is
    raised on. Progress costs the caller nothing: it is written by another thread once a second.
    """

    def __init__(
        self,
        job: Job,
        *,
        label: tuple[str, str] = ("", ""),
        steps: Mapping[str, tuple[str, str]] | None = None,
        shares: Mapping[str, float] | None = None,
        bar: bool = False,
        quiet: bool = False,
    ) -> None:
        self.job = job
        self.label = label
        self.step_labels = dict(steps or {})
        self.shares = dict(shares or {})
        self.dirty = False
        self.lost = False
        self._quiet = quiet
        self._taken = False
        self._cancelled = False
        self._passed: list[str] = []
        self._reporter: _Reporter | None = None
        self._bar = _Bar(self) if bar and sys.stderr.isatty() else None

    @classmethod
    def silent(cls) -> "JobHandle":
        """Return a handle that reports to nobody."""
        return cls(Job(kind="silent"), quiet=True)

    # -- taking it on and ending it ---------------------------------------------------------

    def take(self) -> None:
        """Take the job on: lock it, mark it as running, start the heartbeat.

        Raises: DomainError `common.job.running`, InvalidMove `common.job.over`.
        """
        if self._taken or self._quiet:
            return
        if connection.in_atomic_block:
            locks.lock_in_transaction(f"job:{self.job.pk}", wait=False)
            self.mark_running()
        else:
            reporter = _Reporter(self)
            reporter.start()
            reporter.ready.wait()
            if reporter.refused is not None:
                reporter.join()
                raise reporter.refused
            self._reporter = reporter
        self._taken = True

    def mark_running(self) -> None:
        """Write that this process is on the job; only while it is queued or was left behind."""
        now = timezone.now()
        with transaction.atomic():
            job = Job.objects.select_for_update().get(pk=self.job.pk)
            if job.state not in (Job.State.QUEUED, Job.State.RUNNING):
                raise InvalidMove("common.job.over")
            job.state = Job.State.RUNNING
            job.attempt += 1
            job.worker = f"{socket.gethostname()[:70]}:{os.getpid()}:{secrets.token_hex(4)}"
            job.started_at = job.heartbeat_at = now
            job.finished_at = None
            job.fraction, job.step, job.step_done, job.step_total = 0, "", 0, None
            job.error, job.error_facts = "", {}
            job.save()
        self._cancelled = job.cancelled_at is not None
        self.job = job

    def __enter__(self) -> Self:
        self.take()
        if self._bar:
            self._bar.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self._bar:
            self._bar.stop()
        if not self._taken:
            return
        if error is None:
            self.job.fraction = 1
            self._end(Job.State.DONE)
        elif isinstance(error, JobCancelled):
            self._end(Job.State.CANCELLED)
        elif isinstance(error, DomainError):
            facts = {key: _plain(value) for key, value in error.facts.items()}
            self._end(Job.State.FAILED, error.code, facts)
        else:
            self._end(Job.State.FAILED, "common.job.broke", {"kind": type(error).__name__})

    def _end(self, state: str, code: str = "", facts: dict[str, Any] | None = None) -> None:
        def write() -> None:
            now = timezone.now()
            Job.objects.filter(pk=self.job.pk, worker=self.job.worker).update(
                state=state,
                error=code,
                error_facts=facts or {},
                finished_at=now,
                heartbeat_at=now,
                **self._progress_fields(),
            )

        if self._reporter is not None:
            self._reporter.end(write)
            if self._reporter.is_alive() or self.lost:
                write()
        elif not connection.needs_rollback:
            write()
        self._taken = False

    # -- telling ------------------------------------------------------------------------------

    def progress(self, done: int, total: int | None = None, step: str | None = None) -> None:
        """Tell how far the present step is; a new `step` closes the one before.

        Raises: JobCancelled when the job was cancelled, DomainError `common.job.lost`.
        """
        if step is not None and step != self.job.step:
            if self.job.step:
                self._passed.append(self.job.step)
            self.job.step = step
            self.job.step_total = None
        self.job.step_done = done
        if total is not None:
            self.job.step_total = total
        self.job.fraction = max(self.job.fraction, self._fraction())
        self.dirty = True
        if self._bar:
            self._bar.update()
        self.check_cancelled()

    def count(self, **counts: Any) -> None:
        """Keep figures of the work (rows accepted, persons made); shown with the job."""
        self.job.counts = {**self.job.counts, **counts}
        self.dirty = True

    def keep_file(self, path: Any) -> None:
        """Keep the place of the file that the work has made."""
        self.job.file = str(path)
        self.dirty = True

    def heartbeat(self) -> None:
        """Write progress and heartbeat now; only needed where no thread does it."""
        if self._taken and self._reporter is None:
            self.flush()

    def cancelled(self) -> bool:
        """Return whether somebody asked for the job to stop."""
        return self._cancelled

    def check_cancelled(self) -> None:
        """Stop here when the job was cancelled or taken over.

        Raises: JobCancelled, DomainError `common.job.lost`.
        """
        if self._cancelled:
            raise JobCancelled
        if self.lost:
            raise DomainError("common.job.lost")

    def flush(self) -> None:
        """Write what was told, and read whether to stop."""
        self.dirty = False
        mine = Job.objects.filter(pk=self.job.pk, state=Job.State.RUNNING, worker=self.job.worker)
        if not mine.update(heartbeat_at=timezone.now(), **self._progress_fields()):
            self.lost = True
            return
        cancelled_at = mine.values_list("cancelled_at", flat=True).first()
        self._cancelled = self._cancelled or cancelled_at is not None

    def _progress_fields(self) -> dict[str, Any]:
        job = self.job
        return {
            "step": job.step,
            "step_done": job.step_done,
            "step_total": job.step_total,
            "fraction": min(1.0, job.fraction),
            "counts": job.counts,
            "file": job.file,
        }

    def _fraction(self) -> float:
        share = self.shares.get(self.job.step, 0.0 if self.shares else 1.0)
        before = sum(self.shares.get(step, 0.0) for step in set(self._passed))
        inside = self.job.step_done / self.job.step_total if self.job.step_total else 0.0
        return min(0.99, before + share * min(1.0, inside))

    # -- parts that need not be done twice ------------------------------------------------------

    def once(self, step: str, work: Callable[[], Mapping[str, Any] | None], *, partition: str = "") -> dict[str, Any]:
        """Do one part of the work unless an earlier attempt has finished it; return its result.

        The mark is written in the transaction of the caller where there is one, so that a part
        and its mark are kept or lost together; what `work` returns must be plain JSON.
        """
        if self._quiet:
            return dict(work() or {})
        part, _ = JobStep.objects.get_or_create(job=self.job, step=step, partition=partition)
        if part.state == Job.State.DONE:
            return part.result
        part.state = Job.State.RUNNING
        part.attempt += 1
        part.started_at = timezone.now()
        part.save()
        with transaction.atomic():
            part.result = dict(work() or {})
            part.state = Job.State.DONE
            part.finished_at = timezone.now()
            part.save()
        return part.result


def _plain(value: Any) -> Any:
    if value is None or isinstance(value, bool | int | float | str):
        return value
    return value.isoformat() if isinstance(value, dt.date | dt.datetime) else str(value)


class _Bar:
    """One line in the terminal: step, bar, share done, time left."""

    def __init__(self, handle: JobHandle) -> None:
        self.handle = handle
        self.progress = Progress(
            TextColumn("{task.description}"),
            BarColumn(),
            TextColumn("{task.percentage:>3.0f}%"),
            TimeRemainingColumn(),
            console=Console(stderr=True),
            transient=True,
        )
        self.task: TaskID | None = None

    def start(self) -> None:
        """Show the bar."""
        self.progress.start()
        self.task = self.progress.add_task(self.handle.label[1], total=1.0)

    def update(self) -> None:
        """Show what the handle was told."""
        if self.task is None:
            return
        job = self.handle.job
        pair = self.handle.step_labels.get(job.step)
        words = f"{self.handle.label[1]}: {pair[1] if pair else job.step}"
        self.progress.update(self.task, completed=job.fraction, description=words)

    def stop(self) -> None:
        """Take the bar away."""
        self.progress.stop()
