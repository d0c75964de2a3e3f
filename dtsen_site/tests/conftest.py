"""A small world for tests across rooms: two regencies, and an officer of every role in each."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from typing import Any

import pytest
from django.db.backends.postgresql.psycopg_any import DateRange

from dtsen_site.tests.world import build_small_register, fit_small_model, kept_for_a_module
from registry.desil.models import RankModel
from registry.models import Officer, Region
from registry.officers.operations import grant_role, invite_officer
from registry.officers.roles import ROLES
from registry.officers.selectors import system_officer

NOW = dt.datetime(2026, 11, 24, 3, 0, tzinfo=dt.UTC)
HERE, ELSEWHERE = "35.14", "34.02"
REGIONS = (
    ("34", "DI Yogyakarta"),
    ("34.02", "Bantul"),
    ("34.02.08", "Bantul"),
    ("34.02.08.2001", "Palbapang"),
    ("35", "Jawa Timur"),
    ("35.14", "Pasuruan"),
    ("35.14.01", "Purwodadi"),
    ("35.14.01.2009", "Jatisari"),
)
# By the length of their codes: where a role of that level is held.
HELD_AT = {0: "", 2: "35", 5: HERE, 8: "35.14.01", 13: "35.14.01.2009"}
HELD_ELSEWHERE = {0: "", 2: "34", 5: ELSEWHERE, 8: "34.02.08", 13: "34.02.08.2001"}


def make_regions() -> None:
    """Write the few regions, as `load_wilayah` would write all."""
    for code, name in REGIONS:
        Region.objects.get_or_create(
            code=code,
            defaults={
                "name": name,
                "level": code.count(".") + 1,
                "parent_id": code.rpartition(".")[0] or None,
                "valid": DateRange(dt.date(2000, 1, 1), None),
            },
        )


def make_officer(role: str, region: str, *, now: dt.datetime | None = None, email: str = "") -> Officer:
    """Invite an officer and grant one role for a region."""
    at = now or dt.datetime.now(dt.UTC)
    by = system_officer()
    officer = invite_officer(
        email=email or f"{role}.{region or 'pusat'}@example.go.id", name=role.title(), by=by, now=at
    )
    grant_role(officer=officer, role=role, region=region, by=by, now=at)
    officer.forget_scope()
    return officer


def widest_level(role: str) -> int:
    """Return the regency where a role may be held there, else its nearest level."""
    levels = ROLES[role].levels
    return 5 if 5 in levels else min(levels, key=lambda level: (abs(level - 5), level))


@pytest.fixture
def officers_here(db) -> dict[str, Officer]:
    """Return one officer of each role, in Pasuruan where the role has a place."""
    make_regions()
    return {role: make_officer(role, HELD_AT[widest_level(role)]) for role in ROLES}


@pytest.fixture
def officers_elsewhere(db) -> dict[str, Officer]:
    """Return one officer of each role that has a place, in Bantul."""
    make_regions()
    return {role: make_officer(role, HELD_ELSEWHERE[widest_level(role)]) for role in ROLES if widest_level(role)}


@pytest.fixture(scope="module")
def fitted(
    django_db_setup: None, django_db_blocker: Any, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[RankModel]:
    """A model fitted to a made-up survey, and a register of a few families: every test of a module finds them so."""
    folder = tmp_path_factory.mktemp("ranked")
    with kept_for_a_module(django_db_blocker):
        make_regions()
        build_small_register(folder)
        yield fit_small_model(folder, now=NOW)


@pytest.fixture(scope="module")
def forty_families(
    django_db_setup: None, django_db_blocker: Any, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[None]:
    """A register of forty families that every test of a module finds as it was."""
    with kept_for_a_module(django_db_blocker):
        make_regions()
        build_small_register(tmp_path_factory.mktemp("deliveries"), count=40)
        yield
