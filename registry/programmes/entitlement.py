"""What a family receives by a programme's rule: who counts as which component, and how many rupiah a period.

No table is read here: rules and components come in as they held on the day, people as what the register knows.
Amounts and limits: `data/programmes.yaml`, quoted from the guides of PKH.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from registry.programmes.models import Component, Need, ProgrammeRule

ATTENDING = 2  # id_partisipasi_sekolah
YES = 1
GONE = frozenset({2, 3, 4, 6})  # status_keberadaan: died, moved, moved abroad, not found
# id_jenjang_pendidikan of each school level
SCHOOLS: dict[str, range] = {Need.PRIMARY: range(1, 6), Need.JUNIOR: range(6, 11), Need.SENIOR: range(11, 18)}
BY_AGE_ALONE = frozenset({Need.TODDLER, Need.ELDERLY})


@dataclass(frozen=True, slots=True)
class Member:
    """What of one person decides: the age in whole years (None = not known) and the coded items of the register."""

    id: str
    age: int | None
    items: Mapping[str, int | None]


@dataclass(frozen=True, slots=True)
class Line:
    """One person who counts as one component; rupiah a year."""

    member: str
    need: str
    component: int
    amount_per_year: int


@dataclass(frozen=True, slots=True)
class Entitlement:
    """What a family receives: the lines that count, by amount, and the whole for one period in rupiah."""

    lines: tuple[Line, ...]
    amount: int
    uncounted: int  # people with a component who do not count because of a limit


def has_need(member: Member, component: Component) -> bool:
    """Say whether the register shows that a person is what a component is for; what is not known does not count.

    A victim of a gross violation of human rights is known to nobody here: such a line is never made by itself.
    """
    items, need = member.items, component.need
    if items.get("status_keberadaan") in GONE:
        return False
    if component.age_from is not None and (member.age is None or member.age < component.age_from):
        return False
    if component.age_to is not None and (member.age is None or member.age > component.age_to):
        return False
    if need in SCHOOLS:
        level = items.get("id_jenjang_pendidikan")
        return items.get("id_partisipasi_sekolah") == ATTENDING and level is not None and level in SCHOOLS[need]
    if need == Need.PREGNANT:
        return items.get("status_hamil") == YES
    if need == Need.DISABLED:
        return items.get("disabilitas_berat") == YES
    return need in BY_AGE_ALONE


def find_entitlement(
    rule: ProgrammeRule, components: Iterable[Component], members: Sequence[Member], *, number: int = 1
) -> Entitlement:
    """Return what a family receives in the `number`-th period of a year (1 = the first).

    Each person counts once, each component at most as often as its limit says, and of all the rule's
    `max_components` that are worth most; among all ways to do so the one that is worth most is taken, so that two
    people who are both elderly and severely disabled fill both limits. A rule with an `amount` pays that amount.
    """
    if rule.amount is not None:
        return Entitlement((), rule.amount, 0)
    import numpy as np
    from scipy.optimize import linear_sum_assignment  # heavy: loaded by whoever computes, not by every page

    parts = sorted(components, key=lambda c: (-c.amount_per_year, c.need))
    people = sorted(members, key=lambda m: m.id)
    fits = np.array([[has_need(member, part) for part in parts] for member in people], dtype=bool)
    if not fits.any():
        return Entitlement((), 0, 0)
    places = [
        (k, part)
        for k, part in enumerate(parts)
        for _ in range(min(int(fits[:, k].sum()), part.max_per_family or len(people)))
    ]
    worth = np.array([[part.amount_per_year * bool(fits[i, k]) for k, part in places] for i in range(len(people))])
    rows, columns = linear_sum_assignment(worth, maximize=True)
    lines = [
        Line(people[i].id, places[j][1].need, places[j][1].pk, places[j][1].amount_per_year)
        for i, j in zip(rows, columns, strict=True)
        if worth[i, j]
    ]
    lines.sort(key=lambda line: (-line.amount_per_year, line.need, line.member))
    kept = tuple(lines[: rule.max_components])
    return Entitlement(
        kept,
        amount_in_period(sum(line.amount_per_year for line in kept), rule.period_months, number),
        int(fits.any(axis=1).sum()) - len(kept),
    )


def amount_in_period(per_year: int, months: int, number: int) -> int:
    """Return the whole rupiah of the `number`-th period of a year; the periods of a year add up to the year exactly.

    >>> amount_in_period(2_000_000, 3, 1), sum(amount_in_period(2_000_000, 1, n) for n in range(1, 13))
    (500000, 2000000)
    """
    return per_year * number * months // 12 - per_year * (number - 1) * months // 12
