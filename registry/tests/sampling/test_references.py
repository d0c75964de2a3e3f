"""Published and recomputed values: sizes, intervals, complex designs, lots, LQAS, capture–recapture, coverage."""

from __future__ import annotations

import csv
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from registry.sampling import (
    INTERVALS,
    Result,
    SamplingError,
    chapman,
    chapman_strata,
    clopper_pearson,
    cochran,
    estimate_mean,
    estimate_rate,
    estimate_total,
    half_width,
    korn_graubard,
    logit_t,
    lot_plan,
    lqas,
    rogan_gladen,
    rogan_gladen_interval,
    share_accepted_with,
    simulate_coverage,
    simulate_list_coverage,
    two_stage,
    wilson,
)

HERE = Path(__file__).parent
# Newcombe (1998), Statistics in Medicine 17: 857–872, Table I; Agresti–Coull and Jeffreys recomputed.
NEWCOMBE = {
    (81, 263): {"wilson": (0.2553, 0.3662), "clopper_pearson": (0.2527, 0.3676), "agresti_coull": (0.2552, 0.3663),
                "jeffreys": (0.2545, 0.3656), "wilson_cc": (0.2535, 0.3682)},
    (15, 148): {"wilson": (0.0624, 0.1605), "clopper_pearson": (0.0578, 0.1617), "agresti_coull": (0.0614, 0.1615),
                "jeffreys": (0.0604, 0.1576), "wilson_cc": (0.0598, 0.1644)},
    (0, 20): {"wilson": (0.0, 0.1611), "clopper_pearson": (0.0, 0.1684), "agresti_coull": (0.0, 0.1898),
              "jeffreys": (0.0, 0.1166), "wilson_cc": (0.0, 0.2005)},
    (1, 29): {"wilson": (0.0061, 0.1718), "clopper_pearson": (0.0009, 0.1776), "agresti_coull": (0.0, 0.1863),
              "jeffreys": (0.0037, 0.1501), "wilson_cc": (0.0018, 0.1963)},
}  # fmt: skip


def rows(name: str) -> list[dict[str, str]]:
    """The `api` data of R's survey package: California's Academic Performance Index of 2000, public figures."""
    with (HERE / name).open() as file:
        return list(csv.DictReader(file))


@pytest.mark.parametrize("case", NEWCOMBE)
@pytest.mark.parametrize("method", ["wilson", "clopper_pearson", "agresti_coull", "jeffreys", "wilson_cc"])
def test_intervals_of_a_share_equal_the_published_ones(case, method) -> None:
    assert INTERVALS[method](*case, 0.95) == pytest.approx(NEWCOMBE[case][method], abs=0.00006)


@pytest.mark.parametrize("method", ["wilson", "clopper_pearson", "agresti_coull", "jeffreys"])
def test_intervals_agree_with_an_independent_library(method) -> None:
    library = pytest.importorskip("statsmodels.stats.proportion")
    names = {"clopper_pearson": "beta"}
    for k, n in ((3, 17), (40, 80), (199, 200)):
        theirs = library.proportion_confint(k, n, method=names.get(method, method))
        assert INTERVALS[method](k, n, 0.95) == pytest.approx(np.clip(theirs, 0, 1), abs=1e-9)


@pytest.mark.parametrize(
    ("p", "e", "population", "n"),
    [(0.5, 0.05, None, 385), (0.5, 0.05, 2000, 323), (0.5, 0.05, 10_000, 370), (0.5, 0.05, 500, 218),
     (0.5, 0.03, None, 1068), (0.75, 0.05, None, 289)],
)  # fmt: skip
def test_cochran_is_rounded_once_at_the_end(p, e, population, n) -> None:
    assert cochran(p, e, population) == n


@pytest.mark.parametrize(
    ("p", "e", "simple", "plans"),
    [
        (0.10, 0.05, 138, [(200, 20), (262, 27), (400, 20)]),
        (0.10, 0.03, 381, [(552, 56), (723, 73), (1103, 56)]),
        (0.05, 0.02, 451, [(654, 66), (857, 86), (1307, 66)]),
    ],
)
def test_plans_of_a_regency_equal_the_table(p, e, simple, plans) -> None:
    assert cochran(p, e, 36_770) == simple
    for (m, rho), expected in zip([(10, 0.05), (10, 0.10), (20, 0.10)], plans, strict=True):
        plan = two_stage(p, e, per_village=m, rho=rho, population=36_770)
        assert (plan.families, plan.villages) == expected


def test_what_an_effort_buys_is_the_inverse_of_its_size() -> None:
    for n, deff in ((200, 1.45), (723, 1.9)):
        e = half_width(0.1, n, deff=deff, population=36_770)
        plan = two_stage(0.1, e, per_village=10, rho=(deff - 1) / 9, population=36_770)
        assert abs(plan.families - n) <= 1


def test_stratified_mean_equals_r_survey() -> None:
    sample = [Result(float(r["api00"]), float(r["pw"]), r["stype"], "", int(r["fpc"])) for r in rows("api_strat.csv")]
    assert estimate_mean(sample) == pytest.approx((662.2874, 9.4089), abs=0.00006)


def test_two_stage_mean_equals_r_survey_with_and_without_replacement() -> None:
    data = rows("api_clus2.csv")
    finite = [Result(float(r["api00"]), float(r["pw"]), "", r["dnum"], int(r["fpc1"]), int(r["fpc2"])) for r in data]
    infinite = [Result(float(r["api00"]), float(r["pw"]), "", r["dnum"]) for r in data]
    assert estimate_mean(finite) == pytest.approx((670.8118, 30.0990), abs=0.00006)
    mean, se = estimate_mean(infinite)
    assert (mean, se) == pytest.approx((670.8118, 30.7116), abs=0.00006)
    from scipy.stats import t

    half = t.ppf(0.975, 39) * se
    assert (mean - half, mean + half) == pytest.approx((608.69, 732.93), abs=0.006)


def test_clustered_share_and_logit_interval_equal_r_survey() -> None:
    data = [Result(float(r["sch_wide"]), float(r["pw"]), "", r["dnum"]) for r in rows("api_clus2.csv")]
    found = estimate_rate(data)
    assert (found.value, found.se) == pytest.approx((0.7513, 0.0667), abs=0.00006)
    assert (found.clusters, found.df, found.method) == (40, 39, "korn_graubard")
    assert logit_t(found.value, found.se**2, found.df) == pytest.approx((0.5947, 0.8615), abs=0.00006)


@pytest.mark.parametrize(
    ("lists", "population", "se"), [((10, 15, 5), 28.333, 5.909), ((200, 250, 50), 988.24, 105.78)]
)
def test_chapman_equals_the_reference_and_shows_its_band(lists, population, se) -> None:
    found = chapman(*lists)
    assert found.population == pytest.approx(population, abs=0.005)
    assert found.se == pytest.approx(se, abs=0.005)
    seen = lists[0] + lists[1] - lists[2]
    assert seen < found.band_low < found.population < found.band_high
    assert found.band_high - seen == pytest.approx(2 * (found.population - seen))


def test_chapman_of_strata_sums_estimates_and_variances() -> None:
    found = chapman_strata([(10, 15, 5), (200, 250, 50)])
    assert found.population == pytest.approx(28.333 + 988.24, abs=0.01)
    assert found.se == pytest.approx((5.909**2 + 105.78**2) ** 0.5, abs=0.01)
    with pytest.raises(SamplingError):
        chapman(10, 15, 11)


@pytest.mark.parametrize(
    ("plan", "shares"),
    [((13, 0), (0.0039, 0.0519, 0.1623)), ((32, 1), (0.0112, 0.0519, 0.1162)), ((50, 1), (0.0072, 0.0333, 0.0756)),
     ((80, 2), (0.0103, 0.0333, 0.0652)), ((125, 3), (0.0110, 0.0293, 0.0527)), ((200, 5), (0.0131, 0.0283, 0.0459))],
)  # fmt: skip
def test_operating_characteristics_equal_the_table(plan, shares) -> None:
    found = [share_accepted_with(*plan, chance) for chance in (0.95, 0.50, 0.10)]
    assert found == pytest.approx(shares, abs=0.00006)


@pytest.mark.parametrize(("lot", "sizes"), [(50, (31, 22, 12)), (200, (51, 27, 13)), (1000, (57, 29, 14))])
def test_zero_defect_lots_are_hypergeometric(lot, sizes) -> None:
    plans = [lot_plan(lot, share) for share in (0.05, 0.10, 0.20)]
    assert tuple(plan.n for plan in plans) == sizes
    assert all(plan.passes_bad <= 0.05 for plan in plans)


@pytest.mark.parametrize(
    ("high", "low", "d", "alpha", "beta"),
    [(0.8, 0.5, 13, 0.068, 0.084), (0.7, 0.4, 11, 0.084, 0.088), (0.6, 0.3, 9, None, None), (0.5, 0.2, 7, None, None)],
)
def test_lqas_decides_as_the_table(high, low, d, alpha, beta) -> None:
    plan = lqas(19, high, low)
    assert plan.d == d
    if alpha is not None:
        assert (plan.alpha, plan.beta) == pytest.approx((alpha, beta), abs=0.0006)


def test_rogan_gladen_corrects_for_imperfect_checkers() -> None:
    assert rogan_gladen(0.10, 0.90, 0.95) == pytest.approx(0.0588, abs=0.00006)
    assert rogan_gladen(0.01, 0.90, 0.95) == 0.0
    with pytest.raises(SamplingError):
        rogan_gladen(0.10, 0.5, 0.5)
    p, low, high = rogan_gladen_interval(0.10, 0.0004, (90, 100), (190, 200))
    assert p == pytest.approx(0.0588, abs=0.00006)
    assert low < p < high
    surer = rogan_gladen_interval(0.10, 0.0004, (9000, 10_000), (19_000, 20_000))
    assert surer[2] - surer[1] < high - low


COVERAGE = {
    (30, 10, 0.05, 0.05): (0.913, 0.903, 0.952, 0.949, 0.964),
    (30, 10, 0.05, 0.15): (0.888, 0.814, 0.938, 0.939, 0.951),
    (30, 10, 0.20, 0.10): (0.937, 0.844, 0.955, 0.955, 0.962),
    (60, 10, 0.02, 0.10): (0.889, 0.838, 0.934, 0.939, 0.948),
    (12, 10, 0.10, 0.10): (0.888, 0.857, 0.962, 0.956, 0.974),
}


@pytest.mark.parametrize("design", COVERAGE)
def test_coverage_by_simulation_equals_the_table_within_half_a_percent(design) -> None:
    found = simulate_coverage(*design, replicates=20_000, seed=1)
    assert list(found) == ["wald", "wilson", "wilson_clustered", "logit_t", "korn_graubard"]
    assert tuple(found.values()) == pytest.approx(COVERAGE[design], abs=0.005)


def test_the_interval_of_linked_lists_holds_the_people_as_often_as_it_says() -> None:
    held = simulate_list_coverage(2_000, 0.9, 0.5, numbers=0.3, noticed=0.85, by_chance=0.02, replicates=1_000, seed=1)
    assert 0.93 <= held <= 0.98


def test_a_total_weighs_each_result_by_its_chance() -> None:
    total, se = estimate_total([Result(1.0, 10.0, "a", str(k)) for k in range(5)] + [Result(0.0, 10.0, "a", "9")])
    assert total == 50.0
    assert se > 0


@settings(max_examples=150, deadline=None)
@given(st.integers(1, 400), st.data(), st.sampled_from(sorted(INTERVALS)))
def test_an_interval_holds_its_share_and_grows_with_the_level(n, data, method) -> None:
    k = data.draw(st.integers(0, n))
    low, high = INTERVALS[method](k, n, 0.95)
    wide_low, wide_high = INTERVALS[method](k, n, 0.99)
    assert 0.0 <= low <= high <= 1.0
    assert wide_low <= low + 1e-12 and high <= wide_high + 1e-12
    if method != "jeffreys":
        assert low <= k / n + 1e-12 and k / n <= high + 1e-12


@settings(max_examples=100, deadline=None)
@given(st.integers(10, 400), st.floats(0.02, 0.98), st.floats(1.0, 6.0), st.integers(3, 60))
def test_korn_graubard_is_never_narrower_than_an_srs_of_the_same_size(n, p, deff, df) -> None:
    low, high = korn_graubard(p, deff * p * (1 - p) / n, n, df)
    exact = clopper_pearson(p * n, n)
    if df < n - 1:
        assert low <= exact[0] + 1e-9 and exact[1] <= high + 1e-9


def test_wilson_mirrors() -> None:
    low, high = wilson(3, 40)
    assert wilson(37, 40) == pytest.approx((1 - high, 1 - low))
