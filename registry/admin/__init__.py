"""The administration (`/admin/`): Django's admin on Unfold, for administrators and auditors.

Found by the admin's autodiscovery, which imports this package once every model is there. It puts
our site in the place of the default one and registers `pages`; everything personal or of
casework is read-only there. The settings must not import from here.
"""

from django.contrib import admin
from django.contrib.admin import sites

from registry.admin.site import AdministrationSite

if not isinstance(admin.site, AdministrationSite):
    admin.site = sites.site = AdministrationSite()

from registry.admin import pages  # noqa: E402, F401  (registers on the site above)
