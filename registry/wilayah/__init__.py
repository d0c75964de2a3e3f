"""Regions of Indonesia: Kemendagri codes with validity and succession, and the BPS bridge."""

from pathlib import Path


def export_lookup(path: str | Path) -> Path:
    """Write regions and BPS bridge for DuckDB; columns in `selectors.export_lookup`."""
    from registry.wilayah import selectors  # models load after the room

    return selectors.export_lookup(path)
