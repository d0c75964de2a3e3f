"""Explanations and changes add up exactly, for any family."""

from __future__ import annotations

from dataclasses import replace

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from registry.ranking import Cuts, Fitted, Scored, Standing, explain, score_one, why_changed
from registry.ranking.items import load_items
from registry.tests.ranking.worlds import NAMES

REGIONS = st.sampled_from(["35.11", "35.14", "34.02"])
FAMILIES = st.fixed_dictionaries({name: st.none() | st.integers(-2, 12) for name in NAMES})
FIXTURES = settings(max_examples=80, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


@FIXTURES
@given(values=FAMILIES, region=REGIONS, line=st.integers(1, 9))
def test_contributions_sum_exactly_to_the_difference(fitted: Fitted, scored: Scored, values, region, line) -> None:
    found = explain(fitted.model, values, region, cuts=scored.cuts, line=line)
    assert sum(c.micro for c in found.contributions) == found.score - found.reference_score
    assert found.score == fitted.model.score(values, region)
    assert found.distance == found.score - scored.cuts.line(region, line)
    assert (found.desil <= line) == (found.distance <= 0)
    for c in found.contributions:
        assert c.title and c.text and c.reference_text
        if c.decides:
            typical = {**values, c.name: c.reference_value}
            assert (fitted.model.score(typical, region) > scored.cuts.line(region, line)) != (found.distance > 0)


@FIXTURES
@given(values=FAMILIES, region=REGIONS)
def test_the_reference_family_explains_itself_with_nothing(fitted: Fitted, values, region) -> None:
    found = explain(fitted.model, values, region, reference=values)
    assert all(c.micro == 0 for c in found.contributions)


@FIXTURES
@given(
    values=FAMILIES,
    region=REGIONS,
    name=st.sampled_from(["pendidikan_kepala", "jml_sapi", "luas_lantai_bangunan"]),
    more=st.integers(1, 9),
)
def test_more_of_a_positive_item_never_makes_a_family_poorer(fitted: Fitted, values, region, name, more) -> None:
    low = values[name]
    if low is None or low < 0:
        return
    top = {"pendidikan_kepala": 7}.get(name, 10_000)
    if low > top:
        return
    assert fitted.model.score({**values, name: min(low + more, top)}, region) >= fitted.model.score(values, region)


@FIXTURES
@given(
    old=FAMILIES,
    new=FAMILIES,
    before=REGIONS,
    after=REGIONS,
    shift=st.integers(-200_000, 200_000),
    line=st.integers(1, 9),
    bridged=st.booleans(),
)
def test_why_a_desil_changed_adds_up_exactly(fitted, scored, old, new, before, after, shift, line, bridged) -> None:
    other = replace(fitted.model, version="2", base=fitted.model.base + 40_000)
    moved = Cuts("person", "nation", {"": tuple(cut + shift for cut in scored.cuts.values[""])})
    middle = Cuts("person", "nation", {"": tuple(cut + 40_000 for cut in scored.cuts.values[""])})
    for model in (fitted.model, other):
        change = why_changed(
            Standing(fitted.model, old, before, scored.cuts), Standing(model, new, after, moved), line=line,
            bridge=middle if bridged else None,
        )  # fmt: skip
        assert change.item_total + change.model + change.others == change.distance_after - change.distance_before
        assert change.desil_before == score_one(fitted.model, old, before, scored.cuts).desil
        if model is fitted.model:
            assert change.model == 0 and change.others == -shift
        elif bridged:
            assert change.model == 0 and change.others == 40_000 - shift


def test_a_new_model_that_only_moves_the_level_is_not_blamed(fitted: Fitted, scored: Scored) -> None:
    values = dict.fromkeys(NAMES)
    standing = Standing(fitted.model, values, "35.14", scored.cuts)
    change = why_changed(standing, standing)
    assert change.main_cause == "" and not change.items


def test_an_explanation_speaks_both_languages_and_names_what_is_not_known(fitted: Fitted) -> None:
    values = {**dict.fromkeys(NAMES), "id_lantai_terluas": 8, "id_sumberpenerangan": 4, "luas_lantai_bangunan": 545}
    lines = {c.name: c for c in explain(fitted.model, values, "35.14").contributions}
    assert lines["id_lantai_terluas"].text == "Tanah"
    assert lines["luas_lantai_bangunan"].text == "54,5 m2"
    assert lines["id_dayapenerangan"].text == "tidak ditanyakan" and lines["id_dayapenerangan"].known
    assert lines["id_atap_terluas"].text == "tidak diketahui" and not lines["id_atap_terluas"].known
    assert not lines["perkotaan"].disputable and lines["id_lantai_terluas"].disputable
    english = {c.name: c for c in explain(fitted.model, values, "35.14", language="en").contributions}
    assert english["id_lantai_terluas"].text == "Earth"
    assert english["id_lantai_terluas"].title == load_items()["id_lantai_terluas"].title("en")
