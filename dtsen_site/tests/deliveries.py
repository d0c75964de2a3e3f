"""Small made-up deliveries for tests across rooms: the same families as Regsosek and as P3KE tell them.

Columns come from the mappings, so a layout is written down once. Nothing here is about a real person.
"""

from __future__ import annotations

import csv
import datetime as dt
from dataclasses import dataclass
from pathlib import Path
from random import Random
from typing import Any

import yaml

from dtsen_site.settings.environment import PROJECT_DIR

MAPPINGS = PROJECT_DIR / "registry" / "sources" / "mappings"
VILLAGE = {"kemendagri": "3514012009", "bps": "3514010009", "desa": "JATISARI", "kecamatan": "PURWODADI"}
MEN = ("BAGUS", "SLAMET", "HARIYANTO", "JOKO", "WAHYUDI", "MUJIONO", "SUTRISNO", "IMAM", "PONIMIN", "EKO")
WOMEN = ("SITI", "SUNARTI", "WATINI", "ENDANG", "MUJIATI", "SULASTRI", "RUKMINI", "LILIK", "KASIANI", "YULI")
SECOND = ("SANTOSO", "PURNOMO", "HIDAYAT", "RAHMAN", "SUBAGYO", "WIDODO", "MAULANA", "UTOMO", "PRASETYO", "FAUZI")


@dataclass(frozen=True)
class Person:
    """One made-up person."""

    number: int
    name: str
    sex: int
    born: dt.date
    relation: int
    nik: str


@dataclass(frozen=True)
class Family:
    """One made-up family."""

    number: int
    kk: str
    members: tuple[Person, ...]


def make_families(count: int, *, seed: int = 1) -> list[Family]:
    """Return families of a couple with up to three children; the same for the same seed."""
    chance = Random(seed)
    families = []
    serial = 0
    for number in range(1, count + 1):
        father = dt.date(1955, 1, 1) + dt.timedelta(days=chance.randrange(14_000))
        people = []
        for position in range(1, 3 + chance.randrange(4)):
            sex = 1 if position == 1 else 2 if position == 2 else chance.choice((1, 2))
            born = father + dt.timedelta(days=(0, 900)[position - 1] if position < 3 else 8_000 + 700 * position)
            serial += 1
            first = chance.choice(MEN if sex == 1 else WOMEN)
            people.append(
                Person(
                    number=position,
                    name=f"{first} {chance.choice(SECOND)} {chance.choice(SECOND)}",
                    sex=sex,
                    born=born,
                    relation=min(position, 3),
                    nik=f"351401{born.day + (40 if sex == 2 else 0):02d}{born:%m%y}{serial % 9998 + 1:04d}",
                )
            )
        families.append(Family(number, f"351401{1 + number % 27:02d}0118{number:04d}", tuple(people)))
    return families


def write_regsosek(folder: Path, families: list[Family], *, floor_area: int = 36) -> list[Path]:
    """Write the two files of a Regsosek delivery and return their paths."""
    family_rows = [
        {
            "id_keluarga": f"R{family.number:07d}",
            "r101": 35,
            "r102": "3514",
            "r103": "3514010",
            "r104": VILLAGE["bps"],
            "kode_kemendagri": VILLAGE["kemendagri"],
            "nama_kabupaten": "KABUPATEN PASURUAN",
            "nama_kecamatan": VILLAGE["kecamatan"],
            "nama_desa": VILLAGE["desa"],
            "r106": "RT 002/RW 005",
            "r107": f"DSN KRAJAN NO {family.number}",
            "r108": family.members[0].name,
            "r112": len(family.members),
            "r114": family.kk,
            "r201": "2022-11-01",
            "r301a": 1,
            "r302": floor_area + family.number % 40,
            "r303": 1 + family.number % 8,
            "r304": 1,
            "r305": 2,
            "r306a": 4,
            "r307a": 1,
            "r307b1": 2,
            "r308": 4,
            "r309a": 1,
            "r309b": 1,
            "r310": 1,
        }
        for family in families
    ]
    person_rows = [
        {
            "id_anggota": f"R{family.number:07d}-{person.number:02d}",
            "id_keluarga": f"R{family.number:07d}",
            "r401": person.number,
            "r402": person.name,
            "r403": person.nik,
            "r404": 1,
            "r405": person.sex,
            "r406": person.born.isoformat(),
            "r407": 2022 - person.born.year,
            "r408": 2 if person.relation < 3 else 1,
            "r409": person.relation,
            "r412": 3,
        }
        for family in families
        for person in family.members
    ]
    return _write(folder, "regsosek", family_rows, person_rows)


def write_p3ke(folder: Path, families: list[Family]) -> list[Path]:
    """Write the two files of a P3KE delivery: no KK, other ids, the tenth name spelled otherwise."""
    where = {
        "Provinsi": "JAWA TIMUR",
        "Kabupaten/Kota": "KABUPATEN PASURUAN",
        "Kecamatan": VILLAGE["kecamatan"],
        "Desa/Kelurahan": VILLAGE["desa"],
        "Kode Kemdagri": VILLAGE["kemendagri"],
    }
    sex = {1: "Laki-laki", 2: "Perempuan"}
    relation = {1: "Kepala Keluarga", 2: "Istri", 3: "Anak"}
    family_rows = [
        {
            "id_keluarga_P3KE": f"P3KE{family.number:09d}",
            "provinsi": "JAWA TIMUR",
            "kabupaten_kota": "KABUPATEN PASURUAN",
            "kecamatan": VILLAGE["kecamatan"],
            "desa_kelurahan": VILLAGE["desa"],
            "kode_kemdagri": VILLAGE["kemendagri"],
            "desil_kesejahteraan": 1 + family.number % 4,
            "alamat": f"Dsn. Krajan {family.number}",
            "kepala_keluarga": family.members[0].name.title(),
            "nik": family.members[0].nik,
            "padan_dukcapil": "Ya",
            "jenis_kelamin": sex[family.members[0].sex],
            "tanggal_lahir": f"{family.members[0].born:%d/%m/%Y} 0:00:00",
            "kepemilikan_rumah": "Milik Sendiri",
            "jenis_atap": "Genteng",
            "jenis_dinding": "Tembok",
            "jenis_lantai": "Semen",
            "sumber_penerangan": "Listrik Pribadi s/d 900 Watt",
            "bahan_bakar_memasak": "Listrik/Gas",
            "sumber_air_minum": "Sumur Bor",
            "memiliki_fasilitas_buang_air_besar": "Ya, dengan Septic Tank",
        }
        for family in families
    ]
    person_rows: list[dict[str, Any]] = []
    for family in families:
        for person in family.members:
            other = len(person_rows) % 10 == 9
            person_rows.append(
                where
                | {
                    "ID Keluarga P3KE": f"P3KE{family.number:09d}",
                    "ID Individu": f"P3KE{family.number:09d}{person.number:02d}",
                    "Nama": (person.name.replace("I", "IE", 1) if other else person.name).title(),
                    # A figure of the NIK is wrong where the name is: these are for the reviewers.
                    "NIK": "" if other else person.nik,
                    "Padan Dukcapil": "Tidak" if other else "Ya",
                    "Jenis Kelamin": sex[person.sex],
                    "Hubungan dengan Kepala Keluarga": relation[person.relation],
                    "Tanggal Lahir": f"{person.born:%d/%m/%Y} 0:00:00",
                    "Status Kawin": "Kawin" if person.relation < 3 else "Belum Kawin",
                }
            )
    return _write(folder, "p3ke", family_rows, person_rows)


def _write(folder: Path, source: str, *tables: list[dict[str, Any]]) -> list[Path]:
    mapping = yaml.safe_load((MAPPINGS / f"{source}.yaml").read_text())
    folder.mkdir(parents=True, exist_ok=True)
    paths = []
    for role, rows in zip(("families", "persons"), tables, strict=True):
        columns = list(dict.fromkeys([*rows[0], *mapping[role]["columns"]]))
        path = folder / f"{source}_{role}.csv"
        with path.open("w", newline="", encoding="utf-8") as file:
            writer = csv.DictWriter(file, columns, delimiter=mapping.get("separator", ","), restval="")
            writer.writeheader()
            writer.writerows(rows)
        paths.append(path)
    return paths
