"""How many to visit: Cochran with finite population, two stages with clustering, and what a budget buys."""

from __future__ import annotations

import math
from dataclasses import dataclass

from registry.sampling.errors import SamplingError, check_between

Z95 = 1.96  # the tables' value; 1.959964 can differ by one visit


@dataclass(frozen=True, slots=True)
class Plan:
    """A two-stage plan: families in all, per village, villages, and the design effect it assumes."""

    families: int
    per_village: int
    villages: int
    deff: float


def cochran_unrounded(p: float, e: float, population: int | None = None, z: float = Z95) -> float:
    """Return the unrounded sample size for a share `p` within ± `e` (0–1), with finite population correction.

    n0 = z² p (1−p) / e²;  n = n0 / (1 + (n0 − 1)/N).  Cochran (1977), Sampling Techniques, 4.4.
    """
    check_between("p", p, 0, 1)
    check_between("e", e, 0, 1)
    n0 = z * z * p * (1 - p) / (e * e)
    return n0 if population is None else n0 / (1 + (n0 - 1) / population)


def cochran(p: float, e: float, population: int | None = None, z: float = Z95) -> int:
    """Return the sample size, rounded up once at the end.

    >>> cochran(0.5, 0.05), cochran(0.5, 0.05, 2000), cochran(0.75, 0.05)
    (385, 323, 289)
    """
    return round_up(cochran_unrounded(p, e, population, z))


def two_stage(
    p: float, e: float, *, per_village: int, rho: float, population: int | None = None, z: float = Z95
) -> Plan:
    """Return the plan with `per_village` families in each village: n = n_SRS × (1 + (m − 1) ρ).

    `rho` is the intra-village correlation of the answer.

    >>> two_stage(0.1, 0.05, per_village=10, rho=0.05, population=36_770)
    Plan(families=200, per_village=10, villages=20, deff=1.45)
    """
    deff = 1 + (per_village - 1) * rho
    n = cochran_unrounded(p, e, population, z) * deff
    return Plan(round_up(n), per_village, round_up(n / per_village), deff)


def half_width(p: float, n: int, *, deff: float = 1.0, population: int | None = None, z: float = Z95) -> float:
    """Return the planned ± of a share from `n` visits: what an effort buys.

    >>> round(half_width(0.1, 200, deff=1.45, population=36_770), 4)
    0.05
    """
    if n < 1:
        raise SamplingError("sampling.size.not_possible", why=f"n = {n}")
    correction = 1.0 if population is None or population <= 1 else max(0.0, (population - n / deff) / (population - 1))
    return z * math.sqrt(p * (1 - p) * deff / n * correction)


def best_cluster_size(cost_village: float, cost_family: float, rho: float) -> int:
    """Return the families per village that give the smallest variance for the money: √(c₁/c₂ × (1−ρ)/ρ).

    >>> best_cluster_size(cost_village=400_000, cost_family=50_000, rho=0.1)
    8
    """
    check_between("rho", rho, 0, 1)
    return max(1, int(math.sqrt(cost_village / cost_family * (1 - rho) / rho)))


def round_up(value: float) -> int:
    """Round up, but not for the last digit of a float (385.0000000001 is 385)."""
    return math.ceil(round(value, 9))
