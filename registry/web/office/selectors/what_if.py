"""What if a programme reached another desil: families, persons and rupiah, by region and by group, in words."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, field
from typing import Any

from django.utils.translation import gettext as _

from registry import ranking
from registry.desil.models import RankRun
from registry.desil.simulations import simulate_line
from registry.officers.models import Officer
from registry.officers.roles import ROLES, May
from registry.programmes.models import Programme
from registry.programmes.selectors import ProgrammeOnDay, find_programmes
from registry.templatetags.dtsen import number
from registry.web.cards import label_of_part
from registry.web.office.selectors.desil import short_name
from registry.web.office.selectors.programmes import rupiah
from registry.wilayah.selectors import get_children, get_names

WHOLE_REGENCY = 5  # characters of a dotted regency: the cube counts no smaller place


@dataclass(frozen=True)
class Question:
    """What is asked: the lines, where, and what one unit receives in a quarter (None: not costed)."""

    region: str
    before: int
    after: int
    unit: str
    per_quarter: int | None
    programme: str = ""
    by_component: bool = False


@dataclass
class PlaceLine:
    """One regency: before, after, and the difference."""

    code: str
    name: str
    families_before: int
    families_after: int
    families: int
    persons: int
    quarter: int | None
    per_quarter: str
    per_year: str

    @property
    def away(self) -> int:
        """How many families come in or fall out."""
        return abs(self.families)


@dataclass
class GroupLine:
    """One part of a group among those between the lines, and how much of the part that is."""

    group: str
    part: str
    families: int
    persons: int
    share: str


@dataclass
class Answer:
    """The totals and where they come from."""

    total: PlaceLine
    persons_before: int
    persons_after: int
    falls_out: bool
    near: int | None
    places: list[PlaceLine] = field(default_factory=list)
    groups: list[GroupLine] = field(default_factory=list)


def held_by(officer: Officer) -> tuple[str, ...]:
    """The regions for which the officer's roles show rankings, "" for all: counts, not people, so the families that an
    officer may see do not matter (a central administrator sees none)."""
    held = {
        region
        for code, regions in officer.scope.by_role.items()
        if May.VIEW_RANKING in ROLES[code].may
        for region in regions
    }
    return ("",) if "" in held else tuple(sorted(code for code in held if len(code) <= WHOLE_REGENCY))


def regions_of(officer: Officer) -> list[tuple[str, str]]:
    """The regions to choose from: all that the officer holds, then those right below."""
    held = held_by(officer)
    chosen = [("", _("All of Indonesia") if held == ("",) else _("All of your region"))]
    for code in held:
        below = get_children(code) if len(code) < WHOLE_REGENCY else []
        chosen += sorted(below, key=lambda region: region[1])
    return chosen


def ground_of(officer: Officer, region: str) -> tuple[str, ...]:
    """The regions that a question is about: the chosen one, or all that the officer holds; empty: none of theirs."""
    held = held_by(officer)
    if not region:
        return held
    inside = any(not code or region == code or region.startswith(f"{code}.") for code in held)
    return (region,) if inside and len(region) <= WHOLE_REGENCY else ()


def ask(told: dict[str, Any], on: dt.date) -> Question:
    """Complete what was asked: the line and the amount of a programme are those of the day unless given."""
    entry = next((one for one in find_programmes(on) if one.programme.pk == told.get("programme")), None)
    rule = entry.rule if entry else None
    before = told.get("before") or (rule.desil_max if rule else 4)
    after = told.get("after")
    per_quarter = told.get("amount")
    if per_quarter is None and rule is not None and rule.amount:
        per_quarter = rule.amount * 3 // rule.period_months
    return Question(
        region=told.get("region") or "",
        before=before,
        after=max(before - 1, 0) if after is None else after,
        unit=entry.programme.unit if entry else Programme.Unit.FAMILY,
        per_quarter=per_quarter,
        programme=short_name(entry.programme.name) if entry else "",
        by_component=bool(rule and not rule.amount and per_quarter is None),
    )


def programme_choices(on: dt.date) -> list[tuple[str, str]]:
    """The programmes with a rule today."""
    entries: list[ProgrammeOnDay] = [one for one in find_programmes(on) if one.rule is not None]
    return [("", _("No programme, only the line"))] + [
        (one.programme.pk, short_name(one.programme.name)) for one in entries
    ]


def answer(run: RankRun, question: Question, regions: tuple[str, ...]) -> Answer | None:
    """Answer a question; None when the run's files were pruned."""
    paid = question.per_quarter or 0
    per_person = question.unit == Programme.Unit.PERSON
    found = simulate_line(
        run, before=question.before, after=question.after, regions=regions,
        rupiah_per_family=0 if per_person else paid, rupiah_per_person=paid if per_person else 0,
    )  # fmt: skip
    if found is None:
        return None
    names = get_names([one.region for one in found.shifts.regions])
    costed = question.per_quarter is not None
    places = [_place(one, names.get(one.region, one.region), costed) for one in found.shifts.regions]
    groups = []
    for one in found.groups:
        share = f"{number(100 * one.families / one.within, 1)}%" if one.within else "–"
        groups.append(GroupLine(*label_of_part(one.group, one.part), one.families, one.persons, share))
    total = found.shifts.total
    return Answer(
        total=_place(total, _("All together"), costed),
        persons_before=total.persons_before,
        persons_after=total.persons_after,
        falls_out=question.after < question.before,
        near=found.near,
        places=sorted(places, key=lambda place: (-abs(place.families), place.code)),
        groups=groups,
    )


def _place(one: ranking.Shift, name: str, costed: bool) -> PlaceLine:
    quarter = one.rupiah_after - one.rupiah_before
    return PlaceLine(
        code=one.region,
        name=name,
        families_before=one.families_before,
        families_after=one.families_after,
        families=one.families_after - one.families_before,
        persons=one.persons_after - one.persons_before,
        quarter=quarter if costed else None,
        per_quarter=_signed(quarter) if costed else "",
        per_year=_signed(4 * quarter) if costed else "",
    )


def _signed(amount: int) -> str:
    return f"{'+' if amount > 0 else '−' if amount < 0 else ''}{rupiah(abs(amount))}"
