"""A family's desil as its page shows it: the scale, the limits of the programmes today, how near the line."""

from __future__ import annotations

import datetime as dt
import uuid
from dataclasses import dataclass, field
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from registry.desil.models import NEAR_LINE, RankRun
from registry.desil.provisional import ProvisionalStanding, score_today
from registry.desil.selectors import find_own_run, find_standing, find_waiting_official
from registry.officers.models import Officer
from registry.officers.roles import May
from registry.programmes.selectors import find_programmes
from registry.templatetags.dtsen import number


@dataclass(frozen=True)
class Limit:
    """Up to which desil some programmes reach today, and their names."""

    desil: int
    names: str


@dataclass(frozen=True)
class WaitingOfficial:
    """What an official ranking that is not in use yet says of a family beside ours."""

    run: int
    source: str
    as_of: dt.date
    desil: int
    difference: str


@dataclass
class DesilPanel:
    """The scale of ten with the family on it."""

    household_id: uuid.UUID
    desil: int
    ticks: list[tuple[int, bool]]
    limits: list[Limit] = field(default_factory=list)
    near_desil: int = 0
    distance: str = ""
    official: bool = False
    as_of: dt.date | None = None
    model: int | None = None
    source: str = ""
    own_desil: int | None = None
    own_as_of: dt.date | None = None
    difference: str = ""
    waiting: WaitingOfficial | None = None
    provisional: ProvisionalStanding | None = None


def desil_panel(household_id: uuid.UUID, officer: Officer) -> DesilPanel | None:
    """The published desil of a family, None when it has none or the officer may not see rankings."""
    if not officer.may(May.VIEW_RANKING):
        return None
    standing = find_standing(household_id)
    if standing is None:
        return None
    official = standing.run.kind == RankRun.Kind.OFFICIAL
    own_run = find_own_run() if official else None
    own = find_standing(household_id, run=own_run) if own_run else None
    limits = limits_of(timezone.localdate())
    nearest = min((limit.desil for limit in limits), key=lambda d: abs(d - standing.desil), default=None)
    return DesilPanel(
        household_id=household_id,
        desil=standing.desil,
        ticks=[(desil, desil == standing.desil) for desil in range(1, 11)],
        limits=limits,
        near_desil=NEAR_LINE if standing.near_line else 0,
        distance=distance_in_words(standing.distance(nearest), nearest) if nearest and nearest < 10 else "",
        official=official,
        as_of=standing.run.as_of,
        model=standing.run.model_id,
        source=standing.run.source,
        own_desil=own.desil if own else None,
        own_as_of=own.run.as_of if own else None,
        difference=difference_in_words(standing.desil, own.desil) if own else "",
        waiting=None if official else waiting_official(household_id, standing.desil),
        provisional=score_today(household_id),
    )


def waiting_official(household_id: uuid.UUID, own: int) -> WaitingOfficial | None:
    """What an imported official ranking says of a family while ours is in use."""
    run = find_waiting_official()
    standing = find_standing(household_id, run=run) if run else None
    if run is None or standing is None:
        return None
    return WaitingOfficial(run.pk, run.source, run.as_of, standing.desil, difference_in_words(own, standing.desil))


def difference_in_words(in_use: int, other: int) -> str:
    """How another ranking's desil stands to the one in use."""
    apart = abs(other - in_use)
    if not apart:
        return _("the same desil")
    if other > in_use:
        return ngettext("%(n)s desil higher (better off)", "%(n)s desil higher (better off)", apart) % {"n": apart}
    return ngettext("%(n)s desil lower (poorer)", "%(n)s desil lower (poorer)", apart) % {"n": apart}


def limits_of(on: dt.date) -> list[Limit]:
    """Up to which desil the programmes reach on a day, poorest limit first."""
    reach: dict[int, list[Any]] = {}
    for entry in find_programmes(on):
        if entry.rule is not None:
            reach.setdefault(entry.rule.desil_max, []).append(short_name(entry.programme.name))
    return [Limit(desil, ", ".join(names)) for desil, names in sorted(reach.items())]


def short_name(name: str) -> str:
    """The short form that a programme's name carries in brackets, else the name.

    >>> short_name("Program Keluarga Harapan (PKH)")
    'PKH'
    """
    return name[name.rfind("(") + 1 : -1] if name.endswith(")") and "(" in name else name


def distance_in_words(share: float | None, desil: int) -> str:
    """How far the estimated spending lies from the limit of a desil: `share` as `Standing.distance` gives it."""
    if share is None:
        return ""
    percent = number(abs(share) * 100, 1)
    if share > 0:
        return _("%(percent)s%% above the limit of desil %(desil)s") % {"percent": percent, "desil": desil}
    return _("%(percent)s%% below the limit of desil %(desil)s") % {"percent": percent, "desil": desil}
