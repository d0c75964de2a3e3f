"""Cycles, candidates and a family's assistance as the office shows them."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from django.db.models import Count
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from registry.beneficiaries.models import Cycle, Decision, Enrolment, Gate
from registry.beneficiaries.states import EnrolmentState, Stage
from registry.common.calendar import count_working_days
from registry.desil.selectors import distance_to, find_cuts, scope_code_of
from registry.models import Individual, Programme
from registry.officers.models import Officer
from registry.officers.roles import May
from registry.programmes.models import Need
from registry.web.office.selectors.desil import distance_in_words
from registry.web.office.selectors.programmes import rupiah
from registry.web.office.selectors.scope import regions_where
from registry.wilayah.selectors import get_names, get_places

Words = str | Promise
TONES = {
    EnrolmentState.PROPOSED: ("wait", "jam"),
    EnrolmentState.VERIFIED: ("info", "info"),
    EnrolmentState.VALIDATED: ("info", "cek"),
    EnrolmentState.APPROVED: ("ok", "cek"),
    EnrolmentState.REJECTED: ("late", "hapus"),
    EnrolmentState.ENDING: ("wait", "awas"),
    EnrolmentState.SUSPENDED: ("wait", "awas"),
    EnrolmentState.ENDED: ("late", "hapus"),
}
# What the proposal counted, in the order in which it is told.
COUNTS: dict[str, Words] = {
    "entering": gettext_lazy("proposed to enter"),
    "enrolled": gettext_lazy("keep their place"),
    "leaving": gettext_lazy("proposed to end"),
    "waiting": gettext_lazy("within the rule, beyond the quota"),
    Enrolment.Cause.NO_COMPONENT: gettext_lazy("left out: nobody in them counts as a component"),
    Enrolment.Cause.CIVIL_SERVANT: gettext_lazy("left out: a member works for the state"),
    Enrolment.Cause.NOBODY_LEFT: gettext_lazy("left out: nobody of them is living there any more"),
}
CAUSES: dict[str, Words] = {
    Enrolment.Cause.BELOW_LINE: gettext_lazy("Desil %(desil)s lies within the rule, which takes desil %(taken)s."),
    Enrolment.Cause.ABOVE_LINE: gettext_lazy("Desil %(desil)s lies above the rule, which takes desil %(taken)s."),
    Enrolment.Cause.NO_COMPONENT: gettext_lazy("Nobody in the family counts as a component of the programme."),
    Enrolment.Cause.CIVIL_SERVANT: gettext_lazy("A member works for the state."),
    Enrolment.Cause.NOBODY_LEFT: gettext_lazy("Nobody of the family is living there any more."),
}


def desil_taken(line: int) -> str:
    """Return the desil up to a line.

    >>> desil_taken(1), desil_taken(4)
    ('1', '1–4')
    """
    return "1" if line == 1 else f"1–{line}"


@dataclass(frozen=True)
class GateCell:
    """One stage of one cycle."""

    name: Words
    tone: str
    word: str
    planned_on: dt.date
    is_current: bool


@dataclass(frozen=True)
class CycleLine:
    """One cycle with its eight gates."""

    id: int
    programme: str
    place: str
    starts_on: dt.date
    gates: list[GateCell]


def find_cycles(officer: Officer) -> Any:
    """Return the cycles of the officer's regions."""
    return Cycle.objects.visible_to(officer).select_related("programme", "rule", "rank_run")


def list_cycles(cycles: list[Cycle], today: dt.date) -> list[CycleLine]:
    """Return cycles as lines of the board."""
    names = get_names(cycle.region_code for cycle in cycles)
    gates: dict[int, list[Gate]] = {}
    for gate in Gate.objects.filter(cycle__in=cycles):
        gates.setdefault(gate.cycle_id, []).append(gate)
    return [
        CycleLine(
            cycle.pk,
            cycle.programme.name,
            names.get(cycle.region_code, cycle.region_code),
            cycle.starts_on,
            show_gates(gates.get(cycle.pk, []), today),
        )
        for cycle in cycles
    ]


def show_gates(gates: list[Gate], today: dt.date) -> list[GateCell]:
    """Return the gates in their order; the first one that is not passed is the current one."""
    shown, current_found = [], False
    for gate in gates:
        is_current = gate.passed_at is None and not current_found
        current_found = current_found or is_current
        if gate.passed_at is not None:
            tone, word = "ok", _("Done")
        elif is_current and gate.planned_on < today:
            late = count_working_days(gate.planned_on, today)
            tone, word = "late", ngettext("%(n)s day late", "%(n)s days late", late) % {"n": late}
        elif is_current:
            tone, word = "wait", _("Running")
        else:
            tone, word = "", _("Not yet")
        shown.append(GateCell(Stage(gate.stage).label, tone, word, gate.planned_on, is_current))
    return shown


@dataclass(frozen=True)
class CountLine:
    words: Words
    families: int


def show_counts(cycle: Cycle) -> list[CountLine]:
    """Return what the proposal counted, in words."""
    return [CountLine(words, cycle.counts[key]) for key, words in COUNTS.items() if cycle.counts.get(key)]


def count_states(cycle: Cycle, officer: Officer) -> list[tuple[str, Words, int]]:
    """Return how many enrolments of the cycle are in each state."""
    rows = Enrolment.objects.visible_to(officer).filter(cycle=cycle).order_by()
    found = dict(rows.values_list("state").annotate(n=Count("pk")))
    return [(state.value, state.label, found[state]) for state in EnrolmentState if state in found]


@dataclass(frozen=True)
class CandidateLine:
    """One family of a cycle with why it is there, in words."""

    id: UUID
    household_id: UUID
    head: str
    place: str
    why: str
    distance: str
    near_line: bool
    components: str
    amount: str
    tone: str
    icon: str
    word: Words


def list_candidates(rows: list[Enrolment], cycle: Cycle) -> list[CandidateLine]:
    """Return enrolments of a cycle as lines."""
    heads = dict(
        Individual.objects.filter(memberships__household__in=[row.household_id for row in rows])
        .filter(memberships__until=None, memberships__relation=1)
        .values_list("memberships__household_id", "name")
    )
    cuts = find_cuts(cycle.rank_run, scope_code_of(cycle.rank_run, cycle.region_code)) if cycle.rank_run else ()
    places = get_places((row.region_code for row in rows), above=3)
    line = cycle.rule.desil_max
    return [
        CandidateLine(
            row.pk,
            row.household_id,
            heads.get(row.household_id, "") or _("Family without a known head"),
            places[row.region_code],
            str(CAUSES[row.cause]) % {"desil": row.desil, "taken": desil_taken(line)},
            distance_in_words(distance_to(row.score, cuts, line), line),
            row.near_line,
            describe_components(row.components),
            rupiah(row.amount) if row.amount else "–",
            *TONES[EnrolmentState(row.state)],
            EnrolmentState(row.state).label,
        )
        for row in rows
    ]


def describe_components(components: list[list[str]]) -> str:
    """Return what counts in a family: "2 × young child, pupil of a primary school"."""
    found = Counter(need for need, _member in components)
    words = [(f"{n} × " if n > 1 else "") + str(Need(need).label) for need, n in found.items()]
    return ", ".join(words)


@dataclass
class AssistanceLine:
    """One programme on a family's page: where it stands and the decisions so far."""

    programme: str
    cycle_id: int
    cycle_on: dt.date
    tone: str
    icon: str
    word: Words
    why: str
    components: str
    amount: str
    decisions: list[Decision] = field(default_factory=list)


def show_assistance(household_id: UUID, officer: Officer) -> list[AssistanceLine]:
    """Return the programmes of a family that the officer may see; nothing for roles that see no recipients."""
    if not officer.may(May.VIEW_RECIPIENTS):
        return []
    rows = Enrolment.objects.filter(household=household_id).select_related("programme", "cycle__rule")
    decisions: dict[UUID, list[Decision]] = {}
    for decision in Decision.objects.filter(enrolment__in=rows).select_related("checker"):
        decisions.setdefault(decision.enrolment_id, []).append(decision)
    return [
        AssistanceLine(
            row.programme.name,
            row.cycle_id,
            row.cycle.starts_on,
            *TONES[EnrolmentState(row.state)],
            EnrolmentState(row.state).label,
            str(CAUSES[row.cause]) % {"desil": row.desil, "taken": desil_taken(row.cycle.rule.desil_max)},
            describe_components(row.components),
            rupiah(row.amount) if row.amount else "",
            decisions.get(row.pk, []),
        )
        for row in rows.order_by("programme__order", "-since")
    ]


def regencies_to_open(officer: Officer) -> list[tuple[str, str]]:
    """Return the regencies in which the officer may propose candidates."""
    codes = [code for code in regions_where(officer, May.PROPOSE_CANDIDATES) if len(code) == 5]
    names = get_names(codes)
    return [(code, names.get(code, code)) for code in codes]


def programmes_to_open() -> list[tuple[str, str]]:
    """Return the programmes that pay families."""
    return list(Programme.objects.filter(unit=Programme.Unit.FAMILY).values_list("code", "name"))
