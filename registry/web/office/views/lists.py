"""Lists to take out: ask for one with a purpose, see those asked for, fetch the file while it is kept."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.http import FileResponse, Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from registry.common.exports import KIND, LISTS, ask_for_list, find_file, open_list
from registry.common.models import Job
from registry.common.sheets import TYPES
from registry.officers.models import Officer
from registry.officers.roles import May
from registry.web.office.doors import office_page, officer_of
from registry.web.office.forms import ListForm
from registry.web.office.selectors import deliveries
from registry.web.office.selectors.jobs import summarise
from registry.web.office.selectors.scope import describe_scope, regions_to_choose

FINDING_KEYS = ("severity", "rule", "column")


@office_page(May.EXPORT_LISTS)
@require_http_methods(["GET", "HEAD", "POST"])
def lists(request: HttpRequest) -> HttpResponse:
    """Ask for a list, and see those asked for before."""
    officer = officer_of(request)
    fixed = findings_asked(request, officer)
    kinds = [(code, words) for code, words in kind_words().items() if officer.may(May(LISTS[code].may))]
    kinds = [one for one in kinds if (one[0] == "findings") == bool(fixed)]
    form = ListForm(request.POST or None, kinds=kinds, regions=[] if fixed else regions_to_choose(officer))
    if request.method == "POST" and form.is_valid():
        chosen = form.cleaned_data
        selection = dict(fixed) if fixed else {"region": chosen.get("region", "")}
        if not selection.get("region"):
            selection["regions"] = list(officer.scope.regions)
        job = ask_for_list(
            code=chosen["list"],
            selection=selection,
            purpose=chosen["purpose"],
            fmt=chosen["format"],
            by=officer,
            now=timezone.now(),
        )
        return redirect("office:job", job_id=job.pk)
    now = timezone.now()
    asked = Job.objects.filter(kind=KIND, created_by=officer).select_related("created_by").order_by("-created_at")[:20]
    context = {
        "form": form,
        "about": deliveries.summarise(deliveries.get_delivery(int(fixed["delivery"]))) if fixed else None,
        "scope_line": describe_scope(officer),
        "asked": [
            {
                "job": summarise(job, now=now),
                "list": kind_words().get(job.params.get("list", ""), _("List")),
                "rows": job.counts.get("rows_listed"),
                "kept": find_file(job, officer, now=now) is not None,
            }
            for job in asked
        ],
    }
    return render(request, "office/lists.html", context, status=400 if form.errors else 200)


@office_page(May.EXPORT_LISTS)
@require_safe
def list_file(request: HttpRequest, job_id: UUID) -> HttpResponseBase:
    """The file, for the officer who asked for it, while it is kept."""
    officer = officer_of(request)
    job = Job.objects.filter(pk=job_id, kind=KIND, created_by=officer).first()
    opened = open_list(job=job, by=officer, now=timezone.now()) if job else None
    if job is None or opened is None:
        raise Http404
    fmt = job.params["format"]
    name = f"daftar-{timezone.localdate(job.created_at):%Y-%m-%d}-{str(job.pk)[:8]}.{fmt}"
    return FileResponse(opened, as_attachment=True, filename=name, content_type=TYPES[fmt])


def kind_words() -> dict[str, str]:
    """The lists in words."""
    return {
        "people": _("People"),
        "families": _("Families"),
        "pairs": _("Pairs to review"),
        "findings": _("Findings of a delivery"),
    }


def findings_asked(request: HttpRequest, officer: Officer) -> dict[str, Any]:
    """The delivery and the choice of its findings, when the page was opened from there."""
    delivery = request.GET.get("delivery", "")
    if not delivery.isdigit() or not officer.may(May.VIEW_DELIVERIES):
        return {}
    deliveries.get_delivery(int(delivery))
    return {"delivery": int(delivery)} | {key: request.GET[key] for key in FINDING_KEYS if request.GET.get(key)}
