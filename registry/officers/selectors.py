"""Reads over accounts and roles for screens, commands and other stages."""

from django.utils import timezone

from registry.officers.models import Officer

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
