"""Why a family stands where it stands, and why that changed: whole numbers that add up exactly."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass

from registry.ranking.cuts import Cuts
from registry.ranking.model import MICRO, RankModel, RawValues


@dataclass(frozen=True, slots=True)
class Contribution:
    """What one item (or published interaction) adds compared with the reference family, in micro.

    `decides`: with the reference family's value in this item, the family would lie on the other side of the line.
    """

    kind: str  # item | interaction
    name: str
    title: str
    value: int | None
    text: str
    reference_value: int | None
    reference_text: str
    micro: int
    known: bool
    disputable: bool
    decides: bool


@dataclass(frozen=True, eq=False)
class Explanation:
    """A score taken apart: `sum(c.micro for c in contributions) == score - reference_score`, exactly."""

    region: str | None
    score: int
    reference_score: int
    contributions: tuple[Contribution, ...]
    desil: int | None = None
    line: int | None = None
    distance: int | None = None  # score − the line's cut, micro; above 0 is above the line

    @property
    def percent_from_line(self) -> float | None:
        """How far the estimated spending lies above (+) or below (−) the line, in per cent."""
        return None if self.distance is None else 100.0 * math.expm1(self.distance / MICRO)

    @property
    def percent_from_reference(self) -> float:
        """How far the estimated spending lies above or below the reference family's, in per cent."""
        return 100.0 * math.expm1((self.score - self.reference_score) / MICRO)

    def strongest(self, n: int = 5) -> tuple[Contribution, ...]:
        """Return the contributions that count most, either way."""
        return tuple(sorted(self.contributions, key=lambda c: (-abs(c.micro), c.name))[:n])


def explain(
    model: RankModel,
    values: RawValues,
    region: str | None,
    *,
    reference: RawValues | None = None,
    cuts: Cuts | None = None,
    line: int = 4,
    language: str = "id",
) -> Explanation:
    """Take a family's score apart against a published reference family of the same regency.

    `reference` defaults to the model's own (the survey's median family of the regency). With `cuts`, the distance to
    the cut of desil `line` is given and each contribution says whether it alone decides the side of it.

    Raises: ranking.options.invalid for a region without cuts.
    """
    reference = model.reference(region) if reference is None else reference
    mine, theirs = model.terms(values, region), model.terms(reference, region)
    score, reference_score = sum(t.micro for t in mine), sum(t.micro for t in theirs)
    cut = cuts.line(region, line) if cuts else None
    titles = {term.name: term.label for term in model.interactions}
    found = []
    for own, other in zip(mine, theirs, strict=True):
        if own.kind not in ("item", "interaction"):
            continue
        micro = own.micro - other.micro
        if own.kind == "interaction":
            label = titles[own.name]
            words = ("ya", "tidak") if language == "id" else ("yes", "no")
            found.append(
                Contribution(
                    "interaction",
                    own.name,
                    label.get(language, own.name),
                    None,
                    words[own.micro == 0],
                    None,
                    words[other.micro == 0],
                    micro,
                    True,
                    False,
                    False,
                )  # fmt: skip
            )
            continue
        item = model.by_name[own.name]
        value, typical = values.get(own.name), reference.get(own.name)
        decides = False
        if cut is not None and micro:
            instead = model.score({**values, own.name: typical}, region)
            decides = (instead > cut) != (score > cut)
        skipped = "tidak ditanyakan" if language == "id" else "not asked"
        at = item.not_asked_level
        found.append(
            Contribution(
                "item",
                own.name,
                item.title(language),
                value,
                skipped if own.level == at and at is not None else item.text(value, language),
                typical,
                skipped if other.level == at and at is not None else item.text(typical, language),
                micro,
                own.level >= 0,
                item.disputable,
                decides,
            )  # fmt: skip
        )
    return Explanation(
        region, score, reference_score, tuple(found),
        cuts.desil(score, region) if cuts else None, line if cuts else None, None if cut is None else score - cut,
    )  # fmt: skip


@dataclass(frozen=True, slots=True)
class Standing:
    """A family in one run: the model, what was known of the family, and the cuts of the run."""

    model: RankModel
    values: RawValues
    region: str | None
    cuts: Cuts


@dataclass(frozen=True, eq=False)
class Change:
    """Why a family's distance to a line changed: `items + model + others == distance_after − distance_before`, exactly.

    `items`: each recorded value that changed, in the old model (a move to another regency is the item "regency");
    `model`: the new model on the new values, and what it does to the line itself where `bridge` is known;
    `others`: the line moved because other families changed.
    """

    desil_before: int
    desil_after: int
    distance_before: int
    distance_after: int
    items: Mapping[str, int]
    model: int
    others: int

    @property
    def item_total(self) -> int:
        """What all changed items did together."""
        return sum(self.items.values())

    @property
    def main_cause(self) -> str:
        """Return items, model or others: what moved the family most; "" when nothing did."""
        parts = {"items": self.item_total, "model": self.model, "others": self.others}
        name = max(parts, key=lambda key: abs(parts[key]))
        return name if parts[name] else ""


def why_changed(before: Standing, after: Standing, *, line: int = 4, bridge: Cuts | None = None) -> Change:
    """Split the change of a family's distance to the cut of desil `line` between two runs.

    The items are changed one after the other, in the order of the old model's table, then the regency: the steps
    add up exactly. `bridge` are the cuts that the new model gives on the old register: with them the line's move is
    split between model and others; without them a line moved by a new model and by other families together is counted
    to the model when the models differ, to the others when they do not.

    Raises: ranking.options.invalid for a region without cuts.
    """
    old, new = before.model, after.model
    cut_before, cut_after = before.cuts.line(before.region, line), after.cuts.line(after.region, line)
    current: dict[str, int | None] = dict(before.values)
    score = first = old.score(current, before.region)
    items: dict[str, int] = {}
    for name in _names(old):
        if current.get(name) == after.values.get(name):
            continue
        current[name] = after.values.get(name)
        stepped = old.score(current, before.region)
        if stepped != score:
            items[name] = stepped - score
        score = stepped
    if before.region != after.region:
        stepped = old.score(current, after.region)
        # A move also brings the family under another line when the cuts are not the nation's.
        moved_line = before.cuts.values.get(before.cuts.code(after.region))
        line_shift = (moved_line[line - 1] - cut_before) if moved_line else 0
        items["regency"] = stepped - score - line_shift
        score, cut_before_there = stepped, cut_before + line_shift
    else:
        cut_before_there = cut_before
    last = new.score(after.values, after.region)
    model_effect = last - score
    line_move = cut_after - cut_before_there
    if old.sha256 == new.sha256:
        others = -line_move
    elif bridge is None:
        model_effect -= line_move
        others = 0
    else:
        middle = bridge.line(after.region, line)
        model_effect -= middle - cut_before_there
        others = -(cut_after - middle)
    return Change(
        before.cuts.desil(first, before.region), after.cuts.desil(last, after.region),
        first - cut_before, last - cut_after, items, model_effect, others,
    )  # fmt: skip


def _names(model: RankModel) -> list[str]:
    """Return every name that a score reads: items, what they are skipped by, what interactions ask."""
    names = list(model.columns())
    for item in model.items:
        if item.not_asked_when is not None:
            names += [n for n in item.not_asked_when.items if n not in names]
    for term in model.interactions:
        names += [n for condition in term.when for n in condition.items if n not in names]
    return names
