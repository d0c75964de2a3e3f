"""Who is on no list: dual-system estimates with a band for dependence; and rates corrected for imperfect checkers."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace

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


def chapman(n1: float, n2: float, m: float, *, odds: tuple[float, float] = (0.5, 2.0), z: float = 1.96) -> Chapman:
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


@dataclass(frozen=True, slots=True)
class LinkedStratum:
    """One stratum of two lists that were linked: sizes, pairs that a number made certain, and what comparing found.

    `looked`: people of the second list without a certain pair; `found`: those of them that comparing names and
    birth dates paired.
    """

    n1: int
    n2: int
    certain: int
    looked: int
    found: int


def chapman_linked(
    strata: Sequence[LinkedStratum],
    *,
    noticed: tuple[int, int],
    by_chance: tuple[int, int],
    odds: tuple[float, float] = (0.5, 2.0),
    z: float = 1.96,
) -> Chapman:
    """Return Chapman's sum over strata with the error of the linkage in it.

    `noticed`: of pairs known by their number, how many comparing finds as well; `by_chance`: how many people paired
    when their birth dates were moved by years, of how many tried. With s and f these shares, the pairs behind g found
    of u are (g − f u)/(s − f), as for imperfect checkers; the spread of g, s and f goes into the variance (delta
    method), s and f being common to all strata.

    >>> one = [LinkedStratum(200, 250, 50, 0, 0)]
    >>> round(chapman_linked(one, noticed=(99, 99), by_chance=(0, 99)).population, 2)
    988.24
    """
    if not strata:
        raise SamplingError("sampling.results.empty")
    s, f = (hits / tried if tried else default for (hits, tried), default in ((noticed, 1.0), (by_chance, 0.0)))
    if s <= f:
        raise SamplingError("sampling.checker.useless", se=round(s, 3), sp=round(1 - f, 3))
    population = variance = seen = by_s = by_f = 0.0
    for one in strata:
        pairs = min(float(one.looked), max(0.0, (one.found - f * one.looked) / (s - f)))
        m = min(one.certain + pairs, float(min(one.n1, one.n2)))
        part = chapman(one.n1, one.n2, m, odds=odds, z=z)
        slope = (one.n1 + 1) * (one.n2 + 1) / (m + 1) ** 2
        spread = (pairs * s * (1 - s) + (one.looked - pairs) * f * (1 - f)) / (s - f) ** 2
        population += part.population
        variance += part.se**2 + slope**2 * spread
        seen += one.n1 + one.n2 - m
        by_s += slope * pairs / (s - f)
        by_f += slope * (one.looked - pairs) / (s - f)
    for total, (hits, tried) in ((by_s, noticed), (by_f, by_chance)):
        if tried > 1:
            smooth = min(max(hits, 0.5), tried - 0.5) / tried
            variance += total**2 * smooth * (1 - smooth) / tried
    # Who was seen on both lists is itself estimated here: the interval must not close where hardly anybody seems unseen.
    told = _finish(population, variance, seen, odds, z)
    half, least = z * math.sqrt(variance), float(sum(max(one.n1, one.n2) for one in strata))
    low, high = min(told.low, max(least, population - half)), max(told.high, population + half)
    return replace(told, low=low, high=high)


def _finish(population: float, variance: float, seen: float, odds: tuple[float, float], z: float) -> Chapman:
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
