"""Questions to the programmes: the rule of a day, what a family's components are worth."""

import datetime as dt
from dataclasses import dataclass

from registry.common.errors import BadInput, RuleRefused
from registry.programmes.models import Component, Programme, ProgrammeRule


@dataclass(frozen=True)
class ProgrammeOnDay:
    """A programme with the rule and the components of one day; `rule` is None where none is in force."""

    programme: Programme
    rule: ProgrammeRule | None
    components: tuple[Component, ...]


def find_programmes(on: dt.date) -> list[ProgrammeOnDay]:
    """Return every programme with what holds on a day."""
    rules = {rule.programme_id: rule for rule in ProgrammeRule.objects.in_force(on)}
    components: dict[str, list[Component]] = {}
    for component in Component.objects.in_force(on):
        components.setdefault(component.programme_id, []).append(component)
    return [
        ProgrammeOnDay(programme, rules.get(programme.pk), tuple(components.get(programme.pk, ())))
        for programme in Programme.objects.all()
    ]


def get_rule(programme: Programme, on: dt.date) -> ProgrammeRule:
    """Return the rule of a day.

    Raises: RuleRefused `programmes.rule.none_in_force`.
    """
    rule = ProgrammeRule.objects.in_force(on).filter(programme=programme).first()
    if rule is None:
        raise RuleRefused("programmes.rule.none_in_force", programme=programme.name, day=on.isoformat())
    return rule


def get_desil_limit(code: str, *, on: dt.date) -> int:
    """Return up to which desil a programme reaches on a day.

    Raises: BadInput `programmes.programme.unknown`; RuleRefused `programmes.rule.none_in_force`.
    """
    programme = Programme.objects.filter(pk=code).first()
    if programme is None:
        raise BadInput("programmes.programme.unknown", programme=code)
    return get_rule(programme, on).desil_max


def find_rules(programme: Programme) -> list[ProgrammeRule]:
    """Return every rule a programme ever had, newest first."""
    return list(programme.rules.order_by("-valid"))
