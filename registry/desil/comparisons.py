"""Two runs compared, once: what was counted is kept beside the later run, for neither of them ever changes.

Counting is the work of a job (`comparing.py`); a page shows what is kept.
"""

from __future__ import annotations

import json
import tempfile
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path

from registry import ranking
from registry.common.errors import RuleRefused
from registry.desil.explanations import read_cuts, read_model
from registry.desil.models import NEAR_LINE, RankRun
from registry.desil.runs import MISSING_ITEMS, get_run_folder

Progress = Callable[[str], None]
VERSION = 2  # of what is kept; another one is counted anew


@dataclass(frozen=True)
class RunComparison:
    """How two runs differ; `causes` where both are by a model of ours."""

    before: int
    after: int
    counts: ranking.Comparison
    causes: ranking.Causes | None


def find_comparison(before: RankRun, after: RankRun) -> RunComparison | None:
    """Return what was counted of two runs; None while nobody has counted it."""
    kept = _kept_in(before, after)
    if not kept.is_file():
        return None
    content = json.loads(kept.read_text("utf-8"))
    if content["version"] != VERSION:
        return None
    causes = ranking.Causes(**content["causes"]) if content["causes"] else None
    return RunComparison(before.pk, after.pk, ranking.Comparison.from_json(content["counts"]), causes)


def can_compare(before: RankRun, after: RankRun) -> bool:
    """Return whether the files of both runs are still kept."""
    return all((get_run_folder(run.pk) / "ranks.parquet").is_file() for run in (before, after))


def compare_runs(before: RankRun, after: RankRun, *, progress: Progress = lambda step: None) -> RunComparison:
    """Compare two runs family by family, once, and keep the counts; minutes for a nation.

    Raises: RuleRefused `desil.comparison.pruned`.
    """
    found = find_comparison(before, after)
    if found is not None:
        return found
    if not can_compare(before, after):
        raise RuleRefused("desil.comparison.pruned")
    folder = get_run_folder(after.pk)
    families = folder / "families.parquet"
    progress("count")
    counts = ranking.compare(
        get_run_folder(before.pk) / "ranks.parquet", folder / "ranks.parquet",
        families=families if families.is_file() else None, line=NEAR_LINE,
    )  # fmt: skip
    progress("causes")
    causes = _find_causes(before, after, folder) if families.is_file() else None
    content = {"version": VERSION, "counts": counts.as_json(), "causes": asdict(causes) if causes else None}
    with tempfile.NamedTemporaryFile("w", dir=folder, suffix=".part", encoding="utf-8", delete=False) as draft:
        json.dump(content, draft)
    Path(draft.name).replace(_kept_in(before, after))
    return RunComparison(before.pk, after.pk, counts, causes)


def _kept_in(before: RankRun, after: RankRun) -> Path:
    return get_run_folder(after.pk) / f"against-{before.pk:05d}.json"


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
