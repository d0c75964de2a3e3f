"""Audit events as sentences, and the answer of a walk over the seals in words."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import get_language, ngettext
from django.utils.translation import gettext as _

from registry.common.audit import EVENT_SENTENCES, describe
from registry.common.models import AuditEvent
from registry.common.sealing import Verdict


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


def show_event(event: AuditEvent) -> EventRow:
    """One event as an auditor reads it."""
    return EventRow(event.at, describe(event), str(event.actor) if event.actor_id else _("nobody signed in"))


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
