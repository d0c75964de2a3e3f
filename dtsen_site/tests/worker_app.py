"""The Celery application with a kind of job that only waits: `celery -A dtsen_site.tests.worker_app`.

`test_workers.py` starts the real workers and the real schedule on it; nothing but moments is changed: a minute of
silence and twelve hours of visibility are too long to wait for.
"""

import datetime as dt
import os
import time

import django

from dtsen_site.celery import app

__all__ = ["app"]

django.setup()

from registry import tasks  # noqa: E402  after Django is set up
from registry.common import jobs  # noqa: E402

PART_SECONDS = 0.2
VISIBILITY_SECONDS = 2

app.conf.broker_transport_options = {
    "visibility_timeout": VISIBILITY_SECONDS,
    "global_keyprefix": os.environ.get("WORKER_TEST_PREFIX", "worker-test:"),
    "unacked_restore_limit": 10,
}
jobs.SILENCE = dt.timedelta(seconds=3)
tasks.BEAT_SCHEDULE["revive-jobs"]["schedule"] = 1.0


def wait(handle: jobs.JobHandle) -> None:
    """Work for `seconds`, telling after each part how far it is and in which process."""
    parts = round(handle.job.params["seconds"] / PART_SECONDS)
    handle.count(process=os.getpid())
    for part in range(parts):
        handle.progress(part, parts, "wait")
        time.sleep(PART_SECONDS)


jobs.register_kind("test.wait", label=("Menunggu", "Waiting"), steps={"wait": ("menunggu", "waiting")}, work=wait)
