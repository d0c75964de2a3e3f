"""The first page after signing in."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_safe

from registry.common.models import Job
from registry.web.office.doors import office_page, officer_of
from registry.web.office.selectors.home import figures_of, tasks_of
from registry.web.office.selectors.jobs import summarise, visible_jobs
from registry.web.office.selectors.scope import describe_scope


@office_page()
@require_safe
def home(request: HttpRequest) -> HttpResponse:
    """What waits for this officer, by role."""
    officer = officer_of(request)
    tasks = tasks_of(officer)
    waiting = sum(task.tone in ("wait", "late") for task in tasks)
    heading = ngettext("%(n)s thing waits for you", "%(n)s things wait for you", waiting) % {"n": waiting}
    running = visible_jobs(officer).filter(state=Job.State.RUNNING).order_by("-created_at")[:3]
    context = {
        "heading": heading if waiting else _("Nothing is waiting, %(name)s") % {"name": officer.get_short_name()},
        "scope_line": describe_scope(officer),
        "tasks": tasks,
        "figures": figures_of(officer),
        "running": [summarise(job, now=timezone.now()) for job in running],
    }
    return render(request, "office/home.html", context)
