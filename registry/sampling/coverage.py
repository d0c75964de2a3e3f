"""Who is on no list: dual-system estimates with a band for dependence; and rates corrected for imperfect checkers."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from registry.sampling.errors import SamplingError


@dataclass(frozen=True, slots=True)
class Chapman:
    """Estimated people in all, standard error, 95 % interval, and the band if being on one list
    changes the odds of being on the other by the factors in `odds`."""

    population: float
    se: float
    low: float
    high: float
    band_low: float
    band_high: float
    odds: tuple[float, float]
    on_neither: float

    def missing_from(self, listed: int) -> float:
        """Return the share of all who are not on a list of `listed` people: the coverage error."""
        return max(0.0, 1 - listed / self.population)


def chapman(n1: int, n2: int, m: int, *, odds: tuple[float, float] = (0.5, 2.0), z: float = 1.96) -> Chapman:
    """Return Chapman's (1951) estimate from two lists of n1 and n2 people, m on both.

    N = (n1+1)(n2+1)/(m+1) − 1;  var = (n1+1)(n2+1)(n1−m)(n2−m) / ((m+1)²(m+2)).
    The interval is log-normal on the part that was not seen. The band is the estimate under an odds ratio θ between
    the lists: those on neither are θ × as many as independence says.

    >>> c = chapman(10, 15, 5); round(c.population, 3), round(c.se, 3)
    (28.333, 5.909)
    """
    if not 0 <= m <= min(n1, n2):
        raise SamplingError("sampling.share.out_of_range", name="m", value=m, low=0, high=min(n1, n2))
    population = (n1 + 1) * (n2 + 1) / (m + 1) - 1
    variance = (n1 + 1) * (n2 + 1) * (n1 - m) * (n2 - m) / ((m + 1) ** 2 * (m + 2))
    return _finish(population, variance, n1 + n2 - m, odds, z)


def chapman_strata(
    strata: Sequence[tuple[int, int, int]], *, odds: tuple[float, float] = (0.5, 2.0), z: float = 1.96
) -> Chapman:
    """Return the sum of Chapman's estimates per stratum (n1, n2, m): what differs between strata does no harm."""
    if not strata:
        raise SamplingError("sampling.results.empty")
    parts = [chapman(*stratum, odds=odds, z=z) for stratum in strata]
    seen = sum(n1 + n2 - m for n1, n2, m in strata)
    return _finish(sum(p.population for p in parts), sum(p.se**2 for p in parts), seen, odds, z)


def _finish(population: float, variance: float, seen: int, odds: tuple[float, float], z: float) -> Chapman:
    unseen = max(0.0, population - seen)
    if unseen > 0:
        factor = math.exp(z * math.sqrt(math.log(1 + variance / unseen**2)))
        low, high = seen + unseen / factor, seen + unseen * factor
    else:
        low = high = population
    band = sorted(seen + unseen * theta for theta in odds)
    return Chapman(population, math.sqrt(variance), low, high, band[0], band[1], odds, unseen)


def rogan_gladen(observed: float, sensitivity: float, specificity: float) -> float:
    """Return the true share behind an observed one when checkers err (Rogan & Gladen 1978), kept within 0 and 1.

    p = (p_obs + Sp − 1) / (Se + Sp − 1)

    >>> round(rogan_gladen(0.10, 0.90, 0.95), 4)
    0.0588
    """
    if sensitivity + specificity <= 1:
        raise SamplingError("sampling.checker.useless", se=sensitivity, sp=specificity)
    return min(1.0, max(0.0, (observed + specificity - 1) / (sensitivity + specificity - 1)))


def rogan_gladen_interval(
    observed: float, variance: float, se_found: tuple[int, int], sp_found: tuple[int, int], z: float = 1.96
) -> tuple[float, float, float]:
    """Return the corrected share with its interval; Se and Sp come from blind re-visits as (agreed, re-visited).

    Delta method over all three shares (Rogan & Gladen 1978); a share of 0 or 1 among the re-visits gets half a case.
    """
    shares = []
    for agreed, visited in (se_found, sp_found):
        if visited < 1:
            raise SamplingError("sampling.results.empty")
        smooth = min(max(agreed, 0.5), visited - 0.5) / visited if visited > 1 else 0.5
        shares.append((agreed / visited, smooth * (1 - smooth) / visited))
    (se, v_se), (sp, v_sp) = shares
    if se + sp <= 1:
        raise SamplingError("sampling.checker.useless", se=se, sp=sp)
    j = se + sp - 1
    p = (observed + sp - 1) / j
    spread = math.sqrt(variance + p * p * v_se + (1 - p) ** 2 * v_sp) / j
    return tuple(min(1.0, max(0.0, x)) for x in (p, p - z * spread, p + z * spread))  # type: ignore[return-value]
