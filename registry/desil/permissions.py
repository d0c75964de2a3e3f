"""May this officer work on models and runs? The system fits and computes; only people sign and publish."""

from typing import Any

from registry.common.errors import NotAllowed
from registry.officers.roles import May


def check_can_compute(by: Any) -> None:
    """Raises: NotAllowed `desil.run.not_allowed`."""
    if not (by.is_system or by.may(May.MANAGE_RANKING)):
        raise NotAllowed("desil.run.not_allowed")


def check_is_person(by: Any) -> None:
    """Raises: NotAllowed `desil.run.person_needed`, `desil.run.not_allowed`."""
    if by.is_system:
        raise NotAllowed("desil.run.person_needed")
    if not by.may(May.MANAGE_RANKING):
        raise NotAllowed("desil.run.not_allowed")
