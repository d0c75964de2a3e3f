"""How often an interval holds the truth: whole surveys made up many times over, to choose a method by measurement."""

from __future__ import annotations

import numpy as np
from scipy.stats import t

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
