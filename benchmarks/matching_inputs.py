"""The file that a build hands to the matching, made of delivered files without a register around it."""

import datetime as dt
import tempfile
from collections.abc import Mapping
from pathlib import Path

import duckdb

from benchmarks.scratch import installation

SOURCES = ("dtks", "regsosek", "p3ke")
# What golden records are chosen from, beside the matching's input: tables of the build, the files they are kept in.
ROWS = {"p": "persons.parquet", "f": "families.parquet"}


def export_regions(folder: Path) -> Path:
    """Write the regions that ship, and the codes that were recoded (recodings.csv), as a build has them."""
    with installation():
        from django.core.management import call_command

        from registry.wilayah import export_lookup
        from registry.wilayah.models import RegionSuccession

        call_command("load_wilayah", verbosity=0)
        export_lookup(folder)
        recoded = RegionSuccession.objects.filter(kind=RegionSuccession.Kind.RECODED)
        lines = [f"{old},{new}\n" for old, new in recoded.order_by("id").values_list("old_id", "new_id")]
        (folder / "recodings.csv").write_text("".join(lines))
    return folder


def read_recodings(lookup: Path) -> list[tuple[str, str]]:
    """Return the pairs that `export_regions` wrote."""
    pairs = [line.split(",") for line in (lookup / "recodings.csv").read_text().splitlines()]
    return [(old, new) for old, new in pairs]


def receive(deliveries: Mapping[str, list[Path]], lookup: Path, target: Path) -> Path:
    """Validate the files of each source (its name or the path of a mapping); write the matching's input and `ROWS`."""
    from registry.linkage.inputs import CurrentDelivery, load_current, write_match_input
    from registry.sources.mapping import load_mapping, read_mapping
    from registry.sources.rules import load_rules
    from registry.sources.validation import Validation

    with tempfile.TemporaryDirectory(prefix="dtsen-bench-") as place:
        current = []
        for number, (name, files) in enumerate(deliveries.items()):
            mapping = read_mapping(Path(name)) if name.endswith(".yaml") else load_mapping(name)
            folder, out = Path(place) / f"work{number}", Path(place) / f"out{number}"
            folder.mkdir()
            out.mkdir()
            validation = Validation(
                mapping=mapping, rules=load_rules(), period=dt.date(2022, 10, 1), folder=folder, out=out, lookup=lookup
            )
            try:
                validation.prepare(files, separator=None, encoding=None)
                validation.has_regions()
                validation.run()
            finally:
                validation.close()
            current.append(CurrentDelivery(number, mapping.source, out, mapping.priority))
        with duckdb.connect() as con:
            load_current(con, current)
            write_match_input(con, target)
            for table, name in ROWS.items():
                con.execute(f"COPY {table} TO '{target.with_name(name)}' (FORMAT parquet, COMPRESSION zstd)")
    return target


def delivered(folder: Path) -> dict[str, list[Path]]:
    """Return the files of each source in a folder of deliveries."""
    from dtsen_site.demo.generation import delivery_files

    return {source: delivery_files(folder, source) for source in SOURCES}


def make_input(folder: Path, *, people: int, regency: str, seed: int, profile: str, lookup: Path) -> tuple[Path, Path]:
    """Make people and their deliveries; return the matching's input and the truth of its rows."""
    from dtsen_site.demo.generation import generate

    made = folder / "deliveries"
    generate(people=people, regency=regency, seed=seed, out=made, profile=profile)
    return receive(delivered(made), lookup, folder / "match_input.parquet"), made / "truth" / "records.csv"
