"""Background work: ids in, load, call one operation; every task may run twice.

`BEAT_SCHEDULE` is what the settings give to Celery's beat.
"""

import datetime as dt
from typing import Any

from celery import shared_task
from celery.schedules import crontab
from django.utils import timezone

from registry.common import exports, idempotency, jobs, outbox, partitions, sealing
from registry.officers.selectors import system_officer

# Names, schedules and how long an undelivered tick stays worth running.
BEAT_SCHEDULE: dict[str, dict[str, Any]] = {
    "sweep-outbox": {
        "task": "registry.sweep_outbox",
        "schedule": 1.0,
        "options": {"expires": 5},
    },
    "seal-audit": {
        "task": "registry.seal_audit",
        "schedule": 1.0,
        "options": {"expires": 5},
    },
    "revive-jobs": {
        "task": "registry.revive_jobs",
        "schedule": 30.0,
        "options": {"expires": 60},
    },
    "nightly-housekeeping": {
        "task": "registry.keep_house",
        "schedule": crontab(hour=1, minute=15),
    },
    "nightly-revalidation": {
        "task": "registry.revalidate",
        "schedule": crontab(hour=2, minute=0),
    },
}


@shared_task(name="registry.sweep_outbox", ignore_result=True)
def sweep_outbox() -> int:
    """Send what committed changes have left in the outbox."""
    return outbox.sweep()


@shared_task(name="registry.seal_audit", ignore_result=True)
def seal_audit() -> int:
    """Chain the audit events committed since the last block."""
    return sealing.seal_all(now=timezone.now())


@shared_task(name="registry.revive_jobs", ignore_result=True)
def revive() -> int:
    """Queue the jobs again whose worker has died."""
    return len(jobs.revive_jobs(now=timezone.now()))


@shared_task(name="registry.keep_house", ignore_result=True)
def keep_house() -> None:
    """Make the partitions of the months to come; forget messages and request keys of long ago."""
    now = timezone.now()
    partitions.ensure_partitions(today=now.date())
    outbox.forget_sent(before=now - dt.timedelta(days=30))
    exports.forget_lists(now=now)
    idempotency.forget_keys(before=now - dt.timedelta(days=180))


@shared_task(name="registry.run_job", ignore_result=True)
def run_job(job_id: str) -> bool:
    """Do the work of a queued job; a second delivery of the same id ends at once.

    Redis gives it out again when the worker was lost, or when the visibility timeout has passed
    while it works: the job's lock tells the two apart.
    """
    return jobs.run_job(job_id)


@shared_task(name="registry.revalidate", ignore_result=True)
def revalidate() -> None:
    """Queue the nightly re-validation of the current deliveries."""
    if jobs.is_known("revalidate"):
        jobs.queue_job("revalidate", by=system_officer())


jobs.hand_over_with(run_job.delay)
