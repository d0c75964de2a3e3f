"""The real workers and the real schedule, started by the commands of `make run`, killed and overfilled."""

from __future__ import annotations

import contextlib
import datetime as dt
import os
import signal
import subprocess
import time
import uuid
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
from django.conf import settings
from django.db import connection
from django.utils import timezone

from dtsen_site import running
from dtsen_site.settings.environment import PROJECT_DIR
from dtsen_site.tests import worker_app  # noqa: F401  registers the kind here too
from registry.common import jobs
from registry.common.audit import record
from registry.models import AuditUnsealed, Job, Outbox
from registry.officers.selectors import system_officer

pytestmark = pytest.mark.django_db(transaction=True)

PATIENCE = 60.0


class Workers:
    """The parts of `make run` on this test's database, each a process group of its own."""

    def __init__(self, folder: Path) -> None:
        self.running: dict[str, subprocess.Popen[bytes]] = {}
        self.log = folder / "workers.log"
        self.commands = {
            name: ["dtsen_site.tests.worker_app" if part == "dtsen_site.celery" else part for part in command]
            for name, command in running.list_commands("127.0.0.1", 1).items()
        }
        self.commands["schedule"][self.commands["schedule"].index("--schedule") + 1] = str(folder / "schedule")
        self.environment = os.environ | {
            "DATABASE_URL": database_url(),
            "REDIS_URL": settings.REDIS_URL,
            "WORKER_TEST_PREFIX": f"worker-test-{uuid.uuid4().hex}:",
        }

    def start(self, *names: str) -> None:
        """Start parts by their name in `running.list_commands`."""
        for name in names:
            with self.log.open("ab") as log:
                self.running[name] = subprocess.Popen(
                    self.commands[name], cwd=PROJECT_DIR, env=self.environment, start_new_session=True,
                    stdout=log, stderr=log,
                )  # fmt: skip

    def kill(self, name: str) -> None:
        """Kill a part with all its processes, as a machine that loses its power would."""
        process = self.running.pop(name)
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()

    def until(self, what: str, true: Callable[[], Any]) -> None:
        """Wait for something to become true, or fail with the workers' log."""
        deadline = time.monotonic() + PATIENCE
        while not true():
            assert time.monotonic() < deadline, f"{what} did not happen\n{self.log.read_text()[-4000:]}"
            time.sleep(0.1)


def database_url() -> str:
    """Return the address of this test's database for other processes."""
    server = connection.settings_dict
    secret = f":{quote(server['PASSWORD'])}" if server["PASSWORD"] else ""
    port = f"&port={server['PORT']}" if server["PORT"] else ""
    return f"postgres://{server['USER']}{secret}@/{server['NAME']}?host={quote(server['HOST'], safe='')}{port}"


@pytest.fixture(scope="module")
def team(tmp_path_factory, django_db_setup) -> Iterator[Workers]:
    """Return the workers of this file's tests (starting them costs more than what they do); killed afterwards."""
    made = Workers(tmp_path_factory.mktemp("workers"))
    yield made
    for name in list(made.running):
        made.kill(name)


@pytest.fixture
def workers(team) -> Iterator[Workers]:
    """Return the workers, all running; afterwards the schedule is silent, so that the tables can be emptied."""
    team.start(*(name for name in ("tasks", "house", "schedule") if name not in team.running))
    yield team
    team.kill("schedule")
    Job.objects.exclude(state__in=[Job.State.DONE, Job.State.CANCELLED, Job.State.FAILED]).update(
        cancelled_at=timezone.now(), cancelled_by=system_officer()
    )
    team.until("silence", lambda: not busy_sessions())


def busy_sessions() -> int:
    """Return how many other sessions of this database are in a transaction or hold a lock."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*) FROM pg_stat_activity a WHERE datname = current_database() AND pid <> pg_backend_pid()"
            " AND (state <> 'idle' OR EXISTS (SELECT 1 FROM pg_locks l WHERE l.pid = a.pid AND locktype = 'advisory'))"
        )
        return int(cursor.fetchone()[0])


def queue(seconds: float) -> Job:
    return jobs.queue_job("test.wait", by=system_officer(), params={"seconds": seconds})


def now_of(job: Job) -> Job:
    return Job.objects.get(pk=job.pk)


def append_event() -> None:
    record("common.job.cancel_requested", by=system_officer(), obj_type="job", obj_id="0", params={"kind": "test.wait"},
           now=timezone.now())  # fmt: skip


def test_housekeeping_is_on_time_and_jobs_can_be_cancelled_while_long_work_fills_every_worker(workers):
    places = int(workers.commands["tasks"][workers.commands["tasks"].index("--concurrency") + 1])
    long_work = [queue(300) for _ in range(places)]
    workers.until("taking on", lambda: all(now_of(job).state == Job.State.RUNNING for job in long_work))
    waiting = queue(0.2)
    latest = 0.0
    for _ in range(3):
        append_event()
        began = time.monotonic()
        workers.until("sealing", lambda: not AuditUnsealed.objects.exists())
        latest = max(latest, time.monotonic() - began)
    assert latest < 15, f"sealing took {latest:.1f} s"
    workers.until("sweeping", lambda: not Outbox.objects.filter(sent_at=None).exists())
    assert now_of(waiting).state == Job.State.QUEUED  # it waits its turn, nothing else does
    for job in long_work:
        beat = now_of(job).heartbeat_at
        assert beat is not None and timezone.now() - beat < dt.timedelta(seconds=15)
        assert now_of(job).step_done > 0

    jobs.request_cancel(job=long_work[0], by=system_officer(), now=timezone.now())
    workers.until("cancelling", lambda: now_of(long_work[0]).state == Job.State.CANCELLED)
    workers.until("the turn of the one that waited", lambda: now_of(waiting).state == Job.State.DONE)
    assert all(now_of(job).attempt == 1 for job in long_work)


def test_job_of_a_killed_worker_is_found_and_done_by_the_next(workers):
    job = queue(4)
    workers.until("progress", lambda: now_of(job).step_done > 0)
    workers.kill("tasks")
    workers.until("finding it", lambda: now_of(job).state == Job.State.QUEUED)
    workers.start("tasks")
    workers.until("doing it again", lambda: now_of(job).state == Job.State.DONE)
    assert now_of(job).attempt == 2


def test_job_whose_one_process_is_killed_is_done_by_another_of_the_same_worker(workers):
    job = queue(4)
    workers.until("progress", lambda: now_of(job).counts.get("process"))
    os.kill(now_of(job).counts["process"], signal.SIGKILL)
    workers.until("doing it again", lambda: now_of(job).state == Job.State.DONE)
    assert now_of(job).attempt == 2


def test_work_longer_than_the_visibility_timeout_is_given_out_again_and_done_once(workers):
    job = queue(3 * worker_app.VISIBILITY_SECONDS)
    workers.until("the end", lambda: now_of(job).state == Job.State.DONE)
    assert now_of(job).attempt == 1
    assert now_of(job).error == ""
