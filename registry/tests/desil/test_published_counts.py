"""Tables of two rankings beside each other: no difference of one to nine families can be taken between them."""

from __future__ import annotations

import random

import pytest

from registry.common.suppression import LEAST
from registry.desil.models import RankRun
from registry.desil.published_counts import Counts, ShownTable, _add, moved


def table(*rows: list[int], first: int = 11) -> dict[str, Counts]:
    """Return a table of provinces from 11 on, three persons a family."""
    return {str(first + at): tuple((n, 3 * n) for n in row) for at, row in enumerate(rows)}


def show(*tables: dict[str, Counts]) -> list[ShownTable]:
    shown: list[ShownTable] = []
    for number, counts in enumerate(tables, 1):
        shown.append(_add(RankRun(pk=number), counts, shown))
    return shown


def change(row: list[int], *moves: tuple[int, int, int]) -> list[int]:
    new = list(row)
    for source, target, n in moves:
        new[source] -= n
        new[target] += n
    return new


FULL = [100, 110, 120, 130, 140, 150, 160, 170, 180, 190]


def test_province_where_one_family_moved_keeps_its_figures_and_another_gets_its_own() -> None:
    first, second = show(table(FULL, FULL), table(change(FULL, (2, 4, 1)), change(FULL, (2, 4, 40))))

    assert second.rows["11"].counts == first.rows["11"].counts and second.rows["11"].run.pk == 1
    assert second.rows["12"].run.pk == 2 and second.rows["12"].counts[4][0] == FULL[4] + 40


def test_going_back_to_nearly_an_earlier_table_shows_that_one() -> None:
    shown = show(table(FULL), table(change(FULL, (0, 9, 50))), table(change(FULL, (3, 5, 1))))

    assert shown[1].rows["11"].run.pk == 2
    assert (shown[2].rows["11"].run.pk, shown[2].rows["11"].counts) == (1, shown[0].rows["11"].counts)


def test_small_steps_are_shown_once_they_are_many_together() -> None:
    steps = [change(FULL, (0, 9, n)) for n in range(13)]
    shown = show(*(table(step) for step in steps))

    assert [one.rows["11"].run.pk for one in shown] == [1] * LEAST + [LEAST + 1] * 3


def test_a_family_that_is_new_or_gone_counts_as_moved() -> None:
    assert moved(table(FULL)["11"], table([*FULL[:-1], FULL[-1] + 9])["11"]) == 9
    _first, second = show(table(FULL), table([*FULL[:-1], FULL[-1] + 9]))
    assert second.rows["11"].run.pk == 1


def test_same_table_again_bears_the_new_ranking() -> None:
    assert show(table(FULL), table(FULL))[1].rows["11"].run.pk == 2


def test_what_was_hidden_in_figures_that_are_kept_stays_hidden() -> None:
    small = [3, *FULL[1:]]
    first, second = show(table(small, FULL, FULL), table(change(small, (1, 2, 2)), change(FULL, (0, 1, 60)), FULL))

    was, now = (shown.pattern.cells[list(shown.rows).index("11")] for shown in (first, second))
    assert any(was) and all(after or not before for before, after in zip(was, now, strict=True))


@pytest.mark.parametrize("seed", range(4))
def test_no_two_shown_tables_differ_by_few_families(seed: int) -> None:
    chance = random.Random(seed)
    rows = [[chance.randrange(20, 60) for _ in range(10)] for _ in range(3)]
    tables = [table(*rows)]
    for _ in range(12):
        rows = [
            change(row, *((chance.randrange(10), chance.randrange(10), 1) for _ in range(chance.choice((0, 1, 3, 30)))))
            for row in rows
        ]
        tables.append(table(*([max(n, 0) for n in row] for row in rows)))
    shown = show(*tables)

    for one in shown:
        for other in shown:
            for code in one.rows:
                apart = moved(one.rows[code].counts, other.rows[code].counts)
                assert apart == 0 or apart >= LEAST
