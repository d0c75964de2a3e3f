"""PKH amounts against the published tables: every limit, every date, no rupiah lost, never worse than another choice."""

from __future__ import annotations

import datetime as dt
from itertools import combinations, product

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from registry.common.calendar import age_on
from registry.models import Component, ProgrammeRule
from registry.programmes.entitlement import Member, amount_in_period, find_entitlement, has_need
from registry.programmes.files import SHIPPED, read_programmes

QUARTERLY = {
    "pregnant": 750_000, "toddler": 750_000, "primary": 225_000, "junior": 375_000, "senior": 500_000,
    "elderly": 600_000, "disabled": 600_000, "human_rights": 2_700_000,
}  # fmt: skip
PKH = next(p for p in read_programmes(SHIPPED).programmes if p["code"] == "pkh")
RULE = ProgrammeRule(max_components=4, period_months=3, needs_component=True)


def components(day: dt.date) -> list[Component]:
    return [
        Component(
            pk=n, need=c["need"], amount_per_year=c["amount_per_year"], max_per_family=c.get("max_per_family"),
            age_from=c.get("age_from"), age_to=c.get("age_to"),
        )
        for n, c in enumerate(PKH["components"])
        if c["valid"][0] <= day and (c["valid"][1] is None or day < c["valid"][1])
    ]  # fmt: skip


NOW, IN_2022 = components(dt.date(2026, 10, 1)), components(dt.date(2022, 10, 1))


def person(name: str, age: int | None, **items: int) -> Member:
    return Member(name, age, items)


def pupil(name: str, age: int, level: int) -> Member:
    return person(name, age, id_partisipasi_sekolah=2, id_jenjang_pendidikan=level)


ONE = {
    "pregnant": person("a", 27, status_hamil=1),
    "toddler": person("a", 3),
    "primary": pupil("a", 9, 3),
    "junior": pupil("a", 14, 8),
    "senior": pupil("a", 17, 15),
    "elderly": person("a", 71),
    "disabled": person("a", 40, disabilitas_berat=1),
}


@pytest.mark.parametrize("need", sorted(ONE))
def test_one_component_pays_the_published_quarter(need: str) -> None:
    found = find_entitlement(RULE, NOW, [ONE[need]])
    assert [line.need for line in found.lines] == [need]
    assert found.amount == QUARTERLY[need]


@pytest.mark.parametrize(("age", "in_2022", "now"), [(59, 0, 0), (60, 0, 1), (69, 0, 1), (70, 1, 1)])
def test_the_elderly_limit_by_date(age: int, in_2022: int, now: int) -> None:
    assert len(find_entitlement(RULE, IN_2022, [person("a", age)]).lines) == in_2022
    assert len(find_entitlement(RULE, NOW, [person("a", age)]).lines) == now


def test_one_elderly_a_family_in_2022_and_four_now() -> None:
    family = [person(name, 75) for name in "abcde"]
    before, today = find_entitlement(RULE, IN_2022, family), find_entitlement(RULE, NOW, family)
    assert (before.amount, before.uncounted) == (600_000, 4)
    assert (today.amount, today.uncounted) == (2_400_000, 1)


def test_the_highest_four_of_six() -> None:
    family = [ONE["pregnant"], person("b", 3), pupil("c", 9, 3), pupil("d", 14, 8), pupil("e", 17, 15), person("f", 80)]
    found = find_entitlement(RULE, NOW, family)
    assert [line.need for line in found.lines] == ["pregnant", "toddler", "elderly", "senior"]
    assert found.amount == 750_000 + 750_000 + 600_000 + 500_000
    assert found.uncounted == 2


def test_one_person_counts_once_at_the_highest_amount() -> None:
    both = person("a", 18, id_partisipasi_sekolah=2, id_jenjang_pendidikan=13, status_hamil=1, disabilitas_berat=1)
    found = find_entitlement(RULE, NOW, [both])
    assert [line.need for line in found.lines] == ["pregnant"]


def test_who_is_both_leaves_the_single_place_to_who_is_only_one() -> None:
    family = [person("a", 80, disabilitas_berat=1), person("b", 80)]
    assert find_entitlement(RULE, IN_2022, family).amount == 1_200_000


def test_what_is_not_known_does_not_count() -> None:
    assert find_entitlement(RULE, NOW, [person("a", None), person("b", None, disabilitas_berat=1)]).amount == 600_000


def test_who_died_or_left_does_not_count() -> None:
    assert find_entitlement(RULE, NOW, [person("a", 80, status_keberadaan=2)]).amount == 0


def test_a_pupil_outside_the_school_ages_does_not_count() -> None:
    assert find_entitlement(RULE, NOW, [pupil("a", 22, 13)]).amount == 0


def test_a_programme_with_one_amount_pays_it() -> None:
    assert find_entitlement(ProgrammeRule(amount=600_000), [], [person("a", 3)]).amount == 600_000


def test_age_turns_on_the_birthday() -> None:
    born = dt.date(1966, 10, 1)
    assert (age_on(born, dt.date(2026, 9, 30)), age_on(born, dt.date(2026, 10, 1))) == (59, 60)


@given(st.integers(1, 20_000_000), st.sampled_from([1, 2, 3, 4, 6, 12]))
def test_the_periods_of_a_year_add_up_to_the_year(per_year: int, months: int) -> None:
    assert sum(amount_in_period(per_year, months, n) for n in range(1, 12 // months + 1)) == per_year


people = st.lists(
    st.builds(
        lambda age, school, pregnant, disabled: (age, school, pregnant, disabled),
        st.sampled_from([3, 9, 14, 18, 30, 65, 75]),
        st.sampled_from([0, 3, 8, 13]),
        st.booleans(),
        st.booleans(),
    ),
    max_size=4,
)


@settings(max_examples=60, deadline=None)
@given(people, st.sampled_from(["now", "2022"]))
def test_no_other_choice_is_worth_more(family: list[tuple[int, int, bool, bool]], when: str) -> None:
    parts = NOW if when == "now" else IN_2022
    members = [
        person(str(n), age, id_partisipasi_sekolah=2, id_jenjang_pendidikan=school, status_hamil=2 - pregnant,
               disabilitas_berat=2 - disabled)
        for n, (age, school, pregnant, disabled) in enumerate(family)
    ]  # fmt: skip
    best = 0
    for choice in product([None, *parts], repeat=len(members)):
        taken = [(m, c) for m, c in zip(members, choice, strict=True) if c is not None]
        if len(taken) > 3 or not all(has_need(m, c) for m, c in taken):
            continue
        counts = [sum(c is part for _, c in taken) for part in parts]
        if all(n <= (part.max_per_family or 9) for n, part in zip(counts, parts, strict=True)):
            best = max(best, sum(c.amount_per_year for _, c in taken))
    rule = ProgrammeRule(max_components=3, period_months=12)
    found = find_entitlement(rule, parts, members)
    assert found.amount == best
    assert all(a.member != b.member for a, b in combinations(found.lines, 2))
