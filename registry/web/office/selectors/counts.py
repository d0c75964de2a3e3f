"""How much waits: the figures beside the menu's items and on the home page."""

from __future__ import annotations

from registry.common.models import Job
from registry.models import ReviewPair
from registry.officers.models import Officer
from registry.web.office.selectors.jobs import visible_jobs


def count_running_jobs(officer: Officer) -> int:
    """Jobs queued or running that the officer may watch."""
    return visible_jobs(officer).filter(state__in=[Job.State.QUEUED, Job.State.RUNNING]).count()


def count_open_pairs(officer: Officer) -> int:
    """Doubtful pairs in the officer's regions that nobody has decided."""
    return ReviewPair.objects.visible_to(officer).filter(state=ReviewPair.State.OPEN).count()
