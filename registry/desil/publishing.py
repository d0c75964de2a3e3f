"""Who answers for a model and a run: signing, approving, proposing, publishing. Two people, always."""

import datetime as dt
from typing import Any

from django.db import transaction

from registry.common.audit import record
from registry.common.history import because
from registry.common.outbox import enqueue
from registry.desil.models import NATION, RankModel, RankPointer, RankRun
from registry.desil.permissions import check_is_person
from registry.desil.policies import (
    check_can_approve,
    check_can_move_model,
    check_can_move_run,
    check_can_publish,
    check_can_sign,
)
from registry.desil.states import ModelState, RunState


def sign_model(*, model: RankModel, reason: str = "", by: Any, now: dt.datetime) -> RankModel:
    """Sign a model as the first of two; the reason is needed where a protected group fares worse.

    Raises: NotAllowed `desil.run.person_needed`, `desil.run.not_allowed`; InvalidMove `desil.model.signed`,
    `desil.model.retired`; RuleRefused `desil.model.reason_missing`.
    """
    check_is_person(by)
    with transaction.atomic():
        found = RankModel.objects.select_for_update().get(pk=model.pk)
        check_can_sign(found, reason)
        found.reason, found.signed_at, found.signed_by = reason.strip(), now, by
        found.save(update_fields=["reason", "signed_at", "signed_by"])
        record("desil.model.signed", by=by, obj_type="rank_model", obj_id=found.pk, now=now)
    return found


def approve_model(*, model: RankModel, by: Any, now: dt.datetime) -> RankModel:
    """Approve a signed model as the second person; from now on its rankings may be published.

    Raises: NotAllowed `desil.run.person_needed`, `desil.run.not_allowed`, `desil.model.same_person`;
    InvalidMove `desil.model.not_signed`, `desil.model.signed`, `desil.model.retired`.
    """
    check_is_person(by)
    with transaction.atomic():
        found = RankModel.objects.select_for_update().get(pk=model.pk)
        check_can_approve(found, by)
        found.state, found.approved_at, found.approved_by = ModelState.APPROVED, now, by
        found.save(update_fields=["state", "approved_at", "approved_by"])
        record("desil.model.approved", by=by, obj_type="rank_model", obj_id=found.pk, now=now)
    return found


def retire_model(*, model: RankModel, by: Any, now: dt.datetime) -> RankModel:
    """Retire a model: no new ranking uses it, those published stay readable.

    Raises: NotAllowed `desil.run.person_needed`, `desil.run.not_allowed`; InvalidMove `desil.model.retired`.
    """
    check_is_person(by)
    with transaction.atomic():
        found = RankModel.objects.select_for_update().get(pk=model.pk)
        check_can_move_model(found, ModelState.RETIRED)
        found.state = ModelState.RETIRED
        found.save(update_fields=["state"])
        record("desil.model.retired", by=by, obj_type="rank_model", obj_id=found.pk, now=now)
    return found


def propose_run(*, run: RankRun, by: Any, now: dt.datetime) -> RankRun:
    """Propose a computed run for publication.

    Raises: NotAllowed `desil.run.person_needed`, `desil.run.not_allowed`; InvalidMove `desil.run.state`.
    """
    check_is_person(by)
    with transaction.atomic():
        found = RankRun.objects.select_for_update().get(pk=run.pk)
        check_can_move_run(found, RunState.PROPOSED)
        found.state, found.proposed_at, found.proposed_by = RunState.PROPOSED, now, by
        found.save(update_fields=["state", "proposed_at", "proposed_by"])
        record("desil.run.proposed", by=by, obj_type="rank_run", obj_id=found.pk, now=now)
    return found


def return_run(*, run: RankRun, by: Any, now: dt.datetime) -> RankRun:
    """Take a proposed run back; it may be proposed again.

    Raises: NotAllowed `desil.run.person_needed`, `desil.run.not_allowed`; InvalidMove `desil.run.state`.
    """
    check_is_person(by)
    with transaction.atomic():
        found = RankRun.objects.select_for_update().get(pk=run.pk)
        check_can_move_run(found, RunState.READY)
        found.state, found.proposed_at, found.proposed_by = RunState.READY, None, None
        found.save(update_fields=["state", "proposed_at", "proposed_by"])
        record("desil.run.returned", by=by, obj_type="rank_run", obj_id=found.pk, now=now)
    return found


def publish_run(*, run: RankRun, by: Any, now: dt.datetime) -> RankRun:
    """Publish a proposed run as the second person: the pointer moves, earlier runs stay readable.

    Raises: NotAllowed `desil.run.person_needed`, `desil.run.not_allowed`, `desil.run.same_person`;
    InvalidMove `desil.run.state`; RuleRefused `desil.run.model_not_approved`, `desil.run.official_in_use`.
    """
    check_is_person(by)
    with transaction.atomic(), because("desil.run.published", by=by):
        # the model is nullable, and a lock cannot follow it
        found = RankRun.objects.select_for_update(of=("self",)).select_related("model").get(pk=run.pk)
        check_can_publish(found, by)
        found.state, found.published_at, found.published_by = RunState.PUBLISHED, now, by
        found.save(update_fields=["state", "published_at", "published_by"])
        RankPointer.objects.update_or_create(scope_code=NATION, defaults={"run": found})
        record("desil.run.published", by=by, obj_type="rank_run", obj_id=found.pk, now=now)
        enqueue("ranking.published", {"run": found.pk}, now=now)
    return found
