"""One object of each kind that stands in an address, in Pasuruan, made through the operations."""

from __future__ import annotations

from typing import Any

from registry.models import Officer


def make_samples(officers: dict[str, Officer]) -> dict[str, dict[str, Any]]:
    """Return the address parts of each sample; an empty one says that roles alone decide."""
    return {"job": {}}
