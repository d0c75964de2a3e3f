"""Static files: served by us, hashed and compressed; nothing comes from another address."""

import sys

from dtsen_site.settings.environment import PROJECT_DIR
from dtsen_site.settings.paths import DTSEN_STATE_DIR
from dtsen_site.settings.security import DEBUG

STATIC_URL = "/static/"
STATIC_ROOT = DTSEN_STATE_DIR / "static"
STATICFILES_DIRS = [PROJECT_DIR / "static"]
STATICFILES_STORAGE_HASHED = "whitenoise.storage.CompressedManifestStaticFilesStorage"

# Tests and development read the source folders; a served site needs `collectstatic` (make install).
_collected = (STATIC_ROOT / "staticfiles.json").is_file() or "collectstatic" in sys.argv
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {
        "BACKEND": STATICFILES_STORAGE_HASHED
        if _collected and not DEBUG
        else "django.contrib.staticfiles.storage.StaticFilesStorage"
    },
}
WHITENOISE_USE_FINDERS = not _collected or DEBUG
WHITENOISE_AUTOREFRESH = DEBUG
# A file that came after the last `collectstatic` is served under its plain name instead of failing the page.
WHITENOISE_MANIFEST_STRICT = False
