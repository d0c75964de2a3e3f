"""Is a model or a run in a condition to be signed, approved, proposed, published?"""

from typing import Any

from registry.common.errors import InvalidMove, NotAllowed, RuleRefused
from registry.desil.models import RankModel, RankRun
from registry.desil.selectors import find_published_run
from registry.desil.states import MODEL_TRANSITIONS, RUN_TRANSITIONS, ModelState, RunState


def check_can_move_run(run: RankRun, to: RunState) -> None:
    """Raises: InvalidMove `desil.run.state`."""
    if to not in RUN_TRANSITIONS[RunState(run.state)]:
        raise InvalidMove("desil.run.state", state=run.get_state_display())


def check_can_move_model(model: RankModel, to: ModelState) -> None:
    """Raises: InvalidMove `desil.model.retired`, `desil.model.signed`."""
    if to not in MODEL_TRANSITIONS[ModelState(model.state)]:
        code = "desil.model.retired" if model.state == ModelState.RETIRED else "desil.model.signed"
        raise InvalidMove(code, version=model.version)


def check_can_sign(model: RankModel, reason: str) -> None:
    """A model that worsens the exclusion of a protected group is signed with a reason only.

    Raises: InvalidMove `desil.model.signed`, `desil.model.retired`; RuleRefused `desil.model.reason_missing`.
    """
    check_can_move_model(model, ModelState.APPROVED)
    if model.signed_by_id is not None:
        raise InvalidMove("desil.model.signed")
    if model.worsened and not reason.strip():
        raise RuleRefused("desil.model.reason_missing")


def check_can_approve(model: RankModel, by: Any) -> None:
    """Raises: InvalidMove `desil.model.not_signed`, `desil.model.retired`; NotAllowed `desil.model.same_person`."""
    check_can_move_model(model, ModelState.APPROVED)
    if model.signed_by_id is None:
        raise InvalidMove("desil.model.not_signed")
    if model.signed_by_id == by.pk:
        raise NotAllowed("desil.model.same_person")


def check_can_publish(run: RankRun, by: Any) -> None:
    """Raises: InvalidMove `desil.run.state`; NotAllowed `desil.run.same_person`;
    RuleRefused `desil.run.model_not_approved`, `desil.run.official_in_use`: ours never replaces an official ranking.
    """
    check_can_move_run(run, RunState.PUBLISHED)
    published = find_published_run()
    if run.kind == RankRun.Kind.OWN and published is not None and published.kind == RankRun.Kind.OFFICIAL:
        raise RuleRefused("desil.run.official_in_use")
    if run.proposed_by_id == by.pk:
        raise NotAllowed("desil.run.same_person")
    if run.model is not None and run.model.state != ModelState.APPROVED:
        raise RuleRefused("desil.run.model_not_approved")
