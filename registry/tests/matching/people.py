"""Small made-up deliveries for the tests of matching."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import Any

import duckdb
import numpy as np

COLUMNS = {
    "row_id": "bigint", "source": "text", "record_key": "text", "delivered_family": "text", "dwelling_key": "text",
    "kk_number": "text", "nik": "text", "nik_flags": "int", "name": "text", "sex": "smallint", "birth_date": "date",
    "mother_name": "text", "relation": "smallint", "marital": "smallint", "presence": "smallint", "region_code": "text",
    "survey_date": "date", "padan_dukcapil": "boolean",
}  # fmt: skip

FIRST = [
    "SITI",
    "AGUS",
    "BUDI",
    "DEWI",
    "WAHYU",
    "RATNA",
    "SLAMET",
    "NURUL",
    "ENDANG",
    "BAMBANG",
    "LESTARI",
    "HARTONO",
    "YUNI",
    "TEGUH",
    "MARYAM",
    "FAJAR",
]
LAST = [
    "PRASETYO",
    "KUSUMA",
    "WIDODO",
    "HANDAYANI",
    "SAPUTRO",
    "RAHAYU",
    "GUNAWAN",
    "MULYANI",
    "SANTOSO",
    "PERTIWI",
    "WIBOWO",
    "ASTUTI",
]


def nik(birth: dt.date, sex: int, serial: int = 1, district: str = "351401") -> str:
    """A NIK of the right form."""
    return f"{district}{birth.day + (40 if sex == 2 else 0):02}{birth:%m%y}{serial:04}"


def row(source: str, key: str, **values: Any) -> dict[str, Any]:
    """One delivered row; a family of its own unless `family` is given."""
    family = values.pop("family", key)
    made = {
        "source": source, "record_key": key, "delivered_family": f"{source}|{family}|1", "sex": 1, "relation": 1,
        "marital": 2, "presence": 1, "region_code": "35.14.01.2001", "survey_date": dt.date(2022, 10, 20), "nik_flags": 0,
    }  # fmt: skip
    return made | values


def crowd(n: int = 120, seed: int = 5, sources: tuple[str, ...] = ("dtks", "regsosek")) -> list[dict[str, Any]]:
    """Families of three in every source, so that a model has something to learn from."""
    rng = np.random.default_rng(seed)
    rows = []
    for f in range(n):
        members = []
        for m, relation in enumerate((1, 2, 3)):
            birth = dt.date(1960, 1, 1) + dt.timedelta(days=int(rng.integers(0, 20000)))
            sex = (1, 2, int(rng.integers(1, 3)))[m]
            name = f"{FIRST[rng.integers(len(FIRST))]} {LAST[rng.integers(len(LAST))]}"
            members.append((relation, birth, sex, name, nik(birth, sex, 1 + f % 9, f"3514{1 + f % 24:02}")))
        for source in sources:
            for m, (relation, birth, sex, name, number) in enumerate(members):
                rows.append(
                    row(
                        source, f"c{f}-{m}", family=f"c{f}", relation=relation, birth_date=birth, sex=sex, name=name, nik=number,
                        kk_number=f"35140101010{f:05}", region_code=f"35.14.{1 + f % 24:02}.2{f % 7:03}",
                    )
                )  # fmt: skip
    return rows


def write(rows: list[dict[str, Any]], path: Path) -> Path:
    """Write rows as the input file of a match."""
    con = duckdb.connect()
    con.execute(f"create table t ({', '.join(f'{k} {v}' for k, v in COLUMNS.items())})")
    if rows:
        con.executemany(
            f"insert into t values ({', '.join('?' for _ in COLUMNS)})",
            [tuple(i if c == "row_id" else r.get(c) for c in COLUMNS) for i, r in enumerate(rows)],
        )
    con.execute(f"copy t to '{path}' (format parquet)")
    con.close()
    return path


def clusters(links: Path) -> dict[tuple[str, str], tuple[int, int]]:
    """(source, key) to (person, family)."""
    con = duckdb.connect()
    rows = con.execute(f"select source, record_key, person_cluster, family_cluster from '{links}'").fetchall()
    con.close()
    return {(s, k): (p, f) for s, k, p, f in rows}
