"""Intervals of a share. SRS: Wilson, Clopper–Pearson where a guarantee is wanted; clusters: Korn–Graubard. Never Wald."""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np
from scipy.stats import beta, norm, t

from registry.sampling.errors import SamplingError, check_between

Array = np.ndarray
Bounds = tuple[float, float]


def wilson(k: float, n: float, level: float = 0.95) -> Bounds:
    """Return Wilson's (1927) score interval of k of n; fractions are allowed for effective sizes.

    >>> [round(x, 4) for x in wilson(81, 263)]
    [0.2553, 0.3662]
    """
    _check(k, n, level)
    low, high = wilsons(np.array([k / n]), n, float(norm.ppf((1 + level) / 2)))
    return float(low[0]), float(high[0])


def wilsons(p: Array, n: Array | float, z: float) -> tuple[Array, Array]:
    """Return Wilson's intervals of many shares of n (or effective n)."""
    centre = (p + z * z / (2 * n)) / (1 + z * z / n)
    half = z / (1 + z * z / n) * np.sqrt(p * (1 - p) / n + z * z / (4 * n * n))
    low, high = np.maximum(0.0, centre - half), np.minimum(1.0, centre + half)
    return np.where(p <= 0, 0.0, low), np.where(p >= 1, 1.0, high)


def wilson_cc(k: float, n: float, level: float = 0.95) -> Bounds:
    """Return Wilson's interval with continuity correction (Newcombe 1998, method 4)."""
    _check(k, n, level)
    z, p = float(norm.ppf((1 + level) / 2)), k / n

    def lower(share: float) -> float:
        root = z * z - 2 - 1 / n + 4 * share * (n * (1 - share) + 1)
        return (2 * n * share + z * z - 1 - z * math.sqrt(max(0.0, root))) / (2 * (n + z * z))

    return (0.0 if k == 0 else max(0.0, lower(p))), (1.0 if k == n else min(1.0, 1 - lower(1 - p)))


def clopper_pearson(k: float, n: float, level: float = 0.95) -> Bounds:
    """Return the exact interval of Clopper and Pearson (1934): at least the level, always.

    >>> [round(x, 4) for x in clopper_pearson(0, 20)]
    [0.0, 0.1684]
    """
    _check(k, n, level)
    tail = (1 - level) / 2
    low = 0.0 if k <= 0 else float(beta.ppf(tail, k, n - k + 1))
    high = 1.0 if k >= n else float(beta.isf(tail, k + 1, n - k))
    return low, high


def agresti_coull(k: float, n: float, level: float = 0.95) -> Bounds:
    """Return the interval of Agresti and Coull (1998): Wald after adding z² trials, half of them successes."""
    _check(k, n, level)
    z = float(norm.ppf((1 + level) / 2))
    wide = n + z * z
    p = (k + z * z / 2) / wide
    half = z * math.sqrt(p * (1 - p) / wide)
    return max(0.0, p - half), min(1.0, p + half)


def jeffreys(k: float, n: float, level: float = 0.95) -> Bounds:
    """Return the equal-tailed Bayesian interval under Jeffreys' prior, Beta(½, ½); bounds as computed, also at 0 and n."""
    _check(k, n, level)
    tail = (1 - level) / 2
    return float(beta.ppf(tail, k + 0.5, n - k + 0.5)), float(beta.isf(tail, k + 0.5, n - k + 0.5))


INTERVALS: dict[str, Callable[[float, float, float], Bounds]] = {
    "wilson": wilson,
    "wilson_cc": wilson_cc,
    "clopper_pearson": clopper_pearson,
    "agresti_coull": agresti_coull,
    "jeffreys": jeffreys,
}


def effective_sizes(p: Array, variance: Array, n: int, df: float, level: float = 0.95) -> Array:
    """Return n_eff = p(1−p)/v, at most n, shrunk by (t_{n−1}/t_df)² for the few clusters behind v, per estimate.

    Where p is 0 or 1 the sample says nothing about clustering: n itself is shrunk.
    """
    if n < 2:
        return np.full(len(p), float(n))
    q = (1 + level) / 2
    return plain_sizes(p, variance, n) * float(t.ppf(q, n - 1) / t.ppf(q, max(df, 1.0))) ** 2


def effective_size(p: float, variance: float, n: int, df: float, level: float = 0.95) -> float:
    """Return `effective_sizes` of one estimate.

    >>> round(effective_size(0.1, 0.0004, 300, 29), 1)
    208.3
    """
    return float(effective_sizes(np.array([p]), np.array([variance]), n, df, level)[0])


def korn_graubards(p: Array, variance: Array, n: int, df: float, level: float = 0.95) -> tuple[Array, Array]:
    """Return the intervals of Korn and Graubard (1998) of many estimates: Clopper–Pearson at the effective size."""
    size = effective_sizes(p, variance, n, df, level)
    tail, k = (1 - level) / 2, p * size
    low = np.where(p <= 0, 0.0, beta.ppf(tail, np.where(p <= 0, 1.0, k), size - k + 1))
    high = np.where(p >= 1, 1.0, beta.isf(tail, k + 1, np.where(p >= 1, 1.0, size - k)))
    return low, high


def korn_graubard(p: float, variance: float, n: int, df: float, level: float = 0.95) -> Bounds:
    """Return the interval of one estimate from clusters; `variance` is the design's, `df` = clusters − strata.

    >>> [round(x, 4) for x in korn_graubard(0.1, 0.0004, 300, 29)]
    [0.0628, 0.149]
    """
    check_between("level", level, 0, 1)
    low, high = korn_graubards(np.array([p]), np.array([variance]), n, df, level)
    return float(low[0]), float(high[0])


def wilson_clustered(p: float, variance: float, n: int, df: float, level: float = 0.95) -> Bounds:
    """Return Wilson's interval at the effective size p(1−p)/v, with t for z."""
    low, high = wilsons(np.array([p]), plain_sizes(np.array([p]), np.array([variance]), n), _t(df, level))
    return float(low[0]), float(high[0])


def plain_sizes(p: Array, variance: Array, n: int) -> Array:
    """Return n_eff = p(1−p)/v, never above n; n where p is 0 or 1."""
    silent = (variance <= 0) | (p <= 0) | (p >= 1)
    return np.minimum(n, np.where(silent, n, p * (1 - p) / np.where(silent, 1.0, variance)))


def _t(df: float, level: float) -> float:
    return float(t.ppf((1 + level) / 2, max(df, 1.0)))


def logit_t(p: float, variance: float, df: float, level: float = 0.95) -> Bounds:
    """Return the interval on the logit scale with t on `df`, as survey packages print it; not defined at 0 and 1."""
    if not 0 < p < 1:
        raise SamplingError("sampling.share.out_of_range", name="p", value=p, low=0, high=1)
    centre, half = math.log(p / (1 - p)), float(t.ppf((1 + level) / 2, df)) * math.sqrt(variance) / (p * (1 - p))
    return 1 / (1 + math.exp(half - centre)), 1 / (1 + math.exp(-half - centre))


def _check(k: float, n: float, level: float) -> None:
    check_between("level", level, 0, 1)
    if n <= 0 or not 0 <= k <= n:
        raise SamplingError("sampling.share.out_of_range", name="k", value=k, low=0, high=n)
