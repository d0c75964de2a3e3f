"""Merges and splits by hand in words: the choices, the plan, where it leads."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from django.urls import reverse
from django.utils.translation import gettext as _

from registry.linkage import rejoin
from registry.models import Household, Individual, MergePlan
from registry.officers.models import Officer
from registry.templatetags.dtsen import source_name
from registry.web.office.selectors.families import head_name, nice_name
from registry.web.office.selectors.origins import find_links, persons_of


@dataclass
class PlanPage:
    """What will happen, in sentences."""

    sentences: list[str]
    warnings: list[str] = field(default_factory=list)
    applied: bool = False


def merge_words(kind: str) -> dict[str, str]:
    """The words of the form of a merge."""
    if kind == "household":
        return {
            "heading": _("Merge with another family"),
            "short": _("Merge"),
            "lead": _("For two entries of the same family. Two families in one house stay two."),
        }
    return {
        "heading": _("Merge with another person"),
        "short": _("Merge"),
        "lead": _("For two entries of the same person."),
    }


def split_words(kind: str) -> dict[str, str]:
    """The words of the form of a split."""
    if kind == "household":
        return {
            "heading": _("Split this family"),
            "short": _("Split"),
            "lead": _("Choose the delivered rows that belong to another family."),
        }
    return {
        "heading": _("Separate rows"),
        "short": _("Split"),
        "lead": _("Choose the delivered rows that are another person."),
    }


def split_choices(kind: str, row: Household | Individual) -> list[tuple[str, str]]:
    """The delivered rows that may leave."""
    links = find_links("household_id" if kind == "household" else "individual_id", row.pk)
    people = persons_of(links)
    choices = []
    for link in links:
        delivered = people.get((link.source, link.record_key))
        name = (delivered.values.get("name") or "–") if delivered else "–"
        choices.append((f"{link.source}|{link.record_key}", f"{name} · {source_name(link.source)} · {link.record_key}"))
    return choices


def plan_merge(kind: str, row: Any, other: UUID, reason: str, *, by: Officer, now: dt.datetime) -> MergePlan:
    """Plan the merge of two ids."""
    return rejoin.plan_merge(target=row, other_id=other, reason=reason, by=by, now=now)


def plan_split(kind: str, row: Any, leaving: list[str], reason: str, *, by: Officer, now: dt.datetime) -> MergePlan:
    """Plan the split of rows."""
    rows = [tuple(one.split("|", 1)) for one in leaving]
    return rejoin.plan_split(target=row, leaving=rows, reason=reason, by=by, now=now)  # type: ignore[arg-type]


def apply(plan: MergePlan, *, by: Officer, now: dt.datetime) -> None:
    """Carry a plan out."""
    rejoin.apply_plan(plan=plan, by=by, now=now)


def target_of(plan: MergePlan) -> dict[str, str]:
    """The page a plan came from."""
    first = plan.object_ids[0]
    if plan.object_type == "household":
        household = Household.objects.filter(pk=first).first()
        return {"url": reverse("office:family", args=[first]), "name": head_name(household) if household else ""}
    person = Individual.objects.filter(pk=first).first()
    return {"url": reverse("office:person", args=[first]), "name": nice_name(person.name) if person else ""}


def plan_words(plan: MergePlan) -> dict[str, str]:
    """The words of the page of a plan."""
    target = target_of(plan)
    if plan.kind == "merge":
        heading, action = _("Merge: check the plan"), _("Merge them")
    else:
        heading, action = _("Split: check the plan"), _("Split them")
    return {"heading": heading, "short": _("Plan"), "lead": plan.reason, "action": action, "again": target["url"]}


def show_plan(plan: MergePlan) -> PlanPage:
    """The plan in sentences."""
    if plan.kind == "merge":
        sentences = [
            _("The rows of both become one at the next build. The older public id stays and the other leads to it."),
            _("A member is listed once; values are chosen anew from all rows."),
        ]
    else:
        sentences = [
            _("%(count)s delivered rows leave at the next build and get a public id of their own.")
            % {"count": len(plan.rows)},
            _("What stays keeps its public id; values are chosen anew from the rows that stay."),
        ]
    return PlanPage(sentences, applied=plan.applied_at is not None)
