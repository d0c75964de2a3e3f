"""Who receives: the board of cycles, and a cycle with its gates and candidates."""

from __future__ import annotations

import datetime as dt

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_POST, require_safe

from registry.beneficiaries.models import Enrolment
from registry.beneficiaries.operations import open_cycle
from registry.common.errors import DomainError
from registry.common.jobs import queue_job
from registry.common.reads import record_read
from registry.officers.roles import May
from registry.web.office.doors import office_page, officer_of
from registry.web.office.recipients_forms import CycleForm
from registry.web.office.selectors import recipients as reads
from registry.web.office.selectors.paging import keyset_page
from registry.web.office.selectors.scope import describe_scope


@office_page(May.VIEW_RECIPIENTS)
@require_safe
def cycle_list(request: HttpRequest) -> HttpResponse:
    """The cycles of the officer's regions, each with its eight gates."""
    officer = officer_of(request)
    page = keyset_page(request, reads.find_cycles(officer), order=["-starts_on", "-id"])
    page.rows = reads.list_cycles(page.rows, timezone.localdate())
    context = {"page": page, "scope_line": describe_scope(officer), "form": _form(request)}
    return render(request, "office/cycles.html", context)


@office_page(May.PROPOSE_CANDIDATES)
@require_POST
def cycle_open(request: HttpRequest) -> HttpResponse:
    """Open a cycle and hand the proposal of its candidates over to the workers."""
    officer = officer_of(request)
    form = _form(request)
    if form is None or not form.is_valid():
        messages.error(request, DomainError("beneficiaries.cycle.unclear").sentence())
        return redirect("office:cycles")
    asked = form.cleaned_data
    cycle = open_cycle(
        programme=asked["programme"], region_code=asked["region"], starts_on=dt.date.fromisoformat(asked["starts_on"]),
        by=officer, now=timezone.now(),
    )  # fmt: skip
    if cycle.proposed_at is not None:
        return redirect("office:cycle", cycle_id=cycle.pk)
    job = queue_job("propose_candidates", by=officer, params={"cycle": cycle.pk}, now=timezone.now())
    return redirect("office:job", job_id=job.pk)


@office_page(May.VIEW_RECIPIENTS)
@require_safe
def cycle(request: HttpRequest, cycle_id: int) -> HttpResponse:
    """A cycle: its gates, what the proposal counted, and its families, the neediest first."""
    officer = officer_of(request)
    found = get_object_or_404(reads.find_cycles(officer), pk=cycle_id)
    states = reads.count_states(found, officer)
    state = request.GET.get("state", "")
    rows = Enrolment.objects.visible_to(officer).filter(cycle=found)
    if state in {key for key, *_ in states}:
        rows = rows.filter(state=state)
    page = keyset_page(request, rows, order=["priority", "id"], key=lambda row: [row.priority, str(row.pk)])
    shown = [row.household_id for row in page.rows]
    page.rows = reads.list_candidates(page.rows, found)
    if shown:
        record_read(officer, "office.cycle", "recipients.candidates", households=shown, now=timezone.now())
    (line,) = reads.list_cycles([found], timezone.localdate())
    context = {
        "cycle": found, "taken": reads.desil_taken(found.rule.desil_max), "line": line, "counts": reads.show_counts(found), "states": states, "state": state, "page": page,
        "all": sum(n for *_, n in states),
    }  # fmt: skip
    return render(request, "office/cycle.html", context)


def _form(request: HttpRequest) -> CycleForm | None:
    officer = officer_of(request)
    regions, programmes = reads.regencies_to_open(officer), reads.programmes_to_open()
    if not (regions and programmes):
        return None
    given = (request.POST,) if request.method == "POST" else ()
    return CycleForm(*given, programmes=programmes, regions=regions, today=timezone.localdate())
