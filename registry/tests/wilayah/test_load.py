"""Loading regions into the register, and asking for them."""

import datetime as dt
import time

import duckdb
import pytest
from django.core.management import call_command
from django.core.management.base import CommandError
from django.utils import timezone

from registry.common.errors import BadInput
from registry.common.models import AuditEvent
from registry.officers.selectors import system_officer
from registry.tests.officers.staff import REGIONS, some_regions
from registry.wilayah import export_lookup, selectors
from registry.wilayah.codes import NO_REGION
from registry.wilayah.files import BridgeRow, RegionRow, SuccessionRow
from registry.wilayah.models import BpsBridge, Region, RegionSuccession
from registry.wilayah.operations import load_regions

pytestmark = pytest.mark.django_db


def load(rows, **options):
    return load_regions(regions=rows, by=system_officer(), now=timezone.now(), **options)


def test_load_the_shipped_regions_in_seconds_and_again_changes_nothing(capsys):
    started = time.monotonic()
    call_command("load_wilayah")
    seconds = time.monotonic() - started
    call_command("load_wilayah")

    assert Region.objects.in_force(timezone.localdate()).count() == 91_599
    assert RegionSuccession.objects.count() == 26
    assert BpsBridge.objects.count() == 7_405
    assert Region.objects.get(code="93.01").valid.lower == dt.date(2022, 7, 25)
    assert selectors.get_nik_region_codes()["910101"] == "historic"
    assert selectors.find_current_codes("91.01") == ["93.01"]
    assert "Nothing was changed" in capsys.readouterr().out
    assert seconds < 30  # 4 to 6 on two idle cores; the aim is 10


def test_load_twice_changes_nothing():
    some_regions()

    loaded = load([RegionRow(code, name) for code, name in REGIONS.items()])

    assert loaded.is_noop
    assert loaded.same == len(REGIONS)


def test_load_renamed_region_changes_the_name_only():
    some_regions()

    loaded = load([RegionRow("34.02", "Kab. Bantul")])

    assert (loaded.added, loaded.changed, loaded.ended) == (0, 1, 0)
    assert Region.objects.get(code="34.02").name == "Kab. Bantul"


def test_load_complete_ends_what_the_file_lacks_and_keeps_its_row():
    some_regions()
    day = dt.date(2026, 1, 1)

    loaded = load([RegionRow(c, n) for c, n in REGIONS.items() if c != "35.14"], complete=True, on=day)

    assert loaded.ended == 1
    assert Region.objects.get(code="35.14").valid.upper == day
    assert not Region.objects.in_force(day).filter(code="35.14").exists()


def test_load_of_a_region_without_its_parent_is_refused_and_changes_nothing():
    with pytest.raises(BadInput) as refusal:
        load([RegionRow("12.01", "Lost")])

    assert refusal.value.code == "wilayah.load.orphan"
    assert not Region.objects.exists()


def test_load_is_on_record():
    some_regions()

    event = AuditEvent.objects.get(operation="wilayah.regions.loaded")
    assert event.params["added"] == len(REGIONS)


def test_within_takes_the_region_and_what_lies_below_it():
    some_regions()

    codes = set(Region.objects.within("34.02").values_list("code", flat=True))

    assert codes == {c for c in REGIONS if c.startswith("34.02")}


def test_export_lookup_resolves_bps_codes_to_the_codes_of_today(tmp_path):
    load(
        [
            RegionRow("93", "Papua Selatan"),
            RegionRow("93.01", "Merauke"),
            RegionRow("93.01.02", "Muting"),
            RegionRow("91", "Papua"),
        ],
        bridge=[
            BridgeRow("94", "PAPUA", "91", "PAPUA"),
            BridgeRow("9401040", "MUTING", "91.01.04", "MUTING"),
            BridgeRow("9401999", "GONE", "91.01.99", "GONE"),
        ],
        successions=[SuccessionRow("91.01", "93.01", dt.date(2022, 7, 25), "recoded", "UU 14/2022")],
    )

    folder = export_lookup(tmp_path / "lookup")

    bridge = dict(duckdb.sql(f"SELECT bps_code, code FROM '{folder}/bridge.parquet'").fetchall())
    assert bridge == {"94": "91", "9401040": "93.01.02"}
    old = duckdb.sql(
        f"SELECT level, parent, name_key, in_force, current_code FROM '{folder}/regions.parquet' WHERE code = '91.01.04'"
    ).fetchall()[0]
    assert old == (3, "91.01", "MUTING", False, "93.01.02")


def test_place_is_read_from_the_inside_out():
    some_regions()

    assert selectors.get_place("34.02.01.2001") == "Poncosari, Srandakan, Kabupaten Bantul"
    assert selectors.get_place("") == "Indonesia"
    assert selectors.get_place(NO_REGION) == "tempat tidak diketahui"


def test_load_wilayah_with_a_wrong_file_exits_2_with_its_sentence(tmp_path):
    path = tmp_path / "x.csv"
    path.write_text("kode\n34\n")

    with pytest.raises(CommandError) as refusal:
        call_command("load_wilayah", "--regions", str(path))

    assert refusal.value.returncode == 2
    assert "x.csv" in str(refusal.value)
