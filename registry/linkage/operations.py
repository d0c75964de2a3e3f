"""Clerical review: an officer's answer about a doubtful pair. Building is `build.py`."""

import datetime as dt
from typing import Any

from django.db import transaction

from registry.common.audit import record
from registry.common.errors import BadInput, InvalidMove, NotAllowed
from registry.households.models import Correction
from registry.linkage.models import ReviewDecision, ReviewPair
from registry.officers.roles import May


def decide_pair(*, pair_id: int, answer: str, reason: str = "", by: Any, now: dt.datetime) -> ReviewDecision:
    """Keep an officer's answer; *same* and *different* bind every later build.

    About a correction that a newer source contests, *same* lets it hold on, *different* ends it: the
    next build takes what the sources say.

    Raises: BadInput `linkage.review.answer_unknown`; NotAllowed `linkage.review.not_allowed`;
    InvalidMove `linkage.review.already_decided`.
    """
    if answer not in ReviewDecision.Answer.values:
        raise BadInput("linkage.review.answer_unknown")
    with transaction.atomic():
        pair = ReviewPair.objects.visible_to(by).select_for_update().filter(pk=pair_id).first()
        if pair is None or not by.may(May.REVIEW_PAIRS, pair.region_code):
            raise NotAllowed("linkage.review.not_allowed", hidden=pair is None)
        if pair.state != ReviewPair.State.OPEN:
            raise InvalidMove("linkage.review.already_decided")
        decision = ReviewDecision.objects.create(
            pair=pair,
            kind=pair.kind,
            a_source=pair.a_source,
            a_key=pair.a_key,
            b_source=pair.b_source,
            b_key=pair.b_key,
            answer=answer,
            reason=reason,
            decided_at=now,
            decided_by=by,
        )
        if pair.kind == ReviewPair.Kind.CORRECTION and answer == ReviewDecision.Answer.DIFFERENT:
            Correction.objects.filter(pk=int(pair.a_key), state=Correction.State.CONTESTED).update(
                state=Correction.State.RETIRED
            )
        pair.state = ReviewPair.State.DECIDED
        pair.save(update_fields=["state"])
        record(
            "linkage.pair.decided",
            by=by,
            obj_type="review_pair",
            obj_id=pair.pk,
            regency=pair.regency,
            params={"answer": answer},
            now=now,
        )
    return decision
