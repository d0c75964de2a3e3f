"""The site as an application: its checks, its commands, its template tags."""

from django.apps import AppConfig


class SiteConfig(AppConfig):
    name = "dtsen_site"
    label = "dtsen_site"

    def ready(self) -> None:
        """Register the system checks."""
        from dtsen_site import checks  # noqa: F401
