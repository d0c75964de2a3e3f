"""Receiving beside the bare scan of the same files: rows a second, ratio and peak memory, in one run.

    python benchmarks/bench_receive.py --people 1000000
    python benchmarks/bench_receive.py PERSONS.csv FAMILIES.csv --source regsosek --people 7000000

Without files a Regsosek delivery of made-up people is generated. Files are multiplied, their keys
made distinct, until they hold the wanted number of rows. What is measured is the whole operation:
hashing, reading, checking, findings, encrypting the files as sent, moving into the store.
"""

import argparse
import datetime as dt
import io
import os
import resource
import subprocess
import sys
import time
from pathlib import Path

import duckdb
from scratch import installation

ROOT = Path(__file__).parent.parent
LARGEST = 1_000_000  # people generated at once; more are copies


def generate(people: int, folder: Path) -> tuple[Path, Path]:
    """Make a Regsosek delivery, in a process of its own so that its memory is not measured."""
    subprocess.run(
        [sys.executable, str(ROOT / "manage.py"), "generate_population", "--people", str(people), "--out", str(folder)],
        check=True,
        stdout=subprocess.DEVNULL,
    )
    return folder / "regsosek_anggota.csv", folder / "regsosek_keluarga.csv"


def multiply(path: Path, target: Path, separator: str, keys: int, copies: int) -> Path:
    """Write the file's rows several times, the first `keys` columns made distinct."""
    with target.open("w", encoding="utf-8") as out:
        for copy in range(copies):
            with path.open(encoding="utf-8-sig") as lines:
                header = next(lines)
                if not copy:
                    out.write(header)
                for line in lines:
                    parts = line.split(separator, keys)
                    out.write(separator.join([*(f"{copy:03d}{part}" for part in parts[:keys]), *parts[keys:]]))
    return target


def bare_scan(paths: list[Path]) -> tuple[int, float, float]:
    """Read every value of the files as text; return rows, seconds and seconds of processor."""
    rows, started, cpu = 0, time.perf_counter(), time.process_time()
    con = duckdb.connect()
    for path in paths:
        scan = f"read_csv('{path}', all_varchar = true, header = true)"
        names = [row[0] for row in con.execute(f"DESCRIBE SELECT * FROM {scan}").fetchall()]
        aggregates = ", ".join(f'max("{name}")' for name in names)
        rows += con.execute(f"SELECT count(*), {aggregates} FROM {scan}").fetchone()[0]
    return rows, time.perf_counter() - started, time.process_time() - cpu


def main() -> None:
    """Run both and print the ratio."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("files", type=Path, nargs="*", metavar="FILE", help="PERSONS and FAMILIES, or none")
    parser.add_argument("--source", default="regsosek")
    parser.add_argument("--people", type=int, default=0, help="rows of persons wanted (default: as the files are)")
    options = parser.parse_args()

    with installation() as state:
        from django.core.management import call_command
        from django.utils import timezone

        from registry.common.tables import get_limits
        from registry.officers.selectors import system_officer
        from registry.sources.mapping import load_mapping
        from registry.sources.operations import receive_delivery

        call_command("load_wilayah", stdout=io.StringIO())
        mapping = load_mapping(options.source)
        people = options.people or 100_000
        persons, families = options.files or generate(min(people, LARGEST), state / "made")
        with persons.open("rb") as file:
            there = sum(1 for _ in file) - 1
        copies = -(-options.people // there) if options.people else 1
        if copies > 1:
            persons = multiply(persons, state / "persons.csv", mapping.separator, 2, copies)
            families = multiply(families, state / "families.csv", mapping.separator, 1, copies)
        size = (persons.stat().st_size + families.stat().st_size) / 1e6
        rows, bare, bare_cpu = bare_scan([persons, families])
        cpu, started = time.process_time(), time.perf_counter()
        steps: list[tuple[str, float]] = []
        answer = receive_delivery(
            source=options.source, files=[persons, families], period=f"{dt.date.today():%Y-%m}", by=system_officer(),
            now=timezone.now(), progress=lambda step, done: steps.append((step, time.perf_counter())),
        )  # fmt: skip
        took, cpu = time.perf_counter() - started, time.process_time() - cpu
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
        print(f"{rows} rows in two files of {size:,.0f} MB, {sum(file.accepted for file in answer.files)} accepted")
        print(f"limits: {get_limits()}, {os.cpu_count()} cores, load {os.getloadavg()[0]:.1f}")
        print(f"bare scan           {bare:7.2f} s  {rows / bare:>10,.0f} rows/s  ({bare_cpu:.1f} s of processor)")
        print(f"received            {took:7.2f} s  {rows / took:>10,.0f} rows/s  ({cpu:.1f} s of processor)")
        print(f"ratio {took / bare:.1f} ({cpu / bare_cpu:.1f} of processor), peak memory {peak:,.0f} MB")
        ends = [*(at for _, at in steps[1:]), started + took]
        print("steps: " + ", ".join(f"{step} {end - at:.1f} s" for (step, at), end in zip(steps, ends, strict=True)))


if __name__ == "__main__":
    main()
