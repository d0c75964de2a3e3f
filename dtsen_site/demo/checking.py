"""The made-up checkers: they know the truth of the made-up people, and do not meet everybody."""

from __future__ import annotations

import random
from collections.abc import Sequence
from pathlib import Path

import duckdb

from registry.common.sheets import write_csv

NOT_REACHED, REFUSED = 0.08, 0.03  # shares of the visits

# The true welfare of a ranked family: that of the people whom the register puts into it. A person's number is one of
# its folder's; so is the truth that tells it.
TRUE_WELFARE = """
    SELECT links.household_id, avg(people.welfare) AS welfare
    FROM read_csv(?, all_varchar = true) links
    JOIN (SELECT *, parse_dirpath(filename) AS folder FROM read_csv(?, all_varchar = true, filename = true)) records
        USING (source, record_key)
    JOIN (
        SELECT person_id, welfare::DOUBLE AS welfare, parse_dirpath(filename) AS folder
        FROM read_csv(?, all_varchar = true, filename = true)
    ) people USING (folder, person_id)
    GROUP BY ALL
"""
# As many families belong below the line as the ranking puts there: the poorest.
JUDGED = f"""
    SELECT household_id, (desil::INTEGER <= ?) = (
        row_number() OVER (ORDER BY welfare, household_id) <= count(*) FILTER (desil::INTEGER <= ?) OVER ()
    )
    FROM read_csv(?, all_varchar = true) JOIN ({TRUE_WELFARE}) USING (household_id)
"""  # noqa: S608 - our own text


def answer_visits(
    visits: Path, *, links: Path, ranks: Path, truths: Sequence[Path], line: int, seed: int, out: Path
) -> int:
    """Fill in the drawn families: whether each stands on the right side of the line of desil `line`; return how many.

    `visits` as `draw_sample --visits` writes it, `links` as `export_links`, `ranks` as `export_ranks`; `truths` are
    folders of the generator.
    """
    records, people = ([str(folder / "truth" / f"{name}.csv") for folder in truths] for name in ("records", "people"))
    with duckdb.connect(":memory:") as con:
        rows = con.execute(JUDGED, [line, line, str(ranks), str(links), records, people]).fetchall()
        drawn = con.execute("SELECT id_keluarga FROM read_csv(?, all_varchar = true)", [str(visits)]).fetchall()
    right = dict(rows)
    chance = random.Random(seed)  # noqa: S311 - made-up people
    answers = []
    for (household,) in drawn:
        luck = chance.random()
        if luck < NOT_REACHED or household not in right:
            answers.append([household, "tidak_ditemui", "rumah kosong"])
        elif luck < NOT_REACHED + REFUSED:
            answers.append([household, "menolak", ""])
        else:
            answers.append([household, "benar" if right[household] else "salah", ""])
    write_csv(out, ["id_keluarga", "hasil", "alasan"], answers)
    return len(answers)
