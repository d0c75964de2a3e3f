"""An officer's roles and regions in words."""

from __future__ import annotations

from collections.abc import Iterable

from django.utils.translation import gettext as _

from registry.officers.models import Officer
from registry.officers.roles import ROLES
from registry.wilayah.models import Region


def name_regions(codes: Iterable[str]) -> dict[str, str]:
    """Names of regions by code; a code that is unknown stands for itself."""
    wanted = {code for code in codes if code}
    names = dict(Region.objects.filter(code__in=wanted).values_list("code", "name"))
    return {code: names.get(code, code) for code in wanted}


def describe_roles(officer: Officer) -> str:
    """ "Regency verifier, Kab. Bantul"; a role for all of Indonesia says so."""
    by_role = officer.scope.by_role
    names = name_regions(code for codes in by_role.values() for code in codes)
    parts = []
    for role, codes in by_role.items():
        places = ", ".join(names.get(code, _("all of Indonesia")) for code in codes)
        parts.append(f"{ROLES[role].title}, {places}")
    return "; ".join(parts) or _("No role today")


def describe_scope(officer: Officer) -> str:
    """The regions whose families the officer may see, in words."""
    scope = officer.scope
    if scope.everything:
        return _("All of Indonesia")
    if not scope.regions:
        return _("Only what is assigned to you")
    names = name_regions(scope.regions)
    return ", ".join(names[code] for code in scope.regions)


def describe_place(region_code: str | None) -> str:
    """ "Desa Sumberagung, Kec. Grati, Kab. Pasuruan", as far as the code goes."""
    if not region_code:
        return _("place unknown")
    codes = [region_code[:n] for n in (13, 8, 5) if len(region_code) >= n]
    names = name_regions(codes)
    return ", ".join(names[code].title() if names[code].isupper() else names[code] for code in codes)
