"""The administration's look (Unfold): the office's colours, one menu, no address of others."""

from typing import Any

from django.templatetags.static import static
from django.utils.translation import gettext_lazy as _


def _navigation(request: Any) -> list[dict[str, Any]]:
    from dtsen_site.menu import unfold_navigation

    return unfold_navigation(request)


UNFOLD = {
    "SITE_TITLE": "DTSEN",
    "SITE_HEADER": "DTSEN",
    "SITE_SUBHEADER": _("Administration"),
    "SITE_URL": "/",
    "SITE_SYMBOL": "family_restroom",
    "SHOW_HISTORY": True,
    "SHOW_VIEW_ON_SITE": False,
    "SHOW_LANGUAGES": False,
    "STYLES": [lambda request: static("css/admin.css")],
    "SIDEBAR": {"show_search": True, "show_all_applications": False, "navigation": _navigation},
}

IMPORT_EXPORT_USE_TRANSACTIONS = True
IMPORT_EXPORT_SKIP_ADMIN_LOG = False
IMPORT_EXPORT_ESCAPE_FORMULAE_ON_EXPORT = True
