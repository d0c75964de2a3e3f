"""Rates, means and totals from a sample whose probabilities were kept, with the variance of its design.

Hájek ratio p = Σwy/Σw; linearised z = w(y − p)/Σw; per stratum the variance between clusters' sums of z
(ultimate cluster), with finite corrections and the part within clusters where the frame's sizes are known.
Särndal, Swensson & Wretman (1992), 5.7–5.9.
"""

from __future__ import annotations

import math
from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass

from registry.sampling.draws import Draw
from registry.sampling.errors import SamplingError
from registry.sampling.intervals import Bounds, clopper_pearson, effective_size, korn_graubard, wilson


@dataclass(frozen=True, slots=True)
class Result:
    """One checked unit: its value (1/0 for a rate), weight 1/π, stratum and cluster.

    `value` None: drawn and not answered. `fpc1`, `fpc2`: clusters in the stratum and units in the cluster of the
    frame, 0 where not known (then nothing is corrected, which is on the safe side). `in_domain`: whether the unit
    belongs to what is asked about (for a rate among the served: served).
    """

    value: float | None
    weight: float
    stratum: str = ""
    cluster: str = ""
    fpc1: int = 0
    fpc2: int = 0
    in_domain: bool = True


@dataclass(frozen=True, slots=True)
class Estimate:
    """A rate or mean with everything published beside it. `method` names the interval."""

    value: float
    se: float
    low: float
    high: float
    method: str
    n: int
    drawn: int
    response_rate: float
    n_eff: float
    deff: float
    clusters: int
    strata: int
    df: int
    merged: tuple[str, ...] = ()


def estimate_mean(results: Iterable[Result], *, within: bool = True) -> tuple[float, float]:
    """Return the Hájek mean and its standard error; `within` adds the second stage where fpc1 and fpc2 are known.

    Raises: sampling.results.empty, .probability, .one_cluster.
    """
    answered = _answered(results)[0]
    mean, variance, *_ = _linearised(answered, within)
    return mean, math.sqrt(variance)


def estimate_total(results: Iterable[Result]) -> tuple[float, float]:
    """Return the Horvitz–Thompson total Σwy and its ultimate-cluster standard error."""
    answered = _answered(results)[0]
    total = sum(r.weight * (r.value or 0.0) for r in answered)
    scores = [r.weight * (r.value or 0.0) for r in answered]
    return total, math.sqrt(_variance(answered, scores, within=True, centre=True)[0])


def estimate_rate(
    results: Iterable[Result], *, level: float = 0.95, guarantee: bool = False, within: bool = True
) -> Estimate:
    """Return a rate with the interval that fits its design.

    One unit a cluster and equal weights: Wilson (Clopper–Pearson with `guarantee`). Anything else: Korn–Graubard on
    clusters − strata degrees of freedom. Only `in_domain` units count; the others stay in the design, as a domain
    must not change the clusters. Non-response is shown, and the answered carry the weight of their stratum.

    Raises: sampling.results.empty, .probability, .one_cluster.
    """
    answered, drawn, rate = _answered(results)
    domain = [r for r in answered if r.in_domain]
    if not domain:
        raise SamplingError("sampling.results.empty")
    n = len(domain)
    simple = _is_simple(answered)
    p, variance, clusters, strata, merged = _linearised(answered, within)
    df = max(1, clusters - strata)
    srs = p * (1 - p) / (n - 1) if n > 1 else 0.0
    if simple and len({r.stratum for r in answered}) == 1:
        k = sum(r.value or 0.0 for r in domain)
        bounds: Bounds = (clopper_pearson if guarantee else wilson)(k, n, level)
        population = answered[0].fpc1
        if population > n and n > 1:
            # Finite population: the interval of a sample that says as much without it.
            wide = n * (population - 1) / (population - n)
            bounds = (clopper_pearson if guarantee else wilson)(k * wide / n, wide, level)
        elif population and population <= n:
            bounds = (k / n, k / n)
        method = "clopper_pearson" if guarantee else "wilson"
        size = float(n)
        deff = variance / srs if srs > 0 else 1.0
    else:
        bounds = korn_graubard(p, variance, n, df, level)
        method = "korn_graubard"
        size = effective_size(p, variance, n, df, level)
        deff = variance / srs if srs > 0 else 1.0
    return Estimate(
        p, math.sqrt(variance), bounds[0], bounds[1], method, n, drawn, rate, size, deff, clusters, strata, df, merged
    )


def results_of(
    draws: Iterable[Draw], values: Mapping[str, float | None], *, domain: Collection[str] | None = None
) -> list[Result]:
    """Return the results of a drawn sample: values by the family's id (absent or None: not answered).

    A village that was drawn for sure is a stratum whose clusters are its families; families drawn for sure are a
    stratum that was taken whole. Villages drawn by size get no finite correction (on the safe side).
    `domain` names the families that belong to what is asked about; None: all.
    """
    every = list(draws)
    sure = Counter(d.stratum for d in every if d.psu_probability >= 1 and d.probability >= 1 and not d.village_units)
    found = []
    for d in every:
        stratum, cluster, fpc1, fpc2 = d.stratum, "", 0, 0
        if d.village_units and d.certain:
            stratum, fpc1 = f"{d.stratum}/{d.village}", d.village_units
        elif d.village_units:
            cluster, fpc2 = d.village, d.village_units
        elif d.probability >= 1:
            stratum, fpc1 = f"{d.stratum}/*", sure[d.stratum]
        elif not d.by_risk:
            fpc1 = d.stratum_units
        asked = domain is None or d.id in domain
        found.append(Result(values.get(d.id), 1 / d.probability, stratum, cluster, fpc1, fpc2, asked))
    return found


def weights_for_nonresponse(results: Sequence[Result]) -> list[Result]:
    """Return the answered results with their stratum's (else the whole sample's) unanswered weight spread on them."""
    whole: dict[str, float] = defaultdict(float)
    told: dict[str, float] = defaultdict(float)
    for r in results:
        whole[r.stratum] += r.weight
        if r.value is not None:
            told[r.stratum] += r.weight
    lost = sum(mass for name, mass in whole.items() if not told[name])
    answered = sum(told.values())
    if not answered:
        raise SamplingError("sampling.results.empty")
    spread = 1 + lost / sum(whole[name] for name in whole if told[name])
    return [
        Result(
            r.value, r.weight * whole[r.stratum] / told[r.stratum] * spread, r.stratum, r.cluster, r.fpc1, r.fpc2,
            r.in_domain,
        )
        for r in results
        if r.value is not None
    ]  # fmt: skip


def kish_deff(weights: Sequence[float]) -> float:
    """Return Kish's design effect of unequal weights: n Σw² / (Σw)² = 1 + CV².

    >>> round(kish_deff([1, 1, 3]), 4)
    1.32
    """
    return len(weights) * sum(w * w for w in weights) / sum(weights) ** 2


def _answered(results: Iterable[Result]) -> tuple[list[Result], int, float]:
    every = list(results)
    if not every:
        raise SamplingError("sampling.results.empty")
    wrong = sum(1 for r in every if not (math.isfinite(r.weight) and r.weight >= 1.0 - 1e-9))
    if wrong:
        raise SamplingError("sampling.results.probability", rows=wrong)
    complete = all(r.value is not None for r in every)
    answered = every if complete else weights_for_nonresponse(every)
    return answered, len(every), len(answered) / len(every)


def _is_simple(results: Sequence[Result]) -> bool:
    clusters = [(r.stratum, r.cluster) for r in results if r.cluster]
    weights = [r.weight for r in results]
    single = not clusters or len(set(clusters)) == len(results)
    return single and max(weights) - min(weights) < 1e-9 * max(weights)


def _linearised(results: Sequence[Result], within: bool) -> tuple[float, float, int, int, tuple[str, ...]]:
    inside = sum(r.weight for r in results if r.in_domain)
    if inside <= 0:
        raise SamplingError("sampling.results.empty")
    mean = sum(r.weight * (r.value or 0.0) for r in results if r.in_domain) / inside
    scores = [r.weight * ((r.value or 0.0) - mean) / inside if r.in_domain else 0.0 for r in results]
    variance, clusters, strata, merged = _variance(results, scores, within=within)
    return mean, variance, clusters, strata, merged


def _variance(
    results: Sequence[Result], scores: Sequence[float], *, within: bool, centre: bool = True
) -> tuple[float, int, int, tuple[str, ...]]:
    """Return Σ_strata (1−f1) n/(n−1) Σ(t_c − t̄)² + f1 Σ_c (1−f2) m/(m−1) Σ(z − z̄)².

    A stratum with one cluster is merged with the next one (in order of name; the last with the one before), which is
    reported: leaving it out would pretend that it has no variance.
    """
    strata: dict[str, dict[str, list[tuple[float, Result]]]] = defaultdict(lambda: defaultdict(list))
    for number, (r, score) in enumerate(zip(results, scores, strict=True)):
        strata[r.stratum][r.cluster or f"\x00{number}"].append((score, r))
    groups, merged = _merge_singletons({name: dict(inside) for name, inside in strata.items()})
    variance, clusters = 0.0, 0
    for inside in groups:
        n = len(inside)
        clusters += n
        sums = {name: sum(score for score, _ in rows) for name, rows in inside.items()}
        middle = sum(sums.values()) / n if centre else 0.0
        frame = sum({name[0]: rows[0][1].fpc1 for name, rows in inside.items()}.values())
        f1 = n / frame if frame >= n else 0.0
        if n > 1:
            variance += (1 - f1) * n / (n - 1) * sum((total - middle) ** 2 for total in sums.values())
        if within and f1 > 0:
            for rows in inside.values():
                m = len(rows)
                units = rows[0][1].fpc2
                if m < 2 or units < m:
                    continue
                mean = sum(score for score, _ in rows) / m
                squares = sum((score - mean) ** 2 for score, _ in rows)
                variance += f1 * (1 - m / units) * m / (m - 1) * squares
    return variance, clusters, len(groups), merged


Clusters = dict[tuple[str, str], list[tuple[float, Result]]]


def _merge_singletons(
    strata: dict[str, dict[str, list[tuple[float, Result]]]],
) -> tuple[list[Clusters], tuple[str, ...]]:
    named: list[tuple[str, Clusters]] = [
        (name, {(name, cluster): rows for cluster, rows in inside.items()}) for name, inside in sorted(strata.items())
    ]
    if sum(len(inside) for _, inside in named) < 2:
        raise SamplingError("sampling.results.one_cluster")
    merged: list[str] = []
    groups: list[Clusters] = []
    waiting: Clusters = {}
    for name, inside in named:
        sure = all(rows[0][1].fpc1 == 1 for rows in inside.values())
        if len(inside) == 1 and not sure:
            merged.append(name)
            waiting.update(inside)
            if len(waiting) > 1:
                groups.append(waiting)
                waiting = {}
            continue
        if waiting:
            inside = {**waiting, **inside}
            waiting = {}
        groups.append(inside)
    if waiting:
        groups[-1] = {**groups[-1], **waiting}
    return groups, tuple(merged)
