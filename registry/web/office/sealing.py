"""What was searched for, kept in the address without being readable there.

A search may hold a NIK, a KK number or a name; none of them may stand in an address, a log line or a history
of a browser. The criteria travel encrypted and lose their use after a working day.
"""

from __future__ import annotations

import base64
import hashlib
import json
from typing import Any

from cryptography.fernet import Fernet, InvalidToken
from django.conf import settings

WORKING_DAY = 12 * 3600


def _fernet() -> Fernet:
    key = hashlib.blake2b(settings.SECRET_KEY.encode(), digest_size=32, person=b"office.search").digest()
    return Fernet(base64.urlsafe_b64encode(key))


def seal(criteria: dict[str, Any]) -> str:
    """The criteria as one opaque word for an address."""
    return _fernet().encrypt(json.dumps(criteria).encode()).decode().rstrip("=")


def unseal(word: str) -> dict[str, Any] | None:
    """The criteria again, None when the word is old or not ours."""
    try:
        padded = word + "=" * (-len(word) % 4)
        found = json.loads(_fernet().decrypt(padded.encode(), ttl=WORKING_DAY))
    except (InvalidToken, ValueError):
        return None
    return found if isinstance(found, dict) else None
