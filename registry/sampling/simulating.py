"""How often an interval holds the truth: whole surveys made up many times over, to choose a method by measurement."""

from __future__ import annotations

import numpy as np
from scipy.stats import t

from registry.sampling.coverage import LinkedStratum, chapman_linked
from registry.sampling.intervals import korn_graubards, plain_sizes, wilsons

Array = np.ndarray
METHODS = ("wald", "wilson", "wilson_clustered", "logit_t", "korn_graubard")


def simulate_coverage(
    clusters: int, per_cluster: int, p: float, icc: float, *, replicates: int, seed: int, level: float = 0.95
) -> dict[str, float]:
    """Return per method the share of `replicates` surveys whose interval holds `p`.

    Each survey: `clusters` villages whose own shares follow a beta distribution with mean `p` and intra-class
    correlation `icc`, `per_cluster` families each; variance between villages, clusters − 1 degrees of freedom.
    The logit interval does not exist where nobody (or everybody) is found; it then counts as Clopper–Pearson's.
    """
    rng = np.random.default_rng(seed)
    a, b = p * (1 - icc) / icc, (1 - p) * (1 - icc) / icc
    found = rng.binomial(per_cluster, rng.beta(a, b, (replicates, clusters)))
    n, df = clusters * per_cluster, clusters - 1
    share = found.sum(axis=1) / n
    variance = (found / per_cluster).var(axis=1, ddof=1) / clusters
    z, quantile = 1.959963984540054, float(t.ppf((1 + level) / 2, df))
    error = np.sqrt(variance)
    kg = korn_graubards(share, variance, n, df, level)
    silent = (share <= 0) | (share >= 1)
    inner = np.where(silent, 0.5, share)
    centre, half = np.log(inner / (1 - inner)), quantile * error / (inner * (1 - inner))
    bounds = {
        "wald": (share - z * error, share + z * error),
        "wilson": wilsons(share, float(n), z),
        "wilson_clustered": wilsons(share, plain_sizes(share, variance, n), quantile),
        "logit_t": (
            np.where(silent, kg[0], 1 / (1 + np.exp(half - centre))),
            np.where(silent, kg[1], 1 / (1 + np.exp(-half - centre))),
        ),
        "korn_graubard": kg,
    }
    return {name: float(((low <= p) & (p <= high)).mean()) for name, (low, high) in bounds.items()}


def simulate_list_coverage(
    people: int,
    register: float,
    canvass: float,
    *,
    numbers: float,
    noticed: float,
    by_chance: float,
    replicates: int,
    seed: int,
) -> float:
    """Return the share of `replicates` whose 95 % interval of `chapman_linked` holds the number of people.

    Everyone is on the register and on the list by their shares, independently. A share `numbers` of those on both has
    a number that makes them certain; comparing finds a share `noticed` of the others on both and pairs a share
    `by_chance` of those who are on the list alone. How well comparing works is known from the certain ones only.
    """
    rng = np.random.default_rng(seed)
    hits = 0
    for _ in range(replicates):
        n1, n2, both = (int(k) for k in _lists(rng, people, register, canvass))
        certain = int(rng.binomial(both, numbers))
        found = int(rng.binomial(both - certain, noticed) + rng.binomial(n2 - both, by_chance))
        told = chapman_linked(
            [LinkedStratum(n1, n2, certain, n2 - certain, found)],
            noticed=(int(rng.binomial(certain, noticed)), certain),
            by_chance=(int(rng.binomial(certain, by_chance)), certain),
        )
        hits += told.low <= people <= told.high
    return hits / replicates


def _lists(rng: np.random.Generator, people: int, register: float, canvass: float) -> tuple[int, int, int]:
    shares = [register * canvass, register * (1 - canvass), (1 - register) * canvass, (1 - register) * (1 - canvass)]
    both, first, second, _neither = rng.multinomial(people, shares)
    return both + first, both + second, both
