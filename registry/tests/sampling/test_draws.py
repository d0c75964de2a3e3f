"""Draws repeat from a seed, keep their probabilities, and give back the population's rates on average."""

from __future__ import annotations

from collections import Counter

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from registry.sampling import (
    Result,
    SamplingError,
    Unit,
    draw_by_risk,
    draw_simple,
    draw_two_stage,
    estimate_rate,
    frame_hash,
    kish_deff,
    pps_systematic,
    proportional,
    results_of,
)


def a_frame(villages: int = 30, seed: int = 5) -> list[Unit]:
    rng = np.random.default_rng(seed)
    frame = []
    for v in range(villages):
        for k in range(int(rng.integers(4, 40))):
            frame.append(Unit(f"f{v:02d}-{k:03d}", f"s{v % 3}", f"v{v:02d}", float(rng.uniform(0, 0.4))))
    return frame


def test_the_same_seed_and_frame_give_the_same_draws_in_any_order() -> None:
    frame = a_frame()
    one, two = draw_two_stage(frame, 9, 5, seed="2026-1"), draw_two_stage(frame[::-1], 9, 5, seed="2026-1")
    assert one.draws == two.draws
    assert one.frame_hash == two.frame_hash == frame_hash(frame)
    assert draw_two_stage(frame, 9, 5, seed="2026-2").draws != one.draws
    assert [d.order for d in one.draws] == list(range(1, len(one.draws) + 1))


def test_the_fingerprint_sees_one_family_that_moved() -> None:
    frame = a_frame()
    moved = [Unit(frame[0].id, frame[0].stratum, "v29", frame[0].risk), *frame[1:]]
    assert frame_hash(moved) != frame_hash(frame)


@settings(max_examples=60, deadline=None)
@given(
    st.dictionaries(st.text("abcdefgh", min_size=1, max_size=3), st.integers(1, 200), min_size=2, max_size=25),
    st.integers(1, 10),
    st.integers(0, 999),
)
def test_pps_draws_the_number_asked_with_probabilities_that_sum_to_it(sizes, n, seed) -> None:
    drawn = pps_systematic(sizes, n, seed=str(seed))
    assert len(drawn) == min(n, len(sizes))
    total, count = sum(sizes.values()), min(n, len(sizes))
    for name, p in drawn.items():
        assert 0 < p <= 1
        assert p >= min(1.0, count * sizes[name] / total) - 1e-9


def test_over_many_seeds_each_village_comes_as_often_as_its_probability_says() -> None:
    sizes = {"a": 10, "b": 20, "c": 30, "d": 40}
    hits: Counter[str] = Counter()
    said: dict[str, float] = {}
    for seed in range(4000):
        drawn = pps_systematic(sizes, 2, seed=str(seed))
        hits.update(drawn.keys())
        said |= drawn
    assert {name: hits[name] / 4000 for name in sizes} == pytest.approx(said, abs=0.03)


def test_rates_from_every_design_are_unbiased_over_many_draws() -> None:
    frame = a_frame()
    rng = np.random.default_rng(1)
    truth = {u.id: float(rng.random() < 0.05 + u.risk) for u in frame}
    mean = np.mean(list(truth.values()))
    designs = {
        "simple": lambda seed: draw_simple(frame, 120, seed=seed),
        "two_stage": lambda seed: draw_two_stage(frame, 12, 8, seed=seed),
        "risk": lambda seed: draw_by_risk(frame, 120, seed=seed),
    }
    for draw in designs.values():
        found, covered = [], 0
        for seed in range(200):
            rate = estimate_rate(results_of(draw(str(seed)).draws, truth))
            found.append(rate.value)
            covered += rate.low <= mean <= rate.high
        assert np.mean(found) == pytest.approx(mean, abs=4 * np.std(found) / 200**0.5 + 0.003)
        assert covered / 200 >= 0.90


def test_risky_families_are_drawn_more_often_and_a_floor_keeps_the_others_in() -> None:
    frame = a_frame()
    sample = draw_by_risk(frame, 150, seed="x", floor=0.3)
    risk = {u.id: u.risk for u in frame}
    assert len(sample.draws) == 150
    assert np.mean([risk[d.id] for d in sample.draws]) > np.mean(list(risk.values()))
    least = min(d.probability for d in sample.draws)
    sizes = sample.design["sizes"]
    assert least >= min(0.3 * sizes[s] / sum(u.stratum == s for u in frame) for s in sizes) - 1e-9
    assert 0.15 < np.mean([d.random_floor for d in sample.draws]) < 0.6
    with pytest.raises(SamplingError):
        draw_by_risk(frame, 150, seed="x", floor=0.1)


def test_a_census_has_no_error_and_simple_draws_know_the_finite_population() -> None:
    frame = [Unit(f"u{k}", "s", "v") for k in range(50)]
    truth = {u.id: float(k < 10) for k, u in enumerate(frame)}
    whole = estimate_rate(results_of(draw_simple(frame, 50, seed="a").draws, truth))
    assert (whole.value, whole.low, whole.high, whole.se) == (0.2, 0.2, 0.2, 0.0)
    half = estimate_rate(results_of(draw_simple(frame, 25, seed="a").draws, truth))
    unlimited = estimate_rate(
        [Result(r.value, r.weight) for r in results_of(draw_simple(frame, 25, seed="a").draws, truth)]
    )
    assert half.high - half.low < unlimited.high - unlimited.low
    assert half.method == "wilson"


def test_nonresponse_is_shown_and_carried_by_its_stratum() -> None:
    results = [Result(1.0 if k < 5 else 0.0, 2.0, "a", f"c{k}") for k in range(10)]
    results += [Result(None if k < 5 else 1.0, 2.0, "b", f"d{k}") for k in range(10)]
    found = estimate_rate(results)
    assert (found.drawn, found.n, found.response_rate) == (20, 15, 0.75)
    assert found.value == pytest.approx(0.75)


def test_a_stratum_with_one_cluster_is_merged_and_said() -> None:
    results = [Result(float(k % 2), 3.0, "a", f"c{k // 4}") for k in range(16)]
    results += [Result(1.0, 3.0, "b", "lonely") for _ in range(4)]
    found = estimate_rate(results)
    assert found.merged == ("b",)
    assert found.clusters == 5 and found.strata == 1 and found.se > 0
    with pytest.raises(SamplingError) as refused:
        estimate_rate([Result(1.0, 2.0, "a", "x"), Result(0.0, 2.0, "a", "x")])
    assert refused.value.code == "sampling.results.one_cluster"


def test_a_domain_keeps_the_whole_design() -> None:
    results = [Result(float(k % 3 == 0), 4.0, "a", f"c{k % 8}", in_domain=k % 2 == 0) for k in range(64)]
    found = estimate_rate(results)
    asked = [r for r in results if r.in_domain]
    assert found.n == len(asked)
    assert found.clusters == 8
    assert found.value == pytest.approx(sum(r.value or 0 for r in asked) / len(asked))


@settings(max_examples=100, deadline=None)
@given(st.dictionaries(st.sampled_from("abcdefghij"), st.integers(1, 500), min_size=1), st.integers(0, 600))
def test_shares_over_strata_add_up_and_never_exceed_one(sizes, n) -> None:
    found = proportional(n, sizes)
    assert sum(found.values()) == min(n, sum(sizes.values()))
    assert all(0 <= found[name] <= sizes[name] for name in sizes)


def test_kish_deff_of_equal_weights_is_one() -> None:
    assert kish_deff([3.0] * 9) == pytest.approx(1.0)


def test_bad_frames_and_results_are_refused() -> None:
    cases = [
        (lambda: draw_simple([], 3, seed="a"), "sampling.frame.empty"),
        (lambda: draw_simple([Unit("a"), Unit("a")], 1, seed="a"), "sampling.frame.twice"),
        (lambda: estimate_rate([]), "sampling.results.empty"),
        (lambda: estimate_rate([Result(1.0, 0.5), Result(0.0, 2.0)]), "sampling.results.probability"),
    ]
    for act, code in cases:
        with pytest.raises(SamplingError) as refused:
            act()
        assert refused.value.code == code
        assert refused.value.sentence("en") and refused.value.sentence("id")
