"""Lots: plans that keep both risks, verdicts that never change, and the standard's switching between severities."""

from __future__ import annotations

from math import comb

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from registry.sampling import (
    PastLot,
    SamplingError,
    Severity,
    accept_one_step_stricter,
    bad_share_for,
    lot_plan,
    lot_plan_for_both,
    lqas,
    standing,
    verdict,
    whole_lot,
)

GOOD = PastLot(Severity.NORMAL, True, True, 2)
BAD = PastLot(Severity.NORMAL, False, False, 2)


def chance_of_passing(lot: int, bad: int, n: int, accept: int) -> float:
    """The hypergeometric by counting, without a library."""
    ways = sum(comb(bad, k) * comb(lot - bad, n - k) for k in range(min(accept, bad, n) + 1) if n - k <= lot - bad)
    return ways / comb(lot, n)


@pytest.mark.parametrize(
    ("lot", "good", "bad", "n", "accept"), [(500, 0.01, 0.08, 73, 2), (120, 0.0, 0.10, 26, 0), (30, 0.05, 0.2, 17, 1)]
)
def test_a_plan_for_both_risks_is_the_smallest_that_keeps_them(lot, good, bad, n, accept) -> None:
    plan = lot_plan_for_both(lot, good, bad)
    assert (plan.n, plan.accept) == (n, accept)
    assert plan.passes_bad <= 0.05 and plan.fails_good <= 0.05
    assert plan.passes_bad == pytest.approx(chance_of_passing(lot, plan.bad_limit, n, accept), abs=1e-12)
    assert plan.fails_good == pytest.approx(1 - chance_of_passing(lot, plan.good_limit, n, accept), abs=1e-12)
    assert chance_of_passing(lot, plan.bad_limit, n - 1, accept) > 0.05
    for fewer in range(accept):
        smaller = next(k for k in range(1, lot + 1) if chance_of_passing(lot, plan.bad_limit, k, fewer) <= 0.05)
        assert 1 - chance_of_passing(lot, plan.good_limit, smaller, fewer) > 0.05


@settings(max_examples=60, deadline=None)
@given(st.integers(1, 400), st.floats(0, 0.2), st.floats(0.01, 0.5))
def test_a_plan_for_both_risks_keeps_them_for_every_lot(lot, good, more) -> None:
    plan = lot_plan_for_both(lot, good, good + more)
    assert 1 <= plan.n <= lot and plan.passes_bad <= 0.05 and plan.fails_good <= 0.05


def test_a_share_that_is_good_and_bad_at_once_is_refused() -> None:
    with pytest.raises(SamplingError):
        lot_plan_for_both(100, 0.1, 0.1)
    with pytest.raises(SamplingError):
        lot_plan_for_both(0, 0.01, 0.1)


def test_a_whole_lot_leaves_no_risk() -> None:
    plan = whole_lot(200, 0.01, 0.10)
    assert (plan.n, plan.accept, plan.passes_bad, plan.fails_good) == (200, 2, 0.0, 0.0)


@settings(max_examples=200, deadline=None)
@given(st.integers(1, 60), st.integers(0, 5), st.data())
def test_a_verdict_is_never_taken_back_by_what_is_opened_later(n, accept, data) -> None:
    found = data.draw(st.lists(st.booleans(), min_size=n, max_size=n))
    told = [verdict(n, accept, opened=k, bad_found=sum(found[:k])) for k in range(n + 1)]
    first = next((one for one in told if one is not None), None)
    assert all(one == first for one in told[told.index(first) :])
    assert told[-1] == (sum(found) <= accept)


def test_lqas_of_a_finite_area_errs_less_than_the_tables_and_a_whole_area_never() -> None:
    table, area = lqas(19, 0.8, 0.5), lqas(19, 0.8, 0.5, lot=60)
    assert area.alpha + area.beta < table.alpha + table.beta
    whole = lqas(19, 0.8, 0.5, lot=12)
    assert (whole.n, whole.alpha, whole.beta) == (12, 0.0, 0.0)


def test_two_of_five_failed_lots_tighten_and_five_that_pass_relax() -> None:
    assert standing([GOOD, BAD, GOOD, GOOD, GOOD, GOOD, BAD]).severity == Severity.NORMAL
    assert standing([GOOD, BAD, GOOD, GOOD, GOOD, BAD]).severity == Severity.TIGHTENED
    tight = [BAD, BAD]
    assert standing([*tight, *[GOOD] * 4]).severity == Severity.TIGHTENED
    assert standing([*tight, *[GOOD] * 3, BAD, GOOD, GOOD]).passed == 2
    assert standing([*tight, *[GOOD] * 5]).severity == Severity.NORMAL


def test_five_failed_under_tightened_inspection_open_every_lot_until_one_is_good() -> None:
    stopped = [BAD, BAD, *[BAD, GOOD] * 4, BAD]
    assert standing(stopped).severity == Severity.HALTED
    assert standing([*stopped, BAD]).severity == Severity.HALTED
    assert standing([*stopped, GOOD]).severity == Severity.TIGHTENED


@pytest.mark.parametrize(
    ("lot", "lots"), [(GOOD, 10), (PastLot(Severity.NORMAL, True, False, 0), 15), (PastLot(Severity.NORMAL, True, False, 1), 15)]
)  # fmt: skip
def test_reduced_inspection_is_allowed_from_a_score_of_thirty(lot, lots) -> None:
    assert not standing([lot] * (lots - 1)).may_reduce
    assert standing([lot] * lots).may_reduce
    assert standing([lot] * lots).severity == Severity.NORMAL


def test_a_lot_that_would_have_failed_one_step_tighter_sets_the_score_back() -> None:
    assert standing([*[GOOD] * 9, PastLot(Severity.NORMAL, True, False, 2)]).score == 0


def test_reduced_inspection_is_used_when_asked_for_and_ends_with_the_first_failed_lot() -> None:
    reduced = PastLot(Severity.REDUCED, True, True, 1)
    assert standing([*[GOOD] * 10, reduced]).severity == Severity.REDUCED
    assert standing([*[GOOD] * 10, reduced, PastLot(Severity.REDUCED, False, False, 1)]).severity == Severity.NORMAL


def test_reduced_plans_open_two_fifths_as_many_and_tightened_ones_half_as_many_more() -> None:
    sizes = {severity: lot_plan(100_000, bad_share_for(severity, 0.05)).n for severity in Severity}
    assert sizes[Severity.REDUCED] / sizes[Severity.NORMAL] == pytest.approx(0.4, abs=0.03)
    assert sizes[Severity.TIGHTENED] / sizes[Severity.NORMAL] == pytest.approx(1.6, abs=0.03)


def test_one_step_stricter_allows_fewer_bad_ones_in_the_same_sample() -> None:
    plan = lot_plan_for_both(500, 0.01, 0.08)
    stricter = bad_share_for(Severity.TIGHTENED, 0.08)
    fewer = accept_one_step_stricter(plan, stricter)
    bad = int(stricter * 500 + 0.5)
    assert 0 <= fewer < plan.accept
    assert chance_of_passing(500, bad, plan.n, fewer) <= 0.05 < chance_of_passing(500, bad, plan.n, fewer + 1)
    assert accept_one_step_stricter(lot_plan(50, 0.1), 0.001) == -1
