"""Uji petik: a draw that can be repeated, handed over as assignments, answered from a file, estimated."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import Any

import pytest

from registry import sampling
from registry.common.crypto import decrypt
from registry.common.errors import BadInput, InvalidMove, NotAllowed, RuleRefused
from registry.models import Assignment, CheckResult, Design, Draw, Estimate, Household, Individual, Officer, ResultFile
from registry.officers.selectors import system_officer
from registry.uji_petik.answers import receive_results
from registry.uji_petik.canvass import estimate_coverage
from registry.uji_petik.estimating import Checkers, close_design, estimate_errors
from registry.uji_petik.operations import draw_sample

NOW = dt.datetime(2026, 11, 24, 3, 0, tzinfo=dt.UTC)
DUE = dt.date(2026, 12, 20)


@pytest.fixture
def register(forty_families: None, officers_here: dict[str, Officer]) -> dict[str, Officer]:
    """A register of forty families, and the officers."""
    return officers_here


def a_draw(**options: Any) -> Design:
    asked = {"method": "srs", "families": 12, "seed": 7, "by": system_officer()} | options
    return draw_sample(name="Data", error="data", region_code="35.14", due_on=DUE, now=NOW, **asked)


def answers(folder: Path, design: Design, wrong: int, missed: int = 0) -> Path:
    lines = ["household_id,outcome,reason"]
    for number, draw in enumerate(design.draws.order_by("order")):
        said = "not_reached" if number < missed else "wrong" if number < missed + wrong else "right"
        lines.append(f"{draw.household_id},{said},")
    path = folder / "answers.csv"
    path.write_text("\n".join(lines) + "\n")
    return path


def test_the_same_seed_draws_the_same_families(register: dict[str, Officer]) -> None:
    def drawn(design: Design) -> list[Any]:
        return list(design.draws.order_by("order").values_list("household_id", flat=True))

    assert drawn(a_draw()) == drawn(a_draw()) != drawn(a_draw(seed=8))


def test_each_draw_becomes_an_assignment_with_its_probability_kept(register: dict[str, Officer]) -> None:
    design = a_draw()

    families = Household.objects.active().count()
    assert {draw.probability for draw in design.draws.all()} == {12 / families}
    assert design.frame_size == families
    assert Assignment.objects.filter(cause="uji_petik", due_on=DUE).count() == 12
    assert all(draw.assignment is not None and draw.assignment.household_id == draw.household_id
               for draw in design.draws.select_related("assignment"))  # fmt: skip


def test_a_frame_by_desil_needs_a_published_ranking(register: dict[str, Officer]) -> None:
    with pytest.raises(RuleRefused) as refused:
        a_draw(frame="below_line", line=4)
    assert refused.value.code == "uji_petik.draw.no_ranking"
    assert not Design.objects.exists()


def test_coverage_and_exclusion_are_not_drawn_from_those_who_are_listed(register: dict[str, Officer]) -> None:
    for options in ({"error": "coverage"}, {"error": "model", "frame": "below_line", "line": 4}):
        with pytest.raises(RuleRefused):
            draw_sample(
                name="x", method="srs", families=5, region_code="35.14", seed=1, due_on=DUE, by=system_officer(), now=NOW,
                **options,
            )  # fmt: skip


def test_only_those_who_may_draw_in_that_region(register: dict[str, Officer], officers_elsewhere: Any) -> None:
    with pytest.raises(NotAllowed):
        a_draw(by=register["companion"])
    with pytest.raises(NotAllowed):
        a_draw(by=officers_elsewhere["verifier"])
    assert a_draw(by=register["verifier"]).drawn_by == register["verifier"]


def test_the_rate_has_the_interval_of_its_design(register: dict[str, Officer], tmp_path: Path) -> None:
    design = a_draw()
    receive_results(design=design, path=answers(tmp_path, design, wrong=3, missed=2), by=system_officer(), now=NOW)

    (found,) = estimate_errors(design=design, by=system_officer(), now=NOW)

    population = Household.objects.active().count()
    wide = 10 * (population - 1) / (population - 10)
    low, high = sampling.wilson(3 / 10 * wide, wide)
    assert found.value == pytest.approx(0.3) and found.response == pytest.approx(10 / 12)
    assert (found.low, found.high, found.method, found.n) == (pytest.approx(low), pytest.approx(high), "wilson", 10)
    assert Estimate.objects.get() == found


def test_imperfect_checkers_are_corrected_beside_the_plain_rate(register: dict[str, Officer], tmp_path: Path) -> None:
    design = a_draw()
    receive_results(design=design, path=answers(tmp_path, design, wrong=3), by=system_officer(), now=NOW)

    plain, corrected = estimate_errors(
        design=design, checkers=Checkers(sensitivity=0.9, specificity=0.95), by=system_officer(), now=NOW
    )

    assert corrected.value == pytest.approx(sampling.rogan_gladen(plain.value, 0.9, 0.95))
    assert corrected.method.endswith("rogan_gladen")


def test_answers_for_families_that_were_not_drawn_are_refused_whole(
    register: dict[str, Officer], tmp_path: Path
) -> None:
    design = a_draw()
    stranger = Household.objects.active().exclude(pk__in=design.draws.values("household_id")).first()
    assert stranger is not None
    path = answers(tmp_path, design, wrong=1)
    path.write_text(path.read_text() + f"{stranger.pk},right,\n")

    with pytest.raises(BadInput) as refused:
        receive_results(design=design, path=path, by=system_officer(), now=NOW)

    assert refused.value.code == "uji_petik.results.refused" and not CheckResult.objects.exists()
    kept = ResultFile.objects.get()
    assert (kept.taken, kept.answers) == (False, 0)
    assert kept.findings == [[14, "uji_petik.results.not_drawn", ""]]


def test_the_first_answer_stays(register: dict[str, Officer], tmp_path: Path) -> None:
    design = a_draw()
    assert receive_results(design=design, path=answers(tmp_path, design, wrong=4), by=system_officer(), now=NOW) == 12
    assert receive_results(design=design, path=answers(tmp_path, design, wrong=9), by=system_officer(), now=NOW) == 0
    assert CheckResult.objects.filter(outcome="wrong").count() == 4


def test_the_same_file_twice_changes_nothing(register: dict[str, Officer], tmp_path: Path) -> None:
    design = a_draw()
    path = answers(tmp_path, design, wrong=4)
    receive_results(design=design, path=path, by=system_officer(), now=NOW)
    assert receive_results(design=design, path=path, by=system_officer(), now=NOW) == 0
    assert ResultFile.objects.count() == 1 and CheckResult.objects.count() == 12


def test_who_was_not_met_may_answer_later_and_refusing_is_no_answer(
    register: dict[str, Officer], tmp_path: Path
) -> None:
    design = a_draw()
    first, second = (str(draw.household_id) for draw in design.draws.order_by("order")[:2])
    path = tmp_path / "hasil.csv"
    path.write_text(f"id_keluarga;hasil;alasan\n{first};tidak ditemui;\n{second};menolak;\n")
    assert receive_results(design=design, path=path, by=system_officer(), now=NOW) == 2
    assert set(design.draws.order_by("order")[:2].values_list("state", flat=True)) == {"not_reached"}
    path.write_text(f"id_keluarga;hasil;alasan\n{first};salah;\n{second};;\n")
    assert receive_results(design=design, path=path, by=system_officer(), now=NOW) == 1
    assert design.draws.order_by("order").values_list("state", flat=True)[0] == "answered"

    with pytest.raises(BadInput):
        path.write_text("id_keluarga;hasil\nabc;mungkin\n")
        receive_results(design=design, path=path, by=system_officer(), now=NOW)


def test_a_closed_design_takes_no_further_answers(register: dict[str, Officer], tmp_path: Path) -> None:
    design = a_draw()
    close_design(design=design, by=register["verifier"], now=NOW)
    with pytest.raises(InvalidMove):
        receive_results(design=design, path=answers(tmp_path, design, wrong=1), by=system_officer(), now=NOW)
    with pytest.raises(InvalidMove):
        close_design(design=design, by=system_officer(), now=NOW)


def test_two_stages_keep_the_village_and_its_probability(register: dict[str, Officer]) -> None:
    design = a_draw(method="two_stage", families=0, villages=1, per_village=5)
    draws = list(Draw.objects.filter(design=design))
    assert len(draws) == 5 and {draw.psu for draw in draws} == {"35.14.01.2009"}
    assert all(0 < draw.probability <= draw.psu_probability <= 1 for draw in draws)


def canvass(folder: Path, lacking: int, without_number: int) -> Path:
    """An independent list: half of the register, and and some whom it lacks; the first without a NIK."""
    lines = ["nik,nama,tanggal_lahir,jenis_kelamin,kode_desa"]
    people = list(Individual.objects.active().order_by("pk"))
    for number, person in enumerate(people[: len(people) // 2]):
        nik = "" if number < without_number else decrypt(person.nik_cipher) if person.nik_cipher else ""
        lines.append(f"{nik},{person.name},{person.birth_date or ''},{person.sex or ''},{person.region_code}")
    for number in range(lacking):
        lines.append(f",Orang Baru {'ABCDEFGHIJKLMNOP'[number]},19{70 + number}-05-17,1,35.14.01.2009")
    path = folder / "pendataan.csv"
    path.write_text("\n".join(line for line in lines if ",," not in line[16:]) + "\n")
    return path


def test_an_independent_list_says_what_the_register_lacks_with_its_band(
    register: dict[str, Officer], tmp_path: Path
) -> None:
    path = canvass(tmp_path, lacking=8, without_number=10)

    design = estimate_coverage(name="c", region_code="35.14", path=path, by=register["verifier"], now=NOW)

    found = design.estimates.get()
    share = 8 / design.settings["canvassed"]
    assert found.value == pytest.approx(share, abs=0.06) and found.low < share < found.high
    assert found.note["band_low"] < found.value < found.note["band_high"]
    again = estimate_coverage(name="c", region_code="35.14", path=path, by=register["verifier"], now=NOW)
    assert again == design
    assert not design.draws.exists() and "Orang Baru" not in str(design.settings)


def test_a_list_without_numbers_is_linked_by_the_matching_model_for_persons_and_families(
    register: dict[str, Officer], tmp_path: Path
) -> None:
    lines = ["nik;nama;tanggal_lahir;jenis_kelamin;kode_desa;keluarga"]
    people = list(Individual.objects.active().order_by("household_id", "pk"))
    homes = sorted({str(person.household_id) for person in people})[:30]
    for person in people:
        if str(person.household_id) not in homes or person.birth_date is None:
            continue
        known = homes.index(str(person.household_id)) < 15
        nik = decrypt(person.nik_cipher) if known and person.nik_cipher else ""
        name = person.name if known else person.name[:-2]  # as it is heard at the door
        lines.append(f"{nik};{name};{person.birth_date};{person.sex or ''};{person.region_code};{person.household_id}")
    for number in range(5):
        lines.append(f";Warga Belum Terdata {'ABCDE'[number]};19{70 + number}-05-17;1;35.14.01.2009;baru {number}")
    path = tmp_path / "pendataan.csv"
    path.write_text("\n".join(lines) + "\n")

    design = estimate_coverage(name="c", region_code="35.14", path=path, by=register["verifier"], now=NOW)

    persons, families = design.estimates.order_by("pk")
    assert (families.domain, families.n, families.note["unit"]) == ("families", 35, "family")
    assert families.note["noticed"][0] >= 0.9 * families.note["noticed"][1] > 0
    assert persons.note["noticed"][0] >= 0.9 * persons.note["noticed"][1] > 0
    assert persons.note["by_chance"][0] <= 0.05 * persons.note["by_chance"][1]
    for found, share in ((persons, 5 / persons.n), (families, 5 / 35)):
        assert found.low <= share <= found.high and found.value == pytest.approx(share, abs=0.05)


def test_a_list_with_a_row_that_says_too_little_is_refused_whole(register: dict[str, Officer], tmp_path: Path) -> None:
    path = tmp_path / "buruk.csv"
    path.write_text("nama,tanggal_lahir,kode_desa\nSiti,1985-08-27,35.14.01.2009\nBudi,kemarin,35.14.01.2009\n")
    with pytest.raises(BadInput) as refused:
        estimate_coverage(name="c", region_code="35.14", path=path, by=system_officer(), now=NOW)
    assert refused.value.code == "uji_petik.canvass.rows" and refused.value.facts["rows"] == "3"
    assert not Design.objects.exists()
