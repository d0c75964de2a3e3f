"""Two rankings of the same families side by side: who stands where in both, how many moved how far, in which groups.

Both files have `household_id`, `persons` and `desil` as `score` writes them; one pass in DuckDB, nothing but counts out.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import duckdb

from registry.ranking.items import load_items
from registry.ranking.packing import part_sql

Matrix = tuple[tuple[int, ...], ...]
TENTHS = range(1, 11)


@dataclass(frozen=True, slots=True)
class GroupMoves:
    """One part of a group: its families, how many rose (better off), fell, moved by two or more, crossed the line."""

    group: str
    part: str
    families: int
    up: int
    down: int
    far: int
    into: int  # below the line after, above it before
    out: int  # above the line after, below it before


@dataclass(frozen=True, eq=False)
class Comparison:
    """`families[i][j]`: families in desil i + 1 before and j + 1 after; `persons` alike. Families in one only are counted apart."""

    families: Matrix
    persons: Matrix
    only_before: int
    only_after: int
    line: int
    groups: tuple[GroupMoves, ...]

    def as_json(self) -> dict[str, Any]:
        """Return what `from_json` reads."""
        return asdict(self)

    @classmethod
    def from_json(cls, content: Mapping[str, Any]) -> Comparison:
        """Read a comparison back."""
        matrices = {name: tuple(tuple(row) for row in content[name]) for name in ("families", "persons")}
        groups = tuple(GroupMoves(**group) for group in content["groups"])
        return cls(**{**content, **matrices, "groups": groups})

    @property
    def in_both(self) -> int:
        """How many families both rankings know."""
        return sum(map(sum, self.families))

    def moved(self, least: int) -> int:
        """Return how many families stand at least so many desil apart."""
        return _sum(self.families, lambda i, j: abs(i - j) >= least)

    def share_moved(self, least: int) -> float:
        """Return the share of families that stand at least so many desil apart; 0 when none is in both."""
        return self.moved(least) / self.in_both if self.in_both else 0.0

    @property
    def up(self) -> int:
        """How many families stand in a higher desil after: better off."""
        return _sum(self.families, lambda i, j: j > i)

    @property
    def down(self) -> int:
        """How many families stand in a lower desil after: poorer."""
        return _sum(self.families, lambda i, j: j < i)

    @property
    def into(self) -> int:
        """How many families come to lie within the line."""
        return _sum(self.families, lambda i, j: i >= self.line > j)

    @property
    def out(self) -> int:
        """How many families come to lie beyond the line."""
        return _sum(self.families, lambda i, j: i < self.line <= j)

    @property
    def agreement(self) -> float:
        """Return Cohen's kappa with quadratic weights: 1 the same everywhere, 0 as by chance (Cohen 1968)."""
        return weighted_kappa(self.families)


def weighted_kappa(table: Matrix) -> float:
    """Return Cohen's kappa with quadratic weights; 1 when all stand in one cell of the diagonal.

    >>> round(weighted_kappa(((22, 2, 2), (5, 7, 14), (0, 2, 36))), 4)
    0.7726
    """
    whole = sum(map(sum, table))
    rows, columns = [sum(row) for row in table], [sum(column) for column in zip(*table, strict=True)]
    size = range(len(table))
    seen = sum((i - j) ** 2 * table[i][j] for i in size for j in size)
    by_chance = sum((i - j) ** 2 * rows[i] * columns[j] for i in size for j in size)
    return 1.0 - whole * seen / by_chance if by_chance else 1.0


def compare(
    before: str | Path,
    after: str | Path,
    *,
    families: str | Path | None = None,
    line: int = 4,
    threads: int | None = None,
) -> Comparison:
    """Compare two scored files, family by family; with `families` (as `score` reads it) also by protected group.

    `line` is the desil that counts as served: crossing it is told apart from moving.
    """
    with duckdb.connect(":memory:", config={"threads": threads} if threads else {}) as con:
        con.execute(
            "CREATE VIEW joined AS SELECT household_id, b.desil AS before, a.desil AS after,"
            " coalesce(a.persons, b.persons) AS persons"
            f" FROM read_parquet({_literal(before)}) b FULL JOIN read_parquet({_literal(after)}) a USING (household_id)"
        )
        cells = con.execute("SELECT before, after, count(*), sum(persons)::BIGINT FROM joined GROUP BY ALL").fetchall()
        groups = _by_group(con, families, line) if families else ()
    counted = {(b, a): (n, persons) for b, a, n, persons in cells}
    matrices = [tuple(tuple(counted.get((b, a), (0, 0))[k] for a in TENTHS) for b in TENTHS) for k in (0, 1)]
    return Comparison(
        matrices[0], matrices[1],
        sum(n for (b, a), (n, _) in counted.items() if a is None),
        sum(n for (b, a), (n, _) in counted.items() if b is None),
        line, groups,
    )  # fmt: skip


@dataclass(frozen=True, slots=True)
class Causes:
    """Why families changed their desil between two runs, each counted once.

    `items`: their own facts alone brought them there; `line`: facts apart, the model or the cuts did; `both`: each had a
    part. `stayed`: facts that would have moved a family were made up for by the line.
    """

    items: int
    line: int
    both: int
    stayed: int


def find_causes(before: str | Path, between: str | Path, after: str | Path, *, threads: int | None = None) -> Causes:
    """Say what moved the families: `between` holds today's facts under the old model and the old cuts (`score_frozen`)."""
    with duckdb.connect(":memory:", config={"threads": threads} if threads else {}) as con:
        row = con.execute(f"""
            SELECT count(*) FILTER (b.desil <> m.desil AND m.desil = a.desil), count(*) FILTER (b.desil = m.desil AND m.desil <> a.desil),
                   count(*) FILTER (b.desil <> m.desil AND m.desil <> a.desil AND b.desil <> a.desil),
                   count(*) FILTER (b.desil <> m.desil AND b.desil = a.desil)
            FROM read_parquet({_literal(before)}) b JOIN read_parquet({_literal(between)}) m USING (household_id)
            JOIN read_parquet({_literal(after)}) a USING (household_id)
        """).fetchall()[0]
    return Causes(*(int(n) for n in row))


def _by_group(con: duckdb.DuckDBPyConnection, families: str | Path, line: int) -> tuple[GroupMoves, ...]:
    source = f"read_parquet({_literal(families)})"
    columns = {row[0] for row in con.execute(f"DESCRIBE SELECT * FROM {source}").fetchall()}
    groupings = load_items().groups
    parts = ", ".join(f'{part_sql(grouping, columns)} AS "{grouping.name}"' for grouping in groupings)
    con.execute(
        f"CREATE VIEW known AS SELECT j.before, j.after, {parts} FROM {source} f JOIN joined j USING (household_id)"
    )
    keys, asked = [], []
    for grouping in groupings:
        for part in grouping.parts:
            keys.append((grouping.name, part.name))
            tests = (
                "true", "after > before", "after < before", "abs(after::INTEGER - before::INTEGER) >= 2",
                f"before > {line} AND after <= {line}", f"before <= {line} AND after > {line}",
            )  # fmt: skip
            asked += [f"count(*) FILTER (\"{grouping.name}\" = '{part.name}' AND {test})" for test in tests]
    [row] = con.execute(
        f"SELECT {', '.join(asked)} FROM known WHERE before IS NOT NULL AND after IS NOT NULL"
    ).fetchall()
    return tuple(GroupMoves(group, part, *row[6 * n : 6 * n + 6]) for n, (group, part) in enumerate(keys) if row[6 * n])


def _sum(matrix: Matrix, wanted: Callable[[int, int], bool]) -> int:
    return sum(n for i, row in enumerate(matrix) for j, n in enumerate(row) if wanted(i, j))


def _literal(path: str | Path) -> str:
    return "'" + str(path).replace("'", "''") + "'"
