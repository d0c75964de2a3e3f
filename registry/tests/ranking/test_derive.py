"""The items that a family's members give, by the survey's definitions."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import duckdb
import pytest

from registry.ranking import RankingError, load_items, write_families
from registry.ranking.deriving import FROM_HOUSEHOLD, FROM_MEMBERS
from registry.tests.ranking.worlds import rows_of

MEMBERS = """
    CREATE TABLE m AS SELECT * FROM (VALUES
        -- household, person, relation, sex, born, school, certificate, works, sector, status, business, severe, illness
        ('a', 1, 1, 2, DATE '1960-05-02', 3, 3, 1, 12, 1, 1, 2, 2),
        ('a', 2, 3, 1, DATE '1990-01-01', 3, 19, 1, 20, 5, 2, 2, 1),
        ('a', 3, 5, 2, DATE '2015-02-02', 2, 23, NULL, NULL, NULL, NULL, 1, 1),
        ('a', 4, 5, 2, DATE '2018-02-02', 1, NULL, NULL, NULL, NULL, NULL, 2, 1),
        ('b', 5, 8, 1, DATE '1950-03-03', NULL, NULL, 2, NULL, NULL, NULL, NULL, NULL),
        ('b', 6, NULL, 2, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL)
    ) t(household_id, individual_id, relation, sex, birth_date, id_partisipasi_sekolah, id_ijazah_tertinggi, bekerja,
        id_lapangan_usaha, id_status_kedudukan_pekerjaan, kepemilikan_usaha, disabilitas_berat, id_penyakit_menahun)
"""


@pytest.fixture
def files(tmp_path: Path) -> tuple[Path, Path]:
    con = duckdb.connect()
    con.execute(MEMBERS)
    con.execute(f"COPY m TO '{tmp_path}/m.parquet' (FORMAT parquet)")
    con.execute(
        f"COPY (SELECT * FROM (VALUES ('a', '35.14', 8::SMALLINT), ('b', '35.14', NULL)) t(household_id, regency, id_lantai_terluas)) "
        f"TO '{tmp_path}/h.parquet' (FORMAT parquet)"
    )
    return tmp_path / "h.parquet", tmp_path / "m.parquet"


def test_members_are_counted_as_the_survey_counts_them(files: tuple[Path, Path], tmp_path: Path) -> None:
    assert write_families(*files, tmp_path / "f.parquet", as_of=dt.date(2025, 2, 1)) == 2
    full, sparse = rows_of(tmp_path / "f.parquet")
    told = {
        "persons": 4, "jumlah_anggota_keluarga": 4, "jml_usia_0_6": 1, "jml_usia_7_18": 1, "jml_lansia": 1,
        "jml_usia_15_64": 2, "jml_bekerja": 2, "jml_disabilitas_berat": 1, "jml_penyakit_menahun": 1,
        "jml_masih_sekolah_7_18": 1, "jml_pns_tni_polri": 1, "jml_punya_usaha": 1, "umur_kepala": 64,
        "kepala_perempuan": 1, "pendidikan_kepala": 2, "status_pekerjaan_kepala": 1, "lapangan_usaha_kepala": 12,
        "pendidikan_tertinggi_keluarga": 6, "rasio_tanggungan": 500, "id_lantai_terluas": 8, "perkotaan": None,
    }  # fmt: skip
    assert {name: full[name] for name in told} == told
    assert sparse["umur_kepala"] == 74 and sparse["kepala_perempuan"] == 0 and sparse["status_pekerjaan_kepala"] == 0
    assert sparse["jml_disabilitas_berat"] is None and sparse["pendidikan_tertinggi_keluarga"] is None
    assert sparse["jml_lansia"] == 1


@pytest.mark.parametrize(
    ("school", "certificate", "step"),
    [(1, None, 0), (3, 23, 1), (3, 1, 2), (2, 9, 3), (3, 15, 4), (3, 18, 5), (3, 22, 7)],
)
def test_schooling_is_stepped_as_in_the_survey(
    files: tuple[Path, Path], tmp_path: Path, school: int, certificate: int | None, step: int
) -> None:
    con = duckdb.connect()
    con.execute(f"CREATE TABLE m AS SELECT * FROM read_parquet('{files[1]}') WHERE individual_id = 1")
    con.execute("UPDATE m SET id_partisipasi_sekolah = ?, id_ijazah_tertinggi = ?", [school, certificate])
    con.execute(f"COPY m TO '{tmp_path}/one.parquet' (FORMAT parquet)")
    write_families(files[0], tmp_path / "one.parquet", tmp_path / "f.parquet", as_of=dt.date(2025, 2, 1))
    assert rows_of(tmp_path / "f.parquet")[0]["pendidikan_kepala"] == step


def test_every_published_item_can_be_derived(files: tuple[Path, Path], tmp_path: Path) -> None:
    write_families(*files, tmp_path / "f.parquet", as_of=dt.date(2025, 2, 1))
    assert {item.name for item in load_items().items} == {"perkotaan", *FROM_HOUSEHOLD, *FROM_MEMBERS}
    assert {item.name for item in load_items().items} <= set(rows_of(tmp_path / "f.parquet")[0])


def test_a_file_of_members_that_lacks_a_column_is_refused(files: tuple[Path, Path], tmp_path: Path) -> None:
    with pytest.raises(RankingError) as refused:
        write_families(files[0], files[0], tmp_path / "f.parquet", as_of=dt.date(2025, 2, 1))
    assert refused.value.code == "ranking.families.column_missing"
