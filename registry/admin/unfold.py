"""How the administration looks: colours, names, sidebar. `site.AdministrationSite` reads it."""

from typing import Any

from django.templatetags.static import static
from django.utils.translation import gettext_lazy as _

UNFOLD: dict[str, Any] = {
    "SITE_TITLE": "DTSEN",
    "SITE_HEADER": _("DTSEN administration"),
    "SITE_URL": "/kantor/",
    "SITE_LOGO": {
        "light": lambda request: static("icons/logo-light.svg"),
        "dark": lambda request: static("icons/logo-dark.svg"),
    },
    "SITE_FAVICONS": [
        {
            "rel": "icon",
            "type": "image/svg+xml",
            "href": lambda request: static("icons/favicon.svg"),
        }
    ],
    "SHOW_HISTORY": False,
    "SHOW_VIEW_ON_SITE": False,
    "SHOW_LANGUAGES": False,
    "BORDER_RADIUS": "6px",
    "STYLES": [lambda request: static("css/admin.css")],
    # ../design: tokens of the office, so that both staff doors have one look.
    "COLORS": {
        "primary": {
            "50": "#f1f4fb",
            "100": "#e3e8f6",
            "200": "#c6d0ee",
            "300": "#adbdff",
            "400": "#98a9f2",
            "500": "#7f95e6",
            "600": "#2a4190",
            "700": "#223677",
            "800": "#1c2c62",
            "900": "#17224a",
            "950": "#0c1126",
        },
        "base": {
            "50": "#f4f6f9",
            "100": "#e8ecf2",
            "200": "#d6dbe5",
            "300": "#bcc4d3",
            "400": "#98a2b8",
            "500": "#66708a",
            "600": "#4b556f",
            "700": "#303a54",
            "800": "#242c40",
            "900": "#181e2d",
            "950": "#10141f",
        },
    },
    "SIDEBAR": {
        "show_search": False,
        "show_all_applications": False,
        "navigation": "dtsen_site.menu.unfold_navigation",
    },
}
