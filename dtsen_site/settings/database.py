"""The database: a server named by DATABASE_URL, else the embedded one of the state folder."""

from typing import Any

import dj_database_url

from dtsen_site.embedded.places import Places
from dtsen_site.settings.environment import read
from dtsen_site.settings.paths import DTSEN_STATE_DIR

_url: str = read("DATABASE_URL")

DTSEN_EMBEDDED_DATABASE = not _url

if _url:
    _default: dict[str, Any] = dict(dj_database_url.parse(_url))
    _default["ENGINE"] = "django.db.backends.postgresql"
else:
    _default = {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": "dtsen",
        "USER": "dtsen",
        "HOST": str(Places.of(DTSEN_STATE_DIR).sockets),
    }
_default |= {
    # One connection per worker, kept: opening one for each request costs 6 to 9 times the throughput.
    "CONN_MAX_AGE": 600,
    "CONN_HEALTH_CHECKS": True,
    "ATOMIC_REQUESTS": False,
}

DATABASES = {"default": _default}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
