"""Search results as the office shows them; finding itself is `registry.households.selectors`."""

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
from registry.households.selectors import Criteria, Hit, Way, search_people
from registry.models import Individual, Membership
from registry.officers.models import Officer
from registry.officers.roles import May
from registry.templatetags.dtsen import masked
from registry.web.office.selectors.families import nice_name, relation_words
from registry.wilayah.selectors import get_places

PAGE = 50


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
    """A page of those who fit; `total` is a lower bound when not `complete`."""

    rows: list[ResultRow] = field(default_factory=list)
    total: int = 0
    complete: bool = True
    first: int = 0
    next_url: str = ""
    first_url: str = ""

    @property
    def last(self) -> int:
        return self.first + len(self.rows) - 1


def read_born(text: str) -> tuple[dt.date | None, dt.date | None]:
    """The first and last day of a birth date or year as the form hands it on ("1985-08-27", "1985")."""
    if not text:
        return None, None
    if len(text) == 4:
        return dt.date(int(text), 1, 1), dt.date(int(text), 12, 31)
    return dt.date.fromisoformat(text), dt.date.fromisoformat(text)


def find_people(officer: Officer, criteria: dict[str, Any], *, start: int = 0) -> Results:
    """Who fits a search within the officer's regions, a page from place `start` on."""
    born_from, born_until = read_born(criteria.get("born", ""))
    number = criteria.get("number", "")
    wanted = Criteria(
        number=number,
        name="" if number else criteria.get("text", ""),
        born_from=born_from,
        born_until=born_until,
        place=criteria.get("village", ""),
    )
    found = search_people(officer, wanted, start=start, size=PAGE)
    return Results(rows=show(officer, found.hits), total=found.total, complete=found.complete, first=start + 1)


def words_of_way(way: Way) -> str:
    """How somebody was found; nothing to say about the name as written."""
    return {
        Way.NIK: _("this NIK"),
        Way.FAMILY_CARD: _("this family card"),
        Way.FORMER_NIK: _("a NIK used before"),
        Way.FORMER_FAMILY_CARD: _("a family card used before"),
        Way.EXACT: "",
        Way.SIMILAR: _("similar spelling"),
        Way.PARTLY: _("only part of the name fits"),
    }[way]


def show(officer: Officer, hits: Iterable[Hit]) -> list[ResultRow]:
    """The people in the order they were found, with their families."""
    why = {hit.id: words_of_way(hit.way) for hit in hits}
    people = {
        person.pk: person
        for person in Individual.objects.filter(pk__in=why)
        .select_related("household__head")
        .prefetch_related(Prefetch("memberships", Membership.objects.current(), to_attr="today"))
    }
    rows = [people[pk] for pk in why if pk in people]
    niks = decrypt_many([row.nik_cipher for row in rows])
    places = get_places(row.region_code for row in rows)
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
