"""Two runs compared, once: what was counted is kept beside the later run, for neither of them ever changes."""

from __future__ import annotations

import json
import tempfile
from dataclasses import asdict, dataclass
from pathlib import Path

from registry import ranking
from registry.desil.explanations import read_cuts, read_model
from registry.desil.models import NEAR_LINE, RankRun
from registry.desil.runs import MISSING_ITEMS, get_run_folder
from registry.desil.selectors import find_own_run, find_published_run

VERSION = 1  # of what is kept; another one is counted anew


@dataclass(frozen=True)
class RunComparison:
    """How two runs differ; `causes` where both are by a model of ours."""

    before: int
    after: int
    counts: ranking.Comparison
    causes: ranking.Causes | None


def compare_runs(before: RankRun, after: RankRun) -> RunComparison | None:
    """Compare two runs family by family; None when a run's file was pruned."""
    folder = get_run_folder(after.pk)
    kept = folder / f"against-{before.pk:05d}.json"
    if kept.is_file():
        content = json.loads(kept.read_text("utf-8"))
        if content["version"] == VERSION:
            causes = ranking.Causes(**content["causes"]) if content["causes"] else None
            return RunComparison(before.pk, after.pk, ranking.Comparison.from_json(content["counts"]), causes)
    old, new, families = (
        get_run_folder(before.pk) / "ranks.parquet",
        folder / "ranks.parquet",
        folder / "families.parquet",
    )
    if not (old.is_file() and new.is_file()):
        return None
    counts = ranking.compare(old, new, families=families if families.is_file() else None, line=NEAR_LINE)
    causes = _find_causes(before, after, folder) if families.is_file() else None
    content = {"version": VERSION, "counts": counts.as_json(), "causes": asdict(causes) if causes else None}
    with tempfile.NamedTemporaryFile("w", dir=folder, suffix=".part", encoding="utf-8", delete=False) as draft:
        json.dump(content, draft)
    Path(draft.name).replace(kept)
    return RunComparison(before.pk, after.pk, counts, causes)


def _find_causes(before: RankRun, after: RankRun, folder: Path) -> ranking.Causes | None:
    if before.model_id is None or after.model_id is None or (before.unit, before.scope) != (after.unit, after.scope):
        return None
    with tempfile.TemporaryDirectory(prefix="between-", dir=folder) as work:
        between = Path(work) / "ranks.parquet"
        try:
            ranking.score_frozen(
                read_model(before.model_id), folder / "families.parquet", between, read_cuts(before.pk),
                missing_items=MISSING_ITEMS,
            )  # fmt: skip
        except ranking.RankingError:  # a regency that the earlier run did not know, or items it does not hold
            return None
        return ranking.find_causes(get_run_folder(before.pk) / "ranks.parquet", between, folder / "ranks.parquet")


def find_counterpart(run: RankRun) -> RankRun | None:
    """Return what a run is compared with unless told otherwise: ours for an official one, else the published one."""
    other = find_own_run() if run.kind == RankRun.Kind.OFFICIAL else find_published_run()
    if other is not None and other.pk == run.pk:
        other = (
            RankRun.objects.filter(kind=run.kind, state="published", pk__lt=run.pk).order_by("-published_at").first()
        )
    return other


def compare_with_counterpart(run: RankRun) -> None:
    """Count the usual comparison ahead, so that the run's page need not."""
    other = find_counterpart(run)
    if other is not None:
        before, after = sorted((other, run), key=lambda one: one.pk)
        compare_runs(before, after)
