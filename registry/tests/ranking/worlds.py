"""A small made-up survey and register for the tests of the ranking: fixed seed, a few hundred families."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import duckdb
import numpy as np

from registry.ranking import Fitted, Settings, fit, load_items, read_survey
from registry.ranking.items import Items

QUICK = Settings(folds=4, national_penalties=(15.0, 50.0), level_penalties=(5.0,), slope_penalties=(4.0, float("inf")),
                 replicates=20, challengers=())  # fmt: skip
NAMES = (
    "perkotaan", "jumlah_anggota_keluarga", "id_lantai_terluas", "luas_lantai_bangunan", "id_sumberpenerangan",
    "id_dayapenerangan", "id_atap_terluas", "aset_bergerak_mobil", "aset_bergerak_lemari_es", "jml_sapi",
    "jml_lansia", "jml_disabilitas_berat", "jml_pns_tni_polri", "kepala_perempuan", "umur_kepala", "pendidikan_kepala",
)  # fmt: skip


def families(n: int, seed: int) -> dict[str, Any]:
    """Return columns of made-up families; `welfare` is what the items follow."""
    rng = np.random.default_rng(seed)
    welfare = rng.normal(0, 1, n)

    def likely(shift: float, slope: float) -> np.ndarray:
        return rng.random(n) < 1 / (1 + np.exp(-(shift + slope * welfare)))

    size = rng.integers(1, 9, n)
    light = np.where(likely(3.0, 1.0), 1, 4)
    regency = rng.integers(0, 3, n)
    return {
        "regency": np.array(["35.11", "35.14", "34.02"], dtype=object)[regency],
        "psu": regency * 1000 + rng.integers(0, 20, n),
        "stratum": regency,
        "weight": rng.uniform(50, 300, n).round(2),
        "welfare": welfare,
        "perkotaan": (regency == 2).astype(int),
        "jumlah_anggota_keluarga": size,
        "id_lantai_terluas": np.where(likely(0.5, 1.5), 2, np.where(likely(0.5, 1.0), 6, 8)),
        "luas_lantai_bangunan": np.clip(rng.normal(55 + 15 * welfare, 15), 9, 300).round(1),
        "id_sumberpenerangan": light,
        "id_dayapenerangan": np.where(light == 1, np.clip(np.round(2 + welfare), 1, 5), -1).astype(int),
        "id_atap_terluas": rng.integers(1, 9, n),
        "aset_bergerak_mobil": np.where(likely(-2.5, 1.5), 1, 2),
        "aset_bergerak_lemari_es": np.where(likely(0.5, 1.5), 1, 2),
        "jml_sapi": rng.integers(0, 4, n),
        "jml_lansia": np.minimum(rng.integers(0, 3, n), size),
        "jml_disabilitas_berat": (rng.random(n) < 0.1).astype(int),
        "jml_pns_tni_polri": np.where(rng.random(n) < 0.06, -1, likely(-3.0, 1.0)).astype(int),
        "kepala_perempuan": (rng.random(n) < 0.2).astype(int),
        "umur_kepala": rng.integers(20, 80, n),
        "pendidikan_kepala": np.clip(np.round(3 + 1.5 * welfare + rng.normal(0, 1, n)), 0, 7).astype(int),
    }


def some_items() -> Items:
    """Return the published table narrowed to what the made-up families have."""
    return load_items().only(NAMES)


def write_survey(path: Path, n: int = 900, seed: int = 3) -> Path:
    """Write a survey CSV whose spending follows the items and chance."""
    columns = families(n, seed)
    rng = np.random.default_rng(seed + 1)
    welfare = columns.pop("welfare")
    size = columns["jumlah_anggota_keluarga"]
    log = 13.7 + 0.4 * welfare - 0.25 * np.log(size) + 0.1 * (columns["regency"] == "34.02") + rng.normal(0, 0.3, n)
    columns["spending"] = np.round(np.exp(log)).astype(int)
    names = list(columns)
    lines = [",".join(names)] + [",".join(str(columns[name][row]) for name in names) for row in range(n)]
    path.write_text("\n".join(lines) + "\n")
    return path


def a_fitted_model(folder: Path, **options: Any) -> Fitted:
    """Fit the made-up survey quickly."""
    path = write_survey(folder / "survey.csv")
    survey = read_survey(
        path, outcome="spending", weight="weight", psu="psu", stratum="stratum", region="regency", mapping=some_items()
    )
    return fit(survey, settings=QUICK, **options)


def write_families(path: Path, n: int = 3000, seed: int = 11, *, number: bool = False) -> Path:
    """Write a register's families as `score` reads them; a few values are not known."""
    columns = families(n, seed)
    rng = np.random.default_rng(seed)
    columns["luas_lantai_bangunan"] = np.round(columns["luas_lantai_bangunan"] * 10).astype(int)
    con = duckdb.connect()
    con.execute(
        "CREATE TABLE f (household_id VARCHAR, regency VARCHAR, persons INTEGER, "
        + ", ".join(f"{name} SMALLINT" for name in NAMES)
        + ")"
    )
    rows = []
    for k in range(n):
        values = [None if rng.random() < 0.03 or columns[name][k] < 0 else int(columns[name][k]) for name in NAMES]
        size = int(columns["jumlah_anggota_keluarga"][k])
        rows.append([f"h{k:06d}", str(columns["regency"][k]), size, *values])
    con.executemany(f"INSERT INTO f VALUES ({', '.join('?' * (3 + len(NAMES)))})", rows)
    region = "replace(regency, '.', '')::SMALLINT" if number else "regency"
    con.execute(
        f"COPY (SELECT * REPLACE ({region} AS regency) FROM f ORDER BY household_id) TO '{path}' (FORMAT parquet)"
    )
    con.close()
    return path


def rows_of(path: Path) -> list[dict[str, Any]]:
    """Return a Parquet file's rows as dictionaries."""
    con = duckdb.connect()
    found = con.execute(f"SELECT * FROM '{path}' ORDER BY household_id")
    names = [column[0] for column in found.description]
    return [dict(zip(names, row, strict=True)) for row in found.fetchall()]
