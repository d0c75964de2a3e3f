"""Content Security Policy: strict for our own pages, with Alpine's need (unsafe-eval) for the administration only."""

from __future__ import annotations

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse

STRICT = "; ".join(
    (
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self'",
        "img-src 'self' data:",
        "font-src 'self'",
        "connect-src 'self'",
        "manifest-src 'self'",
        "form-action 'self'",
        "frame-ancestors 'none'",
        "base-uri 'none'",
    )
)
# Unfold ships Alpine, which evaluates expressions in attributes, and sets inline styles.
ADMINISTRATION = STRICT.replace("script-src 'self'", "script-src 'self' 'unsafe-eval' 'unsafe-inline'").replace(
    "style-src 'self'", "style-src 'self' 'unsafe-inline'"
)
PERMISSIONS = "camera=(), microphone=(), geolocation=(), payment=(), usb=()"


class ContentSecurityPolicyMiddleware:
    """Put the policy of its door on every answer that does not carry one."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        match = request.resolver_match
        administration = match is not None and "admin" in match.namespaces
        response.headers.setdefault("Content-Security-Policy", ADMINISTRATION if administration else STRICT)
        response.headers.setdefault("Permissions-Policy", PERMISSIONS)
        if request.user.is_authenticated if hasattr(request, "user") else False:
            # Personal data: neither the browser's shared cache nor the back button of the next person.
            response.headers.setdefault("Cache-Control", "no-store, private")
        return response
