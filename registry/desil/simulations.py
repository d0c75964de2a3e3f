"""What another line would mean in the published ranking: from the cube of its run, never from its families."""

from __future__ import annotations

from registry import ranking
from registry.desil.models import RankRun
from registry.desil.runs import CUBE, get_run_folder


def simulate_line(
    run: RankRun,
    *,
    before: int,
    after: int,
    regions: tuple[str, ...],
    rupiah_per_family: int = 0,
    rupiah_per_person: int = 0,
) -> ranking.Simulation | None:
    """Return what serving desil 1 … `after` instead of 1 … `before` means; None when the run's files were pruned.

    Nothing is counted anew here: the cube is made with its run. The caller has checked that the officer sees the regions.
    """
    cube = get_run_folder(run.pk) / CUBE
    if not cube.is_file():
        return None
    return ranking.simulate(
        cube, before=before, after=after, regions=regions, rupiah_per_family=rupiah_per_family,
        rupiah_per_person=rupiah_per_person,
    )  # fmt: skip
