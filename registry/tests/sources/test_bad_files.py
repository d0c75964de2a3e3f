"""Every broken sample file is answered as its list of expectations says, by the command itself."""

import csv
import re

import pytest
from django.conf import settings

SAMPLES = settings.BASE_DIR.parent / "shared" / "data" / "deliveries"
EXPECTED = SAMPLES / "bad" / "EXPECTED.csv"

if EXPECTED.is_file():
    with EXPECTED.open(newline="", encoding="utf-8") as _file:
        CASES = list(csv.DictReader(_file))
else:
    CASES = []

pytestmark = [
    pytest.mark.django_db,
    pytest.mark.skipif(not CASES, reason="the sample deliveries (../shared) are not on this machine"),
]


def _answers(case: dict[str, str], answer: dict) -> set[str]:
    if answer["refused"]:
        return {"rejected_file"}
    file = next(each for each in answer["files"] if each["name"] == case["file"])
    if file["rejected"]:
        return {f"rejected_rows:{file['rejected']}"}
    return {f"accepted_with_findings:{file['with_findings']}"}


def _allowed(case: dict[str, str]) -> set[str]:
    return set(
        re.findall(
            r"rejected_file|(?:rejected_rows|accepted_with_findings):\d+", f"{case['expected']} {case['also_right']}"
        )
    )


def test_bad_files_all_are_answered_as_expected(receive):
    wrong = []
    for case in CASES:
        options = {}
        if case["announced_separator"]:
            options["separator"] = case["announced_separator"]
        if case["announced_encoding"]:
            options["encoding"] = case["announced_encoding"]
        files = [SAMPLES / "bad" / name for name in (case["file"], case["companion_file"]) if name]
        answer = receive(case["announced_source"], *files, **options)
        assert answer["exit"] == (2 if answer["refused"] else 0)
        if not _answers(case, answer) & _allowed(case):
            wrong.append(f"{case['file']}: wanted {_allowed(case)}, got {answer['refused'] or answer['files']}")
    assert not wrong, "\n".join(wrong)


@pytest.mark.parametrize(
    ("source", "names", "rows"),
    [
        ("dtks", ("dtks_anggota.csv", "dtks_rumah_tangga.csv"), {"families": 2292, "persons": 8777}),
        ("regsosek", ("regsosek_keluarga.csv", "regsosek_anggota.csv"), {"families": 5437, "persons": 19004}),
        ("p3ke", ("p3ke_keluarga.xlsx", "p3ke_individu.xlsx"), {"families": 1972, "persons": 7417}),
    ],
)
def test_good_deliveries_come_in_whole(receive, source, names, rows):
    answer = receive(source, *(SAMPLES / name for name in names))
    assert answer["refused"] is None
    again = receive(source, *(SAMPLES / name for name in reversed(names)))
    assert again["already_there"] and again["delivery"] == answer["delivery"]
    assert {file["role"]: file["accepted"] for file in answer["files"]} == rows
