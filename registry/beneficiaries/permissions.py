"""Who may open cycles, propose candidates and decide about them."""

from __future__ import annotations

from typing import Any

from registry.common.errors import NotAllowed
from registry.officers.roles import May


def check_may(by: Any, what: May, region_code: str) -> None:
    """Raise NotAllowed `beneficiaries.not_allowed` unless a role of the officer covers it there."""
    if not (by.is_system or by.may(what, region_code)):
        raise NotAllowed("beneficiaries.not_allowed")


def check_is_person(by: Any) -> None:
    """Raise NotAllowed `beneficiaries.person_needed` for the system officer: decisions are made by people."""
    if by.is_system:
        raise NotAllowed("beneficiaries.person_needed")
