"""A made-up official ranking of the made-up families: a sheet as an agency sends it, older than ours and not faultless."""

from __future__ import annotations

import datetime as dt
import math
import random
from collections.abc import Sequence
from pathlib import Path

import duckdb

from registry.common.sheets import write_csv

HEADING = ["No. KK", "NIK", "Desil Nasional", "Persentil", "Cut Off"]
NOISE = 0.3  # of log spending: whoever ranks estimates, and estimates otherwise than we do
STRANGERS, LOST, EMPTY = 0.01, 0.01, 0.005  # shares of the rows: of nobody here, figures lost, no desil

# Every living family with its card's number, the number of one of its people, its size and what it truly lives on.
FAMILIES = """
    SELECT kk, min(nik), count(*), any_value(welfare::DOUBLE)
    FROM read_csv(?, all_varchar = true) WHERE died IS NULL AND kk IS NOT NULL GROUP BY kk ORDER BY kk
"""


def write_official(truths: Sequence[Path], out: Path, *, ranked_on: dt.date, seed: int) -> int:
    """Write the sheet of an official ranking over all the families that the truths tell of; return its rows.

    A desil is a tenth of the persons, from an estimate of its own. `truths` are folders of the generator.
    """
    with duckdb.connect(":memory:") as con:
        people = [str(folder / "truth" / "people.csv") for folder in truths]
        families = con.execute(FAMILIES, [people]).fetchall()
    chance = random.Random(seed)  # noqa: S311 - made-up people
    guessed = sorted((welfare + chance.gauss(0, NOISE), kk, nik, size) for kk, nik, size, welfare in families)
    persons = sum(size for *_, size in guessed)
    rows, below = [], 0
    for _guess, kk, nik, size in guessed:
        share = (below + size / 2) / persons
        below += size
        desil, percentile = int(10 * share) + 1, f"{math.ceil(10_000 * share) / 100:.2f}".replace(".", ",")
        luck = chance.random()
        if luck < STRANGERS:
            kk, nik = kk[:12] + "9999", ""
        elif luck < STRANGERS + LOST:
            kk, nik = f"{kk[0]},{kk[1:6]}E+15", ""
        told = "" if STRANGERS + LOST <= luck < STRANGERS + LOST + EMPTY else str(desil)
        rows.append([kk, nik, told, percentile, ranked_on.isoformat()])
    chance.shuffle(rows)
    write_csv(out, HEADING, rows)
    return len(rows)


def last_quarter(today: dt.date) -> dt.date:
    """Return the last day of the quarter before a day's.

    >>> last_quarter(dt.date(2026, 11, 24))
    datetime.date(2026, 9, 30)
    """
    return today.replace(month=3 * ((today.month - 1) // 3) + 1, day=1) - dt.timedelta(days=1)
