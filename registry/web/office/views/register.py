"""The register: search, a family, a person, the numbers in full."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from registry.common.reads import record_read
from registry.models import Household, Individual
from registry.officers.models import Officer
from registry.officers.roles import May
from registry.web.office.doors import office_page, officer_of
from registry.web.office.forms import PurposeForm, SearchForm
from registry.web.office.sealing import seal, unseal
from registry.web.office.selectors import families, persons, search, versions
from registry.web.office.selectors.desil import desil_panel
from registry.web.office.selectors.paging import link
from registry.web.office.selectors.recipients import show_assistance
from registry.web.office.selectors.scope import describe_scope


def may_of(officer: Officer, region_code: str) -> dict[str, bool]:
    """Which actions the officer gets on a row of that region."""
    return {
        "full_numbers": officer.may(May.UNMASK_NUMBERS, region_code),
        "correct": officer.may(May.PROPOSE_CORRECTION, region_code),
        "merge": officer.may(May.MERGE_AND_SPLIT, region_code),
    }


@office_page(May.SEARCH_PEOPLE)
@require_http_methods(["GET", "HEAD", "POST"])
def register(request: HttpRequest) -> HttpResponse:
    """Ask for a person or a family; the answer has an address of its own that tells nothing."""
    officer = officer_of(request)
    form = SearchForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        criteria = {k: str(v) for k, v in form.cleaned_data.items() if v}
        return redirect(f"{reverse('office:results')}?c={seal(criteria)}")
    context = {"form": form, "results": None, "scope_line": describe_scope(officer)}
    return render(request, "office/register.html", context, status=400 if form.errors else 200)


@office_page(May.SEARCH_PEOPLE)
@require_safe
def results(request: HttpRequest) -> HttpResponse:
    """Who fits, within the officer's regions; the look is recorded."""
    officer = officer_of(request)
    criteria = unseal(request.GET.get("c", ""))
    if criteria is None:
        messages.info(request, _("The search is too old. Search again."))
        return redirect("office:register")
    start = after_of(request)
    found = search.find_people(officer, criteria, start=start)
    if start + len(found.rows) < found.total and found.rows:
        found.next_url = link(request, after=str(start + len(found.rows)))
    found.first_url = link(request) if start else ""
    record_read(
        officer, "office.search", "register.search", individuals=[row.id for row in found.rows], now=timezone.now()
    )
    # What was a number is not written back into the page.
    initial: dict[str, Any] = {
        k: v for k, v in criteria.items() if k == "village" or (k == "text" and "number" not in criteria)
    }
    if criteria.get("born"):
        initial["born"] = criteria["born"]
    form = SearchForm(initial=initial)
    if found.rows:  # the results are read next, not the field: on a phone it would open the keyboard
        form.fields["text"].widget.attrs.pop("autofocus", None)
    context = {"form": form, "results": found, "scope_line": describe_scope(officer)}
    return render(request, "office/register.html", context)


def after_of(request: HttpRequest) -> int:
    """Where the page before ended: how many results it showed, or the number of a change."""
    text = request.GET.get("after", "")
    return int(text) if text.isascii() and text.isdigit() and len(text) < 16 else 0


@office_page(May.VIEW_FAMILY)
@require_safe
def family(request: HttpRequest, household_id: UUID) -> HttpResponse:
    """A family with every value and where it comes from; the look is recorded."""
    officer = officer_of(request)
    found = families.get_household(officer, household_id)
    if found.pk != household_id:
        messages.info(
            request, families.told_of_merge(household_id, _("The family you opened was merged into this one."))
        )
        return redirect("office:family", household_id=found.pk)
    return family_page(request, found, purpose="register.look")


@office_page(May.UNMASK_NUMBERS)
@require_POST
def family_numbers(request: HttpRequest, household_id: UUID) -> HttpResponse:
    """The same page with the numbers in full, for a stated purpose."""
    officer = officer_of(request)
    found = families.get_household(officer, household_id)
    form = PurposeForm(request.POST)
    if not form.is_valid() or not officer.may(May.UNMASK_NUMBERS, found.region_code):
        return family_page(request, found, purpose="register.look", form=form)
    return family_page(request, found, purpose=form.cleaned_data["purpose"], full=True)


def family_page(
    request: HttpRequest,
    household: families.Household,
    *,
    purpose: str,
    full: bool = False,
    form: PurposeForm | None = None,
) -> HttpResponse:
    """Record the look, then show the family."""
    officer = officer_of(request)
    page = families.show_family(household, officer, full=full)
    record_read(
        officer,
        "office.family",
        purpose,
        individuals=[member.id for member in page.members],
        households=[household.pk],
        now=timezone.now(),
    )
    context = {
        "family": page,
        "panel": desil_panel(household.pk, officer),
        "assistance": show_assistance(household.pk, officer),
        "may": may_of(officer, household.region_code),
        "purpose_form": form or PurposeForm(),
    }
    return render(request, "office/family.html", context, status=400 if form and form.errors else 200)


@office_page(May.VIEW_FAMILY)
@require_safe
def person(request: HttpRequest, individual_id: UUID) -> HttpResponse:
    """One person with every value and where it comes from; the look is recorded."""
    officer = officer_of(request)
    found = persons.get_individual(officer, individual_id)
    if found.pk != individual_id:
        messages.info(
            request, families.told_of_merge(individual_id, _("The person you opened was merged into this one."))
        )
        return redirect("office:person", individual_id=found.pk)
    page = persons.show_person(found, officer)
    record_read(officer, "office.person", "register.look", individuals=[found.pk], now=timezone.now())
    context = {"person": page, "may": may_of(officer, found.region_code)}
    return render(request, "office/person.html", context)


@office_page(May.VIEW_FAMILY)
@require_safe
def family_history(request: HttpRequest, household_id: UUID) -> HttpResponse:
    """What changed on a family, item by item; the look is recorded."""
    officer = officer_of(request)
    found = families.get_household(officer, household_id)
    record_read(officer, "office.history", "register.history", households=[found.pk], now=timezone.now())
    return history_page(
        request,
        found,
        name=_("Family of %(name)s") % {"name": families.head_name(found)},
        back=reverse("office:family", args=[found.pk]),
        past=versions.find_past_members(found, officer),
    )


@office_page(May.VIEW_FAMILY)
@require_safe
def person_history(request: HttpRequest, individual_id: UUID) -> HttpResponse:
    """What changed on a person, item by item; the look is recorded."""
    officer = officer_of(request)
    found = persons.get_individual(officer, individual_id)
    record_read(officer, "office.history", "register.history", individuals=[found.pk], now=timezone.now())
    return history_page(
        request,
        found,
        name=families.nice_name(found.name),
        back=reverse("office:person", args=[found.pk]),
        past=versions.find_past_families(found, officer),
    )


def history_page(
    request: HttpRequest, row: Household | Individual, *, name: str, back: str, past: list[versions.Past]
) -> HttpResponse:
    """One page of changes, the newest first."""
    before = after_of(request) or None
    steps = versions.find_steps(row, officer_of(request), before=before)
    page = {
        "next_url": link(request, after=str(steps.after)) if steps.after else "",
        "first_url": link(request) if before else "",
    }
    context = {
        "name": name,
        "back": back,
        "steps": steps.rows,
        "past": past if before is None else [],
        "is_family": isinstance(row, Household),
        "page": page,
    }
    return render(request, "office/history.html", context)
