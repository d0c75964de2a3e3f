"""Hidden counts cannot be worked out: held against a linear programme that knows all that is published."""

from __future__ import annotations

import random

import numpy as np
import pytest
from scipy.optimize import linprog

from registry.common.suppression import LEAST, suppress


def widest(counts: list[list[int]], *, least: int = LEAST) -> tuple[list[float], bool]:
    """Return by how much each hidden small number could be larger, as whoever reads the table could know."""
    table = np.array(counts)
    table = np.vstack([table, table.sum(0)])
    table = np.hstack([table, table.sum(1, keepdims=True)])
    pattern = suppress(counts, least=least)
    hidden = np.array([[*row, end] for row, end in zip(pattern.cells, pattern.rows, strict=True)]
                      + [[*pattern.columns, pattern.total]])  # fmt: skip
    places = {(int(r), int(c)): at for at, (r, c) in enumerate(np.argwhere(hidden))}
    equations, sums = [], []
    height, width = table.shape
    lines = [[(r, c) for c in range(width)] for r in range(height)]
    lines += [[(r, c) for r in range(height)] for c in range(width)]
    for line in lines:
        row, known = np.zeros(len(places)), 0
        for r, c in line:
            sign = -1 if (r, c) == line[-1] else 1
            if (r, c) in places:
                row[places[r, c]] = sign
            else:
                known -= sign * int(table[r, c])
        equations.append(row)
        sums.append(known)
    found = []
    for (r, c), at in places.items():
        if 0 < table[r, c] < least:
            wish = np.zeros(len(places))
            wish[at] = -1
            best = linprog(wish, A_eq=np.array(equations), b_eq=np.array(sums))
            found.append(float("inf") if best.status == 3 else -best.fun - table[r, c])
    return found, bool(hidden.all())


@pytest.mark.parametrize("seed", range(25))
def test_every_small_count_could_be_much_larger(seed: int) -> None:
    chance = random.Random(seed)
    kinds = (lambda: 0, lambda: chance.randint(1, 9), lambda: chance.randint(0, 30), lambda: chance.randint(0, 500))
    counts = [[chance.choice(kinds)() for _ in range(chance.randint(4, 4))] for _ in range(chance.randint(1, 6))]

    slack, everything = widest(counts)

    assert everything or all(gap >= LEAST - 1e-6 for gap in slack), counts


def test_a_table_without_small_counts_is_shown_whole() -> None:
    assert not suppress([[0, 10, 500], [20, 0, 31]]).hides


def test_a_register_of_one_province_hides_its_total_too() -> None:
    pattern = suppress([[30, 40, 3]])
    assert pattern.cells[0][2] and pattern.columns[2]
    assert sum(pattern.cells[0]) >= 2 and sum(pattern.columns) >= 2


def test_a_table_of_a_few_families_is_hidden_whole() -> None:
    pattern = suppress([[3, 0, 2]])
    assert pattern.total and all(pattern.rows) and pattern.cells == ((True, False, True),)
