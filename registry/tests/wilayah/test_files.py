"""Reading of region files."""

import gzip
from pathlib import Path

import pytest

from registry.common.errors import BadInput
from registry.wilayah import files


def write(folder: Path, text: str, name: str = "regions.csv") -> Path:
    path = folder / name
    path.write_text(text, "utf-8")
    return path


def test_shipped_regions_are_those_of_2025():
    rows = files.shipped_regions()

    counts = {length: sum(len(row.code) == length for row in rows) for length in (2, 5, 8, 13)}
    assert counts == {2: 38, 5: 514, 8: 7285, 13: 83762}


def test_shipped_districts_of_recoded_regencies_all_find_their_successor():
    regions = files.shipped_regions()
    bridge = files.read_bridge([files.shipped("bps_bridge.csv.gz")])
    successions = files.read_successions(files.shipped("recoded.csv"))

    old = {row.code: row for row in files.historic_regions(regions, bridge, successions)}

    assert sum(len(code) == 5 for code in old) == 26
    assert old["91.01"].successor == "93.01"  # Merauke
    assert old["92.04.04"].name == "INANWATAN"
    assert all(row.successor for row in old.values())
    assert not {row.code for row in regions} & set(old)


def test_historic_district_with_two_namesakes_has_no_successor():
    regions = [
        files.RegionRow(c, n) for c, n in {"93": "P", "93.01": "M", "93.01.01": "Sama", "93.01.02": "SAMA"}.items()
    ]
    succession = files.read_successions(files.shipped("recoded.csv"))[:1]
    bridge = [files.BridgeRow("9101010", "SAMA", "91.01.01", "SAMA")]

    old = {row.code: row for row in files.historic_regions(regions, bridge, succession)}

    assert old["91.01.01"].successor is None


def test_read_regions_with_own_columns_semicolons_gzip_and_codes_without_dots(tmp_path):
    path = tmp_path / "mine.csv.gz"
    path.write_bytes(gzip.compress(b"kode;nama\r\n3402012001;Poncosari\r\n"))

    rows = files.read_regions([path], columns={"code": "kode", "name": "nama"})

    assert rows == [files.RegionRow("34.02.01.2001", "Poncosari")]


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("name\nX\n", "wilayah.file.columns"),
        ("code,name\n34.2,X\n", "wilayah.file.bad_code"),
        ("code,name\n34,\n", "wilayah.file.no_name"),
        ("code,name\n34,X\n34,Y\n", "wilayah.file.twice"),
        ("code,name,valid_from\n34,X,1/2/2020\n", "wilayah.file.bad_date"),
    ],
)
def test_read_regions_from_a_wrong_file_refuses_it_with_a_sentence(tmp_path, text, code):
    with pytest.raises(BadInput) as refusal:
        files.read_regions([write(tmp_path, text)])

    assert refusal.value.code == code
    assert "{" not in refusal.value.sentence("id")
