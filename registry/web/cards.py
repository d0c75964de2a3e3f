"""A model's card in words, for the office and for everyone: errors, groups, methods it was compared with."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.utils.translation import get_language
from django.utils.translation import gettext as _

from registry import ranking
from registry.desil.models import RankModel
from registry.templatetags.dtsen import number
from registry.wilayah.selectors import get_names


@dataclass
class ErrorLine:
    """The errors when the poorest share is served, in percent with their interval."""

    quota: int
    exclusion: str
    exclusion_interval: str
    inclusion: str
    inclusion_interval: str
    best: str
    low: float
    high: float
    at: float


@dataclass
class GroupLine:
    """The exclusion of one part of a group at 40 %."""

    group: str
    part: str
    n: int
    exclusion: str
    interval: str
    protected: bool


@dataclass
class WorsenedLine:
    """A protected group that a model misses more often than its predecessor did, beyond noise."""

    group: str
    part: str
    quota: int
    before: str
    after: str
    more: str
    noise: str


def tongue() -> str:
    """Return the language of the page as the ranking names it."""
    return "en" if (get_language() or "id").startswith("en") else "id"


def percent_of(share: float, decimals: int = 1) -> str:
    """A share (0–1) in percent.

    >>> percent_of(0.5, 0)
    '50%'
    """
    return f"{number(100 * share, decimals)}%"


def interval_of(one: dict[str, Any]) -> str:
    """The interval of a share in percent."""
    return f"{number(100 * one['low'], 1)}–{number(100 * one['high'], 1)}"


def error_lines(model: RankModel) -> list[ErrorLine]:
    """The errors at each quota, in the card's own unit."""
    return [_error_line(line) for line in model.card["errors"][model.card["unit"]]]


def _error_line(line: dict[str, Any]) -> ErrorLine:
    exclusion = line["exclusion"]
    return ErrorLine(
        quota=line["quota"],
        exclusion=percent_of(exclusion["value"]),
        exclusion_interval=interval_of(exclusion),
        inclusion=percent_of(line["inclusion"]["value"]),
        inclusion_interval=interval_of(line["inclusion"]),
        best=percent_of(line["best_possible"]),
        low=100 * exclusion["low"],
        high=100 * exclusion["high"],
        at=100 * exclusion["value"],
    )


def group_lines(model: RankModel) -> list[GroupLine]:
    """The exclusion at 40 % of every part of a group that the survey holds enough of."""
    groups = [group for group in model.card["groups"] if (group["exclusion"] or {}).get("40")]
    names = get_names(group["part"] for group in groups if group["group"] == "province")
    groupings = {grouping.name: grouping.label for grouping in ranking.load_items().groups}
    return [_group_line(group, groupings, names) for group in groups]


def worsened_lines(model: RankModel) -> list[WorsenedLine]:
    """What the release gate found: the groups that fare worse, the largest rise first."""
    names = get_names(one["part"] for one in model.worsened if one["group"] == "province")
    lines = []
    for one in sorted(model.worsened, key=lambda one: one["before"] - one["after"]):
        place = one["group"] == "province"
        group, part = (
            (_("Province"), names.get(one["part"], one["part"])) if place else label_of_part(one["group"], one["part"])
        )
        more = f"+{number(100 * (one['after'] - one['before']), 1)}"
        before, after = percent_of(one["before"]), percent_of(one["after"])
        lines.append(WorsenedLine(group, part, one["quota"], before, after, more, number(100 * one["noise"], 1)))
    return lines


def label_of_part(group: str, part: str) -> tuple[str, str]:
    """Name a group and one of its parts, as families are told apart by."""
    grouping = next(one for one in ranking.load_items().groups if one.name == group)
    return grouping.label[tongue()], next(one for one in grouping.parts if one.name == part).label[tongue()]


def _group_line(group: dict[str, Any], groupings: dict[str, Any], names: dict[str, str]) -> GroupLine:
    exclusion = group["exclusion"]["40"]
    label = group.get("label") or {}
    if group["group"] == "province":
        name, part = _("Province"), names.get(group["part"], group["part"])
    else:
        name, part = groupings.get(group["group"], {}).get(tongue(), ""), label.get(tongue()) or group["part"]
    return GroupLine(
        group=name,
        part=part,
        n=group["n"],
        exclusion=percent_of(exclusion["value"]),
        interval=interval_of(exclusion),
        protected=group["protected"],
    )


def rival_lines(model: RankModel) -> list[tuple[str, str, str]]:
    """The methods on the same folds: name, R², exclusion at 40 %."""
    rivals = {
        "regency_ols": _("one model for each regency"),
        "quantile": _("quantile regression"),
        "boosted": _("boosted trees"),
    }
    return [
        (
            rivals.get(rival["name"], rival["name"]),
            number(rival["r2"], 2) if rival.get("r2") is not None else "–",
            percent_of(rival["errors"]["40"]) if rival["ran"] and "40" in rival["errors"] else _("not run here"),
        )
        for rival in model.card["challengers"]
    ]


def definitions(model: RankModel) -> dict[str, str]:
    """What each figure of the card means."""
    word = 1 if tongue() == "en" else 0
    return {name: pair[word] for name, pair in model.card["definitions"].items()}
