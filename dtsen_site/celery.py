"""The Celery application: finds the rooms' tasks, takes the schedule from them."""

import os
from typing import Any

from celery import Celery, signals

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "dtsen_site.settings")

app = Celery("dtsen")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()


@app.on_after_finalize.connect
def _take_schedule(sender: Celery, **kwargs: Any) -> None:
    from registry.tasks import BEAT_SCHEDULE

    sender.conf.beat_schedule = BEAT_SCHEDULE


@signals.setup_logging.connect
def _keep_our_log(**kwargs: Any) -> None:
    """Leave logging as Django set it up: with the filter that masks numbers."""
    from logging.config import dictConfig

    from django.conf import settings

    dictConfig(settings.LOGGING)


@signals.worker_init.connect
@signals.beat_init.connect
def _refuse_without_keys(**kwargs: Any) -> None:
    from django.db import connections

    from dtsen_site.checks import require_keys

    require_keys()
    connections.close_all()  # forked processes open their own
