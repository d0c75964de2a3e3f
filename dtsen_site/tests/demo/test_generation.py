"""The generator: the same seed the same files, layouts as the mappings ask, faults as declared."""

import csv
from pathlib import Path

import pytest
import yaml

from dtsen_site.demo.generation import delivery_files, generate, join_deliveries
from dtsen_site.demo.places import find_villages
from dtsen_site.settings.environment import PROJECT_DIR


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return one small generated folder."""
    out = tmp_path_factory.mktemp("made")
    generate(people=1500, regency="35.14", seed=3, out=out)
    return out


def read(path: Path, separator: str = ",") -> list[dict[str, str]]:
    """Return the rows of a CSV file."""
    with path.open(encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file, delimiter=separator))


def test_generate_same_seed_gives_same_files(folder: Path, tmp_path: Path) -> None:
    generate(people=1500, regency="35.14", seed=3, out=tmp_path)
    for name in ("dtks_anggota.csv", "regsosek_anggota.csv", "truth/records.csv", "susenas.csv"):
        assert (tmp_path / name).read_bytes() == (folder / name).read_bytes()


@pytest.mark.parametrize(("source", "separator"), [("dtks", ","), ("regsosek", ";")])
def test_generate_files_hold_the_mandatory_columns_of_the_mapping(folder: Path, source: str, separator: str) -> None:
    mapping = yaml.safe_load((PROJECT_DIR / "registry/sources/mappings" / f"{source}.yaml").read_text())
    for role, path in zip(("families", "persons"), delivery_files(folder, source), strict=True):
        assert set(mapping[role]["mandatory"]) <= set(read(path, separator)[0])


def test_generate_truth_names_every_delivered_row(folder: Path) -> None:
    truth = read(folder / "truth/records.csv")
    delivered = [row["id_anggota"] for row in read(folder / "regsosek_anggota.csv", ";")]
    assert [row["record_key"] for row in truth if row["source"] == "regsosek"] == delivered
    assert len({(row["source"], row["record_key"]) for row in truth}) == len(truth)


def test_generate_gives_nobody_the_nik_of_another(folder: Path) -> None:
    people = read(folder / "truth/people.csv")
    assert len({row["nik"] for row in people}) == len(people)
    assert all(len(row["nik"]) == 16 and row["nik"][12:] > "6000" for row in people)


def test_generate_hard_profile_misleads_more(folder: Path, tmp_path: Path) -> None:
    generate(people=1500, regency="35.14", seed=3, out=tmp_path, profile="hard")

    def clean(where: Path) -> float:
        rows = read(where / "truth/records.csv")
        return sum(not row["faults"] for row in rows) / len(rows)

    assert clean(tmp_path) < clean(folder) - 0.1


def test_generate_unknown_regency_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="no regency"):
        generate(people=10, regency="99.99", seed=1, out=tmp_path)


def test_find_villages_recoded_regency_has_old_register_and_bps_codes() -> None:
    village = find_villages("93.01")[0]
    assert village.code.startswith("9301")
    assert village.registers_as.startswith("9101")
    assert village.bps.startswith("9401")


def test_join_deliveries_keeps_all_rows_under_one_heading(folder: Path, tmp_path: Path) -> None:
    second = tmp_path / "papua"
    generate(people=400, regency="94.04", seed=3, out=second, first=100_000_000)
    join_deliveries([folder, second], tmp_path / "both")
    both, one, other = (read(where / "dtks_anggota.csv") for where in (tmp_path / "both", folder, second))
    assert both == one + other
    assert len({row["IDARTBDT"] for row in both}) == len(both)
