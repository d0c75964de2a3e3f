"""Audit events as sentences, and the answer of a walk over the seals in words."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import get_language, ngettext
from django.utils.translation import gettext as _

from registry.common import jobs
from registry.common.audit import EVENT_SENTENCES
from registry.common.errors import render_sentence
from registry.common.models import AccessLog, AccessSubject, AuditEvent
from registry.common.reads import label_of_purpose
from registry.common.sealing import Verdict
from registry.officers.models import Officer
from registry.officers.roles import ROLES
from registry.templatetags.dtsen import day, source_name
from registry.variables import load_dictionary
from registry.web.office.selectors.lineage import label_of
from registry.wilayah.selectors import get_names


@dataclass(frozen=True)
class EventRow:
    at: dt.datetime
    sentence: str
    by: str


@dataclass(frozen=True)
class Answer:
    """The verdict over the chain, for the page."""

    tone: str
    heading: str
    text: str


def find_events(
    *,
    operation: str = "",
    email: str = "",
    obj_id: str = "",
    since: dt.date | None = None,
    until: dt.date | None = None,
) -> QuerySet[AuditEvent]:
    """Events by kind, by who did it, by what it was about and by day."""
    events = AuditEvent.objects.select_related("actor")
    if operation:
        events = events.filter(operation=operation)
    if email:
        events = events.filter(actor__email=email.strip().lower())
    if obj_id:
        events = events.filter(obj_id=obj_id.strip())
    if since:
        events = events.filter(at__gte=midnight(since))
    if until:
        events = events.filter(at__lt=midnight(until + dt.timedelta(days=1)))
    return events


def midnight(day: dt.date) -> dt.datetime:
    return timezone.make_aware(dt.datetime.combine(day, dt.time.min))


def show_events(events: list[AuditEvent]) -> list[EventRow]:
    """Events as an auditor reads them: codes, regions, days and officers in words."""
    numbers = {str(event.params.get("officer", "")) for event in events}
    numbers |= {event.obj_id for event in events if event.obj_type == "officer"}
    officers = {str(one.pk): str(one) for one in Officer.objects.filter(pk__in=[n for n in numbers if n.isdigit()])}
    places = get_names({str(event.params.get("region", "")) for event in events})
    return [show_event(event, officers, places) for event in events]


def show_event(event: AuditEvent, officers: Mapping[str, str], places: Mapping[str, str]) -> EventRow:
    """One event as a sentence in words."""
    actor = str(event.actor) if event.actor_id else _("nobody signed in")
    pair = EVENT_SENTENCES.get(event.operation)
    if pair is None:
        return EventRow(event.at, _("An operation that is no longer known"), actor)
    facts = {name: in_words(name, value, officers, places) for name, value in event.params.items()}
    named = officers.get(event.obj_id) if event.obj_type == "officer" else None
    facts |= {"actor": actor, "object": named or event.obj_id}
    return EventRow(event.at, render_sentence(pair, facts, None), actor)


def in_words(name: str, value: Any, officers: Mapping[str, str], places: Mapping[str, str]) -> Any:
    """A fact of an event as people say it."""
    text = str(value)
    if name == "role" and text in ROLES:
        return str(ROLES[text].title)
    if name == "region":
        return _("all of Indonesia") if text in ("ID", "") else places.get(text, text)
    if name == "officer":
        return officers.get(text, text)
    if name in ("since", "until"):
        return day(text) if text[:1].isdigit() else _("without an end")
    if name == "kind" and jobs.is_known(text):
        return jobs.get_kind(text).label[1 if (get_language() or "id").startswith("en") else 0]
    if name == "source":
        return source_name(text)
    if name == "variable" and text in load_dictionary().by_name:
        return label_of(load_dictionary()[text], get_language() or "id")
    known = {
        "invite": _("invitation"),
        "reset": _("new password"),
        "unlock": _("unlocking"),
        "household": _("the family"),
        "individual": _("the person"),
        "same": _("same"),
        "different": _("different"),
        "unsure": _("unsure"),
    }
    return known.get(text, value) if isinstance(value, str) else value


def kinds_of_events() -> list[tuple[str, str]]:
    """Every kind of event with its sentence in general words."""
    place = 1 if (get_language() or "id").startswith("en") else 0

    def plain(sentence: str) -> str:
        text = sentence.replace("{actor}", "…")
        while "{" in text and "}" in text:
            start = text.index("{")
            text = f"{text[:start]}…{text[text.index('}', start) + 1 :]}"
        return text.strip(" …") or sentence

    return sorted(((op, plain(pair[place])) for op, pair in EVENT_SENTENCES.items()), key=lambda kind: kind[1])


def explain(verdict: Verdict) -> Answer:
    """What the walk found, as a heading and a sentence."""
    if verdict.fault is not None:
        why = {
            "changed": _("was changed after it was sealed"),
            "missing": _("was removed"),
            "unlisted": _("was slipped in, or its mark was removed"),
            "listed_twice": _("is sealed twice"),
            "block_changed": _("was changed"),
            "block_missing": _("is missing"),
            "head_differs": _("is not the one that was known"),
            "head_missing": _("is gone"),
        }.get(verdict.fault.why, _("does not fit"))
        if verdict.fault.event is not None:
            text = _("Event %(n)s %(why)s.") % {"n": verdict.fault.event, "why": why}
        else:
            text = _("Block %(n)s %(why)s.") % {"n": verdict.fault.block, "why": why}
        return Answer("late", _("The record does not fit its seals."), text)
    text = ngettext(
        "%(events)s event in %(blocks)s blocks was checked; %(unsealed)s are not sealed yet.",
        "%(events)s events in %(blocks)s blocks were checked; %(unsealed)s are not sealed yet.",
        verdict.events,
    ) % {"events": verdict.events, "blocks": verdict.blocks, "unsealed": verdict.unsealed}
    if verdict.overdue:
        return Answer("wait", _("The seals fit, but sealing is late."), text)
    return Answer("ok", _("The record fits its seals."), text)


@dataclass(frozen=True)
class ReadRow:
    """One look at personal data in words."""

    at: dt.datetime
    by: str
    door: str
    purpose: str
    count: int


def find_reads(
    *, email: str = "", subject: UUID | None = None, since: dt.date | None = None, until: dt.date | None = None
) -> QuerySet[AccessLog]:
    """Looks by who looked, at whom and on which days."""
    looks = AccessLog.objects.select_related("officer")
    if email:
        looks = looks.filter(officer__email=email.strip().lower())
    if subject:
        looks = looks.filter(pk__in=AccessSubject.objects.filter(subject_id=subject).values("log_id"))
    if since:
        looks = looks.filter(at__gte=midnight(since))
    if until:
        looks = looks.filter(at__lt=midnight(until + dt.timedelta(days=1)))
    return looks


def show_read(log: AccessLog) -> ReadRow:
    """One look as an auditor reads it."""
    purpose = label_of_purpose(log.purpose, get_language() or "id")
    return ReadRow(
        log.at,
        str(log.officer),
        door_of(log.door),
        purpose if purpose != log.purpose else _("Other purpose"),
        log.subjects,
    )


def door_of(code: str) -> str:
    """The page or interface through which the look went."""
    return {
        "office.search": _("Search in the register"),
        "office.family": _("Page of a family"),
        "office.person": _("Page of a person"),
        "office.history": _("History of a family or a person"),
        "office.review": _("Review of a pair"),
        "office.list": _("List as a file"),
        "office.findings": _("Findings as a file"),
        "office.ranking_findings": _("Findings of an official ranking as a file"),
        "office.correction": _("Correction"),
        "office.rejoin": _("Merge or split"),
    }.get(code, _("Administration") if code.startswith("admin") else _("Other door"))
