"""No NIK and no KK number reaches the log, whoever writes it and however."""

import io
import logging
import logging.config

import pytest
from django.conf import settings

NIK = "3514011704900003"


@pytest.mark.parametrize("name", ["django.request", "django.server", "registry.sources", "celery.app.trace", ""])
def test_every_logger_masks_sixteen_digits(name):
    stream = io.StringIO()
    logging.config.dictConfig(settings.LOGGING)
    root = logging.getLogger()
    handler = root.handlers[0]
    kept, handler.stream = handler.stream, stream  # type: ignore[attr-defined]
    try:
        logger = logging.getLogger(name)
        logger.error("no family for %s", NIK)
        try:
            raise ValueError(f"number {NIK}")
        except ValueError:
            logger.exception("failed at /x/%s/", NIK)
    finally:
        handler.stream = kept  # type: ignore[attr-defined]
    written = stream.getvalue()
    assert "3514********0003" in written
    assert NIK not in written


def test_only_the_root_logger_has_handlers():
    own = [name for name, logger in settings.LOGGING["loggers"].items() if logger.get("handlers")]
    assert own == []
