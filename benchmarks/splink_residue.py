"""The same match with Splink as the trainer and scorer of the rows' comparisons: what `docs/adr` compares with our own.

Stages, candidates, company, constraints and threshold stay as they are; Splink estimates u by random sampling and m by
expectation-maximisation in two sessions, with term frequencies of names, and scores exactly the candidate pairs.
"""

import logging
import math
import multiprocessing
import time
import warnings
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa

from registry.matching import engine, model
from registry.matching.settings import Settings

RESIDUE = ("name", "dates", "sex", "nik", "mother")

# The levels of dates and NIK as expressions; the engine reads them off columns of numbers.
LEVELS = """create or replace macro is_placeholder(d) as month(d) * 100 + day(d) in (101, 701, 1231);
create or replace macro date_level(a, b) as case
    when a is null or b is null then null
    when a = b then 4
    when (day(a) = day(b))::int + (month(a) = month(b))::int + (year(a) = year(b))::int = 2
         and abs(year(a) - year(b)) <= 10 then 3
    when year(a) = year(b) and day(a) = month(b) and month(a) = day(b) then 3
    when abs(date_diff('day', a, b)) <= 3 then 3
    when abs(year(a) - year(b)) <= 5 and (is_placeholder(a) or is_placeholder(b)) then 2
    when abs(date_diff('day', a, b)) <= 750 then 1
    else 0 end;
create or replace macro nik_level(nik_a, fit_a, nik_b, fit_b) as case
    when nik_a is null or nik_b is null then null
    when nik_a = nik_b then 4
    when length(nik_a) = 16 and length(nik_b) = 16 and substr(nik_a, 1, 12) = substr(nik_b, 1, 12) then 1
    when fit_a and fit_b then 0
    when nik_slip(nik_a, nik_b) then 3
    else 0 end"""

SLIP = """case when jaro_winkler_similarity(sorted_key_l, sorted_key_r) >= 0.93 then true
    when jaro_winkler_similarity(name_key_l, name_key_r) < 0.5 and not list_has_any(tokens_l, tokens_r) then false
    when least(length(flat_key_l), length(flat_key_r)) >= 4 and jaro_winkler_similarity(name_key_l, name_key_r) >= 0.92
        and damerau_levenshtein(name_key_l, name_key_r) <= 1 + greatest(length(flat_key_l), length(flat_key_r)) // 8 then true
    when initials_agree(tokens_l, tokens_r) then true
    when starts_with(flat_key_l, flat_key_r) or starts_with(flat_key_r, flat_key_l) then true
    else jaro_winkler_similarity(name_key_l, name_key_r) < 0.85
        and (words_found(tokens_l, tokens_r) or words_found(tokens_r, tokens_l)) end"""


def comparisons(nik_chance: list[float]) -> list[Any]:
    """Return the rows' comparisons in the words of Splink; u of the NIK is counted, as it never appears in a sample."""
    import splink.comparison_level_library as cll
    import splink.comparison_library as cl

    def null(condition: str) -> Any:
        return cll.CustomLevel(condition, "unknown").configure(is_null_level=True)

    def one(name: str, *levels: Any) -> Any:
        return cl.CustomComparison(
            output_column_name=name, comparison_levels=[*levels[:-1], levels[-1] if levels[-1] else cll.ElseLevel()]
        )

    def dates(level: int) -> Any:
        return cll.CustomLevel(f"date_level(dob_l, dob_r) = {level}", str(level))

    def nik(level: int) -> Any:
        return cll.CustomLevel(f"nik_level(nik_l, fit_l, nik_r, fit_r) = {level}", str(level)).configure(
            u_probability=nik_chance[level], fix_u_probability=True
        )

    rest = cll.ElseLevel().configure(u_probability=nik_chance[0] + nik_chance[2], fix_u_probability=True)
    same_words = {
        "sql_condition": "sorted_key_l = sorted_key_r", "label_for_charts": "same words",
        "tf_adjustment_column": "sorted_key", "tf_adjustment_weight": 1.0,
    }  # fmt: skip
    return [
        one(
            "name",
            null("sorted_key_l is null or sorted_key_r is null"),
            same_words,
            cll.CustomLevel("flat_key_l = flat_key_r", "same letters"),
            cll.CustomLevel("list_has_all(tokens_l, tokens_r) or list_has_all(tokens_r, tokens_l)", "contains"),
            cll.CustomLevel(SLIP, "slip"),
            cll.CustomLevel("jaro_winkler_similarity(name_key_l, name_key_r) >= 0.85", "alike"),
            cll.CustomLevel(
                "list_has_any(tokens_l, tokens_r) or jaro_winkler_similarity(name_key_l, name_key_r) >= 0.75", "word"
            ),
            None,
        ),
        # An equal NIK contains the birth date and the sex: they are not read twice.
        one("dates", null("dob_l is null or dob_r is null or (nik_l = nik_r and dob_l = dob_r)"), *map(dates, (4, 3, 2, 1)), None),
        one("sex", null("sex_l is null or sex_r is null or (nik_l = nik_r and sex_l = sex_r)"), cll.CustomLevel("sex_l = sex_r", "same"), None),
        one("nik", null("nik_l is null or nik_r is null"), *map(nik, (4, 3, 1)), rest),
        one("mother", null("mid_l is null or mid_r is null"), cll.CustomLevel("mid_l = mid_r", "same"), None),
    ]  # fmt: skip


class ResidueModel(model.Model):
    """Splink's weight of a pair's rows, and our own of its company on top."""

    def weights(self, facts: model.Facts) -> model.Array:
        """Bits of evidence; pairs that Splink has not scored yet are weighed as ever."""
        total = facts["splink_bits"].copy()
        for comparison in model.LEVELS.keys() - set(RESIDUE):
            m, u = np.asarray(self.m[comparison]), np.asarray(self.u[comparison])
            total += np.append(np.log2(m) - np.log2(np.maximum(u, 1e-15)), 0.0)[facts[comparison]]
        return total


class _Run(engine._Run):
    linker: Any = None
    splink_seconds = 0.0

    def untrained(self) -> model.Model:
        own = super().untrained()
        return ResidueModel(m=own.m, u=own.u, trained_on=own.trained_on)

    def prior_bits(self, facts: model.Facts, label: model.Array) -> model.Array:
        facts["splink_bits"] = self._score(facts)
        return super().prior_bits(facts, label)

    def _train(self) -> None:
        from splink import DuckDBAPI, Linker, SettingsCreator, block_on

        rows = self.rows
        self.con.execute(LEVELS)
        self.table("names", {column: self.names.table()[column] for column in self.names.table().column_names})
        self.table("person", {
            "unique_id": np.arange(self.n), "kid": pa.array(rows.kid, mask=rows.kid < 0),
            "born": pa.array(rows.born.astype(np.int64), mask=np.isnat(rows.born)).cast(pa.int32()).cast(pa.date32()),
            **{column: pa.array(getattr(rows, column), mask=~rows.know(column)) for column in ("nik", "kk", "sex", "mid", "village", "district")},
            "fit": rows.fit,
        })  # fmt: skip
        self.con.execute("""
            create or replace table splink_rows as
            select unique_id, coalesce(name_key, '') as name_key, coalesce(flat_key, '') as flat_key, sorted_key,
                   coalesce(tokens, []) as tokens, born as dob, sex, substr(nik::varchar, 2) as nik, fit, mid, kk, village, district
            from person left join names using (kid)
        """)
        settings = SettingsCreator(
            link_type="dedupe_only", comparisons=comparisons(self._nik_chance()), retain_matching_columns=False,
            blocking_rules_to_generate_predictions=[block_on("nik")],
        )  # fmt: skip
        self.api = DuckDBAPI(connection=self.con)
        self.linker = Linker(self.api.register("splink_rows"), settings, log_level=logging.ERROR)
        training = self.linker.training
        training.estimate_probability_two_random_records_match(
            [block_on("nik", "dob"), block_on("sorted_key", "dob", "district")], recall=0.95
        )
        training.estimate_u_using_random_sampling(max_pairs=1e5, seed=1)
        for rule in (block_on("kk", "sorted_key"), block_on("dob", "village")):
            training.estimate_parameters_using_expectation_maximisation(rule)

    def _score(self, facts: model.Facts) -> model.Array:
        started = time.process_time()
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            if self.linker is None:
                self._train()
            self.table("splink_pairs", {"a": facts["a"], "b": facts["b"]})
            self.con.execute(
                "create or replace table blocked as select '0' as match_key, a as join_key_l, b as join_key_r from splink_pairs"
            )
            self.linker.table_management.invalidate_cache()
            blocked = self.api.register("blocked", table_name=f"blocked_{time.monotonic_ns()}")
            self.linker.table_management.register_blocked_pairs_for_predict(blocked)
            found = self.linker.inference.predict().physical_name
        prior = self.linker._settings_obj._probability_two_random_records_match
        weight = self.arrays(f"select match_weight as w from {found} order by unique_id_l, unique_id_r")["w"]
        self.splink_seconds += time.process_time() - started
        return weight - math.log2(prior / (1 - prior))


def _match(given: Path, out: Path, recodings: list[tuple[str, str]]) -> dict[str, float]:
    worked = time.process_time()
    import splink  # noqa: F401 - its own import is part of the time

    run = _Run(given, out, Settings(), None)
    try:
        run.whole(constraints=[], recodings=recodings, model=None)
    finally:
        run.close()
    return {"processor_seconds": time.process_time() - worked, "splink_seconds": run.splink_seconds}


def run_residue(given: Path, out: Path, recodings: list[tuple[str, str]]) -> dict[str, float]:
    """Match with Splink in a process of its own; return its processor seconds, and those that were Splink's."""
    with multiprocessing.get_context("spawn").Pool(1) as pool:
        return pool.apply(_match, (given, out, recodings))
