"""Quality of matching against a truth, and its time against a bare scan-and-hash of the same columns.

python -m benchmarks.bench_matching match_input.parquet [--truth records.csv] [--out folder]

The input is the file that a build hands to the matching; the truth has source, record_key, person_id, family_id, faults.
"""

from __future__ import annotations

import argparse
import tempfile
import time
from pathlib import Path

import duckdb

from registry.matching import match


def scan(con: duckdb.DuckDBPyConnection, path: Path) -> float:
    """Seconds of reading and hashing every column, best of three."""
    columns = ", ".join(f'"{row[0]}"' for row in con.execute(f"describe select * from '{path}'").fetchall())
    best = float("inf")
    for _ in range(3):
        started = time.perf_counter()
        con.execute(f"select bit_xor(hash({columns})) from '{path}'").fetchall()
        best = min(best, time.perf_counter() - started)
    return best


def pairs(con: duckdb.DuckDBPyConnection, found: str, true: str) -> str:
    """Pairwise precision, recall and F1 of one column against another; a null stands alone."""

    def count(columns: str, where: str) -> float:
        query = f"select coalesce(sum(n * (n - 1) / 2), 0) from (select count(*)::double as n from judged where {where} group by {columns})"
        return float(con.execute(query).fetchall()[0][0])

    hit = count(f"{found}, {true}", f"{found} is not null")
    precision = hit / max(count(found, f"{found} is not null"), 1)
    recall = hit / max(count(true, "true"), 1)
    return f"P {precision:.5f}  R {recall:.5f}  F1 {2 * precision * recall / max(precision + recall, 1e-9):.5f}"


def main() -> None:
    """Match, then print the ratio to the scan and, with a truth, the quality and what stays wrong by cause."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("input", type=Path)
    parser.add_argument("--truth", type=Path)
    parser.add_argument("--out", type=Path)
    options = parser.parse_args()
    con = duckdb.connect()
    bare = scan(con, options.input)
    with tempfile.TemporaryDirectory() as folder:
        started = time.perf_counter()
        result = match(options.input, options.out or folder)
        seconds = time.perf_counter() - started
        rows = result.metrics["counts"]["rows"]
        print(f"rows {rows:,}  scan and hash {bare:.3f} s  match {seconds:.1f} s  ratio {seconds / bare:.0f}x")
        print(f"peak memory {result.metrics['peak_memory_mb']:,} MB  stages {result.metrics['seconds']}")
        if not options.truth:
            return
        con.execute(
            f"create table judged as select l.*, i.nik, i.kk_number, t.person_id, t.family_id, coalesce(t.faults, '') as faults "
            f"from '{result.links}' l join '{options.input}' i using (row_id) "
            f"join read_csv('{options.truth}', all_varchar = true) t on t.source = l.source and t.record_key = l.record_key"
        )
    print("persons   ", pairs(con, "person_cluster", "person_id"))
    print("exact NIK ", pairs(con, "nik", "person_id"))
    print("families  ", pairs(con, "family_cluster", "family_id"))
    print("exact KK  ", pairs(con, "kk_number", "family_id"))
    strangers, merged = con.execute(
        """
        select count(*), count(*) filter (exists (
            select 1 from judged b where b.person_cluster = a.person_cluster and b.person_id <> a.person_id and b.nik = a.nik))
        from judged a where contains(faults, 'nik_shared')
        """
    ).fetchall()[0]
    print(f"rows with another person's NIK: {strangers}, merged with that person: {merged}")
    wrong = """
        select '{kind}', list_sort([a.faults, b.faults]) as causes, count(*) as n from judged a join judged b on {join}
        where a.row_id < b.row_id and {differs} group by all order by n desc, causes limit 12
    """
    missed = wrong.format(
        kind="missed", join="a.person_id = b.person_id", differs="a.person_cluster <> b.person_cluster"
    )
    false = wrong.format(kind="false", join="a.person_cluster = b.person_cluster", differs="a.person_id <> b.person_id")
    for query in (missed, false):
        for kind, causes, n in con.execute(query).fetchall():
            print(f"{kind:7} {n:4}  {' / '.join(c or '-' for c in causes)}")


if __name__ == "__main__":
    main()
