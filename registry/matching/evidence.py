"""Evidence that only some layouts bring: a number of another kind, an address, a place by its name, the birth place.

Rows of no Indonesian source have no NIK, no family card and no region; what they have is compared here. Where no row
brings any of it, nothing of this file runs.
"""

from __future__ import annotations

from typing import Any

import numpy as np

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
    run.table("repeating", {"src": np.unique(run.src[run.repeats]).astype(np.int8)})
    if not run.has_evidence:
        return
    columns = ", ".join(name if name in there else f"null::text as {name}" for name in COLUMNS)
    run.con.execute(
        f"create or replace temp table told as select row_id::bigint as row_id, {columns} from read_parquet(getvariable('input'))"  # noqa: S608
    )
    run.sql("35_more")


def add_candidates(run: Any) -> None:
    """Add the pairs that only this evidence brings together."""
    if run.has_evidence:
        run.sql("61_more_candidates")


def add_facts(run: Any, facts: Facts) -> Facts:
    """Add the levels of this evidence to the facts of the table `facts`, which are ordered by a and b."""
    if not run.has_evidence:
        return facts
    run.sql("71_more_compare")
    return facts | run.arrays("select number, whereabouts as where, origin from more_compared order by a, b")


def one_number(facts: Facts) -> np.ndarray:
    """Pairs of one number and one birth date, or of one address with one of the two and a slip in or nothing of the other."""
    if "number" not in facts:
        return np.zeros(len(facts["name"]), dtype=bool)
    dates, number, address = facts["dates"], facts["number"], facts["where"] >= 3
    return (number == 2) & (dates >= 3) | address & ((number == 2) & (dates == -1) | (number == 1) & (dates >= 3))


def keep_pairs(run: Any) -> None:
    """Compare pairs of one number further, whatever their names."""
    if run.has_evidence:
        run.con.execute("""
            create or replace temp table kept as
            select a, b from pool join more p on p.row_id = a join more q on q.row_id = b 
            join person r on r.row_id = a join person s on s.row_id = b
            where p.other_number = q.other_number
               or (r.dob = s.dob and damerau_levenshtein(p.other_number, q.other_number) <= 1);
            insert into todo select a, b from kept anti join todo using (a, b)
        """)


def keep_facts(run: Any) -> None:
    """Carry pairs of one number through the rounds, whatever their names."""
    if run.has_evidence:
        run.con.execute(
            "insert into facts select * from compared semi join kept using (a, b) anti join facts using (a, b)"
        )


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
    shares = run.con.execute(
        """
        with born as (select year(dob) as y, month(dob) * 100 + day(dob) as d from person where dob is not null),
        n as (select count(*)::double as n from born)
        select sum(c * c) from (select count(*) / any_value(n) as c from born, n group by y)
        union all select sum(c * c) from (select count(*) / any_value(n) as c from born, n group by d)
        """
    ).fetchall()
    together = float(np.prod([row[0] or 0.0 for row in shares]))
    return min(counted, together) if together else counted


def pin_chances(run: Any, u: dict[str, list[float]]) -> None:
    """Count how often strangers carry one number: a sample of random pairs never shows it."""
    if not run.has_evidence:
        return
    strangers = run.con.execute(
        """
        with sharing as (select other_number from more where other_number is not null group by all
                         having count(*) between 2 and getvariable('max_nik_rows'))
        select count(*) from sharing join more x using (other_number) join more y using (other_number)
        join person p on p.row_id = x.row_id join person q on q.row_id = y.row_id
        join names n on n.kid = p.kid join names m on m.kid = q.kid
        where x.row_id < y.row_id and coalesce(date_level(p.dob, q.dob), 4) <= 1
          and not list_has_any(n.tokens, m.tokens) and jaro_winkler_similarity(n.sorted_key, m.sorted_key) < 0.8
        """
    ).fetchall()[0][0]
    equal = max(float(strangers), 1.0) / max(run.n * (run.n - 1) / 2, 1.0)
    rest = 1.0 - u["number"][2]
    u["number"] = [u["number"][0] / rest * (1 - equal), u["number"][1] / rest * (1 - equal), equal]


def complete(run: Any, model: Any, facts: Facts) -> None:
    """Give a model that was fitted without this evidence its chances, counted now; what it learnt stays."""
    if any(comparison in facts and comparison not in model.u for comparison in LEVELS):
        fresh = run.untrained()
        model.u |= {comparison: fresh.u[comparison] for comparison in LEVELS}
