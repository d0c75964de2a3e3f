"""A published model as its public page tells it, in the shape of the UK Algorithmic Transparency Recording Standard.

Only models behind a published ranking are public. Who signed is told by role and day, never by name.
"""

from __future__ import annotations

import datetime as dt
import json
import math
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext as _

from registry import ranking
from registry.desil.models import RankModel, RankRun
from registry.desil.selectors import find_published_run
from registry.desil.states import ModelState
from registry.desil.transparency import find_public_models
from registry.programmes.models import Exclusion
from registry.programmes.selectors import find_programmes
from registry.templatetags.dtsen import number
from registry.web import cards


@dataclass
class ModelLine:
    """One published model in the list."""

    version: int
    survey: str
    approved_on: dt.datetime | None
    r2: str
    exclusion: str
    in_use: bool
    retired: bool


@dataclass
class ItemLine:
    """One item: its rule, the answers that lower and raise the estimate most, by how many percent."""

    title: str
    rule: str
    holds: bool
    lowest: str
    highest: str
    low: str
    high: str
    span: float  # percent between the two, for the bar


@dataclass
class Exclusions:
    """A programme's own reasons to leave a family out, which are rules of law and not of the model."""

    programme: str
    law: str
    confirmed: bool
    reasons: list[str | Promise]


@dataclass
class Calibration:
    """One tenth of the survey by score: estimated and true spending per person and month, in rupiah."""

    tenth: int
    predicted: str
    observed: str


@dataclass
class ModelRecord:
    """All that a model's page says."""

    version: int
    hash: str
    in_use: bool
    retired: bool
    published: dt.datetime | None
    fitted_at: dt.datetime
    signed_at: dt.datetime | None
    approved_at: dt.datetime | None
    reason: str
    decays_on: str
    outdated: bool
    predecessor: int | None
    predecessor_public: bool
    churn: list[tuple[str, str]]
    survey: str
    survey_hash: str
    households: int
    psus: int
    regencies: int
    unit: str
    r2: str
    r2_interval: str
    spearman: str
    slope: str
    errors: list[cards.ErrorLine]
    groups: list[cards.GroupLine]
    rivals: list[tuple[str, str, str]]
    worsened: int
    said: dict[str, str]
    items: list[ItemLine]
    broken_signs: int
    interactions: list[str]
    calibration: list[Calibration]
    currency: str
    exclusions: list[Exclusions] = field(default_factory=list)


def list_public_models() -> list[ModelLine]:
    """Every published model, newest first."""
    run = find_published_run()
    return [
        ModelLine(
            version=model.pk,
            survey=model.survey_name,
            approved_on=model.approved_at,
            r2=number(model.card["r2"]["value"], 2),
            exclusion=next((line.exclusion for line in cards.error_lines(model) if line.quota == 40), "–"),
            in_use=run is not None and run.model_id == model.pk,
            retired=model.state == ModelState.RETIRED,
        )
        for model in find_public_models()
    ]


def find_public_model(version: int) -> RankModel | None:
    """Return a published model; None where there is none of that number that is public."""
    return next((model for model in find_public_models() if model.pk == version), None)


@lru_cache(maxsize=8)
def _parsed(content: str) -> ranking.RankModel:
    return ranking.RankModel.from_json(content)


def _effect(milli: int) -> float:
    """Return by how many percent points (thousandths of log spending) move the estimate."""
    return 100 * math.expm1(milli / 1000)


def _signed(milli: int) -> str:
    percent = round(_effect(milli), 1)
    return f"{'+' if percent > 0 else '−' if percent < 0 else ''}{number(abs(percent), 1)}%"


def _rule(sign: str) -> str:
    return {
        "positive": _("more may never count as poorer"),
        "negative": _("more may never count as better off"),
    }.get(sign, _("the survey decides the direction"))


def _items(model: RankModel) -> list[ItemLine]:
    parsed, tongue = _parsed(model.content), cards.tongue()
    signs = {line["item"]: line for line in model.card["signs"]}
    found = []
    for item in parsed.items:
        points = parsed.points[item.name]
        low, high = min(range(len(points)), key=points.__getitem__), max(range(len(points)), key=points.__getitem__)
        sign = signs.get(item.name, {"sign": item.sign, "holds": True})
        # the tiers of an ordered item run from poorest to richest, whatever their codes
        rule = "positive" if item.kind in ("ordered", "flag") else sign["sign"]
        found.append(
            ItemLine(
                title=item.title(tongue),
                rule=_rule(rule),
                holds=sign["holds"],
                lowest=item.level_text(low, tongue),
                highest=item.level_text(high, tongue),
                low=_signed(points[low]),
                high=_signed(points[high]),
                span=_effect(points[high] - points[low]),
            )
        )
    return sorted(found, key=lambda line: -line.span)


def weight_rows(model: RankModel) -> Iterator[tuple[str, str, int, float]]:
    """Yield every item, answer, its points (thousandths of log spending) and their effect in percent."""
    parsed, tongue = _parsed(model.content), cards.tongue()
    for item in parsed.items:
        for level, points in enumerate(parsed.points[item.name]):
            yield item.title(tongue), item.level_text(level, tongue), points, round(_effect(points), 2)


def _calibration(model: RankModel) -> list[Calibration]:
    return [
        Calibration(
            line["tenth"], number(round(math.exp(line["predicted"]), -3)), number(round(math.exp(line["observed"]), -3))
        )
        for line in model.card["calibration"]
    ]


def _exclusions(on: dt.date) -> list[Exclusions]:
    return [
        Exclusions(
            one.programme.name,
            one.rule.legal_reference,
            one.rule.confirmed,
            [Exclusion(code).label for code in one.rule.exclusions],
        )
        for one in find_programmes(on)
        if one.rule is not None and one.rule.exclusions
    ]


def _churn(card: dict[str, Any]) -> list[tuple[str, str]]:
    titles = {
        "moved": _("stand in another desil"),
        "moved_by_two_or_more": _("moved by two desil or more"),
        "over_line_4": _("crossed the line of desil 4"),
    }
    return [
        (titles[name], cards.percent_of(share)) for name, share in (card.get("churn") or {}).items() if name in titles
    ]


def show_record(model: RankModel) -> ModelRecord:
    """A published model in words."""
    card, today = model.card, timezone.localdate()
    run = find_published_run()
    runs = RankRun.objects.filter(model=model).exclude(published_at=None)
    first = runs.order_by("published_at").values_list("published_at", flat=True).first()
    decays_on = card.get("decays_on") or ""
    parsed = _parsed(model.content)
    items = _items(model)
    public = {one.pk for one in find_public_models()}
    return ModelRecord(
        version=model.pk,
        hash=model.hash,
        in_use=run is not None and run.model_id == model.pk,
        retired=model.state == ModelState.RETIRED,
        published=first,
        fitted_at=model.fitted_at,
        signed_at=model.signed_at,
        approved_at=model.approved_at,
        reason=model.reason,
        decays_on=decays_on,
        outdated=bool(decays_on) and decays_on < today.isoformat(),
        predecessor=model.predecessor_id,
        predecessor_public=model.predecessor_id in public,
        churn=_churn(card),
        survey=model.survey_name,
        survey_hash=model.survey_hash,
        households=card["survey"]["households"],
        psus=card["survey"]["psus"],
        regencies=len(parsed.regions),
        unit=_("persons") if card["unit"] == "person" else _("families"),
        r2=number(card["r2"]["value"], 2),
        r2_interval=f"{number(card['r2']['low'], 2)}–{number(card['r2']['high'], 2)}",
        spearman=number(card["spearman"], 2),
        slope=number(card["calibration_slope"], 2),
        errors=cards.error_lines(model),
        groups=cards.group_lines(model),
        rivals=cards.rival_lines(model),
        worsened=len(model.worsened),
        said=cards.definitions(model),
        items=items,
        broken_signs=sum(not line.holds for line in items),
        interactions=[term.label.get(cards.tongue(), term.name) for term in parsed.interactions],
        calibration=_calibration(model),
        currency=parsed.currency,
        exclusions=_exclusions(today),
    )


def record_as_json(model: RankModel) -> str:
    """The card as anyone may have it, with the hash of the model it is about."""
    return json.dumps({"version": model.pk, "sha256": model.hash, "card": model.card}, ensure_ascii=False, indent=1)
