"""Scores are whole numbers that are the same in DuckDB, in Python, on any number of threads; cuts keep ties together."""

from __future__ import annotations

import time
from collections import defaultdict
from pathlib import Path

import duckdb
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from registry.ranking import Fitted, RankingError, Scored, score, score_one, what_if
from registry.ranking.cuts import chance_below
from registry.tests.ranking.worlds import NAMES, rows_of, write_families


def values_of(row: dict) -> dict:
    return {name: row[name] for name in NAMES}


def test_a_family_scores_the_same_in_duckdb_and_in_python(fitted: Fitted, register: Path, scored: Scored) -> None:
    before = rows_of(register)
    for row, ranked in zip(before, rows_of(scored.path), strict=True):
        one = score_one(fitted.model, values_of(row), row["regency"], scored.cuts)
        assert (one.score, one.desil, one.near_line) == (ranked["score"], ranked["desil"], ranked["near_line"])
        assert one.chances == tuple(ranked[f"p{line}"] for line in range(1, 10))


@pytest.mark.parametrize("unit", ["person", "family"])
@pytest.mark.parametrize("scope", ["nation", "province", "regency"])
def test_a_cut_is_the_least_score_that_holds_its_share(fitted, register, tmp_path, unit, scope) -> None:
    run = score(fitted.model, register, tmp_path / "ranks.parquet", unit=unit, scope=scope)
    groups = defaultdict(list)
    for row in rows_of(run.path):
        groups[run.cuts.code(row["regency"])].append((row["score"], row["persons"] if unit == "person" else 1, row))
    assert set(groups) == set(run.cuts.values)
    for code, members in groups.items():
        total = sum(mass for _, mass, _ in members)
        for desil, cut in enumerate(run.cuts.values[code], start=1):
            below = sum(mass for s, mass, _ in members if s < cut)
            upto = sum(mass for s, mass, _ in members if s <= cut)
            assert below * 10 < desil * total <= upto * 10
        assert all(row["desil"] == 1 + sum(s > c for c in run.cuts.values[code]) for s, _, row in members)


def test_tied_families_stand_together_on_the_poorer_side(fitted: Fitted, tmp_path: Path) -> None:
    path = write_families(tmp_path / "one.parquet", n=1)
    many = tmp_path / "many.parquet"
    duckdb.connect().execute(
        f"COPY (SELECT * REPLACE ('h' || r AS household_id) FROM '{path}', range(100) t(r)) TO '{many}' (FORMAT parquet)"
    )
    run = score(fitted.model, many, tmp_path / "ranks.parquet", unit="family")
    assert {row["desil"] for row in rows_of(run.path)} == {1}


def test_threads_numbers_as_regions_and_repeats_change_nothing(fitted, register, scored, tmp_path) -> None:
    two = score(fitted.model, register, tmp_path / "two.parquet", threads=2)
    again = score(fitted.model, register, tmp_path / "again.parquet", threads=1)
    numbers = score(fitted.model, write_families(tmp_path / "n.parquet", number=True), tmp_path / "numbers.parquet")
    assert two.sha256 == again.sha256 == numbers.sha256 == scored.sha256
    assert [r["household_id"] for r in rows_of(two.path)] == [r["household_id"] for r in rows_of(register)]


def test_the_hash_sees_one_family_that_differs(fitted, register, scored, tmp_path) -> None:
    other = tmp_path / "other.parquet"
    duckdb.connect().execute(
        f"COPY (SELECT * REPLACE (CASE WHEN household_id = 'h000007' THEN 9 ELSE luas_lantai_bangunan + 400 END::SMALLINT "
        f"AS luas_lantai_bangunan) FROM '{register}') TO '{other}' (FORMAT parquet)"
    )
    assert score(fitted.model, other, tmp_path / "ranks.parquet").sha256 != scored.sha256


def test_summary_counts_every_family_and_person(register: Path, scored: Scored) -> None:
    rows = rows_of(register)
    assert scored.families == len(rows) == sum(line.families for line in scored.summary)
    assert scored.persons == sum(row["persons"] for row in rows) == sum(line.persons for line in scored.summary)


def test_a_family_is_scored_again_in_well_under_a_millisecond(fitted: Fitted, register: Path, scored: Scored) -> None:
    row = rows_of(register)[0]
    values = values_of(row)
    best = 1.0
    for _ in range(50):
        begun = time.perf_counter()
        score_one(fitted.model, values, row["regency"], scored.cuts)
        best = min(best, time.perf_counter() - begun)
    assert best < 0.001


def test_a_regency_that_the_survey_did_not_visit_takes_the_national_terms(fitted: Fitted) -> None:
    values = dict.fromkeys(NAMES)
    assert fitted.model.score(values, "94.03") == fitted.model.base
    assert fitted.model.sigma_of("94.03") == fitted.model.sigma


def test_what_if_counts_who_would_lose(scored: Scored) -> None:
    rows = [row for row in rows_of(scored.path) if row["regency"].startswith("35")]
    answer = what_if(scored.path, before=4, after=3, region="35", rupiah_per_family=200_000, rupiah_per_person=10)
    old = [row for row in rows if row["desil"] <= 4]
    new = [row for row in rows if row["desil"] <= 3]
    assert (answer.total.families_before, answer.total.families_after) == (len(old), len(new))
    assert answer.total.persons_after == sum(row["persons"] for row in new)
    assert answer.total.rupiah_before == len(old) * 200_000 + 10 * sum(row["persons"] for row in old)
    assert [line.region for line in answer.regions] == ["35.11", "35.14"]


def test_a_file_that_lacks_an_item_or_a_size_is_refused(fitted: Fitted, register: Path, tmp_path: Path) -> None:
    con = duckdb.connect()
    con.execute(f"COPY (SELECT * EXCLUDE (jml_sapi) FROM '{register}') TO '{tmp_path}/a.parquet' (FORMAT parquet)")
    con.execute(f"COPY (SELECT * REPLACE (0 AS persons) FROM '{register}') TO '{tmp_path}/b.parquet' (FORMAT parquet)")
    con.execute(f"COPY (SELECT * FROM '{register}' WHERE false) TO '{tmp_path}/c.parquet' (FORMAT parquet)")
    expected = {"a": "ranking.families.column_missing", "b": "ranking.families.size", "c": "ranking.families.empty"}
    for name, code in expected.items():
        with pytest.raises(RankingError) as refused:
            score(fitted.model, tmp_path / f"{name}.parquet", tmp_path / "out.parquet")
        assert refused.value.code == code
        assert not (tmp_path / "out.parquet").exists()
    assert (
        score(fitted.model, tmp_path / "a.parquet", tmp_path / "out.parquet", missing_items=["jml_sapi"]).families
        == 3000
    )


@settings(max_examples=200, deadline=None)
@given(
    st.integers(-3_000_000, 3_000_000),
    st.integers(-3_000_000, 3_000_000),
    st.integers(1, 900_000),
    st.integers(0, 500_000),
)
def test_chance_falls_as_the_score_rises(score_, cut, sigma, more) -> None:
    here = chance_below(score_, cut, sigma)
    assert 0 <= chance_below(score_ + more, cut, sigma) <= here <= 1000
    assert chance_below(cut, cut, sigma) == 500
