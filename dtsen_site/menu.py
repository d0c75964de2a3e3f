"""The one list of staff destinations: the office's side menu and the administration's sidebar both come from it.

An item names what a role must be allowed to do (`May`); an item of the administration is shown in the
office as a single link to that door.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from django.http import HttpRequest
from django.urls import NoReverseMatch, reverse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from registry.officers.roles import May
from registry.web.office.selectors.counts import count_open_pairs, count_running_jobs

Label = str | Promise


@dataclass(frozen=True)
class Item:
    """One destination: where, for whom, how it looks in each door, how much waits there."""

    label: Label
    url_name: str
    icon: str  # symbol of the office's sprite
    admin_icon: str  # name of Unfold's symbol font
    may: frozenset[May]  # any of these; empty = every officer
    under: tuple[str, ...] = ()  # further url names that belong to this item
    count: Callable[[Any], int | None] | None = None


@dataclass(frozen=True)
class Section:
    """Items under one heading; `door` says where they are pages of their own."""

    label: Label
    door: str  # office | admin
    items: tuple[Item, ...]


def may(*what: May) -> frozenset[May]:
    return frozenset(what)


MENU: tuple[Section, ...] = (
    Section(
        "",
        "office",
        (
            Item(_("Your work"), "office:home", "rumah", "home", may()),
            Item(
                _("Register"),
                "office:register",
                "keluarga",
                "family_restroom",
                may(May.SEARCH_PEOPLE),
                under=(
                    "results",
                    "family",
                    "family-numbers",
                    "family-history",
                    "person-history",
                    "family-merge",
                    "family-split",
                    "family-score",
                    "correct",
                    "person",
                    "person-merge",
                    "person-split",
                    "correct-person",
                    "plan",
                ),
            ),
            Item(
                _("Deliveries"),
                "office:deliveries",
                "berkas",
                "upload_file",
                may(May.VIEW_DELIVERIES, May.RECEIVE_DELIVERY),
                under=("delivery", "delivery-upload", "findings"),
            ),
            Item(
                _("Review pairs"),
                "office:reviews",
                "pasangan",
                "join_inner",
                may(May.REVIEW_PAIRS),
                under=("review",),
                count=count_open_pairs,
            ),
            Item(
                _("Corrections"),
                "office:corrections",
                "ubah",
                "edit_note",
                may(May.PROPOSE_CORRECTION, May.CHECK_CORRECTION),
                under=("correction-decide",),
            ),
            Item(
                _("Lists"),
                "office:lists",
                "unduh",
                "download",
                may(May.EXPORT_LISTS),
                under=("list-file",),
            ),
            Item(
                _("Rankings"),
                "office:rankings",
                "grafik",
                "leaderboard",
                may(May.VIEW_RANKING),
                under=(
                    "ranking",
                    "ranking-upload",
                    "ranking-compare",
                    "ranking-findings",
                    "what-if",
                    "rank-model",
                    "survey-upload",
                    "programmes",
                ),
            ),
            Item(
                _("Uji petik"),
                "office:samples",
                "timbang",
                "fact_check",
                may(May.VIEW_SAMPLES),
                under=(
                    "sample",
                    "sample-plan",
                    "sample-progress",
                    "lots",
                    "lot-plan",
                    "lqas-plan",
                    "coverage",
                    "lot-calculator",
                ),
            ),
            Item(
                _("Cycles"),
                "office:cycles",
                "siklus",
                "event_repeat",
                may(May.VIEW_RECIPIENTS),
                under=("cycle",),
            ),
            Item(
                _("Jobs"),
                "office:jobs",
                "jam",
                "schedule",
                may(May.RECEIVE_DELIVERY, May.BUILD_REGISTRY, May.VIEW_AUDIT, May.EXPORT_LISTS),
                under=("job",),
                count=count_running_jobs,
            ),
            Item(
                _("Audit"),
                "office:audit",
                "perisai",
                "verified_user",
                may(May.VIEW_AUDIT),
                under=("audit-reads", "audit-verify"),
            ),
        ),
    ),
    Section(
        _("Administration"),
        "admin",
        (
            Item(_("Officers"), "admin:registry_officer_changelist", "usul", "badge", may(May.OPEN_ADMINISTRATION)),
            Item(
                _("Roles and regions of officers"),
                "admin:registry_officerrole_changelist",
                "kunci",
                "assignment_ind",
                may(May.OPEN_ADMINISTRATION),
            ),
            Item(_("Regions"), "admin:registry_region_changelist", "lokasi", "map", may(May.OPEN_ADMINISTRATION)),
            Item(
                _("BPS codes"),
                "admin:registry_bpsbridge_changelist",
                "lokasi",
                "swap_horiz",
                may(May.OPEN_ADMINISTRATION),
            ),
            Item(
                _("Rules of programmes"),
                "admin:registry_programmerule_changelist",
                "berkas",
                "gavel",
                may(May.OPEN_ADMINISTRATION),
            ),
            Item(
                _("Components of programmes"),
                "admin:registry_component_changelist",
                "berkas",
                "payments",
                may(May.OPEN_ADMINISTRATION),
            ),
        ),
    ),
)
ADMINISTRATION = Item(_("Administration"), "admin:index", "atur", "settings", may(May.OPEN_ADMINISTRATION))


@dataclass(frozen=True)
class PublicItem:
    """One destination of the public pages."""

    label: Label
    url_name: str
    above: bool = False  # also in the masthead; the others only in the foot, a phone is narrow


PUBLIC: tuple[PublicItem, ...] = (
    PublicItem(_("Transparency"), "transparency:page", above=True),
    PublicItem(_("Models"), "public:models"),
    PublicItem(_("About"), "public:about"),
    PublicItem(_("Officers' door"), "account:sign-in"),
)


@dataclass(frozen=True)
class Entry:
    """An item as one page shows it."""

    label: Label
    url: str
    icon: str
    current: bool
    count: int | None


@dataclass(frozen=True)
class Shown:
    label: Label
    items: list[Entry] = field(default_factory=list)


def office_menu(request: HttpRequest) -> list[Shown]:
    """The sections that this officer may open, with what waits in them."""
    officer: Any = request.user
    match = request.resolver_match
    here = f"{match.namespace}:{match.url_name}" if match else ""
    name = match.url_name or "" if match else ""

    def entries(items: tuple[Item, ...]) -> list[Entry]:
        shown = []
        for item in items:
            url = address_of(item)
            if url is None or not is_open(item, officer):
                continue
            current = here == item.url_name or (here.startswith("office:") and name in item.under)
            count = item.count(officer) if item.count else None
            shown.append(Entry(item.label, url, item.icon, current, count or None))
        return shown

    sections = [Shown(s.label, entries(s.items)) for s in MENU if s.door == "office"]
    sections.append(Shown("", entries((ADMINISTRATION,))))
    return [section for section in sections if section.items]


def unfold_navigation(request: HttpRequest) -> list[dict[str, Any]]:
    """The same list in the form of `UNFOLD["SIDEBAR"]["navigation"]`."""
    officer: Any = request.user
    groups = []
    for section in reversed(MENU):
        items = [
            {"title": item.label, "icon": item.admin_icon, "link": address_of(item)}
            for item in section.items
            if address_of(item) is not None and is_open(item, officer)
        ]
        if items:
            groups.append({"title": section.label or _("Office"), "separator": True, "items": items})
    return groups


def is_open(item: Item, officer: Any) -> bool:
    """Say whether one of the officer's roles opens the item."""
    return not item.may or any(officer.may(what) for what in item.may)


def address_of(item: Item) -> str | None:
    """The item's address, None when its page is not installed."""
    try:
        return reverse(item.url_name)
    except NoReverseMatch:
        return None
