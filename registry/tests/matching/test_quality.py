"""The figures that a match must show, on the sample deliveries and their truth."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import duckdb
import pytest
from django.utils import timezone

from registry.linkage.inputs import CurrentDelivery, load_current, write_match_input
from registry.matching import match
from registry.matching.quality import lent_niks, load_judged, pairwise
from registry.officers.selectors import system_officer
from registry.sources.mapping import load_mapping
from registry.sources.rules import load_rules
from registry.sources.validation import Validation
from registry.wilayah import export_lookup, files
from registry.wilayah.models import Region, RegionSuccession
from registry.wilayah.operations import load_regions

SAMPLE = Path(__file__).parents[4] / "shared" / "data" / "deliveries"
FILES = {
    "dtks": ("dtks_rumah_tangga.csv", "dtks_anggota.csv"),
    "regsosek": ("regsosek_keluarga.csv", "regsosek_anggota.csv"),
    "p3ke": ("p3ke_keluarga.xlsx", "p3ke_individu.xlsx"),
}


@pytest.fixture
def lookup(db, tmp_path: Path) -> Path:
    """Return the regions that ship, as deliveries are checked against them."""
    if not Region.objects.exists():
        load_regions(
            regions=files.shipped_regions(), bridge=files.read_bridge([files.shipped("bps_bridge.csv.gz")]),
            successions=[], complete=False, on=None, by=system_officer(), now=timezone.now(),
        )  # fmt: skip
    return export_lookup(tmp_path / "lookup")


def receive(source: str, number: int, folder: Path, lookup: Path) -> CurrentDelivery:
    """Validate the two files of a source as `receive_delivery` does, without its row in the register."""
    mapping = load_mapping(source)
    work, out = folder / f"work-{source}", folder / source
    work.mkdir()
    out.mkdir()
    validation = Validation(
        mapping=mapping, rules=load_rules(), period=dt.date(2022, 10, 1), folder=work, out=out, lookup=lookup
    )
    try:
        validation.prepare([SAMPLE / name for name in FILES[source]], separator=None, encoding=None)
        validation.has_regions()
        validation.run()
    finally:
        validation.close()
    return CurrentDelivery(number, source, out, mapping.priority)


@pytest.mark.slow
@pytest.mark.skipif(not SAMPLE.exists(), reason=f"the sample deliveries are not beside the project ({SAMPLE})")
def test_the_sample_deliveries_are_matched_within_the_bounds(tmp_path: Path, lookup: Path) -> None:
    with duckdb.connect() as con:
        load_current(con, [receive(source, n, tmp_path, lookup) for n, source in enumerate(FILES)])
        write_match_input(con, tmp_path / "match_input.parquet")
        recoded = RegionSuccession.objects.filter(kind=RegionSuccession.Kind.RECODED).order_by("id")

        result = match(
            tmp_path / "match_input.parquet", tmp_path / "match", recodings=recoded.values_list("old_id", "new_id")
        )

        load_judged(con, result.links, tmp_path / "match_input.parquet", SAMPLE / "truth" / "records.csv")
        persons, families = pairwise(con, "person_cluster", "person_id"), pairwise(con, "family_cluster", "family_id")
        lent = lent_niks(con)
    assert persons.precision >= 0.999
    assert persons.f1 >= 0.996
    assert families.f1 >= 0.985
    assert lent.rows > 100
    assert lent.merged <= lent.rows * 0.02
