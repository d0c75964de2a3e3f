"""The runs of the build and their folders: one folder a run, named by its number."""

from pathlib import Path

from django.conf import settings

from registry.linkage.models import MatchRun


def get_runs_folder() -> Path:
    """Return the folder that holds one folder a run."""
    folder = Path(settings.DTSEN_STORE_DIR) / "runs"
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    return folder


def get_run_folder(run: int) -> Path:
    """Return the folder of one run."""
    return get_runs_folder() / f"{run:05d}"


def find_last_run() -> MatchRun | None:
    """Return the run that is published."""
    return MatchRun.objects.filter(state=MatchRun.State.PUBLISHED).order_by("-id").first()
