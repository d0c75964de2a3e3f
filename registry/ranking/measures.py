"""How well a score finds the poorest: errors at a quota, what its R² allows, calibration, and their noise.

Unit of all shares: persons (survey weight × family size) or families (survey weight), as the caller's `mass` says.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from scipy.stats import multivariate_normal, norm, rankdata

Array = np.ndarray
QUOTAS = (5, 10, 20, 30, 40)


def poorest(value: Array, mass: Array, quota: float, order: Array | None = None) -> Array:
    """Return how much of each row lies in the poorest `quota` of the mass, 0 … 1; the row on the line lies there in part.

    >>> poorest(np.array([3.0, 1.0, 2.0]), np.ones(3), 0.5).tolist()
    [0.0, 1.0, 0.5]
    """
    order = np.argsort(value, kind="stable") if order is None else order
    sorted_mass = mass[order]
    upto = np.cumsum(sorted_mass)
    line = quota * upto[-1]
    inside = np.clip((line - (upto - sorted_mass)) / np.maximum(sorted_mass, 1e-300), 0.0, 1.0)
    share = np.empty(len(value))
    share[order] = inside
    return share


def exclusion(should: Array, served: Array, mass: Array) -> float:
    """Return P(not served | should be served); NaN when nobody should be."""
    wanted = float((should * mass).sum())
    return 1.0 - float((should * served * mass).sum()) / wanted if wanted > 0 else float("nan")


def inclusion(should: Array, served: Array, mass: Array) -> float:
    """Return P(should not be served | served); NaN when nobody is."""
    return exclusion(served, should, mass)


def error_at(truth: Array, score: Array, mass: Array, quota: float) -> float:
    """Return the exclusion error when the poorest `quota` by score are served; it equals the inclusion error."""
    return exclusion(poorest(truth, mass, quota), poorest(score, mass, quota), mass)


@lru_cache(maxsize=4096)
def best_possible(r2: float, quota: float) -> float:
    """Return the error at a quota when log spending and score are bivariate normal with squared correlation `r2`.

    err = 1 − Φ₂(c, c; √R²) / q with c = Φ⁻¹(q).

    >>> round(best_possible(0.5, 0.4), 3), round(best_possible(0.5, 0.1), 3)
    (0.302, 0.526)
    """
    rho = float(np.sqrt(np.clip(r2, 0.0, 0.999999)))
    c = float(norm.ppf(quota))
    both = float(multivariate_normal.cdf([c, c], mean=[0.0, 0.0], cov=[[1.0, rho], [rho, 1.0]]))
    return 1.0 - both / quota


def r_squared(truth: Array, score: Array, mass: Array) -> float:
    """Return 1 − weighted squared error over weighted variance."""
    if len(truth) == 0:
        return float("nan")
    centre = np.average(truth, weights=mass)
    spread = float((mass * (truth - centre) ** 2).sum())
    return 1.0 - float((mass * (truth - score) ** 2).sum()) / spread if spread > 0 else float("nan")


def spearman(a: Array, b: Array) -> float:
    """Return the rank correlation, unweighted."""
    return float(np.corrcoef(rankdata(a), rankdata(b))[0, 1])


def calibration(truth: Array, score: Array, mass: Array) -> tuple[float, float]:
    """Return intercept (at the mean score) and slope of the truth on the score: 0 and 1 when it is calibrated."""
    centre = np.average(score, weights=mass)
    x, y = score - centre, truth - centre
    slope = float((mass * x * y).sum() / (mass * x * x).sum())
    return float(np.average(y, weights=mass)), slope


@dataclass(frozen=True, slots=True)
class Interval:
    """A measured figure with its 95 % interval and the number of survey families behind it."""

    value: float
    low: float
    high: float
    n: int
    se: float = 0.0


def psu_weights(psu: Array, stratum: Array, replicates: int, seed: int) -> Array:
    """Return replicates × PSUs multiplicities: n−1 of the n PSUs of each stratum with replacement, rescaled (Rao–Wu).

    A stratum with one PSU keeps it as it is: it adds no noise, which the card says.
    """
    rng = np.random.default_rng(seed)
    n_psus = int(psu.max()) + 1
    home = np.zeros(n_psus, dtype=np.int64)
    home[psu] = stratum
    drawn = np.ones((replicates, n_psus))
    for number in np.unique(home):
        inside = np.flatnonzero(home == number)
        n = len(inside)
        if n < 2:
            continue
        picks = rng.integers(0, n, (replicates, n - 1))
        counts = np.zeros((replicates, n))
        for column in range(n - 1):
            counts[np.arange(replicates), picks[:, column]] += 1
        drawn[:, inside] = counts * n / (n - 1)
    return drawn


def bootstrap(
    figure: Callable[[Array], Sequence[float]], psu: Array, stratum: Array, mass: Array, *, replicates: int, seed: int
) -> tuple[Array, Array]:
    """Return the figures at `mass` and a replicates × figures array under PSU resampling."""
    multiplicity = psu_weights(psu, stratum, replicates, seed)
    here = np.array(figure(mass), dtype=float)
    drawn = np.array([figure(mass * row[psu]) for row in multiplicity], dtype=float)
    return here, drawn


def interval(value: float, drawn: Array, n: int) -> Interval:
    """Return a figure with the 2.5 and 97.5 percentiles of its replicates."""
    good = drawn[np.isfinite(drawn)]
    if not len(good) or not np.isfinite(value):
        return Interval(value, float("nan"), float("nan"), n)
    low, high = np.percentile(good, [2.5, 97.5])
    return Interval(float(value), float(min(low, value)), float(max(high, value)), n, float(good.std(ddof=1)))


class Quotas:
    """Errors at all quotas for many replicates: the orders are found once."""

    def __init__(self, truth: Array, score: Array, quotas: Sequence[int] = QUOTAS) -> None:
        self.truth, self.score, self.quotas = truth, score, tuple(quotas)
        self._by_truth, self._by_score = np.argsort(truth, kind="stable"), np.argsort(score, kind="stable")

    def shares(self, mass: Array) -> tuple[list[Array], list[Array]]:
        """Return who should be served and who is, per quota."""
        lines = [q / 100 for q in self.quotas]
        return (
            [poorest(self.truth, mass, q, self._by_truth) for q in lines],
            [poorest(self.score, mass, q, self._by_score) for q in lines],
        )

    def errors(self, mass: Array) -> list[float]:
        """Return the error per quota."""
        should, served = self.shares(mass)
        return [exclusion(a, b, mass) for a, b in zip(should, served, strict=True)]
