"""How a DomainError becomes an answer: problem+json for the API, a page for everybody else."""

import logging
from collections.abc import Callable
from typing import Any
from urllib.parse import urlsplit

from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from rest_framework import exceptions
from rest_framework.response import Response

from registry.common.errors import DomainError

logger = logging.getLogger(__name__)

PROBLEM_TYPE = "application/problem+json"
TEMPLATE = "errors/domain.html"


def build_problem(error: DomainError, language: str | None = None) -> dict[str, Any]:
    """Return the members of a problem document (RFC 9457) for an error."""
    return {
        "type": f"urn:dtsen:error:{error.code}",
        "title": error.heading(language),
        "status": error.status,
        "code": error.code,
        "detail": error.sentence(language),
    }


def _as_domain_error(error: Exception) -> DomainError | None:
    """Return what the framework raised as one of ours."""
    if isinstance(error, DomainError):
        return error
    code, status = "", 0
    if isinstance(error, Http404 | exceptions.NotFound):
        code, status = "common.request.not_found", 404
    elif isinstance(error, exceptions.NotAuthenticated | exceptions.AuthenticationFailed):
        code, status = "common.request.not_signed_in", error.status_code
    elif isinstance(error, PermissionDenied | exceptions.PermissionDenied):
        code, status = "common.request.not_allowed", 403
    elif isinstance(error, exceptions.ParseError | exceptions.ValidationError):
        code, status = "common.request.invalid", error.status_code
    elif isinstance(error, exceptions.APIException):
        code, status = "common.request.failed", error.status_code
    if not code:
        return None
    found = DomainError(code, status=status)
    found.status = status
    return found


def handle_api_exception(error: Exception, context: dict[str, Any]) -> Response | None:
    """DRF's `EXCEPTION_HANDLER`: every error as `application/problem+json`.

    Field errors of a serializer are listed under `errors`; anything unknown is left to Django.
    """
    found = _as_domain_error(error)
    if found is None:
        return None
    problem = build_problem(found)
    if isinstance(error, exceptions.ValidationError):
        problem["errors"] = error.detail
    response = Response(problem, status=found.status, content_type=PROBLEM_TYPE)
    if wait := getattr(error, "wait", None):
        response["Retry-After"] = str(int(wait))
    if challenge := getattr(error, "auth_header", None):
        response["WWW-Authenticate"] = challenge
    return response


class DomainErrorMiddleware:
    """Renders a DomainError that a page raised, with its status and in the reader's language."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Pass the request on."""
        return self.get_response(request)

    def process_exception(self, request: HttpRequest, error: Exception) -> HttpResponse | None:
        """Answer with the page of the error; other exceptions stay Django's."""
        if not isinstance(error, DomainError):
            return None
        if error.status >= 500:
            logger.error("%s at %s", error, request.path)
        return render_domain_error(request, error)


def _find_way_back(request: HttpRequest) -> str:
    """Return the path of the page the request came from, when it is one of ours."""
    came_from = urlsplit(request.headers.get("Referer", ""))
    if came_from.netloc != request.get_host() or came_from.path == request.path:
        return ""
    return came_from.path + (f"?{came_from.query}" if came_from.query else "")


def render_domain_error(request: HttpRequest, error: DomainError) -> HttpResponse:
    """Return the page of an error (for htmx a fragment that the template makes of `partial`).

    Where the page for all errors is missing, the one of the status or of a conflict stands in.
    """
    return render(
        request,
        [TEMPLATE, f"errors/{error.status}.html", "errors/409.html"],
        {
            "code": error.code,
            "status": error.status,
            "heading": error.heading(),
            "sentence": error.sentence(),
            "back": _find_way_back(request),
            "partial": request.headers.get("HX-Request") == "true",
        },
        status=error.status,
    )
