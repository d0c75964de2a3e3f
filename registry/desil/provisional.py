"""Where a family would stand with today's facts: scored again against the frozen cuts of our newest run.

Nothing that was published changes; the next run decides. Ages are those of the run's day, so that a birthday alone
moves nobody.
"""

from __future__ import annotations

import uuid
from dataclasses import dataclass

from registry import ranking
from registry.desil.explanations import as_family, read_cuts, read_family, read_model
from registry.desil.families import read_today
from registry.desil.models import NEAR_LINE, RankRun
from registry.desil.selectors import find_own_run, find_published_run


@dataclass(frozen=True)
class ChangedItem:
    """One fact that is no longer as the run knew it, in words, and what it does to the score (1e-6 log-rupiah)."""

    name: str
    title: str
    before: str
    today: str
    micro: int


@dataclass(frozen=True)
class ProvisionalStanding:
    """Today's facts under a run's model and cuts. `desil_in_run` is None for a family that the run did not know."""

    run: RankRun
    desil: int
    desil_in_run: int | None
    score: int
    near_line: bool
    chance_below: int  # thousandths of truly lying in desil 1 to 4
    changed: tuple[ChangedItem, ...]


def score_today(household_id: uuid.UUID, *, language: str = "id") -> ProvisionalStanding | None:
    """Score a family again when its facts have changed since our newest run; None when they have not.

    The run is the published one where that is ours. The caller has checked the scope.
    """
    run = find_published_run()
    if run is None or run.kind == RankRun.Kind.OFFICIAL:
        run = find_own_run()
    if run is None or run.model_id is None:
        return None
    row = read_today(household_id, as_of=run.as_of)
    if row is None:
        return None
    today, then = as_family(row), read_family(run, household_id)
    model, cuts = read_model(run.model_id), read_cuts(run.pk)
    if then is not None and then == today:
        return None
    try:
        found = ranking.score_one(model, today.values, today.region, cuts, near_lines=(NEAR_LINE,))
        change = ranking.why_changed(
            ranking.Standing(model, then.values, then.region, cuts),
            ranking.Standing(model, today.values, today.region, cuts),
            line=NEAR_LINE,
        ) if then is not None else None  # fmt: skip
    except ranking.RankingError:  # the family moved to a regency that the run had no cuts for
        return None
    changed = _changed(model, then.values, today.values, change.items, language) if then and change else ()
    if change is not None and not changed and then is not None and then.region == today.region:
        return None
    return ProvisionalStanding(
        run, found.desil, change.desil_before if change else None, found.score, found.near_line,
        found.chances[NEAR_LINE - 1], changed,
    )  # fmt: skip


def _changed(
    model: ranking.RankModel, then: dict[str, int | None], today: dict[str, int | None], effects: object, language: str
) -> tuple[ChangedItem, ...]:
    told: dict[str, int] = dict(effects)  # type: ignore[call-overload]
    found = []
    for item in model.items:
        before, now = then.get(item.name), today.get(item.name)
        if before != now:
            found.append(
                ChangedItem(
                    item.name,
                    item.title(language),
                    item.text(before, language),
                    item.text(now, language),
                    told.get(item.name, 0),
                )  # fmt: skip
            )
    return tuple(found)
