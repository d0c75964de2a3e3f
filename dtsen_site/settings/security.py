"""Who may sign in and how, cookies, headers, limits of what a request may carry."""

import datetime as dt
import secrets
from importlib.util import find_spec

from dtsen_site.settings.environment import read, read_site_url, wrong
from dtsen_site.settings.paths import DTSEN_STATE_DIR, DTSEN_UPLOAD_DIR

DTSEN_PRODUCTION: bool = read("DTSEN_PRODUCTION")
DEBUG: bool = read("DTSEN_DEBUG")
if DEBUG and DTSEN_PRODUCTION:
    raise wrong("DTSEN_DEBUG", "it is yes on a production site")

ALLOWED_HOSTS: list[str] = read("DTSEN_HOSTS")
if not ALLOWED_HOSTS:
    if DTSEN_PRODUCTION:
        raise wrong("DTSEN_HOSTS", "it is missing on a production site")
    ALLOWED_HOSTS = ["localhost", "127.0.0.1", "[::1]", "testserver"]

# Links that are printed or shown outside a request begin with this.
DTSEN_SITE_URL = read_site_url()

# The install makes the key (`manage.py make_keys`). A command before that gets one that nobody
# can guess and that is gone afterwards; the web server and the workers refuse to start on it
# (dtsen_site/checks.py).
SECRET_KEY_FILE = DTSEN_STATE_DIR / "keys" / "secret.key"
DTSEN_SECRET_KEY_IS_KEPT = SECRET_KEY_FILE.is_file()
SECRET_KEY = SECRET_KEY_FILE.read_text("ascii").strip() if DTSEN_SECRET_KEY_IS_KEPT else secrets.token_hex(32)

AUTH_USER_MODEL = "registry.Officer"
AUTHENTICATION_BACKENDS = [
    "axes.backends.AxesStandaloneBackend",
    "django.contrib.auth.backends.ModelBackend",
]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {
        "NAME": "django.contrib.auth.password_validation.MinimumLengthValidator",
        "OPTIONS": {"min_length": 12},
    },
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {"NAME": "django.contrib.auth.password_validation.NumericPasswordValidator"},
]
# An administrator's one-time link (invite, reset, unlock) is used within two days.
PASSWORD_RESET_TIMEOUT = 2 * 24 * 3600

LOGIN_URL = "/masuk/"
LOGIN_REDIRECT_URL = "/"
LOGOUT_REDIRECT_URL = "/"
if find_spec("registry.web.middleware"):
    from registry.web import middleware as _web

    LOGIN_URL = _web.LOGIN_URL
    LOGIN_REDIRECT_URL = _web.LOGIN_REDIRECT_URL
    LOGOUT_REDIRECT_URL = _web.LOGOUT_REDIRECT_URL
    CSRF_FAILURE_VIEW = _web.CSRF_FAILURE_VIEW
    AXES_LOCKOUT_CALLABLE = _web.AXES_LOCKOUT_CALLABLE

# Lockout: an account from one address after five failures; it opens by itself after a quarter of
# an hour, or by an administrator. Not the account alone: anybody could lock anybody out.
AXES_FAILURE_LIMIT = 5
AXES_COOLOFF_TIME = dt.timedelta(minutes=15)
AXES_LOCKOUT_PARAMETERS = [["username", "ip_address"]]
AXES_RESET_ON_SUCCESS = True
AXES_ENABLE_ADMIN = False
AXES_USERNAME_FORM_FIELD = "username"
AXES_IPWARE_PROXY_COUNT = 1 if read("DTSEN_PROXY") else None
AXES_SENSITIVE_PARAMETERS = ["username", "password"]

SESSION_COOKIE_AGE = 10 * 3600  # a working day
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
SESSION_COOKIE_SECURE = DTSEN_PRODUCTION
CSRF_COOKIE_SECURE = DTSEN_PRODUCTION
CSRF_COOKIE_SAMESITE = "Lax"

SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"
SECURE_CROSS_ORIGIN_OPENER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
SECURE_SSL_REDIRECT = DTSEN_PRODUCTION
SECURE_REDIRECT_EXEMPT = [r"^healthz$", r"^readyz$"]
SECURE_HSTS_SECONDS = 365 * 24 * 3600 if DTSEN_PRODUCTION else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = DTSEN_PRODUCTION
SECURE_HSTS_PRELOAD = DTSEN_PRODUCTION
if read("DTSEN_PROXY"):
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")

# Deliveries of several GB are uploaded: above 1 MB they go to a file in the state folder.
FILE_UPLOAD_MAX_MEMORY_SIZE = 1024 * 1024
FILE_UPLOAD_HANDLERS = ["django.core.files.uploadhandler.TemporaryFileUploadHandler"]
FILE_UPLOAD_PERMISSIONS = 0o600
FILE_UPLOAD_DIRECTORY_PERMISSIONS = 0o700
DATA_UPLOAD_MAX_MEMORY_SIZE = 5 * 1024 * 1024
MEDIA_ROOT = DTSEN_UPLOAD_DIR
if DTSEN_UPLOAD_DIR.is_dir():  # made by the install
    FILE_UPLOAD_TEMP_DIR = str(DTSEN_UPLOAD_DIR)

# The key files, the database's check of them and the web server's refusal are not silenced.
SILENCED_SYSTEM_CHECKS: list[str] = []
