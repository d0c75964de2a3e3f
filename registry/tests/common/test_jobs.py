"""Jobs: progress seen from outside, cancel, second delivery, death of the worker, parts once."""

import datetime as dt
import os
import signal
import subprocess
import sys
import threading
import time
import uuid

import pytest
from django.db import connection, transaction
from django.utils import timezone

from registry.common import job_handle, jobs, outbox
from registry.common.errors import BadInput, DomainError, InvalidMove
from registry.common.locks import advisory
from registry.models import AuditEvent, Job, JobStep, Outbox

handed: list[str] = []
done: list[str] = []
jobs.register_kind(
    "test",
    label=("Uji", "Test"),
    steps={"read": ("Baca", "Read"), "write": ("Tulis", "Write")},
    shares={"read": 1, "write": 3},
    work=lambda handle: done.append(str(handle.job.pk)),
)
jobs.register_kind("test.command", label=("Uji", "Test"))


@pytest.fixture(autouse=True)
def quick(monkeypatch):
    handed.clear()
    done.clear()
    monkeypatch.setattr(jobs, "_hand_over", [handed.append])
    monkeypatch.setattr(job_handle, "FLUSH_SECONDS", 0.05)
    monkeypatch.setattr(job_handle, "BEAT_SECONDS", 0.1)


def wait_for(condition, seconds=5):
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if condition():
            return True
        time.sleep(0.02)
    return False


def test_job_in_a_transaction_is_written_in_line(officer):
    with jobs.start_job("test", by=officer) as job:
        job.progress(1, 2, "read")
        job.progress(1, 2, "write")
        job.count(rows=3)
    kept = Job.objects.get()
    assert (kept.state, kept.fraction, kept.counts) == ("done", 1, {"rows": 3})
    assert kept.step == "write"


def test_job_fraction_follows_the_shares(officer):
    with jobs.start_job("test", by=officer) as job:
        job.progress(1, 2, "read")
        assert job.job.fraction == pytest.approx(0.125)
        job.progress(1, 2, "write")
        assert job.job.fraction == pytest.approx(0.25 + 0.375)


def test_job_that_breaks_keeps_the_code_not_the_text(officer):
    with pytest.raises(KeyError), jobs.start_job("test", by=officer):
        raise KeyError("3402011704900003")
    with pytest.raises(BadInput), jobs.start_job("test", by=officer):
        raise BadInput("test.refused", day=dt.date(2026, 1, 1))
    second, first = Job.objects.order_by("-created_at")
    assert (first.error, first.error_facts) == ("common.job.broke", {"kind": "KeyError"})
    assert (second.error, second.error_facts) == ("test.refused", {"day": "2026-01-01"})


def test_queue_job_unknown_kind_is_refused(officer):
    with pytest.raises(DomainError, match="unknown_kind"):
        jobs.queue_job("nothing", by=officer)


def test_queue_job_is_handed_over_by_the_sweeper_once(officer):
    job = jobs.queue_job("test", by=officer)
    assert handed == []
    outbox.sweep()
    outbox.sweep()
    assert handed == [str(job.pk)]


def test_run_job_does_the_work_of_its_kind_once(officer):
    job = jobs.queue_job("test", by=officer)
    assert jobs.run_job(job.pk) is True
    assert jobs.run_job(job.pk) is False
    assert done == [str(job.pk)]


def test_queue_job_that_only_commands_run_is_refused(officer):
    with pytest.raises(DomainError, match="unknown_kind"):
        jobs.queue_job("test.command", by=officer)


def test_revive_job_that_waits_very_long_is_handed_over_again(officer):
    jobs.queue_job("test", by=officer)
    outbox.sweep()
    later = timezone.now() + dt.timedelta(hours=1)
    jobs.revive_jobs(now=later)
    jobs.revive_jobs(now=later)
    outbox.sweep(now=later)
    assert len(handed) == 2


def test_cancel_queued_job_ends_it_and_is_on_record(officer, now):
    job = jobs.queue_job("test", by=officer)
    jobs.request_cancel(job=job, by=officer, now=now)
    job.refresh_from_db()
    assert job.state == Job.State.CANCELLED
    assert jobs.claim_job(job.pk) is None
    assert AuditEvent.objects.get().operation == "common.job.cancel_requested"
    with pytest.raises(InvalidMove):
        jobs.request_cancel(job=job, by=officer, now=now)


def test_claim_job_unknown_or_over_is_none(officer):
    assert jobs.claim_job(uuid.uuid4()) is None


def test_once_finished_part_is_not_done_again(officer):
    job = jobs.queue_job("test", by=officer)
    runs = []

    def part():
        runs.append(1)
        return {"rows": 5}

    with pytest.raises(ZeroDivisionError), jobs.claim_job(job.pk) as handle:
        assert handle.once("write", part, partition="3402") == {"rows": 5}
        raise ZeroDivisionError
    Job.objects.update(state=Job.State.QUEUED)
    with jobs.claim_job(job.pk) as handle:
        assert handle.once("write", part, partition="3402") == {"rows": 5}
        handle.once("write", part, partition="3404")
    assert len(runs) == 2
    assert JobStep.objects.count() == 2
    assert Job.objects.get().attempt == 2


def test_revive_silent_job_is_queued_again_until_it_died_too_often(officer):
    job = jobs.queue_job("test", by=officer)
    later = timezone.now() + dt.timedelta(minutes=5)
    for _ in range(3):
        with jobs.claim_job(job.pk) as handle:
            handle.progress(1)
            handle._taken = False  # its process dies: nothing is written any more
        (revived,) = jobs.revive_jobs(now=later)
    assert (revived.state, revived.error) == ("failed", "common.job.worker_died")
    assert Outbox.objects.count() == 3


def test_claim_job_that_was_left_behind_too_often_is_none(officer):
    job = jobs.queue_job("test", by=officer)
    Job.objects.update(state=Job.State.RUNNING, attempt=3)
    assert jobs.claim_job(job.pk) is None


def test_start_job_again_after_its_process_died_marks_the_old_one(officer):
    old = jobs.start_job("test", by=officer)
    Job.objects.filter(pk=old.job.pk).update(state=Job.State.RUNNING, attempt=1)
    with jobs.start_job("test", by=officer):
        pass
    assert Job.objects.get(pk=old.job.pk).error == "common.job.worker_died"


def test_revive_command_without_task_is_marked_as_failed(officer):
    handle = jobs.start_job("test.command", by=officer)
    handle.take()
    (revived,) = jobs.revive_jobs(now=timezone.now() + dt.timedelta(minutes=5))
    assert revived.state == "failed"


def test_eta_is_told_once_there_is_something_to_go_by(now):
    job = Job(state="running", started_at=now - dt.timedelta(seconds=30), fraction=0.25)
    assert jobs.eta_seconds(job, now=now) == 90
    job.fraction = 0
    assert jobs.eta_seconds(job, now=now) is None


def test_no_job_reports_to_nobody():
    with jobs.no_job() as handle:
        handle.progress(1, 2, "x")
        assert handle.once("x", lambda: {"a": 1}) == {"a": 1}


@pytest.mark.django_db(transaction=True)
class TestAcrossConnections:
    def test_progress_is_seen_while_the_work_is_in_its_transaction(self, officer):
        seen = []

        def look():
            wait_for(lambda: Job.objects.filter(step_done=3).exists())
            seen.append(Job.objects.get().step_done)
            connection.close()

        watcher = threading.Thread(target=look)
        with jobs.start_job("test", by=officer) as job, transaction.atomic():
            job.progress(3, 10, "read")
            watcher.start()
            watcher.join()
        assert seen == [3]
        assert Job.objects.get().state == "done"

    def test_second_delivery_while_the_first_works_is_none(self, officer):
        job = jobs.queue_job("test", by=officer)
        with jobs.claim_job(job.pk) as handle:
            assert handle is not None
            assert jobs.claim_job(job.pk) is None
            # also when the heartbeat is late: the lock decides
            late = timezone.now() + dt.timedelta(hours=2)
            assert jobs.revive_jobs(now=late) == []
        assert jobs.claim_job(job.pk) is None
        assert Job.objects.get().attempt == 1

    def test_cancel_running_job_stops_it_at_its_next_look(self, officer, now):
        with pytest.raises(jobs.JobCancelled), jobs.start_job("test", by=officer) as job:
            jobs.request_cancel(job=job.job, by=officer, now=now)
            assert wait_for(job.cancelled)
            job.progress(1, 2)
        assert Job.objects.get().state == "cancelled"

    def test_lock_of_an_ended_job_is_free(self, officer):
        with jobs.start_job("test", by=officer) as job:
            name = f"job:{job.job.pk}"
            with pytest.raises(DomainError), advisory(name, wait=False):
                pass
        with advisory(name, wait=False):
            pass

    def test_job_whose_process_is_killed_is_taken_on_by_another(self, officer):
        job = jobs.queue_job("test", by=officer)
        script = (
            "import django; django.setup()\n"
            "import time; from registry.common import jobs\n"
            "jobs.register_kind('test', label=('', ''))\n"
            f"from django.db import connections\n"
            f"connections['default'].settings_dict['NAME'] = {connection.settings_dict['NAME']!r}\n"
            f"with jobs.claim_job('{job.pk}') as handle:\n"
            "    handle.progress(1, 2)\n"
            "    print('working', flush=True)\n"
            "    time.sleep(60)\n"
        )
        environment = {**os.environ, "DJANGO_SETTINGS_MODULE": _settings_module()}
        worker = subprocess.Popen([sys.executable, "-c", script], stdout=subprocess.PIPE, env=environment)
        assert worker.stdout.readline().strip() == b"working"
        assert jobs.claim_job(job.pk) is None
        worker.send_signal(signal.SIGKILL)
        worker.wait()
        late = timezone.now() + dt.timedelta(minutes=5)
        assert wait_for(lambda: jobs.revive_jobs(now=late))
        with jobs.claim_job(job.pk) as handle:
            assert handle.job.attempt == 2
        assert Job.objects.get().state == "done"


def _settings_module():
    from django.conf import settings

    return os.environ.get("DJANGO_SETTINGS_MODULE") or settings.SETTINGS_MODULE
