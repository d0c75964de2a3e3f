"""Log: to the standard error stream, every line through the filter that masks runs of 16 digits."""

from typing import Any

from dtsen_site.settings.environment import read, wrong

_level = str(read("DTSEN_LOG_LEVEL")).upper()
if _level not in {"DEBUG", "INFO", "WARNING", "ERROR"}:
    raise wrong("DTSEN_LOG_LEVEL", f"“{_level}” is not a level")

_filters = {"mask_numbers": {"()": "registry.common.privacy.MaskSixteenDigits"}}

LOGGING: dict[str, Any] = {
    "version": 1,
    "disable_existing_loggers": False,
    "filters": _filters,
    "formatters": {"line": {"format": "%(asctime)s %(levelname)s %(name)s: %(message)s"}},
    "handlers": {
        "stream": {
            "class": "logging.StreamHandler",
            "formatter": "line",
            "filters": list(_filters),
        }
    },
    "root": {"handlers": ["stream"], "level": _level},
    "loggers": {
        # Django's own handlers would write past the filter.
        "django": {"handlers": [], "level": _level, "propagate": True},
        "django.server": {"handlers": [], "level": _level, "propagate": True},
        # Two ticks a second would bury everything else.
        "celery.app.trace": {"level": "WARNING"},
        "celery.beat": {"level": "WARNING"},
        "celery.worker.strategy": {"level": "WARNING"},
        "axes": {"level": "WARNING"},
    },
}
