"""A doubtful pair as the page shows it: two rows side by side, their families, why it is doubtful, what follows."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from uuid import UUID

from django.db.models import QuerySet
from django.urls import reverse
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from registry.linkage.operations import decide_pair
from registry.models import Correction, ReviewDecision, ReviewPair
from registry.officers.models import Officer
from registry.sources.selectors import read_raw_row
from registry.templatetags.dtsen import source_name
from registry.variables import load_dictionary
from registry.web.office.selectors.compare import (
    Compared,
    compare_code,
    compare_day,
    compare_number,
    compare_place,
    compare_text,
    plain,
)
from registry.web.office.selectors.evidence import reasons_in_words
from registry.web.office.selectors.families import Badge, relation_words, show_correction
from registry.web.office.selectors.lineage import label_of
from registry.web.office.selectors.origins import DeliveredRow, certainty, find_members, find_rows
from registry.web.office.selectors.scope import describe_place

HIDDEN_RAW = ("nik", "kk", "ktp", "no_kartu", "nokartu")  # columns of the source that hold numbers of people


@dataclass(frozen=True)
class QueueRow:
    """One waiting pair in the list."""

    id: int
    left: str
    right: str
    kind: str
    chips: list[Badge]
    where: str
    certainty: str


@dataclass(frozen=True)
class Companion:
    """A member of the delivered family beside the row in question."""

    name: str
    relation: str
    birth_date: dt.date | None
    current: bool
    shared: bool


@dataclass
class Side:
    """One of the two rows."""

    slot: str
    title: str
    key: str
    members: list[Companion] = field(default_factory=list)
    person_url: str = ""
    delivery_url: str = ""
    raw: list[tuple[str, Any]] = field(default_factory=list)


@dataclass
class PairPage:
    id: int
    question: str
    waiting: int
    left: Side
    right: Side
    rows: list[Compared]
    reasons: list[str]
    probability: float | None
    certainty: str
    thresholds: str
    consequences: list[str]
    decided: str = ""

    @property
    def sides(self) -> list[Side]:
        return [self.left, self.right]


def open_pairs(officer: Officer) -> QuerySet[ReviewPair]:
    """The pairs that wait in the officer's regions."""
    return ReviewPair.objects.visible_to(officer).filter(state=ReviewPair.State.OPEN)


def show_queue(pairs: list[ReviewPair]) -> list[QueueRow]:
    """The list in words, with the names as delivered."""
    names = names_of(pairs)
    return [
        QueueRow(
            id=pair.pk,
            left=names.get((pair.a_source, pair.a_key)) or kind_of(pair),
            right=names.get((pair.b_source, pair.b_key)) or source_name(pair.b_source),
            kind=kind_of(pair),
            chips=[Badge("", words) for words in reasons_in_words(pair.reasons)[:3]],
            where=describe_place(pair.region_code),
            certainty=certainty(pair.probability),
        )
        for pair in pairs
    ]


def names_of(pairs: list[ReviewPair]) -> dict[tuple[str, str], str]:
    """Names as delivered of the rows of many pairs."""
    wanted: dict[str, set[str]] = {}
    for pair in pairs:
        for source, key in ((pair.a_source, pair.a_key), (pair.b_source, pair.b_key)):
            if source != "correction":
                wanted.setdefault(source, set()).add(key)
    return {
        (source, key): row.values.get("name") or ""
        for source, keys in wanted.items()
        for key, row in find_rows("persons", source, "record_key", sorted(keys)).items()
    }


def kind_of(pair: ReviewPair) -> str:
    return {"person": _("Person"), "family": _("Family"), "correction": _("Correction")}[pair.kind]


def show_pair(pair: ReviewPair, officer: Officer) -> PairPage:
    """Everything the page shows."""
    left, left_row = side_of("left", pair.a_source, pair.a_key, pair.a_id, pair.kind)
    right, right_row = side_of("right", pair.b_source, pair.b_key, pair.b_id, pair.kind)
    mark_shared(left, right)
    return PairPage(
        id=pair.pk,
        question={
            "person": _("Are both the same person?"),
            "family": _("Are both the same family?"),
            "correction": _("Does the correction still hold?"),
        }[pair.kind],
        waiting=open_pairs(officer).count(),
        left=left,
        right=right,
        rows=compared(left_row, right_row),
        reasons=reasons_in_words(pair.reasons),
        probability=pair.probability,
        certainty=certainty(pair.probability),
        thresholds=_("The engine joins by itself only what is much surer than this."),
        consequences=consequences_of(pair),
        decided=last_answer(pair),
    )


def side_of(slot: str, source: str, key: str, public_id: UUID | None, kind: str) -> tuple[Side, dict[str, Any]]:
    """One row with the other members of its delivered family."""
    if source == "correction":
        return correction_side(slot, key, public_id)
    row = find_rows("persons", source, "record_key", [key]).get(key)
    side = Side(slot, source_name(source), key)
    if public_id:
        name = "office:family" if kind == "family" else "office:person"
        side.person_url = reverse(name, args=[public_id])
    if row is None:
        return side, {}
    family_key = row.values.get("family_key") or ""
    side.delivery_url = reverse("office:delivery", args=[row.delivery.id])
    side.raw = raw_of(row)
    side.members = [
        Companion(
            name=member.values.get("name") or "–",
            relation=relation_words(member.values.get("relation") or member.values.get("id_hub_kepala_keluarga")),
            birth_date=day(member.values.get("birth_date")),
            current=kind == "person" and member.values.get("record_key") == key,
            shared=False,
        )
        for member in find_members(source, family_key)
    ]
    values = dict(row.values)
    for family in find_rows("families", source, "family_key", [family_key]).values():
        values["address"] = values.get("address") or family.values.get("address")
        values["kk_number"] = values.get("kk_number") or family.values.get("kk_number")
    return side, values


def correction_side(slot: str, key: str, public_id: UUID | None) -> tuple[Side, dict[str, Any]]:
    """The officer's correction that a newer source contests."""
    correction = Correction.objects.filter(pk=int(key)).select_related("proposed_by").first() if key.isdigit() else None
    side = Side(slot, _("Correction"), "")
    if correction is None:
        return side, {}
    if public_id:
        name = "office:family" if correction.object_type == "household" else "office:person"
        side.person_url = reverse(name, args=[public_id])
    line = show_correction(correction)
    side.raw = [(_("Correction"), line.sentence), (_("Evidence"), line.evidence), (_("By"), line.by)]
    return side, {}


def raw_of(row: DeliveredRow) -> list[tuple[str, Any]]:
    """The row as sent, with numbers of people left out."""
    shown = []
    for label, value in read_raw_row(Path(row.delivery.folder), "persons", row.values["row_no"]).items():
        hidden = any(part in label.lower() for part in HIDDEN_RAW)
        shown.append((label, _("(not shown)") if hidden and value else value))
    return shown


def mark_shared(left: Side, right: Side) -> None:
    """Mark members that both families have: the same letters in the name, the same or no birth date."""

    def same(one: Companion, other: Companion) -> bool:
        if plain(one.name) != plain(other.name):
            return False
        return one.birth_date is None or other.birth_date is None or one.birth_date == other.birth_date

    for side, other in ((left, right), (right, left)):
        side.members = [
            Companion(m.name, m.relation, m.birth_date, m.current, any(same(m, o) for o in other.members))
            for m in side.members
        ]


def compared(one: dict[str, Any], other: dict[str, Any]) -> list[Compared]:
    """The lines of the comparison, in the order in which a person checks."""
    language = get_language() or "id"
    dictionary = load_dictionary()

    def label(name: str) -> str:
        return label_of(dictionary[name], language)

    def coded(name: str) -> Compared:
        variable = dictionary[name]
        return compare_code(
            label(name), one.get(name), other.get(name), lambda v: variable.text(v, language) if v is not None else ""
        )

    return [
        compare_text(label("name"), one.get("name"), other.get("name")),
        compare_day(label("birth_date"), day(one.get("birth_date")), day(other.get("birth_date"))),
        coded("sex"),
        compare_number(label("nik"), one.get("nik"), other.get("nik")),
        compare_number(label("kk_number"), one.get("kk_number"), other.get("kk_number")),
        compare_text(label("mother_name"), one.get("mother_name"), other.get("mother_name")),
        compare_text(label("birth_place"), one.get("birth_place"), other.get("birth_place")),
        compare_place(_("Village"), place(one), place(other)),
        compare_text(_("Address"), one.get("address"), other.get("address")),
    ]


def place(row: dict[str, Any]) -> str:
    return describe_place(row["region_code"]) if row.get("region_code") else ""


def day(value: Any) -> dt.date | None:
    return value.date() if isinstance(value, dt.datetime) else value


def consequences_of(pair: ReviewPair) -> list[str]:
    """What "same" will lead to."""
    if pair.kind == "family":
        first = _("Both become one family at the next build. Values that lose are kept.")
    elif pair.kind == "person":
        first = _("Both become one person at the next build. Values that lose are kept.")
    else:
        return [
            _("The correction goes on to hold against the newer source."),
            _("The answer “different” ends it: the next build takes what the sources say."),
        ]
    if pair.a_id and pair.b_id and pair.a_id == pair.b_id:
        return [_("They already are one in the register; the answer keeps it so.")]
    return [first, _("The id that ends leads on to the one that stays.")]


def decide(pair: ReviewPair, *, answer: str, note: str, by: Officer, now: dt.datetime) -> None:
    """Keep the answer."""
    decide_pair(pair_id=pair.pk, answer=answer, reason=note, by=by, now=now)


def last_answer(pair: ReviewPair) -> str:
    """The answer already given, in words."""
    decision = ReviewDecision.objects.filter(pair=pair).select_related("decided_by").order_by("-id").first()
    if decision is None:
        return ""
    words = {"same": _("same"), "different": _("different"), "unsure": _("unsure")}[decision.answer]
    return _("Answered “%(answer)s” by %(by)s.") % {
        "answer": words,
        "by": decision.decided_by,
    }


def subjects_of(pair: ReviewPair) -> dict[str, list[UUID]]:
    """Whom the page shows, for the read log."""
    ids = [one for one in (pair.a_id, pair.b_id) if one]
    return {"households": ids} if pair.kind == "family" else {"individuals": ids}
