"""Puts our site in the place of Django's default one and registers its pages.

There is no autodiscovery: a library's own admin pages (groups, failed sign-ins, history) would
open doors that nobody has thought about.
"""

from importlib import import_module

from django.contrib.admin.apps import SimpleAdminConfig


class AdministrationConfig(SimpleAdminConfig):
    """The app `django.contrib.admin` with our site."""

    default_site = "registry.admin.site.AdministrationSite"

    def ready(self) -> None:
        """Register the pages once every model is there."""
        super().ready()
        import_module("registry.admin.pages")
