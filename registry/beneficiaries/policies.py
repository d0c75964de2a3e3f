"""Is an enrolment in a condition for a move, is a cycle in a condition for a proposal?"""

from __future__ import annotations

from typing import Any

from registry.beneficiaries.models import Cycle, Enrolment, Hold
from registry.beneficiaries.states import MOVES, EnrolmentState, Move
from registry.common.errors import InvalidMove, NotAllowed, RuleRefused


def check_can_move(enrolment: Enrolment, move: Move, by: Any, reason: str) -> None:
    """Raises: InvalidMove `beneficiaries.move.state`; NotAllowed `beneficiaries.move.same_person`;
    RuleRefused `beneficiaries.move.reason_missing`, `beneficiaries.move.held`."""
    rule = MOVES[move]
    if enrolment.state not in rule.sources:
        raise InvalidMove("beneficiaries.move.state", state=enrolment.get_state_display(), move=move.label)
    if rule.needs_reason and not reason.strip():
        raise RuleRefused("beneficiaries.move.reason_missing")
    if rule.needs_other and enrolment.maker_id == by.pk:
        raise NotAllowed("beneficiaries.move.same_person")
    if rule.target == EnrolmentState.ENDED and is_held(enrolment.household_id):
        raise RuleRefused("beneficiaries.move.held")


def is_held(household_id: Any) -> bool:
    """Say whether something keeps the family from losing anything."""
    return Hold.objects.filter(household=household_id, ended_at=None).exists()


def check_can_propose(cycle: Cycle) -> None:
    """Raises: InvalidMove `beneficiaries.cycle.proposed`."""
    if cycle.proposed_at is not None:
        raise InvalidMove("beneficiaries.cycle.proposed")
