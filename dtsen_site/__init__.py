"""The site: settings, addresses, the queue and the servers that rooms run on."""

from dtsen_site.celery import app as celery_app

__all__ = ["celery_app"]
