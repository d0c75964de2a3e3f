"""Lots as the office shows them: of whom they can be made, what a plan does, verdicts in words, what comes next."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import QuerySet
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from registry import sampling
from registry.officers.models import Officer, OfficerRole
from registry.officers.roles import May
from registry.programmes.selectors import find_programmes
from registry.templatetags.dtsen import number
from registry.uji_petik.lots import COMPANION, Opened, count_opened, find_standing
from registry.uji_petik.models import Design, Lot
from registry.uji_petik.states import LotState
from registry.web.office.selectors.scope import describe_place, regions_where
from registry.wilayah.models import Region
from registry.wilayah.querysets import within
from registry.wilayah.selectors import get_place

EVERYONE = "everyone"
DESIL, PROGRAMME = "desil-", "program-"
MOST_DESIL = 5
STEPS = 40
TONES = {
    LotState.WAITING: ("wait", "jam"),
    LotState.ACCEPTED: ("ok", "cek"),
    LotState.REJECTED: ("late", "awas"),
}


@dataclass
class LotLine:
    """One lot in words."""

    lot: Lot
    name: str
    place: str
    tone: str
    word: str
    icon: str
    found: Opened
    sentence: str
    risks: str


def places_to_judge(officer: Officer, *, on: dt.date) -> list[tuple[str, Any]]:
    """Regencies where the officer may draw; below each its districts with their villages, as groups to choose from."""
    chosen: list[tuple[str, Any]] = []
    for code in regions_where(officer, May.DRAW_SAMPLES):
        chosen.append((code, get_place(code)))
        below = list(Region.objects.in_force(on).within(code).values_list("code", "name").order_by("name"))
        villages: dict[str, list[tuple[str, str]]] = {}
        for inner, name in below:
            if len(inner) == 13:
                villages.setdefault(inner[:8], []).append((inner, name))
        for inner, name in below:
            if len(inner) == 8:
                whole = _("all of %(place)s") % {"place": name}
                chosen.append((name, [(inner, whole), *villages.get(inner, [])]))
    return chosen


def companions_of(officer: Officer, *, on: dt.date) -> list[tuple[str, str]]:
    """Companions who hold a region where the officer may draw, by name."""
    found: dict[str, str] = {}
    for code in regions_where(officer, May.DRAW_SAMPLES):
        held = OfficerRole.objects.in_force(on).filter(within(code), role=COMPANION, officer__is_active=True)
        found |= {str(pk): name for pk, name in held.values_list("officer_id", "officer__name")}
    return sorted(found.items(), key=lambda pair: pair[1])


def families_to_judge(*, on: dt.date) -> list[tuple[str, str | Promise]]:
    """The families that a lot can be made of: all, those a programme reaches, those up to a desil."""
    chosen: list[tuple[str, str | Promise]] = [(EVERYONE, Design.Frame.EVERYONE.label)]
    for one in find_programmes(on):
        if one.rule is not None and one.rule.desil_max < 10:
            words = _("%(programme)s: families in desil 1 to %(line)s")
            chosen.append(
                (PROGRAMME + one.programme.code, words % {"programme": one.programme.name, "line": one.rule.desil_max})
            )
    chosen.append((f"{DESIL}1", _("families in desil 1")))
    chosen += [
        (f"{DESIL}{line}", _("families in desil 1 to %(line)s") % {"line": line}) for line in range(2, MOST_DESIL + 1)
    ]
    return chosen


def frame_of(whom: str, *, on: dt.date) -> tuple[str, int | None]:
    """Return frame and line of a choice of `families_to_judge`."""
    if whom.startswith(DESIL):
        return Design.Frame.BELOW_LINE.value, int(whom.removeprefix(DESIL))
    if whom.startswith(PROGRAMME):
        code = whom.removeprefix(PROGRAMME)
        for one in find_programmes(on):
            if one.programme.code == code and one.rule is not None:
                return Design.Frame.BELOW_LINE.value, one.rule.desil_max
    return Design.Frame.EVERYONE.value, None


def find_lots(officer: Officer) -> QuerySet[Lot]:
    """The lots of the officer's regions."""
    return Lot.objects.visible_to(officer).select_related("design", "companion")


def show_lots(lots: Sequence[Lot]) -> list[LotLine]:
    """Lots in one line each, with what was found so far."""
    opened: dict[int, Opened] = {}
    for design in {lot.design for lot in lots if lot.state == LotState.WAITING}:
        opened |= count_opened(design)
    return [_line(lot, opened.get(lot.stratum_id, Opened())) for lot in lots]


def _line(lot: Lot, so_far: Opened) -> LotLine:
    found = so_far if lot.state == LotState.WAITING else Opened(lot.opened or 0, lot.wrong or 0)
    tone, icon = TONES[LotState(lot.state)]
    place = describe_place(lot.region_code)
    if lot.companion is not None:
        place = _("%(place)s, area of %(companion)s") % {"place": place, "companion": lot.companion.name}
    return LotLine(
        lot, lot.design.name, place, tone, str(lot.get_state_display()).capitalize(), icon, found, _verdict(lot, found),
        describe_risks(
            lot.size, lot.good_limit, lot.bad_limit, fails_good=lot.producer_risk, passes_bad=lot.consumer_risk
        ),
    )  # fmt: skip


def _verdict(lot: Lot, found: Opened) -> str:
    facts = {"wrong": number(found.wrong), "opened": number(found.opened), "accept": number(lot.accept)}
    if lot.state == LotState.ACCEPTED:
        return _("%(wrong)s wrong among %(opened)s opened; up to %(accept)s were allowed.") % facts
    if lot.state == LotState.WAITING:
        facts["left"] = number(lot.n - found.opened)
        return _("%(left)s still to be opened; %(wrong)s wrong so far, up to %(accept)s are allowed.") % facts
    if found.wrong > lot.accept:
        return (
            _("%(wrong)s wrong among %(opened)s opened, and only %(accept)s were allowed: check every family.") % facts
        )
    facts["missed"], facts["n"] = number(lot.n - found.opened), number(lot.n)
    return _("%(missed)s of %(n)s families were not met, so the lot is not shown right: check every family.") % facts


def describe_risks(size: int, good: int, bad: int, *, fails_good: float, passes_bad: float) -> str:
    """Return what a plan does to a lot that is just good, and to one that may just not pass."""
    return _(
        "Of %(size)s families: with %(good)s wrong ones the lot is rejected with a chance of %(fails)s%% (producer's"
        " risk); with %(bad)s it is accepted with a chance of %(passes)s%% (consumer's risk)."
    ) % {
        "size": number(size), "good": number(good), "bad": number(bad), "fails": number(100 * fails_good, 1),
        "passes": number(100 * passes_bad, 1),
    }  # fmt: skip


def describe_standing(standing: sampling.Standing) -> tuple[str, str]:
    """Return tone and sentence: how strictly the next lot is inspected, and why."""
    severity = standing.severity
    if severity == sampling.Severity.HALTED:
        return "late", _(
            "Five lots failed under tightened inspection: every family is opened until a lot is found good."
        )
    if severity == sampling.Severity.TIGHTENED:
        words = _("Tightened inspection: two of five lots failed. Five that pass in a row lead back; so far %(n)s.")
        return "wait", words % {"n": number(standing.passed)}
    if standing.may_reduce:
        words = _("The earlier lots passed so well (switching score %(n)s) that less may be opened.")
        return "ok", words % {"n": number(standing.score)}
    if not standing.lots:
        return "info", _("Normal inspection: no earlier lot of this kind was decided.")
    return "info", ngettext(
        "Normal inspection after %(n)s lot; of the last five %(failed)s failed (two lead to tightened inspection).",
        "Normal inspection after %(n)s lots; of the last five %(failed)s failed (two lead to tightened inspection).",
        standing.lots,
    ) % {"n": number(standing.lots), "failed": number(standing.failed)}


def next_of(lot: Lot) -> tuple[str, str]:
    """Return tone and sentence of what holds for the next lot of the same series."""
    return describe_standing(find_standing(lot.series))


@dataclass
class Characteristic:
    """What a plan lets through: points of the curve, and rows of a table in percent."""

    points: list[tuple[float, float]]
    rows: list[tuple[float, float]]
    widest: float


def characteristic(n: int, accept: int, size: int, bad_share: float) -> Characteristic:
    """Return the chance of acceptance by the share of wrong ones, up to three times the share that may not pass."""
    widest = min(1.0, 3 * bad_share)
    shares = [widest * step / STEPS for step in range(STEPS + 1)]
    points = [(share / widest, sampling.acceptance(n, accept, share, size)) for share in shares]
    told = sorted({0.01, 0.02, round(bad_share / 2, 3), round(bad_share, 3), round(min(1.0, 2 * bad_share), 3)})
    return Characteristic(
        points, [(100 * share, 100 * sampling.acceptance(n, accept, share, size)) for share in told], 100 * widest
    )
