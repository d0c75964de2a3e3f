"""Folders: the project, the state of this installation, the store of deliveries."""

from pathlib import Path

from dtsen_site.settings.environment import PROJECT_DIR, read

BASE_DIR = PROJECT_DIR
DTSEN_STATE_DIR: Path = read("DTSEN_STATE_DIR")
DTSEN_STORE_DIR = Path(read("DTSEN_STORE") or DTSEN_STATE_DIR / "store")
DTSEN_UPLOAD_DIR = DTSEN_STATE_DIR / "uploads"

# How much one receiving or one build may take; `registry.common.tables` gives it to DuckDB.
DTSEN_DUCKDB_MEMORY = read("DTSEN_DUCKDB_MEMORY")
DTSEN_DUCKDB_THREADS = read("DTSEN_DUCKDB_THREADS")
