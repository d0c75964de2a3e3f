"""Which runs keep their files: the published one, the one before it, and what still works towards the next."""

import shutil

from registry.linkage.models import MatchRun
from registry.linkage.runs import get_runs_folder

# Pages read the published run. Its predecessor stays for readers that opened it before the switch, and to
# compare with. What a decision relied on is copied into its snapshot, so older files are not needed.
KEPT_RUNS = 2


def forget_old_runs() -> list[int]:
    """Remove the files of older runs and of those that were given up; return their numbers.

    The rows of `MatchRun` stay: the register's record of what was built from which deliveries.
    """
    published = MatchRun.objects.filter(state=MatchRun.State.PUBLISHED).order_by("-id")
    kept = set(published.values_list("id", flat=True)[:KEPT_RUNS])
    kept |= set(MatchRun.objects.filter(state=MatchRun.State.RUNNING).values_list("id", flat=True))
    forgotten = []
    for folder in sorted(get_runs_folder().iterdir()):
        if folder.is_dir() and folder.name.isdigit() and int(folder.name) not in kept:
            shutil.rmtree(folder)
            forgotten.append(int(folder.name))
    return forgotten
