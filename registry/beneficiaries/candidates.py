"""Who is a candidate: the families of a regency in the order of the published ranking, held against a programme's rule."""

from __future__ import annotations

import datetime as dt
import uuid
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from registry.beneficiaries.models import Cycle, Enrolment
from registry.beneficiaries.states import CLOSED, MOVES, Move
from registry.common.calendar import age_on
from registry.common.locks import lock_rows
from registry.desil.models import HouseholdRank
from registry.households.items import INDIVIDUAL_ITEMS
from registry.households.models import Household, Membership
from registry.programmes.entitlement import GONE, Entitlement, Member, find_entitlement
from registry.programmes.models import Component, Exclusion

CIVIL_SERVANT = 5  # id_status_kedudukan_pekerjaan
CHUNK = 2000
Cause = Enrolment.Cause


@dataclass(frozen=True, slots=True)
class Assessed:
    """One ranked family held against the rule; `cause` says why it is a candidate or why it is not."""

    household_id: uuid.UUID
    region_code: str
    regency: int
    desil: int
    score: int | None
    near_line: bool
    cause: str
    entitlement: Entitlement

    @property
    def priority(self) -> int:
        """Return what orders a worklist: the score, or the desil of a ranking without scores."""
        return self.desil if self.score is None else self.score

    @property
    def is_eligible(self) -> bool:
        """Say whether the rule takes it in."""
        return self.cause == Cause.BELOW_LINE


def assess_regency(cycle: Cycle, run_id: int) -> Iterator[Assessed]:
    """Yield the standing families of the cycle's regency, the neediest first: all within the rule's desil, and those
    above it that are enrolled."""
    ranked = HouseholdRank.objects.filter(run=run_id, regency=cycle.regency)
    enrolled = find_open(cycle).values("household_id")
    above = ranked.filter(desil__gt=cycle.rule.desil_max, household_id__in=enrolled)
    within = ranked.filter(desil__lte=cycle.rule.desil_max)
    rows = sorted(
        {row.household_id: row for part in (within, above) for row in part.iterator()}.values(),
        key=lambda row: (row.desil, row.score or 0, row.household_id),
    )
    components = list(Component.objects.in_force(cycle.starts_on).filter(programme=cycle.programme_id))
    for start in range(0, len(rows), CHUNK):
        part = rows[start : start + CHUNK]
        standing = dict(
            Household.objects.active()
            .filter(pk__in=[row.household_id for row in part])
            .values_list("pk", "region_code")
        )
        members = _members(standing, cycle.starts_on)
        for row in part:
            if row.household_id in standing:
                people = members.get(row.household_id, [])
                yield _assess(cycle, row, standing[row.household_id], people, components)


def find_open(cycle: Cycle) -> Any:
    """Return the open enrolments of the cycle's programme and regency."""
    return Enrolment.objects.filter(programme=cycle.programme_id, regency=cycle.regency).exclude(state__in=CLOSED)


def _assess(
    cycle: Cycle, row: HouseholdRank, region_code: str, people: list[Member], components: list[Component]
) -> Assessed:
    rule = cycle.rule
    number = (cycle.starts_on.month - 1) // rule.period_months + 1
    entitlement = find_entitlement(rule, components, people, number=number)
    here = [member for member in people if member.items.get("status_keberadaan") not in GONE]
    cause = Cause.BELOW_LINE
    if row.desil > rule.desil_max:
        cause = Cause.ABOVE_LINE
    elif not here and {Exclusion.DECEASED, Exclusion.NOT_FOUND} & set(rule.exclusions):
        cause = Cause.NOBODY_LEFT
    elif Exclusion.CIVIL_SERVANT in rule.exclusions and any(_works_for_the_state(member) for member in here):
        cause = Cause.CIVIL_SERVANT
    elif rule.needs_component and not entitlement.lines:
        cause = Cause.NO_COMPONENT
    return Assessed(
        row.household_id,
        region_code,
        row.regency,
        row.desil,
        row.score,
        bool(row.flags & HouseholdRank.Flag.NEAR_LINE),
        cause,
        entitlement,
    )


def _works_for_the_state(member: Member) -> bool:
    return member.items.get("id_status_kedudukan_pekerjaan") == CIVIL_SERVANT


def _members(households: Mapping[uuid.UUID, Any], day: dt.date) -> dict[uuid.UUID, list[Member]]:
    names = [f"individual__{name}" for name in INDIVIDUAL_ITEMS]
    found: dict[uuid.UUID, list[Member]] = {}
    rows: Iterable[Any] = (
        Membership.objects.current()
        .filter(household__in=list(households))
        .order_by("individual_id")
        .values_list("household_id", "individual_id", "individual__birth_date", *names)
    )
    for household_id, individual_id, born, *values in rows:
        items = dict(zip(INDIVIDUAL_ITEMS, values, strict=True))
        found.setdefault(household_id, []).append(
            Member(str(individual_id), age_on(born, day) if born else None, items)
        )
    return found


@dataclass(frozen=True)
class Proposal:
    """What a proposal does: families taken in, enrolled ones whose end is proposed, and how many of the others there are."""

    entering: tuple[Assessed, ...]
    leaving: tuple[tuple[Enrolment, Assessed], ...]
    counts: dict[str, int]


def plan_proposal(cycle: Cycle, run_id: int, quota: int | None) -> Proposal:
    """Say who enters and who leaves. Whoever is enrolled and still within the rule keeps the place before anybody new.
    Needs a transaction: those who leave are locked.

    `counts`: `within` (families within the desil of the rule), each cause that keeps one out, `enrolled`, `entering`,
    `leaving`, `waiting` (within the rule, beyond the quota).
    """
    enrolled = {row.household_id: row for row in find_open(cycle)}
    counts: Counter[str] = Counter()
    entering: list[Assessed] = []
    leaving: list[tuple[Enrolment, Assessed]] = []
    for found in assess_regency(cycle, run_id):
        counts["within"] += found.cause != Cause.ABOVE_LINE
        holds = enrolled.get(found.household_id)
        if holds is None and found.is_eligible:
            entering.append(found)
        elif holds is None:
            counts[found.cause] += 1
        elif found.is_eligible:
            counts["enrolled"] += 1
        elif holds.state in MOVES[Move.PROPOSE_END].sources:
            leaving.append((holds, found))
    # What an officer decided meanwhile stands: the rows are read anew under their lock.
    ends = Enrolment.objects.filter(pk__in=[row.pk for row, _ in leaving], state__in=MOVES[Move.PROPOSE_END].sources)
    [locked] = lock_rows(ends.select_related("cycle"))
    still = {row.pk: row for row in locked}
    leaving = [(still[row.pk], found) for row, found in leaving if row.pk in still]
    room = len(entering) if quota is None else max(quota - counts["enrolled"], 0)
    counts["waiting"] = max(len(entering) - room, 0)
    entering = entering[:room]
    counts["entering"], counts["leaving"] = len(entering), len(leaving)
    return Proposal(tuple(entering), tuple(leaving), dict(counts))
