"""All doors: the public pages, the office, the administration, and the two addresses that machines ask."""

from __future__ import annotations

from importlib.util import find_spec

from django.contrib import admin
from django.urls import URLPattern, URLResolver, include, path

urlpatterns: list[URLPattern | URLResolver] = [
    path("", include("registry.web.public.urls")),
    path("transparansi/", include("dtsen_site.transparency.urls")),
    path("", include("registry.web.account.urls")),
    path("kantor/", include("registry.web.office.urls")),
    path("admin/", admin.site.urls),
]

if find_spec("dtsen_site.health"):
    from dtsen_site import health

    urlpatterns += [
        path("healthz", health.healthz, name="healthz"),
        path("readyz", health.readyz, name="readyz"),
    ]

handler400 = "registry.web.problems.bad_request"
handler403 = "registry.web.problems.forbidden"
handler404 = "registry.web.problems.not_found"
handler500 = "registry.web.problems.server_error"
