"""What a fit promises: signs hold, PSUs are not parted, the file repeats, the card is honest, the gate sees harm."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from registry.ranking import (
    Fitted,
    ModelCard,
    RankingError,
    RankModel,
    fit,
    load_items,
    read_survey,
    release_gate,
)
from registry.ranking.building import _score_all
from registry.ranking.fitting import Folds, bounded, make_design
from registry.ranking.measures import Interval, best_possible, error_at, exclusion, inclusion, poorest, psu_weights
from registry.tests.ranking.worlds import QUICK, a_fitted_model, some_items, write_survey


@pytest.mark.parametrize(
    ("r2", "errors"),
    [(0.3, (72.6, 64.6, 53.6, 38.1)), (0.4, (66.5, 58.6, 48.3, 34.1)), (0.5, (60.2, 52.6, 43.0, 30.2)),
     (0.6, (53.4, 46.4, 37.7, 26.3)), (0.7, (45.9, 39.6, 32.0, 22.3)), (0.8, (37.2, 32.0, 25.7, 17.9))],
)  # fmt: skip
def test_what_an_r2_allows_equals_the_table(r2, errors) -> None:
    found = [100 * best_possible(r2, q) for q in (0.05, 0.10, 0.20, 0.40)]
    assert found == pytest.approx(errors, abs=0.06)


def test_the_file_has_whole_numbers_only_and_reads_back_as_itself(fitted: Fitted) -> None:
    text = fitted.model.to_json()
    again = RankModel.from_json(text)
    assert again.to_json() == text and again.sha256 == fitted.model.sha256

    def walk(node: object) -> None:
        assert not isinstance(node, float)
        for part in node.values() if isinstance(node, dict) else node if isinstance(node, list) else ():
            walk(part)

    walk(json.loads(text))


def test_a_changed_or_broken_file_is_refused(fitted: Fitted) -> None:
    content = json.loads(fitted.model.to_json())
    cases = {
        "ranking.model.hash": json.dumps(content | {"base": content["base"] + 1}),
        "ranking.model.invalid": json.dumps(content | {"base": 1.5}),
    }
    for code, text in cases.items():
        with pytest.raises(RankingError) as refused:
            RankModel.from_json(text)
        assert refused.value.code == code
    for text in ("", "[]", "{}", json.dumps(content | {"points": {}})):
        with pytest.raises(RankingError):
            RankModel.from_json(text)


def test_the_same_survey_gives_the_same_model(fitted: Fitted, tmp_path: Path) -> None:
    again = a_fitted_model(tmp_path, fitted_on="2026-01-01", decays_on="2028-01-01")
    assert again.model.sha256 == fitted.model.sha256


def test_points_never_run_against_the_published_signs(fitted: Fitted) -> None:
    assert all(line.holds for line in fitted.card.signs)
    for item in fitted.model.items:
        steps = np.diff(fitted.model.points[item.name])
        if item.kind in ("ordered", "flag"):
            assert (steps >= 0).all()
        if item.kind == "count" and item.sign == "negative":
            assert (steps <= 0).all()
    assert all(m >= 0 for terms in fitted.model.regions.values() for m in terms.multipliers.values())


def test_whole_numbers_lose_nothing_that_counts(fitted: Fitted, tmp_path: Path) -> None:
    survey = read_survey(
        write_survey(tmp_path / "s.csv"), outcome="spending", weight="weight", psu="psu", stratum="stratum",
        region="regency", mapping=some_items(),
    )  # fmt: skip
    scores = _score_all(fitted.model, survey) / 1e6
    assert np.corrcoef(scores, fitted.out_of_sample)[0, 1] > 0.97
    assert abs(np.average(scores - survey.outcome, weights=survey.weight)) < 0.02


def test_no_psu_stands_on_both_sides_of_a_fold(tmp_path: Path) -> None:
    survey = read_survey(
        write_survey(tmp_path / "s.csv"), outcome="spending", psu="psu", region="regency", mapping=some_items()
    )
    folds = Folds(survey, make_design(survey), 5, seed=3)
    for rows, held in zip(folds.rows, folds.held, strict=True):
        assert not set(survey.psu[rows]) & set(survey.psu[held])
        assert len(rows) + len(held) == len(survey)


def test_the_card_tells_errors_groups_and_reads_back(fitted: Fitted) -> None:
    card = fitted.card
    assert 0.3 < card.r2.value < 0.9 and card.r2.low <= card.r2.value <= card.r2.high
    assert {line.quota for line in card.errors["person"]} == {5, 10, 20, 30, 40}
    for line in card.errors["person"]:
        assert line.exclusion.low <= line.exclusion.value <= line.exclusion.high
    groups = {(g.group, g.part) for g in card.groups}
    assert {
        ("province", "35"),
        ("urban", "rural"),
        ("female_head", "yes"),
        ("size", "7+"),
        ("disability", "yes"),
    } <= groups
    assert ModelCard.from_json(card.to_json()).to_json() == card.to_json()
    assert all(len(pair) == 2 for pair in card.definitions.values())
    assert card.decays_on == "2028-01-01"


def test_a_missing_challenger_is_said_and_regency_ols_is_run(tmp_path: Path, monkeypatch) -> None:
    from registry.ranking import challengers

    monkeypatch.setitem(challengers.NEEDS, "boosted", "a_library_that_is_not_there")
    survey = read_survey(
        write_survey(tmp_path / "s.csv"), outcome="spending", psu="psu", region="regency", mapping=some_items()
    )
    found = fit(survey, settings=replace(QUICK, challengers=("regency_ols", "boosted"))).card.challengers
    assert [(c.name, c.ran) for c in found] == [("regency_ols", True), ("boosted", False)]
    assert set(found[0].difference) == {5, 10, 20, 30, 40}


def test_boosted_trees_and_quantiles_run_on_the_same_folds(tmp_path: Path) -> None:
    pytest.importorskip("lightgbm")
    pytest.importorskip("statsmodels")
    survey = read_survey(
        write_survey(tmp_path / "s.csv", n=500), outcome="spending", psu="psu", region="regency",
        mapping=some_items().only(["id_lantai_terluas", "jumlah_anggota_keluarga", "pendidikan_kepala"]),
    )  # fmt: skip
    found = fit(survey, settings=replace(QUICK, folds=3, challengers=("quantile", "boosted"))).card.challengers
    assert all(c.ran and c.r2 is not None and c.r2 > 0.1 for c in found)


def test_a_successor_names_its_predecessor_and_the_churn(fitted: Fitted, tmp_path: Path) -> None:
    survey = read_survey(
        write_survey(tmp_path / "s.csv", seed=3), outcome="spending", weight="weight", psu="psu", stratum="stratum",
        region="regency", mapping=some_items(),
    )  # fmt: skip
    same = fit(survey, settings=QUICK, version="2", predecessor=fitted.model)
    assert (same.model.parent, same.card.parent_sha256) == ("1", fitted.model.sha256)
    assert same.card.churn is not None and same.card.churn["moved"] == 0.0
    fewer = fit(
        survey, items=some_items().only(["id_lantai_terluas", "umur_kepala"]), settings=QUICK, predecessor=fitted.model
    )
    assert fewer.card.churn is not None and fewer.card.churn["moved"] > 0.3
    worse = release_gate(fewer.card, fitted.card)
    assert worse and all(w.after > w.before and w.by > w.noise for w in worse)


def test_the_gate_stays_shut_only_for_protected_groups_beyond_noise(fitted: Fitted) -> None:
    card = fitted.card
    assert release_gate(card, card) == []

    def shifted(by: float, protected: bool = True) -> ModelCard:
        groups = []
        for g in card.groups:
            raised = {
                q: None if e is None else Interval(e.value + by, e.low, e.high, e.n, 0.01)
                for q, e in g.exclusion.items()
            }
            groups.append(replace(g, exclusion=raised, protected=protected))
        return replace(card, groups=tuple(groups))

    calm = shifted(0.0)
    assert release_gate(shifted(0.02), calm) == []
    assert release_gate(shifted(0.04), calm)
    assert release_gate(shifted(0.04, protected=False), calm) == []


FOREIGN = """
version: 1
survey: Utopia 2024
currency: UTO
size: members
outcome_is: whole_household
separator: ";"
items:
- {item: members, column: hhsize, kind: count, sign: negative, from: 1, cap: 9, label: {id: Anggota, en: Members}}
- {item: floor, column: FLOOR, kind: ordered, tiers: [[1], [2], [3]], texts: {dirt: 1, wood: 2, tile: 3}}
- {item: car, column: car, kind: flag, tiers: [[0], [1]], texts: {"no": 0, "yes": 1}}
- {item: land, column: hectares, kind: amount, sign: positive, scale: 10, knots: [0, 20, 60, 150], step: 10}
- {item: tongue, column: lang, kind: nominal, codes: [1, 2, 3], missing: [9]}
groups:
- name: tongue
  protected: true
  parts: [{name: first, when: [{item: tongue, codes: [1]}]}, {name: other, when: [{item: tongue, codes: [2, 3]}]}]
"""


def test_a_survey_of_another_country_needs_only_a_mapping(tmp_path: Path) -> None:
    rng = np.random.default_rng(2)
    n = 600
    rich = rng.normal(0, 1, n)
    floor = np.array(["dirt", "wood", "tile"])[np.clip(np.round(1 + rich), 0, 2).astype(int)]
    size = rng.integers(1, 9, n)
    total = np.exp(6 + 0.5 * rich + rng.normal(0, 0.3, n)) * size
    lines = ["cluster;hhsize;FLOOR;car;hectares;lang;total"]
    for k in range(n):
        car = "yes" if rich[k] > 1 else "no"
        lines.append(
            f"c{k % 40};{size[k]};{floor[k]};{car};{abs(rich[k]) * 3:.1f};{rng.choice([1, 2, 3, 9])};{total[k]:.2f}"
        )
    (tmp_path / "utopia.csv").write_text("\n".join(lines))
    (tmp_path / "map.yaml").write_text(FOREIGN)
    survey = read_survey(tmp_path / "utopia.csv", outcome="total", psu="cluster", mapping=tmp_path / "map.yaml")
    found = fit(survey, settings=QUICK)
    assert (survey.name, found.model.currency, found.model.regions) == ("Utopia 2024", "UTO", {})
    assert found.card.r2.value > 0.3
    points = found.model.points["floor"]
    assert points[0] < points[1] < points[2]
    assert {g.part for g in found.card.groups} == {"first", "other"}
    rich_family = {"members": 2, "floor": 3, "car": 1, "land": 50, "tongue": 1}
    assert found.model.score(rich_family, None) > found.model.score({**rich_family, "floor": 1}, None)


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("version: 1\nitems: [{item: a, kind: colour}]", "colour"),
        ("version: 1\nitems: [{item: a, kind: count}]", "cap"),
        ("version: 1\nitems: [{item: a, kind: nominal, codes: [1, 1]}]", "unique"),
        ("version: 1\nitems: [{item: a, kind: ordered, tiers: [[1], [1]]}]", "two tiers"),
        ("version: 1\nitems: [{item: a, kind: amount, knots: [5, 1]}]", "knots"),
        ("version: 1\nitems: [{item: a, kind: flag}, {item: a, kind: flag}]", "twice"),
        ("version: 1\nitems: [{item: a, kind: flag}]\ninteractions: [{name: x, when: [{item: b, codes: [1]}]}]", "b"),
        ("items: [", ""),
    ],
)
def test_a_bad_mapping_is_refused_with_the_reason(tmp_path: Path, text: str, why: str) -> None:
    (tmp_path / "map.yaml").write_text(text)
    with pytest.raises(RankingError) as refused:
        read_survey(write_survey(tmp_path / "s.csv", n=100), outcome="spending", mapping=tmp_path / "map.yaml")
    assert refused.value.code == "ranking.mapping.invalid"
    assert why in refused.value.sentence("en")


def test_a_bad_survey_is_refused_with_its_code(tmp_path: Path) -> None:
    good = write_survey(tmp_path / "s.csv", n=100)
    header, *rows = good.read_text().splitlines()
    broken = tmp_path / "broken.csv"

    def refusal(text: str | None = None, **options: object) -> str:
        path = good
        if text is not None:
            broken.write_text(text)
            path = broken
        with pytest.raises(RankingError) as refused:
            read_survey(path, **{"outcome": "spending", "mapping": some_items(), **options})  # type: ignore[arg-type]
        assert refused.value.sentence("id") and refused.value.sentence("en")
        return refused.value.code

    negative = "\n".join([header, rows[0].rsplit(",", 1)[0] + ",-5", *rows[1:]])
    words = "\n".join([header, rows[0].rsplit(",", 1)[0] + ",many", *rows[1:]])
    assert refusal(outcome="nothing") == "ranking.survey.column_missing"
    assert refusal(negative) == "ranking.survey.outcome_not_positive"
    assert refusal(words) == "ranking.survey.not_a_number"
    assert refusal(negative, outcome="luas_lantai_bangunan", weight="spending") == "ranking.survey.weight_not_positive"
    assert refusal(psu="stratum") == "ranking.survey.too_few_psus"
    assert refusal(region="regency", known_regions={"35.11"}) == "ranking.survey.region_unknown"
    assert refusal("a,spending\n1,2\n") == "ranking.survey.no_items"
    with pytest.raises(RankingError) as refused:
        read_survey(tmp_path / "none.csv", outcome="x")
    assert refused.value.code == "ranking.survey.not_found"


def test_bps_codes_become_dotted_ones_by_the_bridge(tmp_path: Path) -> None:
    path = write_survey(tmp_path / "s.csv", n=200)
    path.write_text(path.read_text().replace("35.11", "3599").replace("35.14", "3514").replace("34.02", "3402"))
    found = read_survey(
        path, outcome="spending", region="regency", region_system="bps", bridge={"3599": "35.11"}, mapping=some_items()
    )
    assert found.regions == ("34.02", "35.11", "35.14")


def test_the_published_table_is_sound() -> None:
    items = load_items()
    assert len(items.items) >= 39 and len(items.interactions) <= 6
    for item in items.items:
        assert item.title("id") and item.title("en")
        for level in range(item.n_levels):
            assert item.level_text(level, "id") and item.level_text(level, "en")


@settings(max_examples=200, deadline=None)
@given(
    st.lists(st.tuples(st.integers(0, 30), st.integers(0, 30), st.integers(1, 50)), min_size=2, max_size=40),
    st.sampled_from([0.05, 0.1, 0.2, 0.4]),
)
def test_exclusion_equals_inclusion_at_a_quota_and_a_perfect_score_has_none(rows, quota) -> None:
    truth, score, mass = (np.array(column, dtype=float) for column in zip(*rows, strict=True))
    should, served = poorest(truth, mass, quota), poorest(score, mass, quota)
    assert (should * mass).sum() == pytest.approx(quota * mass.sum())
    assert exclusion(should, served, mass) == pytest.approx(inclusion(should, served, mass))
    distinct = truth + np.arange(len(truth)) / 1000
    whole = poorest(distinct, mass, quota)
    assert error_at(distinct, distinct, mass, quota) <= 1 - (whole**2 * mass).sum() / (whole * mass).sum() + 1e-9


def test_psu_weights_keep_each_stratum_s_mass_on_average() -> None:
    psu = np.repeat(np.arange(12), 5)
    stratum = np.repeat([0] * 5 + [1] * 6 + [2], 5)
    drawn = psu_weights(psu, stratum, 4000, 1)
    assert drawn.mean(axis=0) == pytest.approx(np.ones(12), abs=0.08)
    assert (drawn[:, 11] == 1).all()


@settings(max_examples=60, deadline=None)
@given(st.integers(1, 12), st.integers(0, 10_000))
def test_bounded_least_squares_meet_their_conditions(n, seed) -> None:
    rng = np.random.default_rng(seed)
    root = rng.normal(size=(n + 3, n))
    a, b = root.T @ root + 0.1 * np.eye(n), rng.normal(size=n)
    low = np.where(rng.random(n) < 0.5, 0.0, -np.inf)
    high = np.where(rng.random(n) < 0.3, 0.5, np.inf)
    x = bounded(a, b, low, high)
    gradient = a @ x - b
    assert ((x >= low) & (x <= high)).all()
    inside = (x > low + 1e-9) & (x < high - 1e-9)
    assert np.abs(gradient[inside]).max(initial=0.0) < 1e-4
    assert (gradient[x <= low + 1e-12] > -1e-4).all() and (gradient[x >= high - 1e-12] < 1e-4).all()
