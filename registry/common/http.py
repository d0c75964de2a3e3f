"""How a DomainError becomes an answer: problem+json for the API, a page for everybody else."""

import logging
from collections.abc import Callable
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.core.exceptions import PermissionDenied
from django.db import connection, transaction
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render

from registry.common.errors import DomainError

logger = logging.getLogger(__name__)

PROBLEM_TYPE = "application/problem+json"


def build_problem(error: DomainError, language: str | None = None) -> dict[str, Any]:
    """Return the members of a problem document (RFC 9457) for an error."""
    return {
        "type": f"urn:dtsen:error:{error.code}",
        "title": error.heading(language),
        "status": error.status,
        "code": error.code,
        "detail": error.sentence(language),
    }


# What the codes of the API framework's own exceptions mean in our family.
_CODES = {
    "not_found": "common.request.not_found",
    "not_authenticated": "common.request.not_signed_in",
    "authentication_failed": "common.request.not_signed_in",
    "permission_denied": "common.request.not_allowed",
    "parse_error": "common.request.invalid",
    "invalid": "common.request.invalid",
}


def _as_domain_error(error: Exception) -> DomainError | None:
    """Return what the framework raised as one of ours; stages import no API framework."""
    if isinstance(error, DomainError):
        return error
    if isinstance(error, Http404):
        name, status = "not_found", 404
    elif isinstance(error, PermissionDenied):
        name, status = "permission_denied", 403
    elif hasattr(error, "default_code") and hasattr(error, "status_code"):
        name, status = error.default_code, error.status_code
    else:
        return None
    found = DomainError(_CODES.get(name, "common.request.failed"), status=status)
    found.status = status
    return found


def handle_api_exception(error: Exception, context: dict[str, Any]) -> HttpResponse | None:
    """DRF's `EXCEPTION_HANDLER`: every error as `application/problem+json`.

    Field errors of a serializer are listed under `errors`; anything unknown is left to Django.
    """
    found = _as_domain_error(error)
    if found is None:
        return None
    if connection.in_atomic_block and settings.DATABASES["default"].get("ATOMIC_REQUESTS"):
        transaction.set_rollback(True)
    problem = build_problem(found)
    if getattr(error, "default_code", "") == "invalid":
        problem["errors"] = getattr(error, "detail", None)
    response = JsonResponse(problem, status=found.status, content_type=PROBLEM_TYPE)
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

    Each status has its page; the one of a conflict stands in for the rest.
    """
    return render(
        request,
        [f"errors/{error.status}.html", "errors/409.html"],
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
