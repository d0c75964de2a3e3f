"""Hiding small cells of a published table, and as many others as it takes that nobody can work them out again.

Pure: numbers in, a pattern out. The table is read with its totals (of rows, of columns, of everything): whoever reads
it knows that they add up and that no count is below nought.
"""

from __future__ import annotations

import heapq
from collections.abc import Sequence
from dataclasses import dataclass

LEAST = 10  # a count of 1 to 9 is not published: fewer could be recognised


@dataclass(frozen=True)
class Pattern:
    """What is hidden: cells, totals of rows and of columns, the grand total (true = hidden)."""

    cells: tuple[tuple[bool, ...], ...]
    rows: tuple[bool, ...]
    columns: tuple[bool, ...]
    total: bool

    @property
    def hides(self) -> bool:
        """Whether anything is hidden."""
        return self.total or any(self.rows) or any(self.columns) or any(any(row) for row in self.cells)


def suppress(
    counts: Sequence[Sequence[int]], *, least: int = LEAST, also: Sequence[Sequence[bool]] | None = None
) -> Pattern:
    """Return which numbers of a two-way table stay hidden.

    Hidden at first is every count from 1 to `least` − 1, totals too, and the cells that `also` names. A small number is safe when it could as well be
    larger by `least` without contradicting what is shown: there is a way through other hidden numbers that takes up
    the difference. Where there is none, the cheapest way (the fewest people hidden) is hidden as well. Where no way
    exists at all everything is hidden.

    Cell suppression by shortest paths: Cox, "Network models for complementary cell suppression", JASA 90 (1995).

    >>> suppress([[3, 40, 60], [50, 45, 20]]).cells
    ((True, False, True), (True, False, True))
    >>> suppress([[30, 40], [50, 45]]).hides
    False
    """
    table = _with_totals(counts)
    hidden = [[0 < value < least for value in row] for row in table]
    small = [(r, c) for r, row in enumerate(hidden) for c, on in enumerate(row) if on]
    for r, told in enumerate(also or ()):
        hidden[r] = [on or (c < len(told) and told[c]) for c, on in enumerate(hidden[r])]
    for cell in sorted(small, key=lambda at: -table[at[0]][at[1]]):
        way = _cheapest_way(table, hidden, cell, least)
        if way is None:
            hidden = [[True] * len(row) for row in table]
            break
        for r, c in way:
            hidden[r][c] = True
    return Pattern(
        cells=tuple(tuple(row[:-1]) for row in hidden[:-1]),
        rows=tuple(row[-1] for row in hidden[:-1]),
        columns=tuple(hidden[-1][:-1]),
        total=hidden[-1][-1],
    )


def _with_totals(counts: Sequence[Sequence[int]]) -> list[list[int]]:
    table = [[*row, sum(row)] for row in counts]
    width = len(counts[0]) if counts else 0
    return [*table, [sum(row[c] for row in table) for c in range(width + 1)]]


def _sign(table: list[list[int]], r: int, c: int) -> int:
    """Return -1 for the totals of rows and columns, which stand on the other side of their equation."""
    return -1 if (r == len(table) - 1) != (c == len(table[0]) - 1) else 1


def _cheapest_way(
    table: list[list[int]], hidden: list[list[bool]], cell: tuple[int, int], least: int
) -> list[tuple[int, int]] | None:
    """Return the cells of the cheapest way by which a cell could be larger by `least`; None when there is none.

    Every row and column (with its total) must add up to nought once totals are negative. A change therefore runs
    in a circle over rows (nodes 0…) and columns (nodes after them): from row to column a signed value grows, back it
    falls. A count can grow without limit and fall to nought.
    """
    height, width = len(table), len(table[0])

    def steps(node: int) -> list[tuple[int, tuple[int, int], float]]:
        found = []
        from_row = node < height
        for other in range(width if from_row else height):
            r, c = (node, other) if from_row else (other, node - height)
            grows = (_sign(table, r, c) > 0) == from_row
            if (r, c) == cell or (not grows and table[r][c] < least):
                continue
            cost = 0.001 if hidden[r][c] else 1.0 + table[r][c]
            found.append((height + other if from_row else other, (r, c), cost))
        return found

    r, c = cell
    start, end = (height + c, r) if _sign(table, r, c) > 0 else (r, height + c)
    best: dict[int, float] = {start: 0.0}
    came: dict[int, tuple[int, tuple[int, int]]] = {}
    waiting = [(0.0, start)]
    while waiting:
        cost, node = heapq.heappop(waiting)
        if node == end:
            way = []
            while node != start:
                node, step = came[node]
                way.append(step)
            return way
        if cost > best[node]:
            continue
        for following, step, price in steps(node):
            total = cost + price
            if total < best.get(following, float("inf")):
                best[following], came[following] = total, (node, step)
                heapq.heappush(waiting, (total, following))
    return None
