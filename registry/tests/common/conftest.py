"""An officer, keys of their own, and a moment for the tests of the common ground."""

import datetime as dt

import pytest

from registry.common import crypto
from registry.models import Officer
from registry.officers.selectors import system_officer

NOW = dt.datetime(2026, 11, 24, 3, 0, tzinfo=dt.UTC)


@pytest.fixture
def now() -> dt.datetime:
    """Return a fixed moment."""
    return NOW


@pytest.fixture
def officer(db, now) -> Officer:
    """Return an officer who may stand in the record."""
    return Officer.objects.create(
        email="tester@example.id",
        name="Tester",
        created_at=now,
        created_by=system_officer(),
    )


@pytest.fixture
def keys(tmp_path, settings):
    """Make keys in a folder of the test's own."""
    settings.DTSEN_STATE_DIR = tmp_path
    crypto.forget_keys()
    crypto.make_keys()
    yield tmp_path / "keys"
    crypto.forget_keys()
