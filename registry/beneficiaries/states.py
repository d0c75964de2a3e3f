"""The states of an enrolment, the moves between them, and the stages of a cycle. The database enforces the moves too."""

from dataclasses import dataclass

from django.db import models
from django.utils.translation import gettext_lazy as _

from registry.officers.roles import May


class EnrolmentState(models.TextChoices):
    """Where a family stands in a programme."""

    PROPOSED = "proposed", _("proposed by rule")
    VERIFIED = "verified", _("verified by visit")
    VALIDATED = "validated", _("validated")
    APPROVED = "approved", _("receives")
    REJECTED = "rejected", _("not accepted")
    ENDING = "ending", _("proposed to end")
    SUSPENDED = "suspended", _("suspended")
    ENDED = "ended", _("ended")


class Move(models.TextChoices):
    """What an officer decides about an enrolment."""

    VERIFY = "verify", _("verified")
    VALIDATE = "validate", _("validated")
    SEND_BACK = "send_back", _("sent back")
    APPROVE = "approve", _("approved")
    REJECT = "reject", _("rejected")
    PROPOSE_END = "propose_end", _("end proposed")
    KEEP = "keep", _("kept")
    END = "end", _("ended")
    SUSPEND = "suspend", _("suspended")
    REINSTATE = "reinstate", _("reinstated")


@dataclass(frozen=True)
class Rule:
    """From where a move leads where, what the officer must be allowed, and whether somebody else must have prepared it."""

    sources: frozenset[EnrolmentState]
    target: EnrolmentState
    may: May
    needs_other: bool = False
    needs_reason: bool = False


_S = EnrolmentState
MOVES: dict[Move, Rule] = {
    Move.VERIFY: Rule(frozenset({_S.PROPOSED}), _S.VERIFIED, May.VALIDATE_CANDIDATES),
    Move.VALIDATE: Rule(frozenset({_S.VERIFIED}), _S.VALIDATED, May.VALIDATE_CANDIDATES),
    Move.SEND_BACK: Rule(
        frozenset({_S.VERIFIED, _S.VALIDATED}), _S.PROPOSED, May.VALIDATE_CANDIDATES, needs_reason=True
    ),
    Move.APPROVE: Rule(frozenset({_S.VALIDATED}), _S.APPROVED, May.DECIDE_CANDIDATES, needs_other=True),
    Move.REJECT: Rule(
        frozenset({_S.PROPOSED, _S.VERIFIED, _S.VALIDATED}),
        _S.REJECTED,
        May.DECIDE_CANDIDATES,
        needs_other=True,
        needs_reason=True,
    ),
    Move.PROPOSE_END: Rule(
        frozenset({_S.APPROVED, _S.SUSPENDED}), _S.ENDING, May.VALIDATE_CANDIDATES, needs_reason=True
    ),
    Move.KEEP: Rule(frozenset({_S.ENDING}), _S.APPROVED, May.DECIDE_CANDIDATES, needs_reason=True),
    Move.END: Rule(frozenset({_S.ENDING}), _S.ENDED, May.DECIDE_CANDIDATES, needs_other=True, needs_reason=True),
    Move.SUSPEND: Rule(frozenset({_S.APPROVED}), _S.SUSPENDED, May.DECIDE_CANDIDATES, needs_reason=True),
    Move.REINSTATE: Rule(frozenset({_S.SUSPENDED, _S.ENDED}), _S.APPROVED, May.DECIDE_CANDIDATES, needs_reason=True),
}
CLOSED = (EnrolmentState.REJECTED, EnrolmentState.ENDED)
TRANSITIONS: dict[EnrolmentState, frozenset[EnrolmentState]] = {
    state: frozenset(rule.target for rule in MOVES.values() if state in rule.sources) for state in EnrolmentState
}


class Stage(models.IntegerChoices):
    """The eight stages before and at a distribution, in their order."""

    RATIFICATION = 1, _("Data ratified")
    SPOT_CHECK = 2, _("Uji petik")
    VERIFICATION = 3, _("Verification")
    VALIDATION = 4, _("Validation")
    DETERMINATION = 5, _("Candidates determined")
    AGENCY = 6, _("Paying agency determined")
    DISTRIBUTION = 7, _("Distribution")
    RECONCILIATION = 8, _("Reconciliation")
