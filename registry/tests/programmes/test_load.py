"""Rules of programmes: loaded by the difference, one a day, the rule of any day found again."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import pytest
from django.db import IntegrityError, connection, transaction
from django.db.backends.postgresql.psycopg_any import DateRange

from registry.common.errors import BadInput, RuleRefused
from registry.models import AuditEvent, Component, Programme, ProgrammeRule
from registry.officers.selectors import system_officer
from registry.programmes.files import SHIPPED, read_programmes
from registry.programmes.operations import load_programmes
from registry.programmes.selectors import find_programmes, get_rule

NOW = dt.datetime(2026, 11, 24, 3, 0, tzinfo=dt.UTC)
pytestmark = pytest.mark.django_db

SMALL = """
version: 1
programmes:
- code: pkh
  name: Program Keluarga Harapan (PKH)
  unit: family
  rules:
  - {from: 2025-01-01, desil_max: 4, legal_reference: Permensos 1}
  - {from: 2026-01-01, desil_max: 1, legal_reference: Permensos 2}
"""


def load(path: Path = SHIPPED) -> object:
    return load_programmes(content=read_programmes(path), by=system_officer(), now=NOW)


def a_file(folder: Path, text: str) -> Path:
    path = folder / "programmes.yaml"
    path.write_text(text)
    return path


def test_loading_twice_changes_nothing() -> None:
    assert not load().is_noop  # type: ignore[attr-defined]
    assert load().is_noop  # type: ignore[attr-defined]
    assert AuditEvent.objects.filter(operation="programmes.rules.loaded").count() == 1


@pytest.mark.parametrize(("day", "pkh", "sembako"), [("2025-04-15", 2, 2), ("2025-10-01", 4, 5), ("2026-03-01", 1, 2)])
def test_the_cut_off_of_a_day_is_the_rule_of_that_day(day: str, pkh: int, sembako: int) -> None:
    load()
    found = {one.programme.code: one.rule for one in find_programmes(dt.date.fromisoformat(day))}
    assert (found["pkh"].desil_max, found["sembako"].desil_max) == (pkh, sembako)  # type: ignore[union-attr]


def test_no_rule_before_the_first_one() -> None:
    load()
    with pytest.raises(RuleRefused):
        get_rule(Programme.objects.get(pk="pbi-jk"), dt.date(2025, 3, 1))


def test_limits_of_components_change_by_date() -> None:
    load()
    elderly = Component.objects.filter(programme="pkh", need="elderly")
    assert elderly.in_force(dt.date(2022, 6, 1)).get().age_from == 70
    assert elderly.in_force(dt.date(2023, 6, 1)).get().age_from == 60


def test_a_quarter_loses_nothing_by_rounding() -> None:
    load()
    assert all(amount % 4 == 0 for amount in Component.objects.values_list("amount_per_year", flat=True))


def test_a_changed_rule_is_changed_in_place(tmp_path: Path) -> None:
    load(a_file(tmp_path, SMALL))
    load(a_file(tmp_path, SMALL.replace("desil_max: 1", "desil_max: 2")))
    assert [rule.desil_max for rule in ProgrammeRule.objects.order_by("valid")] == [4, 2]


def test_a_rule_put_between_two_shortens_the_first(tmp_path: Path) -> None:
    load(a_file(tmp_path, SMALL))
    load(a_file(tmp_path, SMALL + "  - {from: 2025-07-01, desil_max: 3, legal_reference: Permensos 3}\n"))
    spans = [(rule.valid.lower.month, rule.valid.upper) for rule in ProgrammeRule.objects.order_by("valid")]
    assert spans == [(1, dt.date(2025, 7, 1)), (7, dt.date(2026, 1, 1)), (1, None)]


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("version: 1\nprogrammes: []\n", "programmes.load.unreadable"),
        (SMALL.replace("desil_max: 4", "desil_max: 11"), "programmes.load.unreadable"),
        (SMALL.replace("2025-01-01, ", "2025-01-01, to: 2026-02-01, "), "programmes.load.overlap"),
        (SMALL.replace("legal_reference: Permensos 1", "note: x"), "programmes.load.unreadable"),
    ],
)
def test_a_file_that_cannot_be_right_is_refused_whole(tmp_path: Path, text: str, code: str) -> None:
    with pytest.raises(BadInput) as refused:
        load(a_file(tmp_path, text))
    assert refused.value.code == code and not Programme.objects.exists()
    assert refused.value.sentence("id") != refused.value.sentence("en")


def test_the_database_refuses_two_rules_on_one_day() -> None:
    load()
    with pytest.raises(IntegrityError), transaction.atomic():
        ProgrammeRule.objects.create(
            programme_id="pkh", valid=DateRange(dt.date(2026, 6, 1), None), desil_max=3, legal_reference="x"
        )
        connection.cursor().execute("SET CONSTRAINTS ALL IMMEDIATE")
