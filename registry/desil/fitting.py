"""`fit_model`: from a survey file to a kept model with its card. The statistics are `registry.ranking`."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path
from typing import Any

from django.db import transaction

from registry import ranking
from registry.common.audit import record
from registry.common.errors import BadInput
from registry.desil.models import RankModel
from registry.desil.permissions import check_can_compute
from registry.desil.states import ModelState
from registry.wilayah.selectors import find_bps_regencies

YEARS_VALID = 2


def fit_model(
    *,
    survey: Path,
    outcome: str,
    weight: str | None = None,
    psu: str | None = None,
    stratum: str | None = None,
    region: str | None = None,
    region_system: str = "kemendagri",
    mapping: Path | None = None,
    unit: str = "person",
    settings: ranking.Settings | None = None,
    by: Any,
    now: dt.datetime,
    progress: Callable[[int, int, str], None] | None = None,
) -> RankModel:
    """Fit a model to a survey and keep it with its card.

    Without a `mapping` the items are those that the register holds too. With one, the survey may come from
    anywhere: its model is kept and judged all the same, and can rank only what knows its items. `settings` are
    those of the fit: folds, penalties to try, challengers.

    Raises: NotAllowed `desil.run.not_allowed`; BadInput with a `ranking.…` code that says what is wrong.
    """
    check_can_compute(by)
    try:
        read = ranking.read_survey(
            survey, outcome=outcome, weight=weight, psu=psu, stratum=stratum, region=region, mapping=mapping,
            region_system=region_system,  # type: ignore[arg-type]
            bridge=find_bps_regencies(),
        )  # fmt: skip
        known = None
        if mapping is None:
            known = read.items.only(ranking.items_of_register())
        predecessor = find_predecessor(read.name, foreign=mapping is not None)
        before = ranking.RankModel.from_json(predecessor.content) if predecessor else None
        number = (RankModel.objects.order_by("-version").values_list("version", flat=True).first() or 0) + 1
        fitted = ranking.fit(
            read,
            items=known,
            settings=settings,
            unit=unit,
            version=str(number),
            predecessor=before,
            fitted_on=now.date().isoformat(),
            decays_on=now.date().replace(year=now.year + YEARS_VALID, day=1).isoformat(),
            progress=progress,
        )
    except ranking.RankingError as error:
        raise BadInput(error.code, **error.facts) from error
    return _keep(read, fitted, predecessor, by=by, now=now)


def find_predecessor(survey: str, *, foreign: bool = False) -> RankModel | None:
    """Return the model that a new one would replace, and that the release gate holds it against.

    That is the newest approved one, whatever its survey was called: another name is no way around the gate. A `foreign`
    survey's model ranks nobody here and is compared with earlier ones of the same survey only.
    """
    usable = RankModel.objects.exclude(state=ModelState.RETIRED)
    approved = None if foreign else usable.filter(state=ModelState.APPROVED).first()
    return approved or usable.filter(survey_name=survey).first()


def _keep(
    survey: ranking.Survey, fitted: ranking.Fitted, predecessor: RankModel | None, *, by: Any, now: dt.datetime
) -> RankModel:
    worsened = []
    if predecessor is not None:
        old = ranking.ModelCard.from_json(json.dumps(predecessor.card))
        worsened = [asdict(one) for one in ranking.release_gate(fitted.card, old)]
    with transaction.atomic():
        model = RankModel.objects.create(
            content=fitted.model.to_json(),
            hash=fitted.model.sha256,
            card=json.loads(fitted.card.to_json()),
            survey_name=survey.name,
            survey_hash=survey.sha256,
            predecessor=predecessor,
            worsened=worsened,
            fitted_at=now,
            fitted_by=by,
        )
        record(
            "desil.model.fitted",
            by=by,
            obj_type="rank_model",
            obj_id=model.pk,
            params={"households": len(survey)},
            now=now,
        )
    return model
