"""DuckDB for long work on tables: with the memory and threads that the installation allows."""

from pathlib import Path
from typing import Any

import duckdb
from django.conf import settings

__all__ = ["get_limits", "open_tables"]


def get_limits() -> dict[str, Any]:
    """Return the configuration of one DuckDB that does long work."""
    threads = getattr(settings, "DTSEN_DUCKDB_THREADS", None)
    limits: dict[str, Any] = {"memory_limit": getattr(settings, "DTSEN_DUCKDB_MEMORY", "2GB")}
    return limits | ({"threads": threads} if threads else {})


def open_tables(database: Path | str = ":memory:", *, spill: Path) -> duckdb.DuckDBPyConnection:
    """Open a DuckDB within the limits; what does not fit into its memory goes to the folder `spill`."""
    return duckdb.connect(str(database), config=get_limits() | {"temp_directory": str(spill)})
