"""An officer's roles and regions in words."""

from __future__ import annotations

from django.utils.translation import gettext as _

from registry.officers.models import Officer
from registry.officers.roles import ROLES, May
from registry.wilayah.selectors import get_children, get_names, get_place


def describe_roles(officer: Officer) -> str:
    """ "Regency verifier, Kab. Bantul"; a role for all of Indonesia says so."""
    by_role = officer.scope.by_role
    names = get_names(code for codes in by_role.values() for code in codes)
    parts = []
    for role, codes in by_role.items():
        places = ", ".join(names.get(code, code or _("all of Indonesia")) for code in codes)
        parts.append(f"{ROLES[role].title}, {places}")
    return "; ".join(parts) or _("No role today")


def describe_scope(officer: Officer) -> str:
    """The regions whose families the officer may see, in words."""
    scope = officer.scope
    if scope.everything:
        return _("All of Indonesia")
    if not scope.regions:
        return _("Only what is assigned to you")
    names = get_names(scope.regions)
    return ", ".join(names.get(code, code) for code in scope.regions)


def regions_to_choose(officer: Officer) -> list[tuple[str, str]]:
    """All that the officer sees, then the regions right below it, by name."""
    scope = officer.scope
    chosen = [("", _("All of your region") if not scope.everything else _("All of Indonesia"))]
    for code in [""] if scope.everything else scope.regions:
        below = get_children(code) if len(code) < 13 else []
        chosen += sorted(below, key=lambda region: region[1])
    return chosen


def describe_place(region_code: str | None) -> str:
    """ "Sumberagung, Grati, Pasuruan", as far as the code goes."""
    return get_place(region_code) if region_code else _("place unknown")


def regions_where(officer: Officer, what: May) -> list[str]:
    """The officer's regions, regencies and below, in which a role held there allows it."""
    return [code for code in officer.scope.regions if len(code) >= 5 and officer.may(what, code)]
