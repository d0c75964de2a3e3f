"""The made-up official sheet: every family once, tenths of persons, faults as agencies make them, the same again."""

from __future__ import annotations

import csv
import datetime as dt

import pytest

from dtsen_site.demo.official import HEADING, write_official

DAY = dt.date(2026, 9, 30)


@pytest.fixture
def truth(tmp_path):
    """A regency of 400 families of one to four living people, the first the poorest."""
    folder = tmp_path / "a"
    (folder / "truth").mkdir(parents=True)
    with (folder / "truth/people.csv").open("w", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["nik", "kk", "welfare", "died"])
        for n in range(400):
            for member in range(1 + n % 4):
                writer.writerow([f"35140{n:05d}{member:06d}", f"351401{n:010d}", 10 + n / 100, ""])
            writer.writerow([f"99999{n:05d}{9:06d}", f"351401{n:010d}", 10 + n / 100, "2024-01-01"])
    return folder


def test_sheet_has_every_family_once_in_tenths_of_persons(truth, tmp_path):
    rows = write_official([truth], tmp_path / "a.csv", ranked_on=DAY, seed=1)
    write_official([truth], tmp_path / "b.csv", ranked_on=DAY, seed=1)

    assert rows == 400 and (tmp_path / "a.csv").read_bytes() == (tmp_path / "b.csv").read_bytes()
    with (tmp_path / "a.csv").open(encoding="utf-8-sig", newline="") as file:
        heading, *lines = csv.reader(file, delimiter=";")
    assert heading == HEADING and {line[4] for line in lines} == {"2026-09-30"}
    assert not any(line[1].startswith("99999") for line in lines)  # nobody who has died
    persons = [0] * 11
    for kk, _nik, desil, *_ in lines:
        if kk.isdigit() and desil:
            persons[int(desil)] += 1 + int(kk[6:]) % 4
    assert max(persons[1:]) < 1.25 * min(persons[1:])
    faults = [line for line in lines if not line[0].isdigit() or line[0].endswith("9999") or not line[2]]
    assert 0 < len(faults) < 30


def test_sheet_agrees_with_the_truth_but_not_wholly(truth, tmp_path):
    write_official([truth], tmp_path / "a.csv", ranked_on=DAY, seed=1)
    with (tmp_path / "a.csv").open(encoding="utf-8-sig", newline="") as file:
        told = {int(row["No. KK"][6:]): row["Desil Nasional"] for row in csv.DictReader(file, delimiter=";")
                if row["No. KK"].isdigit() and row["Desil Nasional"]}  # fmt: skip
    apart = [abs(int(desil) - (n // 40 + 1)) for n, desil in told.items() if n < 400]
    assert sum(apart) / len(apart) < 1.5 and max(apart) > 1
