"""Jobs: the list, one job with its progress, and stopping it."""

from __future__ import annotations

from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from registry.common.errors import NotAllowed
from registry.common.jobs import request_cancel
from registry.officers.roles import May
from registry.web.office.doors import office_page, officer_of
from registry.web.office.selectors.counts import count_running_jobs
from registry.web.office.selectors.jobs import show_job, summarise, visible_jobs
from registry.web.office.selectors.paging import keyset_page

WATCH = (May.RECEIVE_DELIVERY, May.BUILD_REGISTRY, May.VIEW_AUDIT, May.EXPORT_LISTS)
HTTP_STOP_POLLING = 286  # htmx ends its polling on this answer


@office_page(*WATCH)
@require_safe
def job_list(request: HttpRequest) -> HttpResponse:
    """The newest jobs first."""
    officer = officer_of(request)
    page = keyset_page(request, visible_jobs(officer), order=["-created_at", "-id"])
    now = timezone.now()
    page.rows = [summarise(job, now=now) for job in page.rows]
    context = {"page": page, "running_count": count_running_jobs(officer)}
    return render(request, "office/jobs.html", context)


@office_page(*WATCH)
@require_safe
def job(request: HttpRequest, job_id: UUID) -> HttpResponse:
    """One job; a running one renews its panel by itself."""
    found = get_object_or_404(visible_jobs(officer_of(request)), pk=job_id)
    return render(request, "office/job.html", {"job": show_job(found, officer_of(request))})


@office_page(*WATCH)
@require_safe
def job_panel(request: HttpRequest, job_id: UUID) -> HttpResponse:
    """The part of the page that is polled."""
    found = get_object_or_404(visible_jobs(officer_of(request)), pk=job_id)
    view = show_job(found, officer_of(request))
    return render(request, "office/job_panel.html", {"job": view}, status=200 if view.polling else HTTP_STOP_POLLING)


@office_page(May.RECEIVE_DELIVERY, May.BUILD_REGISTRY, May.EXPORT_LISTS)
@require_POST
def job_cancel(request: HttpRequest, job_id: UUID) -> HttpResponse:
    """Ask a job to stop."""
    officer = officer_of(request)
    found = get_object_or_404(visible_jobs(officer), pk=job_id)
    if found.created_by_id != officer.pk and not officer.may(May.BUILD_REGISTRY):
        raise NotAllowed("office.page.not_your_role")
    request_cancel(job=found, by=officer, now=timezone.now())
    messages.info(request, _("The job was asked to stop."))
    return redirect("office:job", job_id=job_id)
