"""Merging and splitting by hand: say what, see the plan, carry it out."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from registry.common.errors import DomainError
from registry.models import MergePlan
from registry.officers.roles import May
from registry.web.office.doors import office_page, officer_of
from registry.web.office.forms import MergeForm, SplitForm
from registry.web.office.selectors import families, persons
from registry.web.office.selectors import rejoin as reads

REJOIN = office_page(May.MERGE_AND_SPLIT)
ANY = require_http_methods(["GET", "HEAD", "POST"])


@REJOIN
@ANY
def family_merge(request: HttpRequest, household_id: UUID) -> HttpResponse:
    """Say which family is the same as this one."""
    household = families.get_household(officer_of(request), household_id)
    target = {"url": reverse("office:family", args=[household.pk]), "name": families.head_name(household)}
    return ask_merge(request, "household", household, target)


@REJOIN
@ANY
def person_merge(request: HttpRequest, individual_id: UUID) -> HttpResponse:
    """Say which person is the same as this one."""
    individual = persons.get_individual(officer_of(request), individual_id)
    target = {"url": reverse("office:person", args=[individual.pk]), "name": families.nice_name(individual.name)}
    return ask_merge(request, "individual", individual, target)


def ask_merge(request: HttpRequest, kind: str, row: Any, target: dict[str, str]) -> HttpResponse:
    """The form of a merge; a complete one makes the plan."""
    form = MergeForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            plan = reads.make_merge(
                row,
                form.cleaned_data["other"],
                form.cleaned_data["reason"],
                by=officer_of(request),
                now=timezone.now(),
            )
        except DomainError as refused:
            form.add_error("other", refused.sentence())
        else:
            return redirect("office:plan", plan_id=plan.pk)
    words = reads.merge_words(kind)
    return render(
        request, "office/plan.html", {"target": target, "form": form, **words}, status=400 if form.errors else 200
    )


@REJOIN
@ANY
def family_split(request: HttpRequest, household_id: UUID) -> HttpResponse:
    """Say which delivered families do not belong to this one."""
    household = families.get_household(officer_of(request), household_id)
    target = {"url": reverse("office:family", args=[household.pk]), "name": families.head_name(household)}
    return ask_split(request, "household", household, target)


@REJOIN
@ANY
def person_split(request: HttpRequest, individual_id: UUID) -> HttpResponse:
    """Say which delivered rows are somebody else."""
    individual = persons.get_individual(officer_of(request), individual_id)
    target = {"url": reverse("office:person", args=[individual.pk]), "name": families.nice_name(individual.name)}
    return ask_split(request, "individual", individual, target)


def ask_split(request: HttpRequest, kind: str, row: Any, target: dict[str, str]) -> HttpResponse:
    """The form of a split; a complete one makes the plan."""
    form = SplitForm(request.POST or None, choices=reads.split_choices(kind, row))
    if request.method == "POST" and form.is_valid():
        try:
            plan = reads.make_split(
                row,
                form.cleaned_data["leaving"],
                form.cleaned_data["reason"],
                by=officer_of(request),
                now=timezone.now(),
            )
        except DomainError as refused:
            form.add_error("leaving", refused.sentence())
        else:
            return redirect("office:plan", plan_id=plan.pk)
    words = reads.split_words(kind)
    return render(
        request, "office/plan.html", {"target": target, "form": form, **words}, status=400 if form.errors else 200
    )


@REJOIN
@ANY
def plan(request: HttpRequest, plan_id: UUID) -> HttpResponse:
    """What would happen; confirming carries it out."""
    officer = officer_of(request)
    found = MergePlan.objects.get_visible(officer, pk=plan_id)
    target = reads.target_of(found)
    if request.method == "POST":
        reads.apply(found, by=officer, now=timezone.now())
        messages.success(request, _("Done. It holds for all later builds; the register shows it after the next one."))
        return redirect("office:plan", plan_id=found.pk)
    context = {"target": target, "plan": reads.show_plan(found), "may_build": officer.may(May.BUILD_REGISTRY)}
    return render(request, "office/plan.html", context | reads.plan_words(found))
