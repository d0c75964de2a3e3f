"""Installed applications, middleware, templates and addresses."""

from importlib.util import find_spec

from dtsen_site.settings.environment import PROJECT_DIR

INSTALLED_APPS = [
    # Unfold stands before the administration it styles.
    "unfold",
    "unfold.contrib.filters",
    "unfold.contrib.import_export",
    "dtsen_site",
    "registry",
    "complaints",
    "graduation",
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "whitenoise.runserver_nostatic",
    "django.contrib.staticfiles",
    "django.contrib.postgres",
    "django.contrib.humanize",
    "import_export",
    "rest_framework",
    "django_htmx",
    "pgtrigger",
    "pghistory",
    "django_linear_migrations",
    "axes",
]

_WEB: list[str] = []
if find_spec("registry.web.middleware"):
    from registry.web.middleware import WEB_MIDDLEWARE

    _WEB = list(WEB_MIDDLEWARE)

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    *_WEB,
    # Row history learns who and where.
    "pghistory.middleware.HistoryMiddleware",
    # Last, as its documentation asks: it answers a locked-out sign-in.
    "axes.middleware.AxesMiddleware",
]

ROOT_URLCONF = "dtsen_site.urls"
WSGI_APPLICATION = "dtsen_site.wsgi.application"
APPEND_SLASH = True

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [PROJECT_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
            ],
        },
    },
]
