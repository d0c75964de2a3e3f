"""Arrangements for tests: a few regions and officers, made by the operations."""

import datetime as dt

from django.test import Client
from django.utils import timezone

from registry.officers.models import Officer, OfficerRole
from registry.officers.operations import grant_role, invite_officer
from registry.officers.selectors import find_officer, system_officer
from registry.wilayah.files import RegionRow
from registry.wilayah.models import Region
from registry.wilayah.operations import load_regions

REGIONS = {
    "34": "Daerah Istimewa Yogyakarta",
    "34.02": "Kabupaten Bantul",
    "34.02.01": "Srandakan",
    "34.02.01.2001": "Poncosari",
    "34.02.02": "Sanden",
    "34.02.02.2001": "Gadingsari",
    "34.04": "Kabupaten Sleman",
    "34.04.01": "Gamping",
    "34.04.01.2001": "Balecatur",
    "35": "Jawa Timur",
    "35.14": "Kabupaten Pasuruan",
}


def some_regions() -> None:
    """Load the regions above, once."""
    if not Region.objects.exists():
        load_regions(
            regions=[RegionRow(code, name) for code, name in REGIONS.items()],
            by=system_officer(),
            now=timezone.now(),
        )


def an_officer(email: str = "ana@dtsen.test") -> Officer:
    """Return an account of that address without a role."""
    return find_officer(email) or invite_officer(email=email, name="Ana", by=system_officer(), now=timezone.now())


def a_role(
    role: str,
    region: str = "",
    *,
    email: str | None = None,
    since: dt.date | None = None,
    until: dt.date | None = None,
) -> OfficerRole:
    """Grant a role to an officer named after it."""
    some_regions()
    return grant_role(
        officer=an_officer(email or f"{role}@dtsen.test"),
        role=role,
        region=region,
        since=since,
        until=until,
        by=system_officer(),
        now=timezone.now(),
    )


def an_officer_with(role: str, region: str = "", **options) -> Officer:
    """Return an officer who holds the role, freshly read."""
    return Officer.objects.get(pk=a_role(role, region, **options).officer_id)


def signed_in(role: str) -> Client:
    """Return a client of an officer who holds the role."""
    client = Client()
    client.force_login(an_officer_with(role), backend="django.contrib.auth.backends.ModelBackend")
    return client
