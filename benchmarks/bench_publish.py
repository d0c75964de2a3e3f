"""Publishing beside bare COPY of the same rows: rows a second and the ratio, in one run.

    python benchmarks/bench_publish.py [--people 200000] [--profile]

Rows are families, people and memberships together. The bare COPY takes the rows as the register
holds them (numbers already encrypted) into tables without keys or indexes, on the same server. The
re-run compares all the rows and writes the 3 % that changed; its bare COPY takes all the rows.
"""

import argparse
import cProfile
import pstats
import resource
import time
from pathlib import Path
from typing import Any

from scratch import installation, make_golden_records, publish_golden

TABLES = ("registry_household", "registry_individual", "registry_membership")
CHANGED = 3  # of a hundred


def bare_copy(folder: Path) -> tuple[int, float]:
    """COPY what the register holds into bare tables; return rows and seconds."""
    from django.db import connection, transaction

    rows, took = 0, 0.0
    with connection.cursor() as cursor:
        for table in TABLES:
            path = folder / f"{table}.csv"
            with path.open("wb") as out, cursor.copy(f"COPY {table} TO STDOUT (FORMAT csv)") as blocks:
                for block in blocks:
                    out.write(block)
            cursor.execute(f"DROP TABLE IF EXISTS bare_{table}")
            cursor.execute(f"CREATE TABLE bare_{table} (LIKE {table})")
            cursor.execute(
                "SELECT column_name FROM information_schema.columns WHERE table_name = %s ORDER BY ordinal_position",
                [table],
            )
            columns = [row[0] for row in cursor.fetchall()]
            started = time.perf_counter()
            statement = f"COPY bare_{table} ({', '.join(columns)}) FROM STDIN (FORMAT csv)"
            with transaction.atomic(), cursor.copy(statement) as blocks, path.open("rb") as lines:
                while block := lines.read(1 << 20):
                    blocks.write(block)
            took += time.perf_counter() - started
            cursor.execute(f"SELECT count(*) FROM bare_{table}")
            rows += cursor.fetchone()[0]
            cursor.execute(f"DROP TABLE bare_{table}")
            path.unlink()
    return rows, took


def timed_publish(con: Any, run: int, profiled: bool) -> tuple[Any, float]:
    """Publish and return what was written and the seconds."""
    profile = cProfile.Profile()
    started = time.perf_counter()
    if profiled:
        profile.enable()
    published = publish_golden(con, run=run)
    profile.disable()
    took = time.perf_counter() - started
    if profiled:
        pstats.Stats(profile).sort_stats("tottime").print_stats(12)
    return published, took


def tell(what: str, rows: int, took: float, bare_rows: int, bare: float) -> None:
    """Print one comparison."""
    share = (rows / took) / (bare_rows / bare)
    print(
        f"{what:<12}{took:7.2f} s  {rows / took:>9,.0f} rows/s   bare COPY {bare:6.2f} s"
        f"  {bare_rows / bare:>9,.0f} rows/s   ratio {share:.2f}"
    )


def main() -> None:
    """Publish twice, each beside the bare COPY."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--people", type=int, default=200_000)
    parser.add_argument("--profile", action="store_true")
    options = parser.parse_args()
    with installation() as state:
        import duckdb
        from django.db import connection

        from registry.common.crypto import register_crypto

        con = duckdb.connect()
        con.execute("SET enable_progress_bar = false")
        register_crypto(con)
        make_golden_records(con, options.people)
        _first, took = timed_publish(con, 1, options.profile)
        rows, bare = bare_copy(state)
        print(f"{rows:,} rows: families, {options.people:,} people, memberships")
        tell("first load", rows, took, rows, bare)
        for table in ("golden_h", "golden_i"):
            item = "id_sumber_airminum" if table == "golden_h" else "id_lapangan_usaha"
            con.execute(f"UPDATE {table} SET {item} = {item} + 1 WHERE hash(id) % 100 < {CHANGED}")
        with connection.cursor() as cursor:
            cursor.execute("ANALYZE")
        again, took = timed_publish(con, 2, options.profile)
        rows, bare = bare_copy(state)
        tell("re-run", rows, took, rows, bare)
        print(f"re-run wrote {sum(again.changed.values()):,} changed rows, {sum(again.new.values()):,} new ones")
        print(
            f"peak memory {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**10:,.0f} MiB (golden records included)"
        )
        con.close()
        connection.close()


if __name__ == "__main__":
    main()
