"""`import_ranking`: an official ranking becomes a run, ready to be published by two people as any other.

Reading and looking up are in `official.py`. A run of ours is never touched: it stays for triage and drift.
"""

from __future__ import annotations

import datetime as dt
import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb
from django.db import transaction

from registry import ranking
from registry.common import locks
from registry.common.audit import record
from registry.common.envelope import encrypt_file
from registry.common.errors import BadInput, RuleRefused
from registry.common.tables import get_limits
from registry.desil import official
from registry.desil.comparing import start_usual_comparison
from registry.desil.families import write_families
from registry.desil.layouts import SHIPPED, Layout, read_layout
from registry.desil.models import RankRun
from registry.desil.partitions import keep_scores
from registry.desil.permissions import check_can_compute
from registry.desil.runs import CUBE, LOCK, as_table, get_run_folder, keep_summary
from registry.desil.states import RunState
from registry.linkage.build import find_last_run
from registry.sources.keeping import hash_file, working_folder
from registry.sources.readers import Refused

Progress = Callable[[int, int | None, str], None]


@dataclass(frozen=True)
class Imported:
    """The run of an official ranking; `already_there` when the same file was imported before."""

    run: RankRun
    already_there: bool = False


def import_ranking(
    *,
    path: Path,
    source: str,
    version: str = "",
    ranked_on: dt.date | None = None,
    unit: str = RankRun.Unit.PERSON,
    scope: str = RankRun.Scope.NATION,
    mapping: Path | None = None,
    by: Any,
    now: dt.datetime,
    progress: Progress = lambda done, total, step: None,
) -> Imported:
    """Read an official ranking and keep it as a run of its own kind, ready to be published.

    `ranked_on` outranks the day that most rows name. Families that no row names stay without a desil in this run.
    The same file, read the same way over the same register, changes nothing and says so.

    Raises: NotAllowed `desil.run.not_allowed`; RuleRefused `desil.run.no_register`; BadInput `desil.official.…`,
    `sources.file.…`; DomainError `common.lock.busy` while another ranking is computed.
    """
    check_can_compute(by)
    built = find_last_run()
    if built is None:
        raise RuleRefused("desil.run.no_register")
    if not source.strip():
        raise BadInput("desil.official.source_missing")
    layout = read_layout(mapping or SHIPPED)
    digest = hash_file(path)
    read_as = hashlib.sha256(
        f"{layout.hash} {source.strip()} {version.strip()} {ranked_on} {unit} {scope}".encode()
    ).hexdigest()
    with locks.advisory(LOCK, wait=False), working_folder(digest) as folder:
        known = RankRun.objects.filter(
            kind=RankRun.Kind.OFFICIAL, file_hash=digest, read_as=read_as, register_run=built.pk
        )
        there = known.exclude(state__in=[RunState.RUNNING, RunState.FAILED]).last()
        if there is not None:
            return Imported(there, already_there=True)
        run = known.filter(state=RunState.RUNNING).last()
        RankRun.objects.filter(state=RunState.RUNNING).exclude(pk=run.pk if run else None).update(state=RunState.FAILED)
        try:
            return Imported(
                _keep(
                    run,
                    path,
                    layout,
                    folder,
                    ranked_on,
                    progress,
                    by=by,
                    now=now,
                    file_hash=digest,
                    read_as=read_as,
                    source=source.strip(),
                    told_version=version.strip(),
                    unit=unit,
                    scope=scope,
                    register_run=built.pk,
                )  # fmt: skip
            )
        except Refused as refused:
            raise BadInput(refused.code, **refused.facts) from refused


def _keep(
    run: RankRun | None, path: Path, layout: Layout, work: Path, ranked_on: dt.date | None, progress: Progress,
    *, by: Any, now: dt.datetime, **facts: Any,
) -> RankRun:  # fmt: skip
    progress(0, None, "read")
    (work / "spill").mkdir()
    with duckdb.connect(
        str(work / "work.duckdb"), config=get_limits() | {"temp_directory": str(work / "spill")}
    ) as con:
        official.read_sheet(con, official.open_sheet(path, layout, work), layout, work)
        # all rows are fetched: a result left open would block the look-up functions of the connection
        [(rows, usual)] = con.execute("SELECT count(*), mode(ranked_on) FROM told").fetchall()
        if not rows:
            raise Refused("sources.file.no_rows", name=path.name)
        as_of = ranked_on or usual
        if as_of is None:
            raise Refused("desil.official.date_missing", name=path.name)
        if as_of > now.date():
            raise Refused("desil.official.date_ahead", day=as_of.isoformat())
        if run is None:
            run = RankRun.objects.create(
                kind=RankRun.Kind.OFFICIAL, as_of=as_of, inputs_hash="", file_name=path.name[:200], started_at=now,
                started_by=by, **facts,
            )  # fmt: skip
        try:
            return _match_and_keep(run, con, path, progress, by=by, now=now)
        except Refused:
            run.state = RunState.FAILED
            run.save(update_fields=["state"])
            raise


def _match_and_keep(
    run: RankRun, con: duckdb.DuckDBPyConnection, path: Path, progress: Progress, *, by: Any, now: dt.datetime
) -> RankRun:
    folder = get_run_folder(run.pk)
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    families, ranks = folder / "families.parquet", folder / "ranks.parquet"
    run.inputs_hash = write_families(
        folder, as_of=run.as_of, progress=lambda done, total: progress(done, total, "families")
    )
    progress(0, None, "find")
    official.read_numbers(con, families)
    official.find_families(con)
    findings = official.list_findings(con, folder / "findings.parquet")
    told = official.summarise(con, findings)
    if not told.used:
        raise Refused("desil.official.nobody_found", name=path.name, rows=told.rows)
    progress(0, None, "keep")
    draft = folder / ".ranks.part"
    found, persons, mark = official.write_ranks(con, families, draft)
    draft.replace(ranks)
    [(everybody,)] = con.execute("SELECT count(*) FROM read_parquet($1)", [str(families)]).fetchall()
    sealed = folder / "as_sent" / f"{run.file_hash}.sealed"
    sealed.unlink(missing_ok=True)
    encrypt_file(path, sealed)
    ranking.write_cube(families, ranks, folder / CUBE)
    table = as_table(folder, run.as_of, flagged=False)
    with transaction.atomic():
        keep_scores(run.pk, table)
        keep_summary(run, table)
        run.content_hash = hashlib.sha256(f"{run.as_of} {found} {persons} {mark}".encode()).hexdigest()
        run.counts = {
            "families": found, "persons": persons, "rows": told.rows, "used": told.used, "findings": told.findings,
            "unranked": everybody - found,
        }  # fmt: skip
        run.state = RunState.READY
        run.save(update_fields=["inputs_hash", "content_hash", "counts", "state"])
        params = {"families": found, "rows": told.rows, "source": run.source}
        record("desil.run.imported", by=by, obj_type="rank_run", obj_id=run.pk, params=params, now=now)
        start_usual_comparison(run=run, by=by, now=now)
    table.unlink()
    return run
