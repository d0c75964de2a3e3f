"""Every state machine: all its states have their moves, all are reachable from the first, and its diagram is true."""

import pytest

from dtsen_site.states import FOLDER, draw_pages, list_machines


@pytest.mark.parametrize("machine", list_machines(), ids=lambda one: f"{one.stage}.{one.name}")
def test_every_state_has_its_moves_and_is_reachable(machine):
    assert set(machine.moves) == set(machine.states)
    reached, todo = set(), [next(iter(machine.states))]
    while todo:
        state = todo.pop()
        if state not in reached:
            reached.add(state)
            todo += machine.moves[state]
    assert reached == set(machine.states)


def test_there_are_machines_to_look_at():
    assert len(list_machines()) >= 4


def test_diagrams_are_up_to_date():
    assert {path: path.read_text(encoding="utf-8") for path in FOLDER.glob("*.md")} == draw_pages()
