"""What a complete delivery replaces, what it is compared with, and validating again."""

import contextlib
import csv
import functools
import json
import os
import shutil

import duckdb
import pytest
from django.utils import timezone

from registry.common.models import AuditEvent
from registry.linkage.inputs import CurrentDelivery, load_current
from registry.officers.selectors import system_officer
from registry.sources import keeping, revalidation, rules
from registry.sources.models import Delivery
from registry.sources.revalidation import revalidate_deliveries
from registry.sources.selectors import find_comparison, find_current_parts, read_raw_row

pytestmark = pytest.mark.django_db

MAPPING = """
version: 1
source: survey
priority: 5
complete: true
families:
  key: fam
  mandatory: [fam]
  region: [{system: kemendagri, code: [village]}]
  columns:
    street: {to: address, type: text}
persons:
  key: id
  family: fam
  mandatory: [id, fam, name]
  columns:
    name: {}
    nik: {to: nik}
    rel: {to: id_hub_kepala_keluarga, codes: 1-8}
"""
PASURUAN, MALANG = "3514012001", "3507012001"


@pytest.fixture
def deliver(receive, tmp_path):
    """Return how a source of one's own delivers families as {id: (village, [names])}."""
    mapping = tmp_path / "survey.yaml"
    mapping.write_text(MAPPING.replace("name: {}", "name: {to: name}"), encoding="utf-8")

    def run(name: str, families: dict[str, tuple[str, list[str]]]) -> Delivery:
        rows = {"families": [["fam", "village", "street"]], "persons": [["id", "fam", "name", "nik", "rel"]]}
        for family, (village, people) in families.items():
            rows["families"].append([family, village, "Jalan 1"])
            for number, person in enumerate(people):
                rows["persons"].append([f"{family}-{number}", family, person, "", 1 if not number else 3])
        paths = []
        for role, lines in rows.items():
            path = tmp_path / f"{name}-{role}.csv"
            with path.open("w", newline="", encoding="utf-8") as file:
                csv.writer(file).writerows(lines)
            paths.append(path)
        answer = receive("survey", *paths, mapping=mapping)
        assert answer["exit"] == 0, answer
        return Delivery.objects.get(content_hash=answer["delivery"])

    return run


def _current_names() -> list[tuple[str, str]]:
    con = duckdb.connect()
    load_current(
        con,
        [
            CurrentDelivery(part.delivery.pk, part.delivery.source, part.delivery.folder, part.delivery.priority,
                            part.delivery.complete, part.replaced)
            for part in find_current_parts()
        ],
    )  # fmt: skip
    return con.execute("SELECT record_key, name FROM p ORDER BY 1").fetchall()


def test_second_regency_delivered_alone_leaves_the_first(deliver):
    deliver("a", {"A1": (PASURUAN, ["Ani", "Budi"])})
    deliver("b", {"B1": (MALANG, ["Citra"])})
    assert _current_names() == [("A1-0", "Ani"), ("A1-1", "Budi"), ("B1-0", "Citra")]


def test_regency_delivered_again_loses_whom_it_does_not_name(deliver):
    first = deliver("a", {"A1": (PASURUAN, ["Ani", "Budi"]), "A2": (PASURUAN, ["Dewi"]), "B1": (MALANG, ["Citra"])})
    second = deliver("b", {"A1": (PASURUAN, ["Ani"])})
    assert _current_names() == [("A1-0", "Ani"), ("B1-0", "Citra")]
    third = deliver("c", {"B1": (MALANG, ["Citra", "Eka"])})
    assert [part.delivery for part in find_current_parts()] == [second, third]
    assert first.regencies.count() == 2


def test_family_that_moved_to_another_regency_is_there_once(deliver):
    deliver("a", {"A1": (PASURUAN, ["Ani", "Budi"]), "A2": (PASURUAN, ["Dewi"])})
    deliver("b", {"A1": (MALANG, ["Ani"])})
    assert _current_names() == [("A1-0", "Ani"), ("A2-0", "Dewi")]


def test_delivery_that_lacks_many_says_so_and_counts_what_changed(deliver):
    deliver("a", {f"A{n}": (PASURUAN, ["Ani", "Budi"]) for n in range(5)} | {"B1": (MALANG, ["Citra"])})
    second = deliver("b", {"A0": (PASURUAN, ["Ani", "Bambang"]), "A9": (PASURUAN, ["Fitri"])})
    regency = second.regencies.get()
    assert (regency.regency, regency.persons, regency.persons_before) == ("35.14", 3, 10)
    assert (regency.persons_new, regency.persons_gone, regency.persons_changed) == (1, 8, 1)
    assert second.finding_counts.get(rule="file.regency_shrunk").n == 1
    comparison = find_comparison(second)
    assert [(each.rule, each.before, each.now) for each in comparison.rules][0][0] in {
        "number.missing",
        "file.regency_shrunk",
    }
    manifest = json.loads((second.folder / "manifest.json").read_text())
    assert manifest["regencies"][0]["persons_gone"] == 8


def test_a_full_delivery_again_gives_no_warning(deliver):
    deliver("a", {f"A{n}": (PASURUAN, ["Ani", "Budi"]) for n in range(5)})
    second = deliver("b", {f"A{n}": (PASURUAN, ["Ani", "Budi"]) for n in range(5)} | {"A7": (PASURUAN, ["Gita"])})
    assert not second.finding_counts.filter(rule="file.regency_shrunk").exists()
    assert second.regencies.get().persons_gone == 0


def test_row_is_read_as_it_was_sent(deliver):
    delivery = deliver("a", {"A1": (PASURUAN, [" Ani  Yudhoyono", "Budi"])})
    assert read_raw_row(delivery.folder, "persons", 1)["name"] == " Ani  Yudhoyono"
    assert read_raw_row(delivery.folder, "persons", 9) == {}


def test_new_rules_are_put_to_old_deliveries_once(deliver, monkeypatch):
    delivery = deliver("a", {"A1": (PASURUAN, [f"Person {n}" for n in range(8)])})
    assert not delivery.finding_counts.filter(rule="family.too_many").exists()
    assert revalidate_deliveries(by=system_officer(), now=timezone.now()) == []
    content = rules.FOLDER.joinpath("v1.yaml").read_text(encoding="utf-8")
    folder = delivery.folder.parent / "rules"
    folder.mkdir()
    (folder / "v2.yaml").write_text(content.replace("version: 1", "version: 2").replace("members: 20", "members: 5"))
    (folder / "schema.json").write_text((rules.FOLDER / "schema.json").read_text())
    monkeypatch.setattr(rules, "FOLDER", folder)
    monkeypatch.setattr(rules, "CURRENT", 2)

    assert revalidate_deliveries(by=system_officer(), now=timezone.now()) == [delivery]

    delivery.refresh_from_db()
    assert delivery.rule_version == 2 and delivery.accepted == 9
    assert delivery.finding_counts.get(rule="family.too_many").n == 1
    found = duckdb.connect().execute(
        "SELECT count(*) FROM read_parquet(?) WHERE rule = 'family.too_many'",
        [str(delivery.folder / "findings.parquet")],
    )
    assert found.fetchone() == (1,)
    assert AuditEvent.objects.filter(operation="sources.delivery.revalidated", obj_id=str(delivery.pk)).count() == 1
    assert revalidate_deliveries(by=system_officer(), now=timezone.now()) == []


def test_validation_again_that_was_killed_is_taken_up(deliver, monkeypatch):
    first, second = deliver("a", {"A1": (PASURUAN, ["Ani"])}), deliver("b", {"B1": (MALANG, ["Citra"])})
    Delivery.objects.update(rule_version=0)
    seen = []

    def stop_at_second(number, of):
        seen.append((number, of))
        if number == 1:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        revalidate_deliveries(by=system_officer(), now=timezone.now(), progress=stop_at_second)
    assert seen == [(0, 2), (1, 2)]
    assert [one.pk for one in revalidate_deliveries(by=system_officer(), now=timezone.now())] == [second.pk]
    first.refresh_from_db()
    assert first.rule_version == 1


def _results(folder):
    con = duckdb.connect()
    return [con.execute(f"SELECT * FROM '{folder}/{name}'").fetchall() for name in keeping.RESULTS[:-1]]


class Killed(BaseException):
    """What stands for a kill: nothing of the operation may catch it."""


@pytest.mark.parametrize("moment", range(7))
def test_validation_killed_while_its_results_move_leaves_what_its_row_says(deliver, monkeypatch, moment):
    """Killed before the row is written: the former results; after it: the new ones, whole, once somebody reads."""
    delivery = deliver("a", {"A1": (PASURUAN, ["Ani", "Budi"])})
    former = _results(delivery.folder)
    Delivery.objects.update(rule_version=0)
    manifest = delivery.folder / "manifest.json"
    manifest.write_text(manifest.read_text().replace('"rule_version": 1', '"rule_version": 0'))
    replace, write_counts, calls = os.replace, revalidation.write_counts, []

    def stop(*arguments, then, **named):
        calls.append(arguments)
        if len(calls) > moment:
            raise Killed
        return then(*arguments, **named)

    with monkeypatch.context() as patched:
        patched.setattr(keeping.os, "replace", functools.partial(stop, then=replace))
        patched.setattr(revalidation, "write_counts", functools.partial(stop, then=write_counts))
        patched.setattr(keeping.shutil, "rmtree", functools.partial(stop, then=shutil.rmtree))
        with contextlib.suppress(Killed):
            revalidate_deliveries(by=system_officer(), now=timezone.now())

    delivery.refresh_from_db()
    keeping.settle_results(delivery)
    told = json.loads(manifest.read_text())["rule_version"]
    assert told == delivery.rule_version == (0 if moment == 0 else 1)
    assert _results(delivery.folder) == former
    assert not (delivery.folder / keeping.NEXT).exists()
    assert len(revalidate_deliveries(by=system_officer(), now=timezone.now())) == 1 - told
    assert json.loads(manifest.read_text())["rule_version"] == 1
