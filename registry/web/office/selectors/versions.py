"""What changed on a family or a person, item by item: from → to, when, by which build, correction or officer.

The tables keep the old row of every update (`registry.common.history`); the state after a change is the old
row of the next one, or the row as it is now.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any

from django.urls import reverse
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from registry.common.audit import EVENT_SENTENCES
from registry.common.crypto import decrypt_many
from registry.common.history import find_versions
from registry.households.items import HOUSEHOLD_ITEMS, INDIVIDUAL_ITEMS
from registry.models import Household, Individual, Membership, Officer
from registry.templatetags.dtsen import masked
from registry.variables import load_dictionary
from registry.web.office.selectors.families import nice_name, relation_words, status_badge
from registry.web.office.selectors.lineage import label_of, words_of
from registry.web.office.selectors.scope import describe_place

SIZE = 20
BUILT = "linkage.register.built"


@dataclass(frozen=True)
class Difference:
    """One item before and after."""

    label: str
    was: str
    now: str


@dataclass(frozen=True)
class Step:
    """One change of the row."""

    at: dt.datetime
    cause: str
    by: str
    differences: list[Difference] = field(default_factory=list)


@dataclass(frozen=True)
class Steps:
    """A page of changes, the newest first; `after` is where the next page begins."""

    rows: list[Step] = field(default_factory=list)
    after: int | None = None


@dataclass(frozen=True)
class Past:
    """Somebody who was in the family, or a family somebody was in."""

    name: str
    url: str
    relation: str
    since: dt.date | None
    until: dt.date | None


Words = Callable[[Any], str]
Column = tuple[str, str, Words]


def find_steps(row: Household | Individual, officer: Officer, *, before: int | None = None) -> Steps:
    """The changes of a row; `before` is the number that the page before ended with."""
    versions = find_versions(row)
    if before is not None:
        later = versions.filter(pgh_id=before).first()
        versions = versions.filter(pgh_id__lt=before)
    else:
        later = None
    events = list(versions[: SIZE + 1])
    states = [later or row, *events]
    officers, columns = officers_of(events), columns_of(type(row), officer)
    shown = [
        step_of(columns, was=event, now=now, event=event, officers=officers)
        for now, event in zip(states, events[:SIZE], strict=False)
    ]
    kept = [step for step in shown if step.differences]
    return Steps(kept, events[SIZE - 1].pgh_id if len(events) > SIZE else None)


def officers_of(events: Iterable[Any]) -> dict[str, str]:
    """The names of the officers in the contexts of events."""
    wanted = {(event.pgh_context.metadata or {}).get("officer") for event in events if event.pgh_context}
    found = Officer.objects.filter(pk__in=[int(one) for one in wanted if one and str(one).isdigit()])
    return {str(officer.pk): str(officer) for officer in found}


def step_of(columns: list[Column], *, was: Any, now: Any, event: Any, officers: dict[str, str]) -> Step:
    """One change in words."""
    facts = (event.pgh_context.metadata or {}) if event.pgh_context else {}
    return Step(
        at=event.pgh_created_at,
        cause=cause_of(str(facts.get("operation", "")), now.run),
        by=officers.get(str(facts.get("officer")), ""),
        differences=differences_of(columns, was, now),
    )


def cause_of(operation: str, run: int) -> str:
    """What made the change, in words."""
    if operation == BUILT:
        return _("Build %(n)s of the register") % {"n": run}
    known = {
        "households.correction.accepted": _("A correction was accepted"),
        "linkage.plan.applied": _("Merged or split by hand"),
    }
    if operation in known:
        return known[operation]
    pair = EVENT_SENTENCES.get(operation)
    if pair is None:
        return _("A change without a stated cause")
    sentence = pair[1 if (get_language() or "id").startswith("en") else 0]
    return sentence.replace("{actor}", "").replace("{object}", "").strip().capitalize()


def differences_of(columns: list[Column], was: Any, now: Any) -> list[Difference]:
    """The items that differ between two states of a row, in the order of the page."""
    found = []
    for name, label, words in columns:
        before, after = getattr(was, name, None), getattr(now, name, None)
        if same(name, was, now, before, after):
            continue
        found.append(Difference(label, words(before) or _("left empty"), words(after) or _("left empty")))
    return found


def same(name: str, was: Any, now: Any, before: Any, after: Any) -> bool:
    """Numbers are compared by their look-up hash: a cipher differs each time it is written."""
    if name in ("nik_cipher", "kk_cipher"):
        digest = name.replace("cipher", "hash")
        before, after = getattr(was, digest), getattr(now, digest)
    if isinstance(before, memoryview | bytes) or isinstance(after, memoryview | bytes):
        return bytes(before or b"") == bytes(after or b"")
    return (before or None) == (after or None) if isinstance(before or after, str) else before == after


def columns_of(model: type, officer: Officer) -> list[Column]:
    """The columns that a history shows: name, label and how a value reads."""
    language = get_language() or "id"
    dictionary = load_dictionary()

    def item(name: str) -> Column:
        variable = dictionary[name]
        return name, label_of(variable, language), lambda value: words_of(variable, value, language)

    status: Column = ("status", _("Status"), lambda value: status_badge(value).word if value else "")
    place: Column = ("region_code", _("Village"), lambda value: describe_place(value) if value else "")
    if model is Household:
        return [
            status,
            ("head_id", _("Head of the family"), lambda value: name_of_person(value, officer)),
            ("n_members", _("Members"), lambda value: "" if value is None else str(value)),
            ("kk_cipher", _("Family card number"), number_words),
            place,
            ("address", _("Address"), str),
            ("sls", _("Neighbourhood unit (RT/RW)"), str),
            *(item(name) for name in HOUSEHOLD_ITEMS),
        ]
    return [
        status,
        ("name", label_of(dictionary["name"], language), lambda value: nice_name(value or "")),
        ("nik_cipher", "NIK", number_words),
        ("household_id", _("Family"), lambda value: name_of_family(value, officer)),
        place,
        *(item(name) for name in ("sex", "birth_date", "birth_place", "mother_name")),
        *(item(name) for name in INDIVIDUAL_ITEMS),
    ]


def number_words(cipher: Any) -> str:
    """A number, masked."""
    return masked(decrypt_many([cipher])[0]) if cipher else ""


def name_of_person(individual_id: Any, officer: Officer) -> str:
    """The name of somebody, when the officer may see them."""
    if not individual_id:
        return ""
    name = Individual.objects.visible_to(officer).filter(pk=individual_id).values_list("name", flat=True).first()
    return nice_name(name) if name else _("somebody outside your region")


def name_of_family(household_id: Any, officer: Officer) -> str:
    """A family by its head, when the officer may see it."""
    if not household_id:
        return ""
    families = Household.objects.visible_to(officer).select_related("head")
    family = families.filter(pk=household_id).first()
    if family is None:
        return _("a family outside your region")
    return (
        _("family of %(name)s") % {"name": nice_name(family.head.name)} if family.head else _("a family without a head")
    )


def find_past_members(household: Household, officer: Officer) -> list[Past]:
    """Those who were in the family and are no longer, the last to leave first."""
    rows = Membership.objects.filter(household=household).exclude(until=None).order_by("-until", "-id")
    here = set(Membership.objects.current().filter(household=household).values_list("individual_id", flat=True))
    left = [row for row in rows[:100] if row.individual_id not in here]
    seen = set(
        Individual.objects.visible_to(officer)
        .filter(pk__in=[r.individual_id for r in left])
        .values_list("pk", flat=True)
    )
    return [
        Past(
            name_of_person(row.individual_id, officer),
            reverse("office:person", args=[row.individual_id]) if row.individual_id in seen else "",
            relation_words(row.relation),
            row.since,
            row.until,
        )
        for row in left
    ]


def find_past_families(person: Individual, officer: Officer) -> list[Past]:
    """The families somebody was in, the last one first."""
    rows = list(Membership.objects.filter(individual=person).exclude(until=None).order_by("-until", "-id")[:100])
    seen = set(
        Household.objects.visible_to(officer).filter(pk__in=[r.household_id for r in rows]).values_list("pk", flat=True)
    )
    return [
        Past(
            name_of_family(row.household_id, officer),
            reverse("office:family", args=[row.household_id]) if row.household_id in seen else "",
            relation_words(row.relation),
            row.since,
            row.until,
        )
        for row in rows
    ]
