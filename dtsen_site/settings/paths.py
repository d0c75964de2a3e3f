"""Folders: the project, the state of this installation, the store of deliveries."""

from pathlib import Path

from dtsen_site.settings.environment import PROJECT_DIR, read

BASE_DIR = PROJECT_DIR
DTSEN_STATE_DIR: Path = read("DTSEN_STATE_DIR")
DTSEN_STORE_DIR = Path(read("DTSEN_STORE") or DTSEN_STATE_DIR / "store")
DTSEN_UPLOAD_DIR = DTSEN_STATE_DIR / "uploads"
