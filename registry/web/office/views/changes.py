"""Corrections: proposing one, the list of those that wait, checking one."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from registry.common.errors import DomainError
from registry.common.reads import record_read
from registry.models import Correction
from registry.officers.roles import May
from registry.variables import load_dictionary
from registry.web.office.doors import office_page, officer_of
from registry.web.office.forms import CorrectionForm
from registry.web.office.selectors import corrections as reads
from registry.web.office.selectors import families, persons
from registry.web.office.selectors.lineage import choices_of
from registry.web.office.selectors.paging import keyset_page
from registry.web.office.selectors.scope import describe_scope


@office_page(May.PROPOSE_CORRECTION)
@require_http_methods(["GET", "HEAD", "POST"])
def correct(request: HttpRequest, household_id: UUID) -> HttpResponse:
    """Choose an item of a family, then propose its right value."""
    household = families.get_household(officer_of(request), household_id)
    page = families.show_family(household, officer_of(request))
    target = {"url": reverse("office:family", args=[household.pk]), "name": page.head}
    return correction_page(request, household, page.lines, target)


@office_page(May.PROPOSE_CORRECTION)
@require_http_methods(["GET", "HEAD", "POST"])
def correct_person(request: HttpRequest, individual_id: UUID) -> HttpResponse:
    """Choose an item of a person, then propose its right value."""
    individual = persons.get_individual(officer_of(request), individual_id)
    page = persons.show_person(individual, officer_of(request))
    target = {"url": reverse("office:person", args=[individual.pk]), "name": page.name}
    return correction_page(request, individual, page.lines, target)


def correction_page(request: HttpRequest, row: Any, lines: list[Any], target: dict[str, str]) -> HttpResponse:
    """The list of items, the form of one item, or the saved proposal."""
    officer = officer_of(request)
    record_read(officer, "office.correction", "register.correct", **reads.subject_of(row), now=timezone.now())
    item = request.GET.get("item", "")
    if not item:
        return render(request, "office/correct.html", {"target": target, "lines": lines})
    line = next((one for one in lines if one.name == item), None)
    if line is None:
        raise Http404
    variable = load_dictionary()[item]
    form = CorrectionForm(request.POST or None, choices=choices_of(variable), day=variable.type == "date")
    if request.method == "POST" and form.is_valid():
        try:
            reads.propose(row, item, form.cleaned_data, by=officer, now=timezone.now())
        except DomainError as refused:
            form.add_error("value", refused.sentence())
        else:
            messages.success(request, _("The correction is proposed. A colleague checks it before it holds."))
            return redirect(target["url"])
    context = {"target": target, "line": line, "form": form}
    return render(request, "office/correct.html", context, status=400 if form.errors else 200)


@office_page(May.PROPOSE_CORRECTION, May.CHECK_CORRECTION)
@require_safe
def correction_list(request: HttpRequest) -> HttpResponse:
    """Corrections in the officer's regions; those that wait come first."""
    officer = officer_of(request)
    state = request.GET.get("state", "proposed")
    page = keyset_page(request, reads.find_corrections(officer, state), order=["-id"])
    page.rows = [reads.show_row(row, officer) for row in page.rows]
    context = {"page": page, "filters": reads.filters_of(officer, state), "scope_line": describe_scope(officer)}
    return render(request, "office/corrections.html", context)


@office_page(May.CHECK_CORRECTION)
@require_POST
def correction_decide(request: HttpRequest, correction_id: int) -> HttpResponse:
    """Let a proposed correction hold, or refuse it."""
    officer = officer_of(request)
    correction = Correction.objects.get_visible(officer, pk=correction_id)
    accepted = request.POST.get("decision") == "accept"
    reads.decide(correction, accepted=accepted, by=officer, now=timezone.now())
    messages.success(request, _("The correction holds from now on.") if accepted else _("The correction is refused."))
    return redirect("office:corrections")
