"""Comparing two runs as a job: asked for once for each pair, started with every new run.

What is counted and kept is `comparisons.py`.
"""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.db import transaction

from registry.common.jobs import queue_job
from registry.common.locks import lock_in_transaction
from registry.common.models import Job
from registry.desil.models import RankRun
from registry.desil.selectors import find_counterpart

KIND = "compare_rankings"


def find_comparison_job(before: RankRun, after: RankRun) -> Job | None:
    """Return the newest job that compares two runs."""
    params = {"before": before.pk, "after": after.pk}
    return Job.objects.filter(kind=KIND, params=params).order_by("-created_at", "-id").first()


def ask_comparison(*, before: RankRun, after: RankRun, by: Any, now: dt.datetime) -> Job:
    """Have two runs compared by the workers; a job that is at it already is returned as it is."""
    with transaction.atomic():
        lock_in_transaction(f"{KIND}:{before.pk}:{after.pk}")
        job = find_comparison_job(before, after)
        if job is not None and job.state in (Job.State.QUEUED, Job.State.RUNNING):
            return job
        return queue_job(KIND, by=by, params={"before": before.pk, "after": after.pk}, now=now)


def start_usual_comparison(*, run: RankRun, by: Any, now: dt.datetime) -> Job | None:
    """Have a new run compared with its counterpart, so that its page need not wait; None when it has none."""
    other = find_counterpart(run)
    if other is None:
        return None
    before, after = sorted((other, run), key=lambda one: one.pk)
    return ask_comparison(before=before, after=after, by=by, now=now)
