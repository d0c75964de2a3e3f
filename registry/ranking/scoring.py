"""Scoring every family of a register in DuckDB, cutting into desil, and asking what another line would mean.

How a score becomes one SELECT is in `packing.py`. All arithmetic is on whole numbers, so threads and order change nothing.
"""

from __future__ import annotations

import hashlib
import tempfile
from collections.abc import Callable, Collection
from dataclasses import dataclass
from pathlib import Path

import duckdb
import numpy as np

from registry.ranking.building import typical
from registry.ranking.cuts import LINES, NEAR, SCOPES, UNITS, Cuts, chance_table
from registry.ranking.errors import RankingError
from registry.ranking.model import RankModel, canonical
from registry.ranking.packing import dotted_region, score_query

Progress = Callable[[int, int, str], None]
STEPS = ("score", "cuts", "write", "summary")
_BUCKET = 4096  # micro: cuts are found in buckets first, then exactly inside the buckets that hold them


@dataclass(frozen=True, slots=True)
class SummaryRow:
    """How many of one regency lie in one desil; `near` counts families near a line."""

    region: str
    desil: int
    families: int
    persons: int
    near: int


@dataclass(frozen=True, eq=False)
class Scored:
    """A finished run: its file, its cuts, counts by regency and desil, and the fingerprint of all of it."""

    path: Path
    cuts: Cuts
    summary: tuple[SummaryRow, ...]
    sha256: str
    families: int
    persons: int


def score(
    model: RankModel,
    families: str | Path,
    out: str | Path,
    *,
    unit: str = "person",
    scope: str = "nation",
    lines: Collection[int] = LINES,
    near_lines: Collection[int] = (4,),
    missing_items: Collection[str] = (),
    threads: int | None = None,
    memory_limit: str | None = None,
    progress: Progress | None = None,
) -> Scored:
    """Score all families of a Parquet file and write one row each, in the order of the input.

    In: `household_id` (any type), `regency` (35.14 as text or 3514 as a number), `persons` (whole, ≥ 1) and one
    column for each item of the model (whole numbers, null = not known). `missing_items` names items that the file may
    lack: all families then count as average in them.
    Out: `household_id, regency, persons, score` (micro), `desil` (1 poorest … 10), `p<line>` for each of `lines`
    (thousandths: chance of lying at or below the cut of that desil), `near_line`.
    The file appears whole or not at all. The same input gives the same `sha256` on any number of threads.

    Raises: ranking.families.column_missing, .empty, .size; ranking.options.invalid.
    """
    for option, value, known in (("unit", unit, UNITS), ("scope", scope, SCOPES)):
        if value not in known:
            raise RankingError("ranking.options.invalid", option=option, value=value, known=", ".join(known))
    out = Path(out)
    with tempfile.TemporaryDirectory(prefix="rank-", dir=out.parent) as folder:
        con = connect(folder, threads, memory_limit)
        try:
            run = _Run(con, model, Path(families), unit, scope, set(missing_items))
            return run.whole(out, Path(folder), tuple(lines), tuple(near_lines), progress)
        finally:
            con.close()


def score_frozen(
    model: RankModel,
    families: str | Path,
    out: str | Path,
    cuts: Cuts,
    *,
    missing_items: Collection[str] = (),
    threads: int | None = None,
) -> None:
    """Score all families against cuts that another run has found: the columns of `score`, the lines not moved.

    Raises: ranking.families.column_missing; ranking.options.invalid for a region without cuts.
    """
    out = Path(out)
    with tempfile.TemporaryDirectory(prefix="rank-", dir=out.parent) as folder:
        con = connect(folder, threads, None)
        try:
            run = _Run(con, model, Path(families), cuts.unit, cuts.scope, set(missing_items))
            con.execute(f"CREATE TEMP TABLE scored AS {score_query(con, model, run.source, run.kinds)}")
            draft = Path(folder) / "ranks.parquet"
            run.write(draft, cuts, (), ())
            draft.replace(out)
        finally:
            con.close()


def connect(folder: str, threads: int | None, memory_limit: str | None) -> duckdb.DuckDBPyConnection:
    """Return a connection of its own that spills into `folder`."""
    con = duckdb.connect(":memory:", config={"temp_directory": folder})
    con.execute("SET enable_progress_bar = false")
    if threads:
        con.execute(f"SET threads = {int(threads)}")
    if memory_limit:
        con.execute("SET memory_limit = ?", [memory_limit])
    return con


class _Run:
    def __init__(
        self, con: duckdb.DuckDBPyConnection, model: RankModel, families: Path, unit: str, scope: str, absent: set[str]
    ) -> None:
        self.con, self.model, self.families, self.unit, self.scope = con, model, families, unit, scope
        self.source = "read_parquet('" + str(families).replace("'", "''") + "')"
        kinds = {name: kind for name, kind, *_ in con.execute(f"DESCRIBE SELECT * FROM {self.source}").fetchall()}
        needed = ["household_id", "regency", "persons", *model.columns()]
        lacking = [name for name in needed if name not in kinds and name not in absent]
        if lacking:
            raise RankingError("ranking.families.column_missing", columns=", ".join(lacking))
        self.kinds = kinds
        self.has_text_region = kinds["regency"] == "VARCHAR"

    def whole(
        self, out: Path, folder: Path, lines: tuple[int, ...], near_lines: tuple[int, ...], progress: Progress | None
    ) -> Scored:
        def tell(step: str) -> None:
            if progress:
                progress(STEPS.index(step) + 1, len(STEPS), step)

        rows, wrong = self.con.execute(
            f"SELECT count(*), count(*) FILTER (persons IS NULL OR persons < 1) FROM {self.source}"
        ).fetchall()[0]
        if not rows:
            raise RankingError("ranking.families.empty")
        if wrong:
            raise RankingError("ranking.families.size", rows=wrong)
        self.con.execute(f"CREATE TEMP TABLE scored AS {score_query(self.con, self.model, self.source, self.kinds)}")
        tell("score")
        cuts = self.find_cuts()
        tell("cuts")
        draft = folder / "ranks.parquet"
        self.write(draft, cuts, lines, near_lines)
        tell("write")
        summary, families, persons, mark = self.summarise(draft)
        draft.replace(out)
        tell("summary")
        whole = canonical([self.model.sha256, cuts.as_json(), families, persons, mark])
        return Scored(out, cuts, summary, hashlib.sha256(whole.encode()).hexdigest(), families, persons)

    def scope_column(self) -> str:
        if self.scope == "nation":
            return "''"
        text = dotted_region(self.kinds["regency"])
        return text if self.scope == "regency" else f"left({text}, 2)"

    def find_cuts(self) -> Cuts:
        """Find each scope's cuts exactly: first the bucket, then the score inside it."""
        mass = "persons" if self.unit == "person" else "1"
        self.con.execute(f"""
            CREATE TEMP TABLE buckets AS
            SELECT {self.scope_column()} AS scope, score // {_BUCKET} - (score < 0)::INTEGER AS bucket,
                   sum({mass})::BIGINT AS mass
            FROM scored GROUP BY ALL
        """)
        self.con.execute("""
            CREATE TEMP TABLE lines AS
            WITH running AS (
                SELECT scope, bucket, mass,
                       sum(mass) OVER (PARTITION BY scope ORDER BY bucket) AS upto, sum(mass) OVER (PARTITION BY scope) AS total
                FROM buckets
            )
            SELECT scope, d::INTEGER AS d, min(bucket) AS bucket, arg_min(upto - mass, bucket) AS below, any_value(total) AS total
            FROM running, range(1, 10) AS r(d) WHERE upto * 10 >= d * total GROUP BY scope, d
        """)
        found = self.con.execute(f"""
            WITH inside AS (
                SELECT {self.scope_column()} AS scope, score // {_BUCKET} - (score < 0)::INTEGER AS bucket, score,
                       sum({mass})::BIGINT AS mass
                FROM scored GROUP BY ALL
                HAVING (scope, bucket) IN (SELECT (scope, bucket) FROM lines)
            ), running AS (
                SELECT *, sum(mass) OVER (PARTITION BY scope, bucket ORDER BY score) AS upto FROM inside
            )
            SELECT l.scope, l.d, min(r.score) FROM lines l JOIN running r ON r.scope = l.scope AND r.bucket = l.bucket
            WHERE (l.below + r.upto) * 10 >= l.d * l.total GROUP BY ALL ORDER BY ALL
        """).fetchall()
        values: dict[str, list[int]] = {}
        for scope, _, cut in found:
            values.setdefault(scope, []).append(int(cut))
        return Cuts(self.unit, self.scope, {scope: tuple(row) for scope, row in values.items()})

    def write(self, out: Path, cuts: Cuts, lines: tuple[int, ...], near_lines: tuple[int, ...]) -> None:
        wanted = sorted({*lines, *near_lines})
        text = dotted_region(self.kinds["regency"])
        regions = self.con.execute(f"SELECT DISTINCT regency, {text} FROM scored ORDER BY 2").fetchall()
        columns = ", ".join(f"c{line} INTEGER" for line in LINES)
        self.con.execute(f"CREATE TEMP TABLE here (regency {self.kinds['regency']}, sigma INTEGER, {columns})")
        self.con.executemany(
            f"INSERT INTO here VALUES (?, ?, {', '.join('?' * len(LINES))})",
            [[key, self.model.sigma_of(code), *cuts.of(code)] for key, code in regions],
        )
        table = chance_table()
        self.con.execute("CREATE TEMP TABLE chance (z INTEGER, p USMALLINT)")
        self.con.execute(
            "INSERT INTO chance SELECT * FROM (SELECT unnest(?), unnest(?))", [list(range(len(table))), list(table)]
        )
        top = len(table) - 1
        place = f"least(greatest((h.c{{line}} - s.score)::BIGINT * 100 + {top // 2} * h.sigma::BIGINT, 0) // h.sigma, {top})::INTEGER"
        joins = " ".join(f"JOIN chance k{line} ON k{line}.z = {place.format(line=line)}" for line in wanted)
        chances = "".join(f", k{line}.p AS p{line}" for line in sorted(lines))
        desil = " + ".join(f"(s.score > h.c{line})::UTINYINT" for line in LINES)
        near = " OR ".join(f"k{line}.p BETWEEN {NEAR[0]} AND {NEAR[1]}" for line in near_lines) or "false"
        self.con.execute(f"""
            COPY (
                SELECT s.household_id, s.regency, s.persons, s.score, (1 + {desil})::UTINYINT AS desil{chances},
                       ({near}) AS near_line
                FROM scored s JOIN here h ON h.regency = s.regency {joins}
            ) TO '{str(out).replace("'", "''")}' (FORMAT parquet, COMPRESSION zstd)
        """)

    def summarise(self, path: Path) -> tuple[tuple[SummaryRow, ...], int, int, str]:
        source = "read_parquet('" + str(path).replace("'", "''") + "')"
        text = dotted_region(self.kinds["regency"])
        rows = self.con.execute(f"""
            SELECT {text} AS region, desil, count(*), sum(persons)::BIGINT, count(*) FILTER (near_line)
            FROM {source} GROUP BY ALL ORDER BY ALL
        """).fetchall()
        mark = self.con.execute(
            f"SELECT bit_xor(k)::VARCHAR || ':' || sum(k)::VARCHAR FROM (SELECT hash(household_id, score, desil) AS k FROM {source})"
        ).fetchall()[0][0]
        summary = tuple(SummaryRow(*row) for row in rows)
        return summary, sum(r.families for r in summary), sum(r.persons for r in summary), str(mark)


def reference_families(
    model: RankModel, families: str | Path, *, threads: int | None = None
) -> dict[str, dict[str, int | None]]:
    """Return the reference family of each regency and of all (""): median of numbers and ordered items, most
    frequent code of nominal ones, over the families of a register (columns as for `score`)."""
    source = "read_parquet('" + str(families).replace("'", "''") + "')"
    found: dict[str, dict[str, int | None]] = {}
    with tempfile.TemporaryDirectory(prefix="rank-") as folder:
        con = connect(folder, threads, None)
        kinds = {name: kind for name, kind, *_ in con.execute(f"DESCRIBE SELECT * FROM {source}").fetchall()}
        text = dotted_region(kinds["regency"])
        for item in model.items:
            if item.name not in kinds:
                for values in found.values():
                    values[item.name] = None
                continue
            rows = con.execute(
                f'SELECT {text}, "{item.name}"::BIGINT, count(*) FROM {source} WHERE "{item.name}" IS NOT NULL GROUP BY ALL ORDER BY ALL'
            ).fetchall()
            every: dict[str, dict[int, int]] = {"": {}}
            for region, value, n in rows:
                every.setdefault(region, {})[value] = n
                every[""][value] = every[""].get(value, 0) + n
            for region, counts in every.items():
                values, weights = np.array(list(counts)), np.array(list(counts.values()), dtype=float)
                found.setdefault(region, {})[item.name] = typical(item, values, weights) if len(values) else None
        con.close()
    return found


@dataclass(frozen=True, slots=True)
class Shift:
    """What another line means in one region: in with the old line, in with the new one, and the difference."""

    region: str
    families_before: int
    persons_before: int
    families_after: int
    persons_after: int
    rupiah_before: int
    rupiah_after: int


@dataclass(frozen=True, eq=False)
class WhatIf:
    """Totals and one line a regency; money is per payment of `rupiah_per_family` and `rupiah_per_person`."""

    total: Shift
    regions: tuple[Shift, ...]


def what_if(
    ranks: str | Path,
    *,
    before: int,
    after: int,
    region: str | None = None,
    rupiah_per_family: int = 0,
    rupiah_per_person: int = 0,
    threads: int | None = None,
) -> WhatIf:
    """Answer what it means to serve desil 1 … `after` instead of 1 … `before`, on a scored file.

    `region` is a dotted province or regency; only its families are counted. Other regions keep their line.

    Raises: ranking.options.invalid for a desil outside 0 … 10.
    """
    for option, value in (("before", before), ("after", after)):
        if not 0 <= value <= 10:
            raise RankingError("ranking.options.invalid", option=option, value=value, known="0–10")
    source = "read_parquet('" + str(ranks).replace("'", "''") + "')"
    con = duckdb.connect(":memory:")
    try:
        if threads:
            con.execute(f"SET threads = {int(threads)}")
        kinds = {name: kind for name, kind, *_ in con.execute(f"DESCRIBE SELECT * FROM {source}").fetchall()}
        text = dotted_region(kinds["regency"])
        rows = con.execute(
            f"""
            SELECT {text} AS region, count(*) FILTER (desil <= $before), coalesce(sum(persons) FILTER (desil <= $before), 0)::BIGINT,
                   count(*) FILTER (desil <= $after), coalesce(sum(persons) FILTER (desil <= $after), 0)::BIGINT
            FROM {source} WHERE starts_with({text}, $region) GROUP BY 1 ORDER BY 1
            """,
            {"before": before, "after": after, "region": region or ""},
        ).fetchall()
    finally:
        con.close()

    def shift(name: str, fb: int, pb: int, fa: int, pa: int) -> Shift:
        cost = [f * rupiah_per_family + p * rupiah_per_person for f, p in ((fb, pb), (fa, pa))]
        return Shift(name, fb, pb, fa, pa, cost[0], cost[1])

    sums = [sum(row[k] for row in rows) for k in range(1, 5)]
    return WhatIf(shift(region or "", *sums), tuple(shift(*row) for row in rows))
