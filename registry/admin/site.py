"""The administration's site: who may come in, and where signing in happens."""

from typing import Any

from django.contrib.auth.views import redirect_to_login
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext_lazy as _
from unfold.sites import UnfoldAdminSite

from registry.common.errors import NotAllowed
from registry.officers.models import Officer
from registry.officers.roles import May


class AdministrationSite(UnfoldAdminSite):
    """Opens to central administrators and, to read, to auditors."""

    site_header = _("DTSEN administration")
    site_title = "DTSEN"
    index_title = _("Administration")
    enable_nav_sidebar = True

    def has_permission(self, request: HttpRequest) -> bool:
        """Say whether a role held today opens the administration."""
        return isinstance(request.user, Officer) and request.user.may(May.OPEN_ADMINISTRATION)

    def login(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """Send to the one sign-in page; an officer without the role is told so.

        Raises: NotAllowed `officers.do.not_allowed`.
        """
        if self.has_permission(request):
            return redirect("admin:index")
        if isinstance(request.user, Officer):
            raise NotAllowed("officers.do.not_allowed")
        return redirect_to_login(request.GET.get("next") or request.get_full_path())

    def logout(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """Sign out through the one door."""
        return redirect("account:sign-in")

    def password_change(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """Lead to the office: passwords are set by one-time link only."""
        return redirect("office:home")
