"""Domain errors and refused requests as pages: 400, 403, 404, 409 and 500, each with one sentence.

The API answers the same errors as problem+json; see `registry.common.http`.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.http.request import split_domain_port
from django.shortcuts import render
from django.template import loader
from django.templatetags.static import static
from django.utils.http import url_has_allowed_host_and_scheme

from registry.common.errors import DomainError

TEMPLATES = {400: "errors/400.html", 403: "errors/403.html", 404: "errors/404.html", 409: "errors/409.html"}


class DomainErrorMiddleware:
    """Render a `DomainError` that a view lets through as the page of its status."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponse | None:
        if not isinstance(exception, DomainError):
            return None
        return domain_error_page(request, exception)


def domain_error_page(request: HttpRequest, error: DomainError) -> HttpResponse:
    """The page that says what the rule says, with a way back to where the person came from."""
    status = error.status if error.status in TEMPLATES else 409
    context = {"sentence": error.sentence(), "back": came_from(request)}
    return render(request, TEMPLATES[status], context, status=error.status)


def came_from(request: HttpRequest) -> str | None:
    """The page of ours that the person was on, or None."""
    referer = request.headers.get("referer", "")
    host, _port = split_domain_port(request.get_host())
    if host and url_has_allowed_host_and_scheme(referer, {request.get_host()}):
        return referer
    return None


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    return render(request, TEMPLATES[400], status=400)


def forbidden(request: HttpRequest, exception: Exception) -> HttpResponse:
    return render(request, TEMPLATES[403], status=403)


def not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    return render(request, TEMPLATES[404], status=404)


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    return render(request, "errors/403_csrf.html", status=403)


def server_error(request: HttpRequest) -> HttpResponse:
    """A page that needs no database, session or translation, because any of them may be what failed."""
    context: dict[str, Any] = {"tokens": static("css/tokens.css"), "base": static("css/base.css")}
    return HttpResponse(loader.get_template("errors/500.html").render(context), status=500)
