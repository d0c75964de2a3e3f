"""The administration's site: who may come in, and where signing in happens."""

import copy
from collections.abc import Iterable
from typing import Any

from django.contrib.admin import ModelAdmin
from django.contrib.auth.views import redirect_to_login
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import URLPattern
from django.utils.translation import gettext_lazy as _
from unfold.sites import UnfoldAdminSite

from registry.admin.rule_files import rule_urls
from registry.admin.unfold import UNFOLD
from registry.common.errors import NotAllowed
from registry.officers.models import Officer
from registry.officers.roles import May


class AdministrationSite(UnfoldAdminSite):
    """Opens to central administrators and, to read, to auditors."""

    site_header = _("DTSEN administration")
    site_title = "DTSEN"
    index_title = _("Administration")
    enable_nav_sidebar = True

    def register(
        self,
        model_or_iterable: Any,
        admin_class: type[ModelAdmin] | None = None,  # type: ignore[type-arg]
        **options: Any,
    ) -> None:
        """Register our own pages only: a library's page is a door nobody has thought about."""
        if admin_class is not None and admin_class.__module__.startswith("registry.admin."):
            super().register(model_or_iterable, admin_class, **options)

    def unregister(self, model_or_iterable: Any) -> None:
        """Pass over models that are not registered, as `register` passed over them."""
        models = model_or_iterable if isinstance(model_or_iterable, Iterable) else [model_or_iterable]
        super().unregister([model for model in models if self.is_registered(model)])

    def extra_urls(self) -> list[URLPattern]:
        """Return the pages that are about no table."""
        return rule_urls(self)

    def _get_config(self, key: str, *args: Any) -> Any:
        if key in UNFOLD:
            return self._get_value(copy.deepcopy(UNFOLD[key]), *args)
        return super()._get_config(key, *args)

    def _get_list(self, key: str, *args: Any) -> list[Any]:
        if key in UNFOLD:
            return [self._get_value(item, *args) for item in UNFOLD[key]]
        return super()._get_list(key, *args)

    def has_permission(self, request: HttpRequest) -> bool:
        """Say whether a role held today opens the administration."""
        return isinstance(request.user, Officer) and request.user.may(May.OPEN_ADMINISTRATION)

    def login(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        """Send to the one sign-in page; an officer without the role is told so.

        Raises: NotAllowed `officers.do.not_allowed`.
        """
        if self.has_permission(request):
            return redirect("admin:index")
        if isinstance(request.user, Officer):
            raise NotAllowed("officers.do.not_allowed")
        return redirect_to_login(request.GET.get("next") or request.get_full_path())

    def logout(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        """Sign out through the one door."""
        return redirect("account:sign-in")

    def password_change(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        """Lead to the office: passwords are set by one-time link only."""
        return redirect("office:home")
