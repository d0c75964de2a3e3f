"""Receiving beside the bare scan of the same files: rows a second and the ratio, in one run.

    python benchmarks/bench_receive.py PERSONS.csv FAMILIES.csv --source regsosek [--copies 50]

`--copies` multiplies the files (keys made distinct) to reach the wanted number of people.
"""

import argparse
import datetime as dt
import os
import resource
import shutil
import sys
import tempfile
import time
from pathlib import Path

import duckdb

sys.path.insert(0, str(Path(__file__).parent.parent))
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "dtsen_site.settings")


def multiply(path: Path, target: Path, separator: str, keys: int, copies: int) -> Path:
    """Write the file's rows several times, the first `keys` columns made distinct."""
    lines = path.read_text(encoding="utf-8-sig").splitlines()
    with target.open("w", encoding="utf-8") as out:
        out.write(lines[0] + "\n")
        for copy in range(copies):
            for line in lines[1:]:
                parts = line.split(separator, keys)
                out.write(separator.join([*(f"{copy:03d}{part}" for part in parts[:keys]), *parts[keys:]]) + "\n")
    return target


def bare_scan(paths: list[Path]) -> tuple[int, float]:
    """Read every value of the files as text; return rows and seconds."""
    rows, started = 0, time.perf_counter()
    con = duckdb.connect()
    for path in paths:
        scan = f"read_csv('{path}', all_varchar = true, header = true)"
        names = [row[0] for row in con.execute(f"DESCRIBE SELECT * FROM {scan}").fetchall()]
        aggregates = ", ".join(f'max("{name}")' for name in names)
        rows += con.execute(f"SELECT count(*), {aggregates} FROM {scan}").fetchone()[0]
    return rows, time.perf_counter() - started


def main() -> None:
    """Run both and print the ratio."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("persons", type=Path)
    parser.add_argument("families", type=Path)
    parser.add_argument("--source", default="regsosek")
    parser.add_argument("--copies", type=int, default=1)
    options = parser.parse_args()

    import django

    django.setup()
    from registry.sources.mapping import load_mapping
    from registry.sources.rules import load_rules
    from registry.sources.validation import Validation
    from registry.wilayah import export_lookup

    mapping = load_mapping(options.source)
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place)
        work, out = folder / "work", folder / "out"
        work.mkdir()
        out.mkdir()
        persons = multiply(options.persons, folder / "persons.csv", mapping.separator, 2, options.copies)
        families = multiply(options.families, folder / "families.csv", mapping.separator, 1, options.copies)
        lookup = export_lookup(folder / "lookup")
        rows, bare = bare_scan([persons, families])
        cpu = time.process_time()
        started = time.perf_counter()
        validation = Validation(
            mapping=mapping, rules=load_rules(), period=dt.date(2022, 10, 1), folder=work, out=out, lookup=lookup
        )
        validation.prepare([persons, families], separator=None, encoding=None)
        validation.has_regions()
        result = validation.run()
        validation.close()
        took, cpu = time.perf_counter() - started, time.process_time() - cpu
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
        print(f"{rows} rows in two files, {sum(file.accepted for file in result.files)} accepted")
        print(f"bare scan           {bare:7.2f} s  {rows / bare:>10,.0f} rows/s")
        print(f"received to Parquet {took:7.2f} s  {rows / took:>10,.0f} rows/s  ({cpu:.1f} s of processor)")
        print(f"ratio {took / bare:.1f}, peak memory {peak:,.0f} MB")
        shutil.rmtree(out)


if __name__ == "__main__":
    main()
