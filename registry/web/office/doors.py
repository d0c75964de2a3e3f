"""Who may come in: every view of the office is wrapped by `office_page`, which asks the officer's roles."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.contrib.auth.views import redirect_to_login
from django.http import HttpRequest, HttpResponse
from django.views.decorators.cache import never_cache

from registry.common.errors import NotAllowed
from registry.officers.models import Officer
from registry.officers.roles import May
from registry.web import errors as errors  # registers the sentences of this door

View = Callable[..., HttpResponse]


def office_page(*may: May) -> Callable[[View], View]:
    """Open a view to signed-in officers whose roles allow one of `may` (all officers when empty).

    The view learns what it needs from `request.user`. Anyone else is sent to sign in, or refused.
    """

    def wrap(view: View) -> View:
        @wraps(view)
        def opened(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
            if not request.user.is_authenticated:
                return redirect_to_login(request.get_full_path())
            if may and not any(request.user.may(what) for what in may):
                raise NotAllowed("office.page.not_your_role")
            return view(request, *args, **kwargs)

        opened.may = may  # type: ignore[attr-defined]
        return never_cache(opened)

    return wrap


def officer_of(request: HttpRequest) -> Officer:
    """The signed-in officer, typed."""
    assert isinstance(request.user, Officer)  # noqa: S101 - `office_page` has seen to it
    return request.user
