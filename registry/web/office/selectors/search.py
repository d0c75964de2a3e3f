"""Search results as the office shows them; finding itself is `registry.households.search`."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from django.db.models import Prefetch
from django.urls import reverse
from django.utils.translation import gettext as _

from registry.common.crypto import decrypt_many
from registry.models import Individual, Membership
from registry.officers.models import Officer
from registry.officers.roles import May
from registry.templatetags.dtsen import masked
from registry.web.office.selectors.families import nice_name, relation_words
from registry.web.office.selectors.found import find_by_name, find_by_number
from registry.web.office.selectors.scope import describe_place

MOST = 50


@dataclass(frozen=True)
class ResultRow:
    """One person who fits."""

    id: UUID
    name: str
    nik: str
    birth_date: dt.date | None
    sex: int | None
    relation: str
    head: str
    village: str
    url: str
    why: str = ""


@dataclass
class Results:
    """Who fits, at most MOST of them."""

    rows: list[ResultRow] = field(default_factory=list)
    more: bool = False
    next_url: str = ""
    first_url: str = ""

    @property
    def count(self) -> int:
        return len(self.rows)


def find_people(officer: Officer, criteria: dict[str, Any]) -> Results:
    """Who fits a search within the officer's regions."""
    day = dt.date.fromisoformat(criteria["birth_date"]) if criteria.get("birth_date") else None
    if criteria.get("number"):
        found = find_by_number(officer, criteria["number"])
    else:
        found = find_by_name(officer, criteria.get("text", ""), day, criteria.get("village", ""), MOST + 1)
    return Results(rows=show(officer, found[:MOST]), more=len(found) > MOST)


def show(officer: Officer, found: Iterable[tuple[UUID, str]]) -> list[ResultRow]:
    """The people in the order they were found, with their families."""
    pairs = list(found)
    why = dict(pairs)
    people = {
        person.pk: person
        for person in Individual.objects.filter(pk__in=why)
        .select_related("household__head")
        .prefetch_related(Prefetch("memberships", Membership.objects.current(), to_attr="today"))
    }
    rows = [people[pk] for pk, _why in pairs if pk in people]
    niks = decrypt_many([row.nik_cipher for row in rows])
    places = {code: describe_place(code) for code in {row.region_code for row in rows}}
    opens_family = officer.may(May.VIEW_FAMILY)
    return [
        ResultRow(
            id=row.pk,
            name=nice_name(row.name),
            nik=masked(nik) if nik else "",
            birth_date=row.birth_date,
            sex=row.sex,
            relation=relation_words(row.today[0].relation) if row.today else _("in no family today"),
            head=nice_name(row.household.head.name) if row.household and row.household.head else "",
            village=", ".join(places[row.region_code].split(", ")[:2]),
            url=address_of(row) if opens_family else "",
            why=why[row.pk],
        )
        for row, nik in zip(rows, niks, strict=True)
    ]


def address_of(person: Individual) -> str:
    """The family's page, or the person's own where there is no family."""
    if person.household_id:
        return reverse("office:family", args=[person.household_id])
    return reverse("office:person", args=[person.pk])
