"""What a match run must and must not join."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import duckdb
import pytest

from registry.matching import REASONS, RULES, Constraint, Settings, match
from registry.tests.matching.people import clusters, crowd, nik, row, write

BIRTH = dt.date(1985, 5, 14)
CHILD = dt.date(2011, 8, 3)


def run(tmp_path: Path, extra: list, **options) -> dict:
    """Match a crowd together with the rows of the case."""
    source = write(crowd() + extra, tmp_path / "in.parquet")
    return clusters(match(source, tmp_path / "out", **options).links)


def test_the_crowd_is_matched_whole(tmp_path: Path) -> None:
    found = run(tmp_path, [])
    assert all(found["dtks", k] == found["regsosek", k] for s, k in found if s == "dtks")
    assert len({p for p, _ in found.values()}) == 360
    assert len({f for _, f in found.values()}) == 120


def test_an_equal_nik_alone_is_not_a_person(tmp_path: Path) -> None:
    number = nik(BIRTH, 1)
    found = run(tmp_path, [
        row("dtks", "a", name="KARTONO UMBARA", birth_date=BIRTH, nik=number),
        row("regsosek", "b", name="MELATI SEKAR", sex=2, birth_date=dt.date(1999, 2, 1), nik=number, region_code="35.14.02.2001"),
    ])  # fmt: skip
    assert found["dtks", "a"][0] != found["regsosek", "b"][0]


def test_spelling_titles_and_order_do_not_hide_a_person(tmp_path: Path) -> None:
    number = nik(BIRTH, 1)
    found = run(tmp_path, [
        row("dtks", "a", name="H. MOCH. DJOKO SOEMARNO", birth_date=BIRTH, nik=number),
        row("regsosek", "b", name="Sumarno Muhammad Joko", birth_date=BIRTH, nik=number),
    ])  # fmt: skip
    assert found["dtks", "a"] == found["regsosek", "b"]


def test_twins_stay_two(tmp_path: Path) -> None:
    def twins(source: str) -> list:
        return [
            row(source, "h", family="t", name="SUGENG WALUYO", birth_date=BIRTH, nik=nik(BIRTH, 1), kk_number="3514010101019999"),
            row(source, "t1", family="t", relation=3, name="HASAN WALUYO", birth_date=CHILD, nik=nik(CHILD, 1, 1), kk_number="3514010101019999"),
            row(source, "t2", family="t", relation=3, name="HUSEN WALUYO", birth_date=CHILD, nik=nik(CHILD, 1, 2), kk_number="3514010101019999"),
        ]  # fmt: skip

    found = run(tmp_path, twins("dtks") + twins("regsosek"))
    assert found["dtks", "t1"] == found["regsosek", "t1"]
    assert found["dtks", "t2"] == found["regsosek", "t2"]
    assert found["dtks", "t1"][0] != found["dtks", "t2"][0]


def test_a_serial_far_off_is_a_slip_in_one_family_and_a_near_one_a_twin(tmp_path: Path) -> None:
    def family(source: str, *serials: int) -> list:
        head = row(source, "h", family="t", name="SUGENG WALUYO", birth_date=BIRTH, nik=nik(BIRTH, 1))
        names = ["DEWI MARYAM"] * len(serials)
        return [head] + [
            row(source, f"c{s}", family="t", relation=3, sex=2, name=name, birth_date=CHILD, nik=nik(CHILD, 2, s))
            for s, name in zip(serials, names, strict=True)
        ]

    found = run(tmp_path, family("dtks", 1, 8001) + family("regsosek", 1))
    assert found["dtks", "c8001"][0] == found["dtks", "c1"][0] == found["regsosek", "c1"][0]
    found = run(tmp_path, family("dtks", 1, 2) + family("regsosek", 1, 2))
    assert found["dtks", "c1"][0] != found["dtks", "c2"][0]


def test_a_misspelt_name_and_a_wrong_birth_year_under_one_nik_are_forgiven_in_company(tmp_path: Path) -> None:
    right = dt.date(2001, 3, 9)

    def family(source: str, name: str, born: dt.date) -> list:
        return [
            row(source, "h", family="t", name="SUGENG WALUYO", birth_date=BIRTH, nik=nik(BIRTH, 1)),
            row(source, "w", family="t", relation=2, sex=2, name="RATNA ASTUTI", birth_date=CHILD, nik=nik(CHILD, 2)),
            row(source, "c", family="t", relation=3, name=name, birth_date=born, nik=nik(right, 1)),
        ]  # fmt: skip

    found = run(
        tmp_path, family("dtks", "BAMBANG HARTONO", right) + family("regsosek", "BAMBAGN HARTONO", dt.date(2006, 3, 8))
    )
    assert found["dtks", "c"][0] == found["regsosek", "c"][0]
    found = run(
        tmp_path, family("dtks", "BAMBANG HARTONO", right) + family("regsosek", "FAJAR HARTONO", dt.date(2006, 3, 8))
    )
    assert found["dtks", "c"][0] != found["regsosek", "c"][0]


def test_father_and_son_of_one_name_stay_two_even_under_one_nik(tmp_path: Path) -> None:
    def pair(source: str, son_nik: str) -> list:
        return [
            row(source, "f", family="p", name="SUKARDI UMBARAN", birth_date=BIRTH, nik=nik(BIRTH, 1), kk_number="3514010101018888"),
            row(source, "s", family="p", relation=3, name="SUKARDI UMBARAN", birth_date=CHILD, nik=son_nik, kk_number="3514010101018888"),
        ]  # fmt: skip

    found = run(tmp_path, pair("dtks", nik(CHILD, 1)) + pair("regsosek", nik(BIRTH, 1)))
    assert found["dtks", "f"] == found["regsosek", "f"]
    assert found["dtks", "s"][0] != found["dtks", "f"][0]
    assert found["regsosek", "s"][0] != found["regsosek", "f"][0]


def test_a_slip_in_the_nik_is_forgiven_in_company(tmp_path: Path) -> None:
    def home(source: str, number: str) -> list:
        return [
            row(source, "m", family="w", relation=2, sex=2, name="PUSPA ANGGRAINI", birth_date=dt.date(1988, 3, 9),
                nik=nik(dt.date(1988, 3, 9), 2), kk_number="3514010101017777"),
            row(source, "n", family="w", relation=3, name="GALIH ANGGORO", birth_date=CHILD, nik=number, kk_number="3514010101017777"),
        ]  # fmt: skip

    right = nik(CHILD, 1)
    found = run(tmp_path, home("dtks", right) + home("regsosek", right[:7] + "9" + right[8:]))
    assert found["dtks", "n"] == found["regsosek", "n"]


def test_recoded_regions_alone_make_two_people(tmp_path: Path) -> None:
    extra = [
        row(
            "dtks",
            "a",
            name="YOHANIS WENDA",
            birth_date=BIRTH,
            nik=nik(BIRTH, 1, 1, "910101"),
            region_code="91.01.01.2001",
        ),
        row(
            "regsosek",
            "b",
            name="YOHANES WENDI",
            birth_date=BIRTH,
            nik=nik(BIRTH, 1, 1, "930101"),
            region_code="93.01.09.2002",
        ),
    ]
    found = run(tmp_path, extra, recodings=[("91.01", "93.01")])
    assert found["dtks", "a"][0] != found["regsosek", "b"][0]


def test_decisions_outrank_all_evidence(tmp_path: Path) -> None:
    decisions = [
        Constraint("dtks", "c1-0", "regsosek", "c1-0", "different"),
        Constraint("dtks", "c2-0", "regsosek", "c3-1", "same"),
    ]
    found = run(tmp_path, [], constraints=decisions)
    assert found["dtks", "c1-0"][0] != found["regsosek", "c1-0"][0]
    assert found["dtks", "c2-0"][0] == found["regsosek", "c3-1"][0]


def test_family_decisions_hold(tmp_path: Path) -> None:
    decision = Constraint("dtks", "dtks|c1|1", "regsosek", "regsosek|c1|1", "different", "family")
    source = write(crowd(), tmp_path / "in.parquet")
    result = match(source, tmp_path / "out", constraints=[decision])
    rows = dict(
        duckdb.connect().execute(f"select delivered_family, family_cluster from '{result.family_rows}'").fetchall()
    )
    assert rows["dtks|c1|1"] != rows["regsosek|c1|1"]
    assert rows["dtks|c2|1"] == rows["regsosek|c2|1"]


def test_the_same_input_gives_the_same_files(tmp_path: Path) -> None:
    source = write(crowd(seed=9), tmp_path / "in.parquet")
    one, two = match(source, tmp_path / "one"), match(source, tmp_path / "two", settings=Settings(threads=1))
    three = match(source, tmp_path / "three", model=one.model)
    con = duckdb.connect()
    for name in ("links", "family_rows", "review_pairs"):
        first = con.execute(f"select * from '{tmp_path}/one/{name}.parquet'").fetchall()
        assert first == con.execute(f"select * from '{tmp_path}/two/{name}.parquet'").fetchall()
        assert first == con.execute(f"select * from '{tmp_path}/three/{name}.parquet'").fetchall()
    assert one.model.read_text() == two.model.read_text() == three.model.read_text()
    assert not list((tmp_path / "one").glob("spill*"))
    assert three.metrics["counts"] == one.metrics["counts"]


@pytest.mark.parametrize(
    "missing",
    [
        ["nik"],
        ["nik", "kk_number"],
        ["kk_number", "region_code", "mother_name"],
        ["nik", "kk_number", "region_code", "relation", "delivered_family"],
    ],
)
def test_columns_may_be_missing_altogether(tmp_path: Path, missing: list[str]) -> None:
    rows = [r | dict.fromkeys(missing) for r in crowd(80)]
    found = clusters(match(write(rows, tmp_path / "in.parquet"), tmp_path / "out").links)
    right = sum(found["dtks", k][0] == found["regsosek", k][0] for s, k in found if s == "dtks")
    assert right >= 0.9 * 240
    assert len({p for p, _ in found.values()}) >= 238


@pytest.mark.parametrize("n", [0, 1, 2])
def test_tiny_inputs_pass(tmp_path: Path, n: int) -> None:
    rows = [row("dtks", str(i), name="SRI", birth_date=BIRTH) for i in range(n)]
    assert len(clusters(match(write(rows, tmp_path / "in.parquet"), tmp_path / "out").links)) == n


def test_every_link_says_why(tmp_path: Path) -> None:
    result = match(write(crowd(), tmp_path / "in.parquet"), tmp_path / "out")
    links = duckdb.connect().execute(f"select rule, probability, reasons from '{result.links}'").fetchall()
    assert all(rule in RULES and 0 < p <= 1 and reasons and set(reasons) <= set(REASONS) for rule, p, reasons in links)


def test_one_nik_on_many_people_goes_to_review(tmp_path: Path) -> None:
    number = nik(BIRTH, 1)
    extra = [
        row(
            "dtks",
            f"n{i}",
            name=f"ORANG {chr(65 + i)}{chr(70 + i)}UM",
            birth_date=dt.date(1950 + i, 1 + i % 12, 7),
            nik=number,
        )
        for i in range(20)
    ]
    found = run(tmp_path, extra)
    assert len({found["dtks", f"n{i}"][0] for i in range(20)}) == 20
    asked = duckdb.connect().execute(
        f"select count(*) from '{tmp_path / 'out' / 'review_pairs.parquet'}' where list_contains(reasons, 'nik.crowded')"
    )
    assert asked.fetchall() == [(Settings().max_cluster - 1,)]


def test_a_child_that_heads_a_family_belongs_there(tmp_path: Path) -> None:
    father = dict(name="PONIMAN SUKARYO", birth_date=dt.date(1955, 6, 6), nik=nik(dt.date(1955, 6, 6), 1))
    mother = dict(
        name="SULASTRI NINGSIH", sex=2, relation=2, birth_date=dt.date(1958, 7, 7), nik=nik(dt.date(1958, 7, 7), 2)
    )
    son = dict(name="BAGUS PONIMAN", birth_date=BIRTH, nik=nik(BIRTH, 1))
    found = run(tmp_path, [
        row("dtks", "1", family="x", **father), row("dtks", "2", family="x", **mother), row("dtks", "3", family="x", **son | {"relation": 3}),
        row("regsosek", "1", family="y", **father), row("regsosek", "2", family="y", **mother),
        row("regsosek", "3", family="z", **son),
        row("regsosek", "4", family="z", relation=2, sex=2, name="LILIS KARLINA", birth_date=dt.date(1987, 1, 9), nik=nik(dt.date(1987, 1, 9), 2)),
    ])  # fmt: skip
    assert found["dtks", "3"] == found["regsosek", "3"]
    assert found["dtks", "3"][1] == found["regsosek", "4"][1]
    assert found["dtks", "1"] == found["regsosek", "1"]
    assert found["dtks", "1"][1] != found["dtks", "3"][1]


def test_family_whose_head_changed_between_two_lists_is_one_family(tmp_path):
    def household(source, head):
        children = [
            row(source, f"k{n}", family="home", relation=3, sex=2, birth_date=dt.date(2004 + 2 * n, 5, 7 + n),
                name=name, nik=nik(dt.date(2004 + 2 * n, 5, 7 + n), 2))
            for n, name in enumerate(("RUKMINI KARTIKA", "LILIS SUNDARI", "WATINI ROSITA"))
        ]  # fmt: skip
        return [row(source, "h", family="home", sex=1, **head), *children]

    father = {"birth_date": dt.date(1970, 3, 9), "name": "PONIMIN SUBAGYO", "nik": nik(dt.date(1970, 3, 9), 1)}
    uncle = {"birth_date": dt.date(1981, 8, 2), "name": "MUJIONO HASAN", "nik": nik(dt.date(1981, 8, 2), 1)}
    found = run(tmp_path, household("dtks", father) + household("regsosek", uncle))

    assert found["dtks", "h"][0] != found["regsosek", "h"][0]
    assert len({found[source, key][1] for source in ("dtks", "regsosek") for key in ("h", "k0", "k1", "k2")}) == 1
