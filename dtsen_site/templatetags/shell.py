"""What the shells ask: their menus from the one list, and who is signed in."""

from __future__ import annotations

from typing import Any

from django import template

from dtsen_site import menu
from registry.web.office.selectors.scope import describe_roles

register = template.Library()


@register.simple_tag(takes_context=True)
def office_menu(context: template.Context) -> list[menu.Shown]:
    """The side menu of this officer on this page."""
    request = context.get("request")
    return menu.office_menu(request) if request is not None and request.user.is_authenticated else []


@register.simple_tag
def public_menu() -> tuple[menu.PublicItem, ...]:
    """The destinations of the public pages."""
    return menu.PUBLIC


@register.simple_tag
def officer_line(officer: Any) -> str:
    """Roles and regions of the officer, in words."""
    return describe_roles(officer) if getattr(officer, "is_authenticated", False) else ""
