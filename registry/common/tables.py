"""DuckDB for long work on tables: with the memory and threads that the installation allows."""

import contextlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import duckdb
from django.conf import settings

__all__ = ["get_limits", "lend_memory", "open_tables"]

_UNITS = {"bytes": 1, "KiB": 1 << 10, "MiB": 1 << 20, "GiB": 1 << 30, "TiB": 1 << 40}
_KEPT = 8  # a DuckDB that waits keeps one part of so many


def get_limits() -> dict[str, Any]:
    """Return the configuration of one DuckDB that does long work."""
    threads = getattr(settings, "DTSEN_DUCKDB_THREADS", None)
    limits: dict[str, Any] = {"memory_limit": getattr(settings, "DTSEN_DUCKDB_MEMORY", "2GB")}
    return limits | ({"threads": threads} if threads else {})


def open_tables(database: Path | str = ":memory:", *, spill: Path) -> duckdb.DuckDBPyConnection:
    """Open a DuckDB within the limits; what does not fit into its memory goes to the folder `spill`."""
    return duckdb.connect(str(database), config=get_limits() | {"temp_directory": str(spill)})


@contextlib.contextmanager
def lend_memory(con: duckdb.DuckDBPyConnection) -> Iterator[dict[str, Any]]:
    """Give the limits of another DuckDB that works while `con` waits: both together stay within the installation's.

    What `con` holds beyond its part goes to its spill folder meanwhile.
    """
    given = get_limits()
    row = con.execute("SELECT current_setting('memory_limit')").fetchone()
    number, unit = str(row[0] if row else "").split()
    whole = float(number) * _UNITS[unit] / _UNITS["MiB"]
    kept = int(whole / _KEPT)
    con.execute(f"SET memory_limit = '{kept}MiB'")
    try:
        yield given | {"memory_limit": f"{int(whole) - kept}MiB"}
    finally:
        con.execute(f"SET memory_limit = '{given['memory_limit']}'")
