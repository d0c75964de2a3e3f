"""Merging and splitting by hand: a plan first, then decisions about source rows that bind every build."""

import datetime as dt
import uuid
from collections.abc import Sequence
from typing import Any

from django.db import transaction

from registry.common.audit import record
from registry.common.errors import BadInput, InvalidMove, NotAllowed
from registry.households.models import Household, Individual, MergePlan
from registry.households.values import kind_of
from registry.linkage.links import Row, find_rows
from registry.linkage.models import ReviewDecision, ReviewPair
from registry.officers.roles import May

_REVIEW_KIND = {"household": ReviewPair.Kind.FAMILY, "individual": ReviewPair.Kind.PERSON}


def plan_merge(
    *, target: Household | Individual, other_id: uuid.UUID, reason: str, by: Any, now: dt.datetime
) -> MergePlan:
    """Plan that two public ids are one; nothing changes yet.

    Raises: BadInput `linkage.plan.other`; NotAllowed `linkage.plan.not_allowed`.
    """
    other = type(target).objects.visible_to(by).filter(pk=other_id, status="active").first()
    if other is None or other.pk == target.pk:
        raise BadInput("linkage.plan.other")
    return _plan(MergePlan.Kind.MERGE, target, [target.pk, other.pk], [], reason, by=by, now=now)


def plan_split(
    *, target: Household | Individual, leaving: Sequence[Row], reason: str, by: Any, now: dt.datetime
) -> MergePlan:
    """Plan that some delivered rows are not of this family or person; nothing changes yet.

    Raises: BadInput `linkage.plan.rows`; NotAllowed `linkage.plan.not_allowed`.
    """
    rows = find_rows(kind_of(target), target.pk)
    if not leaving or not set(leaving) <= set(rows) or len(set(leaving)) >= len(rows):
        raise BadInput("linkage.plan.rows")
    return _plan(MergePlan.Kind.SPLIT, target, [target.pk], leaving, reason, by=by, now=now)


def _plan(
    kind: str,
    target: Household | Individual,
    ids: list[uuid.UUID],
    rows: Sequence[Row],
    reason: str,
    *,
    by: Any,
    now: dt.datetime,
) -> MergePlan:
    if not by.may(May.MERGE_AND_SPLIT, target.region_code):
        raise NotAllowed("linkage.plan.not_allowed")
    with transaction.atomic():
        plan = MergePlan.objects.create(
            kind=kind,
            object_type=kind_of(target),
            object_ids=ids,
            rows=[list(row) for row in rows],
            region_code=target.region_code,
            regency=target.regency,
            reason=reason.strip(),
            planned_at=now,
            planned_by=by,
        )
        _record("linkage.plan.made", plan, by=by, now=now)
    return plan


def apply_plan(*, plan: MergePlan, by: Any, now: dt.datetime) -> MergePlan:
    """Turn a plan into decisions about source rows; the next build carries them out.

    A merge says *same* of one row of each side; a split says *different* of every row that leaves
    and every row that stays, and *same* among those that leave together.

    Raises: NotAllowed `linkage.plan.not_allowed`; InvalidMove `linkage.plan.applied`.
    """
    with transaction.atomic():
        found = MergePlan.objects.select_for_update().get(pk=plan.pk)
        if not by.may(May.MERGE_AND_SPLIT, found.region_code):
            raise NotAllowed("linkage.plan.not_allowed")
        if found.applied_at is not None:
            raise InvalidMove("linkage.plan.applied")
        first = find_rows(found.object_type, found.object_ids[0])
        if found.kind == MergePlan.Kind.MERGE:
            second = find_rows(found.object_type, found.object_ids[1])
            answers = [(first[0], second[0], ReviewDecision.Answer.SAME)] if first and second else []
        else:
            leaving = [(source, key) for source, key in found.rows]
            staying = [row for row in first if row not in leaving]
            answers = [(a, b, ReviewDecision.Answer.DIFFERENT) for a in leaving for b in staying]
            answers += [(leaving[0], b, ReviewDecision.Answer.SAME) for b in leaving[1:]]
        ReviewDecision.objects.bulk_create(
            ReviewDecision(
                kind=_REVIEW_KIND[found.object_type],
                a_source=a[0],
                a_key=a[1],
                b_source=b[0],
                b_key=b[1],
                answer=answer,
                reason=found.reason,
                decided_at=now,
                decided_by=by,
            )
            for a, b, answer in answers
        )
        found.applied_at, found.applied_by = now, by
        found.save(update_fields=["applied_at", "applied_by"])
        _record("linkage.plan.applied", found, by=by, now=now)
    return found


def _record(operation: str, plan: MergePlan, *, by: Any, now: dt.datetime) -> None:
    record(
        operation,
        by=by,
        obj_type="merge_plan",
        obj_id=plan.pk,
        regency=plan.regency,
        params={"kind": plan.kind, "ids": [str(one) for one in plan.object_ids]},
        now=now,
    )
