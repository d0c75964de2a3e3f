"""Villages of a regency with their Kemendagri and BPS codes, read from the region files that ship with us."""

import csv
import gzip
import importlib.resources
import io
from collections.abc import Iterator
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Village:
    """A village as the three deliveries write it: digits without dots, names in capitals."""

    code: str  # 10 digits, Kemendagri
    name: str
    district: str
    regency: str
    province: str
    bps_district: str  # 7 digits
    registers_as: str  # 6 digits at the head of a NIK made here before the region was recoded

    @property
    def bps(self) -> str:
        """Return the ten digits of BPS; within a district they count as Kemendagri's do."""
        return self.bps_district + self.code[-3:]


def _rows(name: str) -> Iterator[dict[str, str]]:
    path = importlib.resources.files("registry.wilayah") / "data" / name
    raw = path.read_bytes()
    text = (gzip.decompress(raw) if name.endswith(".gz") else raw).decode("utf-8-sig")
    yield from csv.DictReader(io.StringIO(text))


def _key(name: str) -> str:
    return "".join(letter for letter in name.upper() if letter.isalnum())


def find_villages(regency: str) -> list[Village]:
    """Return all villages of a regency (`35.14` or `3514`), in the order of their codes.

    Districts that the BPS bridge does not know get a number of their own, as they have at BPS.

    Raises: ValueError when there is no such regency.
    """
    code = regency if "." in regency else f"{regency[:2]}.{regency[2:4]}"
    names = {row["code"]: row["name"] for row in _rows("regencies.csv.gz")}
    if code not in names:
        raise ValueError(f"There is no regency {regency}.")
    province = next(row["name"] for row in _rows("provinces.csv.gz") if row["code"] == code[:2])
    old = next((row["old"] for row in _rows("recoded.csv") if row["new"] == code), code)
    districts = {row["code"]: row["name"] for row in _rows("districts.csv.gz") if row["code"].startswith(code + ".")}
    bridge = [
        row for row in _rows("bps_bridge.csv.gz") if row["code"].startswith((old, code)) and len(row["bps_code"]) > 3
    ]
    regency_bps = next((row["bps_code"] for row in bridge if len(row["bps_code"]) == 4), code.replace(".", ""))
    by_code = {row["code"]: row for row in bridge if len(row["bps_code"]) == 7}
    by_name = {_key(row["name"]): row for row in by_code.values()}
    links = {}
    for number, (district, name) in enumerate(districts.items(), 1):
        found = by_name.get(_key(name)) if old != code else by_code.get(district) or by_name.get(_key(name))
        bps = found["bps_code"] if found else f"{regency_bps}{900 + number % 100}"
        links[district] = (bps, (found["code"] if found and old != code else district).replace(".", ""))
    return [
        Village(
            row["code"].replace(".", ""),
            row["name"].upper(),
            districts[row["code"][:8]].upper(),
            names[code].upper(),
            province.upper(),
            *links[row["code"][:8]],
        )
        for row in _rows("villages.csv.gz")
        if row["code"].startswith(code + ".")
    ]


def find_regencies(province: str) -> list[str]:
    """Return the codes of the regencies of a province (two digits)."""
    return [row["code"] for row in _rows("regencies.csv.gz") if row["code"].startswith(province + ".")]
