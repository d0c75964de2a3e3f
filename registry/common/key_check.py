"""Whether the key files are those that wrote this database; made and kept by the install."""

import datetime as dt
from typing import Any

from django.db import transaction

from registry.common import crypto
from registry.common.audit import record
from registry.common.errors import Misconfigured
from registry.common.models import KeyFingerprint


def ensure_keys(*, by: Any = None, now: dt.datetime) -> list[str]:
    """Make the keys of a new installation and keep their fingerprints; return what was made.

    Raises: Misconfigured `common.keys.missing` when the database was written with keys that are
    gone, `common.keys.other` when the files are not its keys.
    """
    folder = crypto.get_key_folder()
    known = set(KeyFingerprint.objects.values_list("name", flat=True))
    for name in known:
        if not (folder / name).exists():
            raise Misconfigured("common.keys.missing", name=name, folder=str(folder))
    made = crypto.make_keys(folder)
    check_keys()
    with transaction.atomic():
        new = [
            KeyFingerprint(name=name, key_id=number, fingerprint=crypto.fingerprint(key), made_at=now)
            for name in crypto.KEY_NAMES
            for number, key in crypto.load_keys(name).keys.items()
            if not KeyFingerprint.objects.filter(name=name, key_id=number).exists()
        ]
        KeyFingerprint.objects.bulk_create(new)
        if new:
            record(
                "common.keys.made",
                by=by,
                obj_type="keys",
                obj_id="keys",
                params={"names": ", ".join(sorted({key.name for key in new}))},
                now=now,
            )
    return made


def check_keys() -> None:
    """Compare the key files with the fingerprints of this database.

    Raises: Misconfigured `common.keys.missing`, `common.keys.unreadable`, `common.keys.unknown`,
    `common.keys.other`.
    """
    rings = {name: crypto.load_keys(name) for name in crypto.KEY_NAMES}
    for kept in KeyFingerprint.objects.all():
        key = rings[kept.name].get(kept.key_id)
        if crypto.fingerprint(key) != bytes(kept.fingerprint):
            raise Misconfigured("common.keys.other", name=kept.name)
