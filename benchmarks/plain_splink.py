"""What plain Splink gives on the matching's input: usual comparisons, three blocking rules, EM, one threshold."""

import logging
import time
import warnings
from dataclasses import dataclass
from pathlib import Path

import duckdb
import numpy as np

from registry.matching.resolve import components


@dataclass(frozen=True)
class Plain:
    """The pairs that Splink found, with their probabilities, and the seconds it took."""

    rows: int
    a: np.ndarray
    b: np.ndarray
    probability: np.ndarray
    family: np.ndarray
    seconds: float

    def persons(self, threshold: float) -> np.ndarray:
        """Number the people: components of the pairs from a probability on."""
        chosen = self.probability >= threshold
        return components(self.rows, self.a[chosen], self.b[chosen])

    def families(self, persons: np.ndarray) -> np.ndarray:
        """Number the families: delivered families that share a person, through components."""
        everything = np.concatenate([persons, self.family + self.rows])
        n = int(everything.max()) + 1
        return components(n, persons, self.family + self.rows)[persons]


def run_plain(path: Path) -> Plain:
    """Train and score as the manual of Splink shows; no truth is read."""
    import splink.comparison_library as cl
    from splink import DuckDBAPI, Linker, SettingsCreator, block_on

    started = time.perf_counter()
    with duckdb.connect() as con, warnings.catch_warnings():
        warnings.simplefilter("ignore")
        con.execute("set enable_progress_bar = false")
        told = [column for column in MORE if _is_told(con, path, column)]
        con.execute(f"""
            create table delivered as
            select row_id as unique_id, nullif(nik, '') as nik, nullif(kk_number, '') as kk_number, upper(name) as name,
                   sex, birth_date, upper(mother_name) as mother_name, region_code,
                   {", ".join(f"upper({column}) as {column}" for column in told)}{"," if told else ""}
                   (dense_rank() over (order by delivered_family) - 1)::bigint as family
            from '{path}' order by row_id
        """)
        foreign = bool(told)
        nik_and_names = [block_on("nik"), block_on("kk_number", "birth_date"), block_on("name", "birth_date")]
        if foreign:  # what lists without NIK, family card and region have
            known = [column for column in told if column != "birth_place"]
            nik_and_names = [block_on("name", "birth_date"), *(block_on(column, "birth_date") for column in known)]
            nik_and_names += [block_on(column, "name") for column in known]
        comparisons = [
            cl.JaroWinklerAtThresholds("name", [0.92, 0.85, 0.7]).configure(term_frequency_adjustments=True),
            cl.DateOfBirthComparison("birth_date", input_is_string=False),
        ]
        if foreign:
            comparisons += [cl.JaroWinklerAtThresholds(column, [0.9]) for column in told]
        else:
            comparisons += [
                cl.ExactMatch("sex"),
                cl.DamerauLevenshteinAtThresholds("nik", [1, 2]),
                cl.ExactMatch("kk_number"),
                cl.JaroWinklerAtThresholds("mother_name", [0.9]),
                cl.ExactMatch("region_code"),
            ]
        settings = SettingsCreator(
            link_type="dedupe_only",
            comparisons=comparisons,
            blocking_rules_to_generate_predictions=nik_and_names,
            retain_matching_columns=False,
        )
        api = DuckDBAPI(connection=con)
        linker = Linker(api.register("delivered"), settings, log_level=logging.ERROR)
        linker.training.estimate_probability_two_random_records_match(nik_and_names, recall=0.7 if foreign else 0.95)
        linker.training.estimate_u_using_random_sampling(max_pairs=1e6, seed=1)
        rules = (
            (block_on("birth_date"), block_on("name")) if foreign else (block_on("nik"), block_on("name", "birth_date"))
        )
        for rule in rules:
            linker.training.estimate_parameters_using_expectation_maximisation(rule)
        found = linker.inference.predict(threshold_match_probability=0.01).physical_name
        pairs = con.execute(
            f"select unique_id_l as a, unique_id_r as b, match_probability as p from {found} order by 1, 2"
        ).fetchnumpy()
        family = con.execute("select family from delivered order by unique_id").fetchnumpy()["family"]
        return Plain(len(family), pairs["a"], pairs["b"], pairs["p"], family, time.perf_counter() - started)


MORE = ("other_number", "street", "place_name", "wider_place", "birth_place")


def _is_told(con: duckdb.DuckDBPyConnection, path: Path, column: str) -> bool:
    there = {row[0] for row in con.execute(f"describe select * from '{path}'").fetchall()}
    return column in there and con.execute(f"select count({column}) from '{path}'").fetchall()[0][0] > 0
