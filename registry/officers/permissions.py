"""Who may: each check as an exception with a reason and as yes or no, from the same roles."""

import functools
from collections.abc import Callable
from typing import Any

from django.contrib.auth.views import redirect_to_login
from django.http import HttpRequest, HttpResponse

from registry.common.errors import NotAllowed
from registry.officers import errors as _sentences  # noqa: F401  (registers them)
from registry.officers.models import Officer
from registry.officers.roles import May

View = Callable[..., HttpResponse]


def get_officer(request: HttpRequest) -> Officer:
    """Return the officer who is signed in. Raises: NotAllowed `officers.do.not_allowed`."""
    if not isinstance(request.user, Officer):
        raise NotAllowed("officers.do.not_allowed")
    return request.user


def check_may(officer: Officer, what: May, region_code: str | None = None) -> None:
    """Raise NotAllowed `officers.do.not_allowed` unless a role held today allows it there."""
    if not officer.may(what, region_code):
        raise NotAllowed("officers.do.not_allowed", what=what.value)


def has_role(officer: Any, *codes: str) -> bool:
    """Say whether the officer (perhaps nobody signed in) holds one of the roles today."""
    return isinstance(officer, Officer) and officer.has_role(*codes)


def check_can_manage(by: Officer, officer: Officer | None = None) -> None:
    """Raise unless `by` may change accounts and roles, and this account is not their own.

    Raises: NotAllowed `officers.manage.not_allowed`, `officers.officer.own`,
    `officers.officer.system`.
    """
    if not by.may(May.MANAGE_OFFICERS):
        raise NotAllowed("officers.manage.not_allowed")
    if officer is not None and officer.is_system:
        raise NotAllowed("officers.officer.system")
    if officer is not None and officer.pk == by.pk:
        raise NotAllowed("officers.officer.own")


def can_manage(by: Officer, officer: Officer | None = None) -> bool:
    """Say whether `check_can_manage` passes."""
    try:
        check_can_manage(by, officer)
    except NotAllowed:
        return False
    return True


def role_required(*codes: str) -> Callable[[View], View]:
    """Return the decorator of a view that only these roles open; nobody signed in: sign in first.

    Raises inside the view: NotAllowed `officers.do.not_allowed`.
    """
    return _required(lambda officer: officer.has_role(*codes))


def may_required(*what: May) -> Callable[[View], View]:
    """Return the decorator of a view that opens to whoever may do one of these.

    Raises inside the view: NotAllowed `officers.do.not_allowed`.
    """
    return _required(lambda officer: any(officer.may(each) for each in what))


def _required(opens: Callable[[Officer], bool]) -> Callable[[View], View]:
    def decorate(view: View) -> View:
        @functools.wraps(view)
        def checked(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
            if not isinstance(request.user, Officer):
                return redirect_to_login(request.get_full_path())
            if not opens(request.user):
                raise NotAllowed("officers.do.not_allowed")
            return view(request, *args, **kwargs)

        return checked

    return decorate
