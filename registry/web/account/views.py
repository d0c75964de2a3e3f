"""Signing in and out, the password behind a one-time link, and the choice of language and colours."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.contrib import messages
from django.contrib.auth import login, logout
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect, render, resolve_url
from django.utils import timezone
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST

from registry.officers.models import OneTimeLink
from registry.officers.operations import set_password_by_link
from registry.web.account.forms import PasswordForm, SignInForm

YEAR = 365 * 24 * 3600


@never_cache
@sensitive_post_parameters("password")
@require_http_methods(["GET", "HEAD", "POST"])
def sign_in(request: HttpRequest) -> HttpResponse:
    """Open the office to an officer who knows the password."""
    target = own_address(request, request.POST.get("next") or request.GET.get("next", ""))
    if request.user.is_authenticated:
        return redirect(target or settings.LOGIN_REDIRECT_URL)
    form = SignInForm(request, data=request.POST or None)
    if request.method == "POST" and form.is_valid():
        login(request, form.get_user())
        return redirect(target or settings.LOGIN_REDIRECT_URL)
    if getattr(request, "axes_locked_out", False):
        return locked(request)
    return render(request, "account/sign_in.html", {"form": form, "next": target})


@require_POST
def sign_out(request: HttpRequest) -> HttpResponse:
    """Close the session."""
    logout(request)
    return redirect("account:sign-in")


def locked(request: HttpRequest, response: Any = None, credentials: Any = None, *_a: Any, **_k: Any) -> HttpResponse:
    """Too many failed attempts: for how long, and who can help sooner."""
    cooloff: Any = getattr(settings, "AXES_COOLOFF_TIME", None)
    minutes = round(cooloff.total_seconds() / 60) if cooloff else 0
    return render(request, "account/locked.html", {"minutes": minutes}, status=429)


@never_cache
@sensitive_post_parameters("password", "again")
@require_http_methods(["GET", "HEAD", "POST"])
def first_password(request: HttpRequest, token: str) -> HttpResponse:
    """Let the holder of a one-time link set the password of the account."""
    link = OneTimeLink.objects.usable(timezone.now()).filter(token_hash=OneTimeLink.hash_token(token)).first()
    if link is None:
        return render(request, "account/link_over.html", status=404)
    form = PasswordForm(request.POST or None, officer=link.officer)
    if request.method == "POST" and form.is_valid():
        set_password_by_link(token=token, password=form.cleaned_data["password"], now=timezone.now())
        messages.success(request, _("The password is set. Sign in with it now."))
        return redirect("account:sign-in")
    return render(request, "account/password.html", {"form": form, "officer": link.officer})


@require_POST
def choose_language(request: HttpRequest) -> HttpResponse:
    """Keep the language of this browser for a year."""
    response = back(request)
    if request.POST.get("language") in ("id", "en"):
        response.set_cookie(settings.LANGUAGE_COOKIE_NAME, request.POST["language"], max_age=YEAR, samesite="Lax")
    return response


@require_POST
def choose_theme(request: HttpRequest) -> HttpResponse:
    """Keep light or dark for a year; empty follows the device again."""
    response = back(request)
    theme = request.POST.get("theme")
    if theme in ("light", "dark"):
        response.set_cookie("theme", theme, max_age=YEAR, samesite="Lax")
    else:
        response.delete_cookie("theme")
    return response


def back(request: HttpRequest) -> HttpResponseRedirect:
    """Return to the page the form stood on, when it is one of ours."""
    return HttpResponseRedirect(own_address(request, request.POST.get("next", "")) or resolve_url("public:home"))


def own_address(request: HttpRequest, address: str) -> str:
    """The address when it stays on this site, else nothing."""
    safe = url_has_allowed_host_and_scheme(address, {request.get_host()}, require_https=request.is_secure())
    return address if safe else ""
