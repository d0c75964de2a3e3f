"""Who may plan, draw, answer and close samples of a region."""

from __future__ import annotations

from typing import Any

from registry.common.errors import NotAllowed
from registry.officers.roles import May


def check_may_sample(by: Any, region_code: str) -> None:
    """Raise NotAllowed `uji_petik.draw.not_allowed` unless a role of the officer covers samples there."""
    if not (by.is_system or by.may(May.DRAW_SAMPLES, region_code)):
        raise NotAllowed("uji_petik.draw.not_allowed")
