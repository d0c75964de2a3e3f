"""Every state machine: all its states have their moves, and all are reachable from the first."""

from importlib import import_module

import pytest
from django.db.models import TextChoices

from dtsen_site.settings.environment import PROJECT_DIR

STATES = sorted((PROJECT_DIR / "registry").glob("*/states.py"))


def machines() -> list[tuple[str, type[TextChoices], dict[TextChoices, frozenset[TextChoices]]]]:
    found = []
    for path in STATES:
        module = import_module(f"registry.{path.parent.name}.states")
        for name, moves in vars(module).items():
            if name.endswith("TRANSITIONS"):
                found.append((f"{path.parent.name}.{name}", type(next(iter(moves))), moves))
    return found


@pytest.mark.parametrize(
    ("name", "states", "moves"), machines(), ids=lambda value: value if isinstance(value, str) else ""
)
def test_every_state_has_its_moves_and_is_reachable(name, states, moves):
    assert set(moves) == set(states), name
    reached, todo = set(), [next(iter(states))]
    while todo:
        state = todo.pop()
        if state not in reached:
            reached.add(state)
            todo += moves[state]
    assert reached == set(states), name


def test_there_are_machines_to_look_at():
    assert len(machines()) >= 4
