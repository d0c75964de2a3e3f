"""Importing an official ranking: processor seconds and memory a million rows, beside reading the sheet alone.

    python benchmarks/bench_import.py [--families 300000]

The register's own tables hold the families (3.4 people each); the sheet names all of them by KK number and the NIK of
one member, one row of a hundred being of nobody. The command runs as a process of its own, so that its memory and its
time are its own; what the database server did is told apart.
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

from scratch import installation, make_golden_records, publish_golden

PEOPLE_A_FAMILY = 3.4
TICKS = os.sysconf("SC_CLK_TCK")
LIMIT_MB = 4096  # DuckDB's 2 GB, the two statements of Python beside it, and what the system keeps of files


def write_sheet(con: Any, path: Path) -> int:
    """Write the ranking of every family of `con` and some strangers; return the rows."""
    con.execute(f"""
        COPY (
            SELECT CASE WHEN h.n % 100 = 7 THEN printf('99%014d', h.n) ELSE kk_number END AS "No. KK",
                CASE WHEN h.n % 100 = 7 THEN '' ELSE i.nik END AS "NIK", 1 + h.n % 10 AS "Desil Nasional",
                replace(printf('%.2f', (h.n % 10) * 10 + 5.0), '.', ',') AS "Persentil", '2026-09-30' AS "Cut Off"
            FROM (SELECT *, row_number() OVER (ORDER BY id) AS n FROM golden_h) h JOIN golden_i i ON i.id = h.head_id
        ) TO '{path}' (FORMAT csv, HEADER, DELIMITER ';')
    """)
    [(rows,)] = con.execute("SELECT count(*) FROM golden_h").fetchall()
    return int(rows)


def server_seconds(postmaster: int) -> float:
    """Return the processor seconds of the database server and of all its backends that have ended."""
    fields = Path(f"/proc/{postmaster}/stat").read_text().rpartition(")")[2].split()
    return sum(map(int, fields[11:15])) / TICKS


def main() -> None:
    """Fill a register, write the sheet, import it, tell."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--families", type=int, default=300_000)
    options = parser.parse_args()
    with installation() as state:
        import duckdb
        from django.db import connection
        from django.utils import timezone

        from registry.common.crypto import register_crypto
        from registry.models import MatchRun
        from registry.officers.selectors import system_officer

        con = duckdb.connect()
        con.execute("SET enable_progress_bar = false")
        register_crypto(con)
        make_golden_records(con, int(options.families * PEOPLE_A_FAMILY))
        run = MatchRun.objects.create(
            state="published", started_at=timezone.now(), started_by=system_officer(), deliveries_hash="bench"
        )
        publish_golden(con, run=run.pk)
        sheet = state / "desil.csv"
        rows = write_sheet(con, sheet)
        con.close()
        with connection.cursor() as cursor:
            cursor.execute("ANALYZE")
            cursor.execute("SHOW data_directory")
            folder = Path(cursor.fetchone()[0])
        connection.close()
        postmaster = int((folder / "postmaster.pid").read_text().split()[0])

        began = time.process_time()
        with duckdb.connect() as bare:
            bare.execute("SELECT count(DISTINCT column0), max(column2) FROM read_csv($1, all_varchar = true, header = false)", [str(sheet)]).fetchall()  # fmt: skip
        scan = time.process_time() - began
        before, server, wall = resource.getrusage(resource.RUSAGE_CHILDREN), server_seconds(postmaster), time.time()
        told = subprocess.run(
            [sys.executable, "manage.py", "import_ranking", str(sheet), "--source", "BPS", "--json"],
            cwd=Path(__file__).parent.parent, env=dict(os.environ), check=True, capture_output=True, text=True,
        )  # fmt: skip
        wall, after = time.time() - wall, resource.getrusage(resource.RUSAGE_CHILDREN)
        took = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
        server = server_seconds(postmaster) - server
        answer = json.loads(told.stdout.strip().splitlines()[-1])
        million = 1e6 / rows
        print(f"{rows:,} rows of {sheet.stat().st_size / 1e6:.0f} MB, {answer['families']:,} families found")
        print(f"findings {answer['findings']}")
        print(f"reading the sheet alone {scan:.1f} s processor ({scan * million:.1f} s a million)")
        print(
            f"import {took:.1f} s processor of its own ({took * million:.1f} s a million), {took / scan:.0f} times the reading"
        )
        print(f"database server {server:.1f} s ({server * million:.1f} s a million); {wall:.1f} s by the clock")
        memory = after.ru_maxrss / 1024
        print(f"most memory {memory:.0f} MB: {'within' if memory <= LIMIT_MB else 'ABOVE'} {LIMIT_MB} MB")


if __name__ == "__main__":
    main()
