"""Reads over accounts and roles for screens, commands and other stages."""

import datetime as dt

from django.conf import settings
from django.db.models import QuerySet
from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone

from registry.officers.models import Officer, OneTimeLink

SYSTEM_EMAIL = "sistem@dtsen.invalid"


def system_officer() -> Officer:
    """Return the officer in whose name the system acts; it can never sign in."""
    officer, _made = Officer.objects.get_or_create(
        is_system=True,
        defaults={
            "email": SYSTEM_EMAIL,
            "name": "DTSEN",
            "password": "!",
            "created_at": timezone.now(),
        },
    )
    return officer


def find_officer(email: str) -> Officer | None:
    """Return the account of an e-mail address, whatever its case, or None."""
    return Officer.objects.filter(email=email.strip().lower()).first()


def find_link(token: str, *, now: dt.datetime) -> OneTimeLink | None:
    """Return the link of a token while it can still be used, else None."""
    usable = OneTimeLink.objects.usable(now).select_related("officer")
    return usable.filter(token_hash=OneTimeLink.hash_token(token), officer__is_active=True).first()


def get_link_address(token: str, *, request: HttpRequest | None = None) -> str:
    """Return the whole address behind which a password is set, to be shown or printed.

    Without a request (a command) it begins with the setting `DTSEN_SITE_URL`.
    """
    path = reverse("account:first-password", args=[token])
    if request is not None:
        return request.build_absolute_uri(path)
    return f"{settings.DTSEN_SITE_URL}{path}"


def find_officers_for(role: str, region_code: str, *, on: dt.date | None = None) -> QuerySet[Officer]:
    """Return the active officers who hold a role for a region, or for one that contains it."""
    return Officer.objects.human().holding(role, on=on or timezone.localdate(), region_code=region_code)
