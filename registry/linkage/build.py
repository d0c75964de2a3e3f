"""`build_registry`: from the current deliveries to a published register. Its review is `operations.py`.

Every step leaves a file in the run's folder, written aside and renamed; a run that was killed is
taken up where it stopped, and its ids are given out before the publish, so they come out the same.
The model that the published run used is the frozen one: publishing a run freezes its model with it.
"""

import contextlib
import datetime as dt
import hashlib
import json
import os
import resource
import shutil
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import duckdb
from django.db import transaction

from registry import matching
from registry.common import locks
from registry.common.audit import record
from registry.common.crypto import register_crypto
from registry.common.errors import RuleRefused
from registry.common.jobs import JobHandle
from registry.common.outbox import enqueue
from registry.common.tables import lend_memory, open_tables
from registry.linkage import golden, identities, inputs, overlay
from registry.linkage.lineage import write_lineage
from registry.linkage.models import MatchRun, ReviewDecision
from registry.linkage.pairs import write_pairs
from registry.linkage.publish import Published, publish
from registry.linkage.retention import forget_old_runs
from registry.linkage.runs import find_last_run, get_run_folder
from registry.matching import Constraint, Settings
from registry.sources.keeping import LOCK as DELIVERIES_LOCK
from registry.sources.keeping import settle_results
from registry.sources.models import Delivery
from registry.sources.selectors import CurrentPart, find_current_parts
from registry.wilayah.models import RegionSuccession

LOCK = "registry.build"


@dataclass
class BuildResult:
    """What a build did: counts, seconds per step, peak memory in bytes."""

    run: int
    counts: dict[str, Any] = field(default_factory=dict)
    seconds: dict[str, float] = field(default_factory=dict)
    peak_memory: int = 0


def _hash(parts: Any) -> str:
    return hashlib.sha256(json.dumps(parts, sort_keys=True, default=str).encode()).hexdigest()


def _newest(constraints: Iterable[Constraint]) -> list[Constraint]:
    """Return the last one about each two sides, whichever of them it names first."""
    newest: dict[Any, Constraint] = {}
    for one in constraints:
        about = (one.kind, frozenset([(one.source_a, one.key_a), (one.source_b, one.key_b)]))
        newest.pop(about, None)  # the order stays that of the decisions
        newest[about] = one
    return list(newest.values())


def _constraints() -> list[Constraint]:
    """Return the newest decision about every two rows; *unsure* binds nothing, and lifts what was said before."""
    decisions = ReviewDecision.objects.exclude(kind="correction").order_by("id")
    told = _newest(Constraint(d.a_source, d.a_key, d.b_source, d.b_key, d.answer, d.kind) for d in decisions)  # type: ignore[arg-type]
    return [one for one in told if one.verdict != ReviewDecision.Answer.UNSURE]


def _name_families(con: duckdb.DuckDBPyConnection, constraints: list[Constraint]) -> list[Constraint]:
    """Let decisions about families name the delivered families of the rows they were made on."""
    wanted = [
        [side[0], side[1]]
        for c in constraints
        if c.kind == "family"
        for side in ((c.source_a, c.key_a), (c.source_b, c.key_b))
    ]
    if not wanted:
        return constraints
    rows = con.execute(
        "SELECT source, record_key, delivered_family FROM p WHERE list_contains(?, [source, record_key])", [wanted]
    ).fetchall()
    family = {(source, key): name for source, key, name in rows}
    return _newest(
        c._replace(key_a=family.get((c.source_a, c.key_a), c.key_a), key_b=family.get((c.source_b, c.key_b), c.key_b))
        if c.kind == "family"
        else c
        for c in constraints
    )


def _open_run(deliveries: list[Delivery], settings_hash: str, *, by: Any, now: dt.datetime) -> MatchRun:
    """Return the run that was left unfinished over the same inputs, or a new one."""
    wanted = _hash([one.version_key for one in deliveries])
    last = find_last_run()
    left = MatchRun.objects.filter(
        state=MatchRun.State.RUNNING, deliveries_hash=wanted, settings_hash=settings_hash, id__gt=last.pk if last else 0
    ).last()
    MatchRun.objects.filter(state=MatchRun.State.RUNNING).exclude(pk=left.pk if left else None).update(
        state=MatchRun.State.FAILED
    )
    return left or MatchRun.objects.create(
        deliveries_hash=wanted, settings_hash=settings_hash, started_at=now, started_by=by
    )


def _once(folder: Path, name: str, make: Callable[[Path], None]) -> Path:
    """Return `folder/name`, made aside and renamed unless an earlier attempt made it whole."""
    place = folder / name
    if place.exists():
        return place
    aside = folder / f".{name}.part"
    if aside.is_dir():
        shutil.rmtree(aside)
    make(aside)
    os.replace(aside, place)
    return place


def build_registry(*, retrain: bool = False, by: Any, now: dt.datetime, job: JobHandle | None = None) -> BuildResult:
    """Match the current deliveries and publish the difference to the register.

    Raises: RuleRefused `linkage.build.no_delivery`; DomainError `common.lock.busy` while another
    build runs.
    """
    handle = job or JobHandle.silent()
    with locks.advisory(LOCK, wait=False), contextlib.ExitStack() as reading:
        # What the rows say of the deliveries and what their files hold is read as one.
        reading.enter_context(locks.advisory(DELIVERIES_LOCK))
        parts = find_current_parts()
        deliveries = [part.delivery for part in parts]
        if not deliveries:
            raise RuleRefused("linkage.build.no_delivery")
        for delivery in deliveries:
            settle_results(delivery)
        clock = time.perf_counter()
        last = find_last_run()
        constraints = _constraints()
        run = _open_run(deliveries, _hash([constraints, retrain]), by=by, now=now)
        folder = get_run_folder(run.pk)
        folder.mkdir(mode=0o700, exist_ok=True)
        result = BuildResult(run.pk)

        def done(step: str) -> None:
            nonlocal clock
            result.seconds[step] = round(time.perf_counter() - clock, 3)
            clock = time.perf_counter()
            handle.check_cancelled()

        spill = folder / "spill"
        con = open_tables(spill=spill)
        try:
            con.execute("SET enable_progress_bar = false")
            handle.progress(0, None, "load")
            inputs.load_current(con, _as_inputs(parts))
            reading.close()
            given = _once(folder, "match_input.parquet", lambda path: inputs.write_match_input(con, path))
            done("load")
            handle.progress(0, None, "match")
            bound = _name_families(con, constraints)
            matched = _once(
                folder, "match", lambda path: _match(con, given, path, bound, None if retrain else last, handle)
            )
            done("match")
            handle.progress(0, None, "golden")
            _identify(con, run, folder, matched, get_run_folder(last.pk) / "crosswalk.parquet" if last else None)
            register_crypto(con)
            golden.make_golden(con)
            _once(
                folder,
                "members.parquet",
                lambda path: con.execute(
                    f"COPY (SELECT individual_id, household_id FROM member) TO '{path}' (FORMAT parquet)"
                ),
            )
            lineage = _once(folder, "lineage", lambda path: _write_lineage(con, path))
            done("golden")
            handle.progress(0, None, "publish")
            published = _publish(con, run, matched, by=by, now=now)
            done("publish")
        finally:
            con.close()
            shutil.rmtree(spill, ignore_errors=True)
        forget_old_runs()
        result.counts = dict(run.counts) | {"lineage_buckets": len(list(lineage.glob("prow-*")))}
        result.peak_memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024
        _note(result, published)
        handle.count(**{k: v for k, v in result.counts.items() if isinstance(v, int)})
        return result


def _as_inputs(parts: list[CurrentPart]) -> list[inputs.CurrentDelivery]:
    return [
        inputs.CurrentDelivery(
            number=part.delivery.pk, source=part.delivery.source, folder=part.delivery.folder,
            priority=part.delivery.priority, complete=part.delivery.complete, replaced=part.replaced,
        )
        for part in parts
    ]  # fmt: skip


def _match(
    con: duckdb.DuckDBPyConnection,
    given: Path,
    folder: Path,
    constraints: list[Constraint],
    frozen: MatchRun | None,
    handle: JobHandle,
) -> None:
    """Match by the model of the run `frozen`; train one where there is none. `con` waits meanwhile."""
    recodings = [
        (one.old_id, one.new_id) for one in RegionSuccession.objects.filter(kind=RegionSuccession.Kind.RECODED)
    ]
    with lend_memory(con) as limits:
        matching.match(
            given,
            folder,
            constraints=constraints,
            recodings=recodings,
            model=get_run_folder(frozen.pk) / "match" / "model.json" if frozen else None,
            settings=Settings(**limits),
            progress=lambda n, of, _step: handle.progress(n, of, "match"),
        )


def _identify(con: duckdb.DuckDBPyConnection, run: MatchRun, folder: Path, matched: Path, last: Path | None) -> None:
    """Give every cluster its public id and write the crosswalk of the run."""
    con.execute(f"CREATE OR REPLACE TABLE link AS SELECT * FROM read_parquet('{matched / 'links.parquet'}')")
    for kind, cluster in (("individual", "person_cluster"), ("household", "family_cluster")):
        con.execute(f"""
            CREATE OR REPLACE TABLE now_{kind} AS
            SELECT link.{cluster} AS cluster, p.source, p.record_key, coalesce(p.region_code, '') AS region_code
            FROM link JOIN p USING (row_id)
        """)
        identities.assign_ids(con, kind=kind, now_links=f"now_{kind}", last=last, started_at=run.started_at)
    con.execute("""
        CREATE OR REPLACE TABLE person_of AS
        SELECT link.row_id, i.id AS individual_id, h.id AS household_id
        FROM link JOIN individual_ids i ON i.cluster = link.person_cluster
        JOIN household_ids h ON h.cluster = link.family_cluster
    """)
    con.execute(f"""
        CREATE OR REPLACE TABLE family_of AS
        SELECT r.delivered_family, h.id AS household_id
        FROM read_parquet('{matched / "family_rows.parquet"}') r
        JOIN household_ids h ON h.cluster = r.family_cluster
    """)

    def write(path: Path) -> None:
        con.execute(f"""
            COPY (
                SELECT link.source, link.record_key, o.individual_id, o.household_id, link.rule, link.probability,
                       link.reasons, p.delivered_family
                FROM link JOIN person_of o USING (row_id) JOIN p USING (row_id) ORDER BY o.individual_id, link.row_id
            ) TO '{path}' (FORMAT parquet, COMPRESSION zstd)
        """)

    _once(folder, "crosswalk.parquet", write)


def _write_lineage(con: duckdb.DuckDBPyConnection, folder: Path) -> None:
    folder.mkdir(mode=0o700)
    write_lineage(con, folder)


def _publish(
    con: duckdb.DuckDBPyConnection,
    run: MatchRun,
    matched: Path,
    *,
    by: Any,
    now: dt.datetime,
) -> Published:
    with transaction.atomic():
        locks.lock_in_transaction("registry.publish")
        # Read under the lock that a correction takes: one checked a moment ago is published, not overwritten.
        outcome = overlay.apply_corrections(con)
        published = publish(con, run=run.pk, by=by, now=now)
        overlay.settle(outcome, run=run, now=now)
        pairs = write_pairs(con, matched, run)
        counts: dict[str, Any] = {"review_pairs": pairs}
        for name, query in (
            ("rows", "p"),
            ("individuals", "golden_i"),
            ("households", "golden_h"),
            ("merged", "individual_moves WHERE was = 'merged'"),
            ("split", "individual_moves WHERE was = 'split'"),
        ):
            found = con.execute(f"SELECT count(*) FROM {query}").fetchone()
            counts[name] = int(found[0]) if found else 0
        run.model_hash = hashlib.sha256((matched / "model.json").read_bytes()).hexdigest()
        run.counts = counts
        run.state = MatchRun.State.PUBLISHED
        run.published_at = now
        run.save(update_fields=["model_hash", "counts", "state", "published_at"])
        record(
            "linkage.register.built",
            by=by,
            obj_type="match_run",
            obj_id=run.pk,
            params={k: counts[k] for k in ("rows", "individuals", "households")},
            now=now,
        )
        enqueue("register.published", {"run": run.pk}, now=now)
    return published


def _note(result: BuildResult, published: Published) -> None:
    for table in ("household", "individual"):
        for what in ("new", "changed", "gone"):
            result.counts[f"{table}s_{what}"] = getattr(published, what).get(f"registry_{table}", 0)
