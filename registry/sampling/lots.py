"""Lots: how many to open before a batch is accepted, what a plan lets through, and lot quality for small areas.

Lots are finite and opened without replacement: everything here is hypergeometric where the lot's size is known.
How strict the next plan of a series is, is `switching.py`.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

from scipy.optimize import brentq
from scipy.stats import binom, hypergeom

from registry.sampling.errors import SamplingError, check_between


@dataclass(frozen=True, slots=True)
class LotPlan:
    """Open `n` of a lot; accept it with at most `accept` bad ones.

    `passes_bad`: chance that a lot with `bad_limit` bad ones is accepted (consumer's risk); `fails_good`: chance that
    one with `good_limit` is rejected (producer's risk).
    """

    lot: int
    n: int
    accept: int
    bad_limit: int
    passes_bad: float
    good_limit: int = 0
    fails_good: float = 0.0


def lot_plan(lot: int, bad_share: float, *, risk: float = 0.05, accept: int = 0, good_share: float = 0.0) -> LotPlan:
    """Return the smallest sample for which a lot with `bad_share` bad ones passes with a chance of at most `risk`.

    Hypergeometric: the lot is finite and opened without replacement. Bad ones in the lot: `bad_share` × lot,
    rounded to the nearest, half up, at least `accept` + 1. The producer's risk is told for `good_share`.

    >>> [lot_plan(200, share).n for share in (0.05, 0.10, 0.20)]
    [51, 27, 13]
    """
    check_between("bad_share", bad_share, 0, 1)
    check_between("risk", risk, 0, 1)
    bad = max(accept + 1, math.floor(bad_share * lot + 0.5))
    if bad > lot:
        raise SamplingError("sampling.size.not_possible", why=f"{bad} > {lot}")
    n = _first(lot, lambda size: float(hypergeom.cdf(accept, lot, bad, size)) <= risk)
    good = min(bad - 1, math.floor(good_share * lot))
    return _plan(lot, n, accept, bad, good)


def lot_plan_for_both(
    lot: int, good_share: float, bad_share: float, *, producer_risk: float = 0.05, consumer_risk: float = 0.05
) -> LotPlan:
    """Return the smallest plan that keeps both risks: a good lot fails, and a bad one passes, seldom enough.

    A lot with at most `good_share` bad ones (rounded down) is good, one with `bad_share` (rounded half up, at least
    one more) is bad. The smallest acceptance number that does it is taken; opening everything always does.

    >>> plan = lot_plan_for_both(500, 0.01, 0.08); plan.n, plan.accept
    (73, 2)
    """
    check_between("bad_share", bad_share, 0, 1)
    check_between("consumer_risk", consumer_risk, 0, 1)
    check_between("producer_risk", producer_risk, 0, 1)
    if lot < 1:
        raise SamplingError("sampling.frame.empty")
    if not 0 <= good_share < bad_share:
        raise SamplingError("sampling.share.out_of_range", name="good_share", value=good_share, low=0, high=bad_share)
    good = math.floor(good_share * lot)
    bad = max(good + 1, math.floor(bad_share * lot + 0.5))
    plan = _plan(lot, lot, good, bad, good)
    for accept in range(bad):
        n = _first(lot, lambda size, c=accept: float(hypergeom.cdf(c, lot, bad, size)) <= consumer_risk)
        plan = _plan(lot, n, accept, bad, good)
        if plan.fails_good <= producer_risk:
            break
    return plan


def whole_lot(lot: int, good_share: float, bad_share: float) -> LotPlan:
    """Return the plan that opens every one of a lot and accepts it if it is good; neither risk is left."""
    good = math.floor(good_share * lot)
    bad = max(good + 1, math.floor(bad_share * lot + 0.5))
    return _plan(lot, lot, good, bad, good)


def accept_one_step_stricter(plan: LotPlan, bad_share: float, *, risk: float = 0.05) -> int:
    """Return with how many bad ones at most the same sample would pass a stricter plan; −1: with none.

    Says for `switching.standing` whether a lot "would have been accepted one step tighter".
    """
    bad = min(plan.lot, max(1, math.floor(bad_share * plan.lot + 0.5)))
    for accept in range(plan.accept, -1, -1):
        if float(hypergeom.cdf(accept, plan.lot, bad, plan.n)) <= risk:
            return accept
    return -1


def accept_lot(plan: LotPlan, bad_found: int) -> bool:
    """Return whether the lot passes; a lot that does not is checked whole."""
    return bad_found <= plan.accept


def verdict(n: int, accept: int, *, opened: int, bad_found: int) -> bool | None:
    """Return whether a lot passes (True) or fails (False), or None while what is not opened yet may still decide.

    Whoever was not met counts as not shown right: a lot never passes by being hard to open.

    >>> verdict(32, 1, opened=10, bad_found=2), verdict(32, 1, opened=31, bad_found=0), verdict(32, 1, opened=20, bad_found=1)
    (False, True, None)
    """
    if bad_found > accept:
        return False
    return True if bad_found + (n - opened) <= accept else None


def acceptance(n: int, accept: int, p: float, lot: int | None = None) -> float:
    """Return the chance that a lot with a share `p` of bad ones is accepted: the plan's operating characteristic."""
    if lot is None:
        return float(binom.cdf(accept, n, p))
    return float(hypergeom.cdf(accept, lot, math.floor(p * lot + 0.5), n))


def share_accepted_with(n: int, accept: int, chance: float) -> float:
    """Return the share of bad ones at which the plan accepts with this chance (exact binomial).

    >>> [round(share_accepted_with(13, 0, chance), 4) for chance in (0.95, 0.5, 0.1)]
    [0.0039, 0.0519, 0.1623]
    """
    check_between("chance", chance, 0, 1)
    return float(brentq(lambda p: acceptance(n, accept, p) - chance, 1e-12, 1 - 1e-12, xtol=1e-14))


@dataclass(frozen=True, slots=True)
class LqasPlan:
    """Lot quality: visit `n`, call the area good with at least `d` good ones.

    `alpha`: a good area (share `high`) is called bad; `beta`: a bad one (share `low`) is called good.
    """

    n: int
    d: int
    high: float
    low: float
    alpha: float
    beta: float


def lqas(n: int, high: float, low: float, lot: int | None = None) -> LqasPlan:
    """Return the decision value with the smallest sum of both errors (the lower one on a tie).

    Exact binomial, as the published tables; with the families of the area (`lot`) exact for that area, where at most
    all of them are visited.

    >>> plan = lqas(19, 0.8, 0.5); plan.d, round(plan.alpha, 3), round(plan.beta, 3)
    (13, 0.068, 0.084)
    >>> plan = lqas(19, 0.8, 0.5, lot=60); plan.d, round(plan.alpha, 3), round(plan.beta, 3)
    (13, 0.033, 0.047)
    """
    check_between("high", high, low, 1)
    check_between("low", low, 0, high)
    if n < 1:
        raise SamplingError("sampling.size.not_possible", why=f"n = {n}")
    if lot is not None:
        n = min(n, lot)
        in_good, in_bad = math.floor(high * lot + 0.5), math.floor(low * lot + 0.5)
        law = hypergeom(lot, in_good, n), hypergeom(lot, in_bad, n)
    else:
        law = binom(n, high), binom(n, low)
    plans = [LqasPlan(n, d, high, low, float(law[0].cdf(d - 1)), float(law[1].sf(d - 1))) for d in range(1, n + 1)]
    return min(plans, key=lambda plan: (round(plan.alpha + plan.beta, 12), plan.d))


def _first(lot: int, holds: Callable[[int], bool]) -> int:
    """Return the smallest sample for which something holds that stays true for all larger ones; the whole lot if none."""
    low, high = 1, lot
    while low < high:
        middle = (low + high) // 2
        low, high = (low, middle) if holds(middle) else (middle + 1, high)
    return low


def _plan(lot: int, n: int, accept: int, bad: int, good: int) -> LotPlan:
    passes = float(hypergeom.cdf(accept, lot, bad, n))
    fails = float(hypergeom.sf(accept, lot, good, n)) if good > 0 else 0.0
    return LotPlan(lot, n, accept, bad, passes, good, fails)
