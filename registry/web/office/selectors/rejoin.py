"""Merges and splits by hand in words: the choices, the plan, where it leads."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, field
from uuid import UUID

from django.urls import reverse
from django.utils.translation import gettext as _

from registry.common.aliases import resolve_id
from registry.linkage.links import find_links
from registry.linkage.rejoin import apply_plan, plan_merge, plan_split
from registry.linkage.runs import find_last_run
from registry.models import Household, Individual, MergePlan
from registry.officers.models import Officer
from registry.templatetags.dtsen import day, source_name
from registry.web.office.selectors.families import head_name, nice_name
from registry.web.office.selectors.origins import find_rows as find_delivered
from registry.web.office.selectors.origins import persons_of
from registry.web.office.selectors.scope import describe_place


@dataclass
class PlanPage:
    """What will happen, in sentences."""

    sentences: list[str]
    warnings: list[str] = field(default_factory=list)
    applied: bool = False
    waits: bool = False  # decided, but no build has carried it out yet


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
    links = find_links(kind, row.pk)
    people = persons_of(links)
    choices = []
    for link in links:
        delivered = people.get((link.source, link.record_key))
        name = (delivered.values.get("name") or "–") if delivered else "–"
        choices.append((f"{link.source}|{link.record_key}", f"{name} · {source_name(link.source)} · {link.record_key}"))
    return choices


def make_merge(row: Household | Individual, other: UUID, reason: str, *, by: Officer, now: dt.datetime) -> MergePlan:
    """Plan the merge of two ids; an old id leads on. Raises: DomainError as `plan_merge`."""
    return plan_merge(target=row, other_id=resolve_id(other), reason=reason, by=by, now=now)


def make_split(
    row: Household | Individual, leaving: list[str], reason: str, *, by: Officer, now: dt.datetime
) -> MergePlan:
    """Plan the split of the chosen rows. Raises: DomainError as `plan_split`."""
    rows = [(source, key) for source, _bar, key in (one.partition("|") for one in leaving)]
    return plan_split(target=row, leaving=rows, reason=reason, by=by, now=now)


def apply(plan: MergePlan, *, by: Officer, now: dt.datetime) -> None:
    """Carry a plan out. Raises: DomainError as `apply_plan`."""
    apply_plan(plan=plan, by=by, now=now)


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
    page = PlanPage([], applied=plan.applied_at is not None)
    if plan.kind == MergePlan.Kind.MERGE:
        merge_sentences(plan, page)
    else:
        split_sentences(plan, page)
    built = find_last_run()
    if plan.applied_at is not None and built is not None and built.started_at > plan.applied_at:
        page.sentences.append(_("The build of %(day)s carried it out.") % {"day": day(built.published_at)})
    else:
        page.sentences.append(_("Pages and values change when the register is built again."))
        page.waits = page.applied
    return page


def merge_sentences(plan: MergePlan, page: PlanPage) -> None:
    """Which two become one, and what speaks against it."""
    model = Household if plan.object_type == "household" else Individual
    rows = [row for pk in plan.object_ids if (row := model.objects.filter(pk=pk).first()) is not None]
    names = [head_name(row) if isinstance(row, Household) else nice_name(row.name) for row in rows]
    if len(rows) < 2:
        page.warnings.append(_("One of the two is no longer in the register."))
        return
    words = (
        _("The families of %(one)s and %(other)s become one family.")
        if plan.object_type == "household"
        else _("%(one)s and %(other)s become one person.")
    )
    page.sentences.append(words % {"one": names[0], "other": names[1]})
    page.sentences.append(_("All delivered rows of both stay; values that lose are kept with their source."))
    page.sentences.append(_("The id that ends leads on to the one that stays."))
    one, other = rows
    if one.region_code != other.region_code:
        places = {"one": describe_place(one.region_code), "other": describe_place(other.region_code)}
        page.warnings.append(_("They live in different places: %(one)s and %(other)s.") % places)
    if isinstance(one, Household) and isinstance(other, Household):
        if one.kk_hash and other.kk_hash and one.kk_hash != other.kk_hash:
            page.warnings.append(_("Their family card numbers differ."))
    elif isinstance(one, Individual) and isinstance(other, Individual):
        if one.nik_hash and other.nik_hash and one.nik_hash != other.nik_hash:
            page.warnings.append(_("Their NIK differ."))
        if one.birth_date and other.birth_date and one.birth_date != other.birth_date:
            page.warnings.append(_("Their birth dates differ."))


def split_sentences(plan: MergePlan, page: PlanPage) -> None:
    """Which rows leave and where they go."""
    by_source: dict[str, list[str]] = {}
    for source, key in plan.rows:
        by_source.setdefault(source, []).append(key)
    for source, keys in by_source.items():
        people = find_delivered("persons", source, "record_key", keys)
        for key in keys:
            name = (people[key].values.get("name") or "–") if key in people else "–"
            facts = {"name": name, "source": source_name(source), "key": key}
            page.sentences.append(_("%(name)s (%(source)s, %(key)s) leaves.") % facts)
    page.sentences.append(
        _("What leaves together becomes one other family.")
        if plan.object_type == "household"
        else _("What leaves together becomes one other person.")
    )
