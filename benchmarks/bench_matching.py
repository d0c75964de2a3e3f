"""Quality of matching against a truth beside plain Splink; time of matching and golden records against a bare scan and hash.

    python -m benchmarks.bench_matching --deliveries ../shared/data/deliveries
    python -m benchmarks.bench_matching --people 20000 --regency 93.01 --seed 2 --profile hard
    python -m benchmarks.bench_matching --people 250000 1000000 --only-time

Deliveries are a folder with the files of the three sources and truth/records.csv. Several sizes give the growth.
The limit is a scan of the Parquet files that are read, every row and every column read hashed, on as many threads, best of
three: for the match the columns it compares and the record's key, for golden records (and both) all columns of both files.
"""

import argparse
import math
import multiprocessing
import os
import resource
import tempfile
import time
from pathlib import Path
from typing import Any

import duckdb
import numpy as np

from benchmarks.matching_inputs import ROWS, delivered, export_regions, make_input, read_recodings, receive
from benchmarks.plain_splink import Plain, run_plain
from benchmarks.splink_residue import run_residue
from registry.matching import match
from registry.matching.quality import Quality, causes, lent_niks, load_judged, pairwise
from registry.matching.rows import READ

USUAL_THRESHOLD = 0.95
THRESHOLDS = (0.5, 0.9, 0.95, 0.99, 0.999, 0.9999, 0.99999)


def scan(
    con: duckdb.DuckDBPyConnection, paths: list[Path], columns_read: list[str] | None = None
) -> tuple[float, float]:
    """Seconds of reading and hashing columns of files (None: all), of the clock and of the processor, best of three."""
    best = [float("inf"), float("inf")]
    queries = []
    for path in paths:
        told = [row[0] for row in con.execute(f"describe select * from '{path}'").fetchall()]
        columns = ", ".join(f'"{name}"' for name in columns_read or told)
        queries.append(f"select bit_xor(hash({columns})) from '{path}'")
    for _ in range(3):
        started, worked = time.perf_counter(), time.process_time()
        for query in queries:
            con.execute(query).fetchall()
        best = [min(best[0], time.perf_counter() - started), min(best[1], time.process_time() - worked)]
    return best[0], best[1]


def run_match(given: Path, out: Path, recodings: list[tuple[str, str]]) -> dict[str, Any]:
    """Match in a process of its own, so that the peak of memory is the matching's."""
    with multiprocessing.get_context("spawn").Pool(1) as pool:
        return pool.apply(_match, (given, out, recodings))


def _match(given: Path, out: Path, recodings: list[tuple[str, str]]) -> dict[str, Any]:
    worked = time.process_time()
    metrics = dict(match(given, out, recodings=recodings).metrics)
    return metrics | {"processor_seconds": time.process_time() - worked}


def run_golden(given: Path, out: Path) -> dict[str, Any]:
    """Choose the golden records of a match in a process of its own."""
    with multiprocessing.get_context("spawn").Pool(1) as pool:
        return pool.apply(_golden, (given, out))


def _golden(given: Path, out: Path) -> dict[str, Any]:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "dtsen_site.settings")
    import django

    django.setup()
    from registry.linkage.golden import make_golden

    with duckdb.connect(config={"temp_directory": str(out)}) as con:
        con.execute("set enable_progress_bar = false")
        identity = "('018f0000000070008000' || printf('%012x', {cluster}))::UUID"
        person, family = identity.format(cluster="person_cluster"), identity.format(cluster="family_cluster")
        con.execute(
            f"create table person_of as select row_id, {person} as individual_id, {family} as household_id"
            f" from '{out / 'links.parquet'}'"
        )
        con.execute(
            f"create table family_of as select delivered_family, {family} as household_id"
            f" from '{out / 'family_rows.parquet'}'"
        )
        started, worked = time.perf_counter(), time.process_time()
        for table, name in ROWS.items():
            con.execute(f"create table {table} as select * from '{given.with_name(name)}'")
        make_golden(con)
        return {
            "seconds": time.perf_counter() - started,
            "processor_seconds": time.process_time() - worked,
            "peak_memory_mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024,
        }


def tell_time(given: Path, metrics: dict[str, Any], golden: dict[str, Any] | None) -> None:
    """Print rows, seconds, the ratio to the bare scan in the same run, and the peak of memory."""
    print(f"rows {metrics['counts']['rows']:,}  stages {metrics['seconds']}")
    match_took = (metrics["total_seconds"], metrics["processor_seconds"])
    with duckdb.connect() as con:
        _tell_ratio("match", match_took, scan(con, [given], ["row_id", "record_key", *READ]), metrics["peak_memory_mb"])
        if golden:
            # These hold every column of the matching's input and the items of people and families.
            bare = scan(con, [given.with_name(name) for name in ROWS.values()])
            golden_took = (golden["seconds"], golden["processor_seconds"])
            _tell_ratio("golden", golden_took, bare, golden["peak_memory_mb"])
            both = (match_took[0] + golden_took[0], match_took[1] + golden_took[1])
            _tell_ratio("match + golden", both, bare, max(metrics["peak_memory_mb"], golden["peak_memory_mb"]))


def _tell_ratio(name: str, took: tuple[float, float], bare: tuple[float, float], peak: int) -> None:
    print(
        f"{name:14}  {took[0]:.1f} s, scan and hash {bare[0]:.3f} s, {took[0] / bare[0]:.0f}x"
        f"  processor {took[1]:.1f} s, scan and hash {bare[1]:.3f} s, {took[1] / bare[1]:.0f}x  peak memory {peak:,} MB",
        flush=True,
    )


def tell_quality(given: Path, truth: Path, out: Path) -> None:
    """Print the figures of the match, of exact numbers and of plain Splink, and what stays wrong by cause."""
    plain = run_plain(given)
    with duckdb.connect() as con:
        load_judged(con, out / "links.parquet", given, truth)
        print("persons, this match          ", pairwise(con, "person_cluster", "person_id"))
        tell_plain(con, plain, "person_id")
        print("persons, exact NIK           ", pairwise(con, "nik", "person_id"))
        print("families, this match         ", pairwise(con, "family_cluster", "family_id"))
        tell_plain(con, plain, "family_id")
        print("families, exact KK           ", pairwise(con, "kk_number", "family_id"))
        lent = lent_niks(con)
        print(f"rows with another person's NIK: {lent.rows}, merged with that person: {lent.merged}")
        print(f"plain Splink took {plain.seconds:.1f} s")
        for kind, faults, n in causes(con):
            print(f"{kind:7} {n:4}  {faults}")


def tell_residue(given: Path, truth: Path, out: Path, recodings: list[tuple[str, str]]) -> None:
    """Print what the same match gives when Splink trains and scores the rows' comparisons."""
    took = run_residue(given, out, recodings)
    with duckdb.connect() as con:
        load_judged(con, out / "links.parquet", given, truth)
        print("persons, Splink inside       ", pairwise(con, "person_cluster", "person_id"))
        print("families, Splink inside      ", pairwise(con, "family_cluster", "family_id"))
    print(f"processor: {took['processor_seconds']:.1f} s, of which Splink {took['splink_seconds']:.1f} s", flush=True)


def tell_plain(con: duckdb.DuckDBPyConnection, plain: Plain, true: str) -> None:
    """Print plain Splink at a usual threshold, and at the one that the truth says is best."""
    kind = "persons" if true == "person_id" else "families"

    def at(threshold: float) -> Quality:
        persons = plain.persons(threshold)
        groups = persons if kind == "persons" else plain.families(persons)
        incoming = {"row_id": np.arange(len(groups)), "found": groups}  # noqa: F841 - DuckDB finds it by name
        con.execute("""
            create or replace temp table plain_judged as
            select j.person_id, j.family_id, i.found from judged j join incoming i using (row_id)
        """)
        return pairwise(con, "found", true, "plain_judged")

    print(f"{kind + ', plain Splink':29}", at(USUAL_THRESHOLD), f"(at {USUAL_THRESHOLD})")
    best = max(THRESHOLDS, key=lambda threshold: at(threshold).f1)
    print(f"{kind + ', plain Splink':29}", at(best), f"(at {best}, the best one by the truth)", flush=True)


def main() -> None:
    """Match one or several inputs and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("input", type=Path, nargs="?", help="a file that a build handed to the matching")
    parser.add_argument("--truth", type=Path)
    parser.add_argument("--deliveries", type=Path, metavar="DIR")
    parser.add_argument("--people", type=int, nargs="+", metavar="N", help="several for the growth between them")
    parser.add_argument("--regency", default="35.14", metavar="CODE")
    parser.add_argument("--seed", type=int, default=2, metavar="S")
    parser.add_argument("--profile", choices=("plain", "hard"), default="plain")
    parser.add_argument("--only-time", action="store_true")
    parser.add_argument("--splink-inside", action="store_true", help="also match with Splink as trainer and scorer")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="dtsen-bench-") as place:
        folder = Path(place)
        inputs: list[tuple[Path, Path | None]] = []
        recodings: list[tuple[str, str]] = []
        if options.deliveries or options.people:
            lookup = folder / "lookup"
            lookup.mkdir()
            export_regions(lookup)
            recodings = read_recodings(lookup)
        if options.input:
            inputs.append((options.input, options.truth))
        if options.deliveries:
            given = receive(delivered(options.deliveries), lookup, folder / "match_input.parquet")
            inputs.append((given, options.deliveries / "truth" / "records.csv"))
        for people in options.people or ():
            made = folder / str(people)
            made.mkdir()
            inputs.append(
                make_input(
                    made,
                    people=people,
                    regency=options.regency,
                    seed=options.seed,
                    profile=options.profile,
                    lookup=lookup,
                )
            )
        took: list[tuple[float, float]] = []
        for number, (given, truth) in enumerate(inputs):
            out = folder / f"match{number}"
            metrics = run_match(given, out, recodings)
            has_rows = all(given.with_name(name).exists() for name in ROWS.values())
            golden = run_golden(given, out) if has_rows else None
            work = metrics["processor_seconds"] + (golden["processor_seconds"] if golden else 0.0)
            took.append((metrics["counts"]["rows"], work))
            tell_time(given, metrics, golden)
            if truth and not options.only_time:
                tell_quality(given, truth, out)
            if truth and options.splink_inside:
                tell_residue(given, truth, folder / f"residue{number}", recodings)
        if len(took) > 1:
            (n, seconds), (more, longer) = took[0], took[-1]
            print(
                f"growth from {n:,.0f} to {more:,.0f} rows: exponent of processor time {math.log(longer / seconds) / math.log(more / n):.2f}"
            )


if __name__ == "__main__":
    main()
