"""Evidence that only some layouts bring: a number of another kind, an address, a place by its name, the birth place.

Rows of no Indonesian source have no NIK, no family card and no region; what they have is compared here. Where no row
brings any of it, nothing of this file runs.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import pyarrow as pa

from registry.matching.arrays import unique
from registry.matching.rows import calendar
from registry.matching.statements import read_statements

COLUMNS = ("other_number", "street", "place_name", "wider_place", "birth_place")
# Levels of the comparisons that this evidence adds to the model, and what true pairs are first believed to reach.
LEVELS = {"number": 3, "where": 5, "origin": 3}
START = {"number": [0.04, 0.08, 0.88], "where": [0.15, 0.1, 0.1, 0.15, 0.5], "origin": [0.15, 0.1, 0.75]}

Facts = dict[str, np.ndarray]


def load_evidence(run: Any) -> None:
    """Make the table `more` where rows bring such evidence, and note the sources that may list one person twice."""
    described = run.con.execute("describe select * from read_parquet(getvariable('input'))").fetchall()
    there = {row[0] for row in described}
    told = [name for name in COLUMNS if name in there]
    # A birth place alone is not enough: the sources of the register bring it too, and it says little there.
    wanted = [f"count({name})" for name in told if name != "birth_place"] or ["count(null)"]
    found = run.con.execute(f"select {', '.join(wanted)} from read_parquet(getvariable('input'))").fetchall()[0]  # noqa: S608
    run.has_evidence = any(found)
    run.repeats = np.zeros(run.n, dtype=bool)
    if "may_repeat" in there:
        rows = run.arrays(
            "select coalesce(may_repeat, false) as may_repeat from read_parquet(getvariable('input')) order by row_id"
        )
        run.repeats = rows["may_repeat"].astype(bool)
    if not run.has_evidence:
        return
    columns = ", ".join(name if name in there else f"null::text as {name}" for name in COLUMNS)
    run.con.execute(
        f"create or replace temp table told as select row_id::bigint as row_id, {columns} from read_parquet(getvariable('input'))"  # noqa: S608
    )
    run.sql("35_more")
    rows = run.rows
    run.table("names", {column: run.names.table()[column] for column in ("kid", "tokens", "sorted_key")})
    run.table("person", {
        "row_id": np.arange(run.n), "kid": pa.array(rows.kid, mask=rows.kid < 0),
        "dob": pa.array(rows.born.astype(np.int64), mask=np.isnat(rows.born)).cast(pa.int32()).cast(pa.date32()),
    })  # fmt: skip


def find_candidates(run: Any) -> np.ndarray:
    """Return the pairs that this evidence brings together, as row * n + row."""
    if not run.has_evidence:
        return np.zeros(0, np.int64)
    run.table("cluster", {"row_id": np.arange(run.n), "cluster": run.start})
    run.sql("61_more_candidates")
    pairs = run.arrays("select a, b from more_pool")
    return unique(pairs["a"] * run.n + pairs["b"])


def add_facts(run: Any, facts: Facts) -> Facts:
    """Add the levels of this evidence to facts."""
    if not run.has_evidence:
        return facts
    run.table("more_pairs", {"place": np.arange(len(facts["a"])), "a": facts["a"], "b": facts["b"]})
    found = run.arrays(read_statements("71_more_compare"))
    order = np.argsort(found.pop("place"))
    return facts | {name: values[order] for name, values in found.items()}


def one_number(facts: Facts) -> np.ndarray:
    """Pairs of one number and one birth date, or of one address with one of the two and a slip in or nothing of the other."""
    if "number" not in facts:
        return np.zeros(len(facts["name"]), dtype=bool)
    dates, number, address = facts["dates"], facts["number"], facts["where"] >= 3
    return (number == 2) & (dates >= 3) | address & ((number == 2) & (dates == -1) | (number == 1) & (dates >= 3))


def kept_pairs(run: Any) -> np.ndarray:
    """Return the pairs of one number, which are carried through the rounds whatever their names."""
    if not run.has_evidence:
        return np.zeros(0, np.int64)
    a, b = divmod(run.pool, run.n)
    run.table("pool", {"a": a, "b": b})
    pairs = run.arrays(read_statements("66_one_number"))
    return unique(pairs["a"] * run.n + pairs["b"])


def leave_out_likely(run: Any, chance: Facts) -> Facts:
    """Leave out of random pairs those that are one person, where exact evidence could not: two things agree."""
    if not (run.has_evidence or run.repeats.any()):
        return chance
    agree = (chance["name"] >= 3).astype(int) + (chance["dates"] >= 3) + (chance["nik"] == 4)
    agree += chance.get("number", np.zeros(1)) == 2
    return {name: values[agree < 2] for name, values in chance.items()}


def date_chance(run: Any, counted: float) -> float:
    """How often strangers are born on one day; rows of one person in one source are not counted as strangers.

    A year in common and a day of the year in common are chance nearly all, so their product is not misled by them.
    """
    if not run.repeats.any():
        return counted
    year, month, day = calendar(run.rows.born)
    told = year > 0
    n = max(int(told.sum()), 1)
    years, days = (np.bincount(part[told]) / n for part in (year, month * 100 + day))
    together = float((years**2).sum() * (days**2).sum())
    return min(counted, together) if together else counted


def pin_chances(run: Any, u: dict[str, list[float]]) -> None:
    """Count how often strangers carry one number: a sample of random pairs never shows it."""
    if not run.has_evidence:
        return
    pairs = run.arrays(
        """
        with sharing as (select other_number from more where other_number is not null group by all
                         having count(*) between 2 and getvariable('max_nik_rows'))
        select x.row_id as a, y.row_id as b from sharing join more x using (other_number) join more y using (other_number)
        join person p on p.row_id = x.row_id join person q on q.row_id = y.row_id
        join names n on n.kid = p.kid join names m on m.kid = q.kid
        where x.row_id < y.row_id and not list_has_any(n.tokens, m.tokens)
          and jaro_winkler_similarity(n.sorted_key, m.sorted_key) < 0.8
        """
    )
    dates = run.pairs.dates(pairs["a"], pairs["b"])
    strangers = int(((dates >= 0) & (dates <= 1)).sum())
    equal = max(float(strangers), 1.0) / max(run.n * (run.n - 1) / 2, 1.0)
    rest = 1.0 - u["number"][2]
    u["number"] = [u["number"][0] / rest * (1 - equal), u["number"][1] / rest * (1 - equal), equal]


def complete(run: Any, model: Any, facts: Facts) -> None:
    """Give a model that was fitted without this evidence its chances, counted now; what it learnt stays."""
    if any(comparison in facts and comparison not in model.u for comparison in LEVELS):
        fresh = run.untrained()
        model.u |= {comparison: fresh.u[comparison] for comparison in LEVELS}
