"""Tasks are thin: each calls one operation, and the beat names only tasks that exist."""

from registry import tasks
from registry.common import jobs, outbox
from registry.models import Job

done: list[str] = []
jobs.register_kind("test.task", label=("Uji", "Test"), work=lambda handle: done.append(str(handle.job.pk)))


def test_beat_schedule_names_registered_tasks():
    from celery import current_app

    assert {entry["task"] for entry in tasks.BEAT_SCHEDULE.values()} <= set(current_app.tasks)


def test_queued_job_reaches_its_work_through_sweeper_and_task(officer, monkeypatch):
    monkeypatch.setattr(jobs, "_hand_over", [tasks.run_job])
    job = jobs.queue_job("test.task", by=officer)
    assert tasks.sweep_outbox() == 1
    assert done == [str(job.pk)]
    assert Job.objects.get().state == Job.State.DONE


def test_tasks_without_work_end_quietly(officer):
    assert tasks.seal_audit() == 0
    assert tasks.revive() == 0
    assert outbox.sweep() == 0
    tasks.keep_house()
    assert tasks.run_job("00000000-0000-0000-0000-000000000000") is False
