"""What waits for an officer today, by role."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from registry.common.models import Job
from registry.models import Household, Individual, MatchRun
from registry.officers.models import Officer
from registry.officers.roles import May
from registry.web.office.selectors.counts import count_open_pairs


@dataclass(frozen=True)
class Task:
    """One piece of work with its way in."""

    heading: str
    text: str
    url: str
    action: str
    tone: str = "info"
    word: str = ""
    icon: str = ""


@dataclass(frozen=True)
class Figures:
    """The register within the officer's scope."""

    households: int
    individuals: int
    built_at: dt.datetime | None


def tasks_of(officer: Officer) -> list[Task]:
    """The work that each role of the officer finds first."""
    tasks: list[Task] = []
    if officer.may(May.REVIEW_PAIRS):
        tasks += review_tasks(officer)
    if officer.may(May.RECEIVE_DELIVERY):
        tasks += delivery_tasks()
    if officer.may(May.SEARCH_PEOPLE):
        tasks.append(
            Task(
                _("Find a family"),
                _("By NIK, family card, name or birth date, within your region."),
                reverse("office:register"),
                _("Search"),
            )
        )
    if officer.may(May.VIEW_AUDIT):
        tasks.append(
            Task(
                _("Check the record"),
                _("Who did what, and whether the seals still fit."),
                reverse("office:audit"),
                _("Open the audit"),
            )
        )
    if officer.may(May.OPEN_ADMINISTRATION):
        tasks.append(
            Task(
                _("Officers and reference data"),
                _("Accounts, roles, regions and their codes."),
                reverse("admin:index"),
                _("Open the administration"),
            )
        )
    return tasks


def review_tasks(officer: Officer) -> list[Task]:
    waiting = count_open_pairs(officer)
    if not waiting:
        return []
    heading = ngettext("%(n)s pair to review", "%(n)s pairs to review", waiting) % {"n": waiting}
    text = _("Two records that may be the same person or family. Your answer binds all later builds.")
    return [Task(heading, text, reverse("office:reviews"), _("Start reviewing"), "wait", _("Waiting"), "jam")]


def delivery_tasks() -> list[Task]:
    failed = Job.objects.filter(state=Job.State.FAILED).order_by("-finished_at").first()
    tasks = []
    if failed is not None:
        tasks.append(
            Task(
                _("A job stopped with an error"),
                _("Read why it stopped and what to do."),
                reverse("office:job", args=[failed.pk]),
                _("See the job"),
                "late",
                _("Stopped"),
                "awas",
            )
        )
    tasks.append(
        Task(
            _("Receive a delivery"),
            _("Upload the files of DTKS, Regsosek or P3KE and see what was found."),
            reverse("office:deliveries"),
            _("To the deliveries"),
        )
    )
    return tasks


def figures_of(officer: Officer) -> Figures:
    """Families and people in force within the scope, and when the register was last built.

    Who sees no family (the administrator) gets the figures of the whole register: they name nobody.
    """
    families, people = Household.objects.active(), Individual.objects.active()
    if officer.scope.everything or officer.scope.regions:
        families, people = families.visible_to(officer), people.visible_to(officer)
    last = MatchRun.objects.filter(state=MatchRun.State.PUBLISHED).order_by("-id").first()
    return Figures(families.count(), people.count(), last.published_at if last else None)
