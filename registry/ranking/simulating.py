"""What another line would mean, answered from a cube: counts by regency, desil and group, made once with the run.

The cube has at most a few hundred rows a regency whatever the number of families, so a question costs the same for a
regency and for the nation (`what_if` reads every family and gives the same totals).
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import duckdb

from registry.ranking.cuts import LINES, NEAR
from registry.ranking.errors import RankingError
from registry.ranking.items import load_items
from registry.ranking.packing import part_sql
from registry.ranking.scoring import Shift, WhatIf


@dataclass(frozen=True, slots=True)
class GroupShift:
    """How many families and persons of one part of a group are between the two lines, and within the wider one."""

    group: str
    part: str
    families: int
    persons: int
    within: int


@dataclass(frozen=True, eq=False)
class Simulation:
    """Totals and regencies as `what_if` gives them, who lies between the lines, and how many are near the new line."""

    shifts: WhatIf
    groups: tuple[GroupShift, ...]
    near: int | None  # families with a chance of 0.3 to 0.7 of lying below the new line; None where nobody knows


def write_cube(families: str | Path, ranks: str | Path, out: str | Path, *, threads: int | None = None) -> None:
    """Write the cube of a scored file: regency, desil, the part of each group, families, persons, near counts."""
    out = Path(out)
    with duckdb.connect(":memory:", config={"threads": threads} if threads else {}) as con:
        columns = {row[0] for row in con.execute(f"DESCRIBE SELECT * FROM {_source(families)}").fetchall()}
        known = {row[0] for row in con.execute(f"DESCRIBE SELECT * FROM {_source(ranks)}").fetchall()}
        parts = [f'{part_sql(grouping, columns)} AS "{grouping.name}"' for grouping in load_items().groups]
        near = [
            f"count(*) FILTER (r.p{line} BETWEEN {NEAR[0]} AND {NEAR[1]}) AS near{line}"
            if f"p{line}" in known
            else f"NULL::BIGINT AS near{line}"
            for line in LINES
        ]
        draft = out.with_suffix(".part")
        con.execute(
            f"COPY (SELECT r.regency::VARCHAR AS regency, r.desil, {', '.join(parts)}, count(*) AS families,"
            f" sum(r.persons)::BIGINT AS persons, {', '.join(near)}"
            f" FROM {_source(ranks)} r JOIN {_source(families)} f USING (household_id) GROUP BY ALL ORDER BY ALL)"
            f" TO '{str(draft).replace(chr(39), chr(39) * 2)}' (FORMAT parquet, COMPRESSION zstd)"
        )
        draft.replace(out)


def simulate(
    cube: str | Path,
    *,
    before: int,
    after: int,
    regions: tuple[str, ...] = ("",),
    rupiah_per_family: int = 0,
    rupiah_per_person: int = 0,
) -> Simulation:
    """Answer what it means to serve desil 1 … `after` instead of 1 … `before` in some regions.

    `regions` are dotted provinces or regencies, "" for all; money is per payment.

    Raises: ranking.options.invalid for a desil outside 0 … 10.
    """
    for option, value in (("before", before), ("after", after)):
        if not 0 <= value <= 10:
            raise RankingError("ranking.options.invalid", option=option, value=value, known="0–10")
    low, high = sorted((before, after))
    given = {"before": before, "after": after, "low": low, "high": high, "regions": list(regions)}
    where = f"FROM {_source(cube)} WHERE list_bool_or(list_transform($regions, lambda r: starts_with(regency, r)))"
    with duckdb.connect(":memory:", config={"threads": 1, "memory_limit": "256MB"}) as con:
        used = {name: given[name] for name in ("before", "after", "regions")}
        rows = con.execute(
            f"""SELECT regency, coalesce(sum(families) FILTER (desil <= $before), 0)::BIGINT,
                coalesce(sum(persons) FILTER (desil <= $before), 0)::BIGINT,
                coalesce(sum(families) FILTER (desil <= $after), 0)::BIGINT,
                coalesce(sum(persons) FILTER (desil <= $after), 0)::BIGINT {where} GROUP BY 1 ORDER BY 1""",
            used,
        ).fetchall()
        groups = []
        for grouping in load_items().groups:
            found = con.execute(
                f"""SELECT "{grouping.name}", coalesce(sum(families) FILTER (desil > $low AND desil <= $high), 0)::BIGINT,
                    coalesce(sum(persons) FILTER (desil > $low AND desil <= $high), 0)::BIGINT,
                    coalesce(sum(families) FILTER (desil <= $high), 0)::BIGINT {where} GROUP BY 1""",
                {name: given[name] for name in ("low", "high", "regions")},
            ).fetchall()
            counted = {part: (families, persons, within) for part, families, persons, within in found}
            groups += [GroupShift(grouping.name, p.name, *counted[p.name]) for p in grouping.parts if p.name in counted]
        near = None
        if 1 <= after <= 9:
            near = con.execute(f"SELECT sum(near{after})::BIGINT {where}", {"regions": given["regions"]}).fetchall()[0][
                0
            ]

    def shift(name: str, fb: int, pb: int, fa: int, pa: int) -> Shift:
        cost = [f * rupiah_per_family + p * rupiah_per_person for f, p in ((fb, pb), (fa, pa))]
        return Shift(name, fb, pb, fa, pa, cost[0], cost[1])

    sums = [sum(row[k] for row in rows) for k in range(1, 5)]
    whole = WhatIf(shift("", *sums), tuple(shift(*row) for row in rows))
    return Simulation(whole, tuple(groups), near)


def _source(path: str | Path) -> str:
    return "read_parquet('" + str(path).replace("'", "''") + "')"
