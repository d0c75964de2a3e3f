"""`compute_run`: every family of the register scored by a model, cut into desil, kept as an immutable run.

A run has a folder: `families.parquet` (what was known), `ranks.parquet` (what came out). A run that was killed is
taken up where it stopped and comes out the same; publishing it is `publishing.py`.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from pathlib import Path
from typing import Any

import duckdb
from django.conf import settings
from django.db import transaction

from registry import ranking
from registry.common import locks
from registry.common.audit import record
from registry.common.errors import BadInput, RuleRefused
from registry.desil.comparing import start_usual_comparison
from registry.desil.families import write_families
from registry.desil.models import NEAR_LINE, HouseholdRank, RankCut, RankModel, RankRun, RankSummary
from registry.desil.partitions import keep_scores
from registry.desil.permissions import check_can_compute
from registry.desil.states import RunState
from registry.linkage.build import find_last_run

LOCK = "registry.ranking"
CUBE = "cube.parquet"  # what `simulations.py` answers from
MISSING_ITEMS = ("perkotaan",)  # the register does not hold whether a village is urban
Progress = Callable[[int, int | None, str], None]
# Facts older than this are flagged: the errors of a ranking grow by one to two points a year (targeting, decay).
OLD_AFTER_YEARS = 3


def get_run_folder(run: int) -> Path:
    """Return the folder of one ranking run."""
    return Path(settings.DTSEN_STORE_DIR) / "ranks" / f"{run:05d}"


def compute_run(
    *,
    model: RankModel,
    unit: str = RankRun.Unit.PERSON,
    scope: str = RankRun.Scope.NATION,
    as_of: dt.date,
    by: Any,
    now: dt.datetime,
    threads: int | None = None,
    progress: Progress = lambda done, total, step: None,
) -> RankRun:
    """Score every active family as of a day and keep the run, ready to be published.

    Raises: NotAllowed `desil.run.not_allowed`; RuleRefused `desil.run.no_register`; BadInput `ranking.…`;
    DomainError `common.lock.busy` while another ranking is computed.
    """
    check_can_compute(by)
    built = find_last_run()
    if built is None:
        raise RuleRefused("desil.run.no_register")
    with locks.advisory(LOCK, wait=False):
        run = _open_run(model, unit, scope, as_of, built.pk, by=by, now=now)
        folder = get_run_folder(run.pk)
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        families, ranks = folder / "families.parquet", folder / "ranks.parquet"
        if not families.exists() or not run.inputs_hash:
            run.inputs_hash = write_families(
                folder, as_of=as_of, progress=lambda done, total: progress(done, total, "families")
            )
            run.save(update_fields=["inputs_hash"])
        progress(0, None, "score")
        try:
            scored = ranking.score(
                ranking.RankModel.from_json(model.content), families, ranks, unit=unit, scope=scope, threads=threads,
                near_lines=(NEAR_LINE,), missing_items=MISSING_ITEMS,
            )  # fmt: skip
        except ranking.RankingError as error:
            raise BadInput(error.code, **error.facts) from error
        progress(0, None, "keep")
        ranking.write_cube(families, ranks, folder / CUBE, threads=threads)
        table = as_table(folder, as_of)
        with transaction.atomic():
            rows = keep_scores(run.pk, table)
            _keep_cuts(run, scored.cuts)
            keep_summary(run, table)
            run.content_hash = scored.sha256
            run.counts = {"families": scored.families, "persons": scored.persons}
            run.state = RunState.READY
            run.save(update_fields=["content_hash", "counts", "state"])
            record("desil.run.computed", by=by, obj_type="rank_run", obj_id=run.pk, params={"families": rows}, now=now)
            start_usual_comparison(run=run, by=by, now=now)
        table.unlink()
    return run


def _open_run(
    model: RankModel, unit: str, scope: str, as_of: dt.date, register_run: int, *, by: Any, now: dt.datetime
) -> RankRun:
    """Return the run that was left unfinished over the same question, or a new one."""
    with transaction.atomic():
        left = RankRun.objects.filter(
            kind=RankRun.Kind.OWN, state=RunState.RUNNING, model=model, unit=unit, scope=scope, as_of=as_of,
            register_run=register_run,
        ).last()  # fmt: skip
        RankRun.objects.filter(state=RunState.RUNNING).exclude(pk=left.pk if left else None).update(
            state=RunState.FAILED
        )
        return left or RankRun.objects.create(
            kind=RankRun.Kind.OWN, model=model, unit=unit, scope=scope, as_of=as_of, register_run=register_run,
            inputs_hash="", started_at=now, started_by=by,
        )  # fmt: skip


def as_table(folder: Path, as_of: dt.date, *, flagged: bool = True) -> Path:
    """Write what the register keeps of a run: one row a family, in the order of regency and id.

    `flagged`: with the flags of our own facts; an official ranking rests on others.
    """
    table = folder / "table.parquet"
    flag = HouseholdRank.Flag
    oldest = as_of.replace(year=as_of.year - OLD_AFTER_YEARS, day=min(as_of.day, 28))
    with duckdb.connect(":memory:") as con:
        con.execute(
            f"""
            COPY (
                SELECT household_id, p.region_code, replace(r.regency, '.', '')::SMALLINT AS regency, r.persons,
                    r.score, r.desil,
                    {int(flagged)} * (CASE WHEN r.near_line THEN {flag.NEAR_LINE} ELSE 0 END
                     + CASE WHEN p.as_of < DATE '{oldest.isoformat()}' THEN {flag.OLD_DATA} ELSE 0 END
                     + CASE WHEN f.id_lantai_terluas IS NULL AND f.id_dinding_terluas IS NULL
                        THEN {flag.FILLED_IN} ELSE 0 END) AS flags
                FROM read_parquet('{folder / "ranks.parquet"}') r
                JOIN read_parquet('{folder / "families.parquet"}') f USING (household_id)
                JOIN read_parquet('{folder / "places.parquet"}') p USING (household_id)
                ORDER BY regency, household_id
            ) TO '{table}' (FORMAT parquet, COMPRESSION zstd)
            """  # noqa: S608 - our own paths and numbers
        )
    return table


def _keep_cuts(run: RankRun, cuts: ranking.Cuts) -> None:
    RankCut.objects.filter(run=run).delete()
    RankCut.objects.bulk_create(
        RankCut(run=run, scope_code=scope, desil=number, score=score)
        for scope, row in sorted(cuts.values.items())
        for number, score in enumerate(row, start=1)
    )


def keep_summary(run: RankRun, table: Path) -> None:
    """Count families and persons by desil, for every regency, kecamatan and village."""
    RankSummary.objects.filter(run=run).delete()
    with duckdb.connect(":memory:") as con:
        rows = con.execute(
            f"""
            SELECT left(region_code, n) AS region, desil, count(*), sum(persons)::BIGINT
            FROM read_parquet('{table}') CROSS JOIN unnest([5, 8, 13]) AS lengths(n)
            WHERE length(region_code) >= n GROUP BY ALL ORDER BY ALL
            """  # noqa: S608 - our own path
        ).fetchall()
    RankSummary.objects.bulk_create(
        (
            RankSummary(run=run, region_code=region, desil=desil, families=families, persons=persons)
            for region, desil, families, persons in rows
        ),
        batch_size=5000,
    )
