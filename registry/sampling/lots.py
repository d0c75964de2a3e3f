"""Lots: how many to open before a batch is accepted, what a plan lets through, and lot quality for small areas."""

from __future__ import annotations

import math
from dataclasses import dataclass

from scipy.optimize import brentq
from scipy.stats import binom, hypergeom

from registry.sampling.errors import SamplingError, check_between


@dataclass(frozen=True, slots=True)
class LotPlan:
    """Open `n` of a lot; accept it with at most `accept` bad ones. `passes_bad`: chance that a bad lot is accepted."""

    lot: int
    n: int
    accept: int
    bad_limit: int
    passes_bad: float


def lot_plan(lot: int, bad_share: float, *, risk: float = 0.05, accept: int = 0) -> LotPlan:
    """Return the smallest sample for which a lot with `bad_share` bad ones passes with a chance of at most `risk`.

    Hypergeometric: the lot is finite and opened without replacement. Bad ones in the lot: `bad_share` × lot,
    rounded to the nearest, half up, at least `accept` + 1.

    >>> [lot_plan(200, share).n for share in (0.05, 0.10, 0.20)]
    [51, 27, 13]
    """
    check_between("bad_share", bad_share, 0, 1)
    check_between("risk", risk, 0, 1)
    bad = max(accept + 1, math.floor(bad_share * lot + 0.5))
    if bad > lot:
        raise SamplingError("sampling.size.not_possible", why=f"{bad} > {lot}")
    for n in range(1, lot + 1):
        passes = float(hypergeom.cdf(accept, lot, bad, n))
        if passes <= risk:
            return LotPlan(lot, n, accept, bad, passes)
    raise SamplingError("sampling.size.not_possible", why=f"accept {accept}")


def accept_lot(plan: LotPlan, bad_found: int) -> bool:
    """Return whether the lot passes; a lot that does not is checked whole."""
    return bad_found <= plan.accept


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


def lqas(n: int, high: float, low: float) -> LqasPlan:
    """Return the decision value with the smallest sum of both errors (exact binomial; the lower one on a tie).

    >>> plan = lqas(19, 0.8, 0.5); plan.d, round(plan.alpha, 3), round(plan.beta, 3)
    (13, 0.068, 0.084)
    """
    check_between("high", high, low, 1)
    check_between("low", low, 0, high)
    plans = [
        LqasPlan(n, d, high, low, float(binom.cdf(d - 1, n, high)), float(binom.sf(d - 1, n, low)))
        for d in range(1, n + 1)
    ]
    return min(plans, key=lambda plan: (plan.alpha + plan.beta, plan.d))
