"""Refused requests as pages: 400, 403, 404, an expired form, and 500.

Domain errors become pages in `registry.common.http`.
"""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.template import loader
from django.templatetags.static import static

TEMPLATES = {400: "errors/400.html", 403: "errors/403.html", 404: "errors/404.html"}


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
