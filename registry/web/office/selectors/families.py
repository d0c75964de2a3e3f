"""A family as its page shows it: members, every value with its origin, the rows it was made from, its history."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from django.db.models import Q
from django.urls import reverse
from django.utils.translation import get_language, ngettext
from django.utils.translation import gettext as _

from registry.common.aliases import resolve_id
from registry.common.audit import describe
from registry.common.crypto import decrypt, decrypt_many
from registry.common.models import AuditEvent, IdAlias
from registry.models import Correction, Household, IdSplit, Individual, Membership
from registry.officers.models import Officer
from registry.templatetags.dtsen import day, masked
from registry.variables import load_dictionary
from registry.web.office.selectors.lineage import Line, label_of, lines_of, words_of
from registry.web.office.selectors.origins import SourceRow, origins_of_household, rows_of_household
from registry.web.office.selectors.scope import describe_place


@dataclass(frozen=True)
class Badge:
    """One chip."""

    tone: str
    word: str
    icon: str = ""


@dataclass(frozen=True)
class Member:
    id: UUID
    name: str
    nik: str
    relation: str
    birth_date: dt.date | None
    sex: int | None


@dataclass(frozen=True)
class Event:
    """One step of a history."""

    sentence: str
    at: dt.datetime
    by: str = ""
    tone: str = "info"
    url: str = ""


@dataclass(frozen=True)
class CorrectionLine:
    id: int
    sentence: str
    evidence: str
    tone: str
    word: str
    icon: str
    at: dt.datetime
    by: str


@dataclass
class FamilyPage:
    id: UUID
    head: str
    kk: str
    place: str
    village: str
    active: bool
    full: bool
    as_of: dt.date | None
    members: list[Member] = field(default_factory=list)
    chips: list[Badge] = field(default_factory=list)
    lines: list[Line] = field(default_factory=list)
    unfilled: list[str] = field(default_factory=list)
    rows: list[SourceRow] = field(default_factory=list)
    corrections: list[CorrectionLine] = field(default_factory=list)
    history: list[Event] = field(default_factory=list)


def get_household(officer: Officer, household_id: UUID) -> Household:
    """The family behind an id, old ones included, when the officer may see it. Raises: Http404."""
    return Household.objects.get_visible(officer, pk=resolve_id(household_id))


def told_of_merge(old_id: UUID, sentence: str) -> str:
    """What an officer is told who opened an id that leads on today: where to, since when, by what."""
    alias = IdAlias.objects.filter(old_id=old_id).first()
    if alias is None:
        return sentence
    if alias.run is None:
        return _("%(sentence)s That was on %(day)s.") % {"sentence": sentence, "day": day(alias.at)}
    facts = {"sentence": sentence, "day": day(alias.at), "run": alias.run}
    return _("%(sentence)s That was on %(day)s, by build %(run)s of the register.") % facts


def show_family(household: Household, officer: Officer, *, full: bool = False) -> FamilyPage:
    """Everything the page shows; numbers in full only when asked for."""
    members = members_of(household, full=full)
    corrections = corrections_of(household.pk)
    origins = origins_of_household(household)
    may_correct = household.status == "active"
    lines, unfilled = lines_of(
        load_dictionary().household_items,
        household,
        origins,
        corrected=in_force(household.pk),
        correct_url=reverse("office:correct", args=[household.pk]) if may_correct else "",
    )
    kk = decrypt(household.kk_cipher) if household.kk_cipher else ""
    return FamilyPage(
        id=household.pk,
        head=head_name(household),
        kk=kk if full else masked(kk) if kk else "",
        place=", ".join(part for part in (household.address, describe_place(household.region_code)) if part),
        village=describe_place(household.region_code).split(",")[0],
        active=household.status == "active",
        full=full,
        as_of=household.as_of,
        members=members,
        chips=chips_of(household.status, lines, corrections),
        lines=lines,
        unfilled=unfilled,
        rows=rows_of_household(household, {member.id: member.name for member in members}),
        corrections=corrections,
        history=history_of("household", household.pk),
    )


def head_name(household: Household) -> str:
    """The name of the head; a family without one is called by its first member."""
    person = household.head or household.individuals.order_by("birth_date", "id").first()
    return nice_name(person.name) if person else _("no member")


def nice_name(name: str) -> str:
    """SITI AMINAH -> Siti Aminah; a name that is not all capitals stays as it was written."""
    return name.title() if name.isupper() else name


def members_of(household: Household, *, full: bool) -> list[Member]:
    """Today's members, the head first."""
    rows = list(
        Membership.objects.current().filter(household=household).select_related("individual").order_by("relation", "id")
    )
    niks = decrypt_many([row.individual.nik_cipher for row in rows])
    return [
        Member(
            id=row.individual_id,
            name=nice_name(row.individual.name),
            nik=(nik if full else masked(nik)) if nik else "",
            relation=relation_words(row.relation),
            birth_date=row.individual.birth_date,
            sex=row.individual.sex,
        )
        for row, nik in zip(rows, niks, strict=True)
    ]


def relation_words(code: int | None) -> str:
    """The relation to the head in words."""
    if code is None:
        return "–"
    return load_dictionary()["id_hub_kepala_keluarga"].text(code, get_language() or "id")


def chips_of(status: str, lines: Iterable[Line], corrections: Iterable[CorrectionLine]) -> list[Badge]:
    """What one should know at once."""
    chips = [status_badge(status)]
    differing = sum(line.differs for line in lines)
    if differing:
        word = ngettext("%(n)s item differs between sources", "%(n)s items differ between sources", differing)
        chips.append(Badge("wait", word % {"n": differing}, "awas"))
    waiting = sum(line.tone == "wait" for line in corrections)
    if waiting:
        word = ngettext("%(n)s correction waits", "%(n)s corrections wait", waiting)
        chips.append(Badge("info", word % {"n": waiting}, "ubah"))
    return chips


def status_badge(status: str) -> Badge:
    """The state of a public id in a word."""
    return {
        "active": Badge("ok", _("Active"), "cek"),
        "merged": Badge("info", _("Merged into another one"), "gabung"),
        "retired": Badge("late", _("No longer in any source"), "hapus"),
    }[status]


def in_force(object_id: UUID) -> Mapping[str, Any]:
    """The corrections that hold, by variable."""
    active = Correction.objects.filter(object_id=object_id, state__in=["active", "contested"])
    return dict(active.values_list("variable", "value"))


def corrections_of(object_id: UUID) -> list[CorrectionLine]:
    """All corrections of a family or a person, newest first."""
    return [show_correction(c) for c in Correction.objects.filter(object_id=object_id).select_related("proposed_by")]


def show_correction(correction: Correction) -> CorrectionLine:
    """A correction in words."""
    language = get_language() or "id"
    variable = load_dictionary().by_name.get(correction.variable)
    text = correction.value
    if variable is not None:
        value: Any = int(text) if text.lstrip("-").isdigit() else text
        text = words_of(variable, value, language)
    label = label_of(variable, language) if variable else _("Item")
    tone, word, icon = {
        "proposed": ("wait", _("Waiting for a check"), "jam"),
        "active": ("ok", _("In force"), "cek"),
        "refused": ("late", _("Refused"), "hapus"),
        "contested": ("wait", _("A newer source disagrees"), "awas"),
        "retired": ("", _("Confirmed by a source"), "cek"),
    }[correction.state]
    return CorrectionLine(
        id=correction.pk,
        sentence=_("%(label)s becomes %(value)s") % {"label": label, "value": text},
        evidence=correction.evidence,
        tone=tone,
        word=word,
        icon=icon,
        at=correction.proposed_at,
        by=str(correction.proposed_by),
    )


def history_of(obj_type: str, object_id: UUID) -> list[Event]:
    """What operations did to it, and which ids it absorbed, newest first."""
    this = _("this family") if obj_type == "household" else _("this person")
    events = [
        Event(describe(event).replace(str(object_id), this), event.at)
        for event in AuditEvent.objects.filter(obj_type=obj_type, obj_id=str(object_id))
        .select_related("actor")
        .order_by("-at", "-id")[:50]
    ]
    absorbed = IdAlias.objects.filter(current_id=object_id).order_by("-at")[:20]
    events += [Event(_("Another id was merged into this one"), alias.at, tone="ok") for alias in absorbed]
    page = "office:family" if obj_type == "household" else "office:person"
    for split in IdSplit.objects.filter(Q(old_id=object_id) | Q(new_id=object_id)).order_by("-at")[:20]:
        came = split.new_id == object_id
        sentence = _("It came out of a split") if came else _("A part of it was split off")
        other = split.old_id if came else split.new_id
        events.append(Event(sentence, split.at, tone="ok", url=reverse(page, args=[other])))
    return sorted(events, key=lambda event: event.at, reverse=True)


__all__ = ["FamilyPage", "Household", "Individual", "Member", "get_household", "show_family"]
