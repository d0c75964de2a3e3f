"""Deliveries: the list, sending one, its report, its findings on the page and as a file, building the register."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from registry.common.jobs import queue_job
from registry.common.reads import record_read
from registry.officers.models import Officer
from registry.officers.roles import May
from registry.web.office.doors import office_page, officer_of
from registry.web.office.downloads import FORMATS, MOST_AT_ONCE
from registry.web.office.forms import FindingFilter, UploadForm
from registry.web.office.selectors import deliveries as reads
from registry.web.office.selectors.findings import Choice
from registry.web.office.selectors.paging import keyset_page, link, read_cursor, write_cursor
from registry.web.office.uploads import keep_uploads

LOOK = (May.VIEW_DELIVERIES, May.RECEIVE_DELIVERY)
PAGE = 50


def may_of(officer: Officer) -> dict[str, bool]:
    """Which buttons the officer gets."""
    return {"upload": officer.may(May.RECEIVE_DELIVERY), "build": officer.may(May.BUILD_REGISTRY)}


@office_page(*LOOK)
@require_safe
def delivery_list(request: HttpRequest) -> HttpResponse:
    """The newest deliveries first, of one source or of all."""
    source = request.GET.get("source", "")
    page = keyset_page(request, reads.find_deliveries(source), order=["-received_at", "-id"])
    page.rows = [reads.summarise(delivery) for delivery in page.rows]
    context = {"page": page, "source": source, "filters": reads.filters_of(source), "may": may_of(officer_of(request))}
    return render(request, "office/deliveries.html", context)


@office_page(May.RECEIVE_DELIVERY)
@require_http_methods(["GET", "HEAD", "POST"])
def delivery_upload(request: HttpRequest) -> HttpResponse:
    """Keep the files and hand them to the workers; the job's page follows."""
    form = UploadForm(request.POST or None, request.FILES or None, sources=reads.source_choices())
    if request.method == "POST" and form.is_valid():
        paths = keep_uploads(form.uploads)
        job = queue_job(
            "receive_delivery",
            by=officer_of(request),
            params={"source": form.cleaned_data["source"], "period": form.cleaned_data["period"], "files": paths},
            now=timezone.now(),
        )
        return redirect("office:job", job_id=job.pk)
    status = 400 if request.method == "POST" else 200
    return render(request, "office/delivery_upload.html", {"form": form}, status=status)


@office_page(*LOOK)
@require_safe
def delivery(request: HttpRequest, delivery_id: int) -> HttpResponse:
    """What came, what was found in it by rule, what was refused and why."""
    officer = officer_of(request)
    report = reads.report_of(reads.get_delivery(delivery_id), officer)
    return render(request, "office/delivery.html", {"report": report, "may": may_of(officer)})


@office_page(*LOOK)
@require_safe
def findings(request: HttpRequest, delivery_id: int) -> HttpResponse:
    """The findings that fit a choice, page by page."""
    officer = officer_of(request)
    found = reads.get_delivery(delivery_id)
    source = reads.findings_of(found, officer)
    form, choice = chosen(request, source)
    rows = source.page(choice, read_cursor(request), PAGE + 1)
    page = reads.FindingPage(rows=[reads.show_finding(row) for row in rows[:PAGE]])
    if len(rows) > PAGE:
        last = rows[PAGE - 1]
        page.next_url = link(request, after=write_cursor([last.finding_no]))
    page.first_url = link(request) if "after" in request.GET else ""
    query = f"?{urlencode({k: v for k, v in vars(choice).items() if v})}" if any(vars(choice).values()) else ""
    downloads = {
        f"download_{kind}": reverse("office:findings-download", args=[delivery_id, kind]) + query for kind in FORMATS
    }
    context = {"report": reads.summarise(found), "form": form, "page": page, "total": source.count(choice), **downloads}
    return render(request, "office/findings.html", context)


@office_page(*LOOK)
@require_safe
def findings_download(request: HttpRequest, delivery_id: int, fmt: str) -> HttpResponseBase:
    """The findings that fit a choice as a file; the download is recorded."""
    officer = officer_of(request)
    if fmt not in FORMATS:
        raise Http404
    found = reads.get_delivery(delivery_id)
    source = reads.findings_of(found, officer)
    _form, choice = chosen(request, source)
    chosen_keys = {k: v for k, v in vars(choice).items() if v}
    if source.count(choice) > MOST_AT_ONCE and officer.may(May.EXPORT_LISTS):
        return redirect(f"{reverse('office:lists')}?{urlencode({'delivery': found.pk, **chosen_keys})}")
    selection = {"delivery": found.pk, **chosen_keys}
    record_read(
        officer,
        "office.findings",
        "delivery.findings",
        selection=selection,
        count=source.count(choice),
        now=timezone.now(),
    )
    heading = [
        _("File"),
        _("Row"),
        _("Source's own id"),
        _("Column"),
        _("What was found"),
        _("Kind"),
        _("Value (masked)"),
    ]
    rows = (reads.finding_cells(row) for row in source.every(choice))
    return FORMATS[fmt](f"temuan-{found.pk}", heading, rows)


@office_page(May.BUILD_REGISTRY)
@require_POST
def build(request: HttpRequest) -> HttpResponse:
    """Hand the build of the register to the workers."""
    job = queue_job("build_registry", by=officer_of(request), now=timezone.now())
    messages.info(request, _("The build has been asked for. Readers keep the old register until it is done."))
    return redirect("office:job", job_id=job.pk)


def chosen(request: HttpRequest, source: Any) -> tuple[FindingFilter, Choice]:
    """The form of the choice and what was chosen."""
    form = FindingFilter(request.GET or None, **reads.finding_choices(source))
    if not form.is_valid():
        return form, Choice()
    return form, Choice(**{k: form.cleaned_data.get(k) or "" for k in ("severity", "rule", "column")})
