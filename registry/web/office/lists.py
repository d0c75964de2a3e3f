"""The lists that officers take out: people, families, pairs to review, findings of a delivery.

Each within the officer's regions, with numbers masked, in words instead of codes.
"""

from __future__ import annotations

import datetime as dt
import itertools
from collections.abc import Iterator
from typing import Any
from uuid import UUID

from django.db.models import Prefetch, QuerySet
from django.utils.translation import gettext as _

from registry.common.crypto import decrypt_many
from registry.common.exports import DOOR, ListKind, Selection, register_list
from registry.common.reads import register_selection
from registry.common.sheets import Row
from registry.models import Household, Individual, Membership, ReviewPair
from registry.officers.models import Officer
from registry.officers.roles import May
from registry.officers.scoping import in_region
from registry.templatetags.dtsen import day, masked, sex, source_name
from registry.web.office.selectors import deliveries
from registry.web.office.selectors.evidence import reasons_in_words
from registry.web.office.selectors.families import nice_name, relation_words
from registry.web.office.selectors.findings import Choice
from registry.web.office.selectors.origins import certainty
from registry.web.office.selectors.reviews import kind_of, names_of, open_pairs
from registry.wilayah.selectors import get_places

CHUNK = 1000


def places_of(selection: Selection, rows: QuerySet[Any]) -> QuerySet[Any]:
    """The rows in the region that was chosen; all that the officer sees when none was."""
    return rows.filter(in_region(selection["region"])) if selection.get("region") else rows


def people(officer: Officer, selection: Selection) -> QuerySet[Individual]:
    return places_of(selection, Individual.objects.visible_to(officer).active())


def families(officer: Officer, selection: Selection) -> QuerySet[Household]:
    return places_of(selection, Household.objects.visible_to(officer).active())


def pairs(officer: Officer, selection: Selection) -> QuerySet[ReviewPair]:
    return places_of(selection, open_pairs(officer))


def chunks(rows: QuerySet[Any]) -> Iterator[list[Any]]:
    """The rows by the thousand, in the order of their ids."""
    found = rows.order_by("pk").iterator(chunk_size=CHUNK)
    while part := list(itertools.islice(found, CHUNK)):
        yield part


def masks_of(ciphers: list[Any]) -> list[str]:
    return [masked(number) if number else "" for number in decrypt_many(ciphers)]


def places_in(part: list[Any]) -> dict[str, str]:
    return get_places(row.region_code for row in part)


def people_rows(officer: Officer, selection: Selection) -> Iterator[Row]:
    current = Prefetch("memberships", Membership.objects.current(), to_attr="today")
    for part in chunks(people(officer, selection).select_related("household__head").prefetch_related(current)):
        places = places_in(part)
        for person, nik in zip(part, masks_of([row.nik_cipher for row in part]), strict=True):
            head = person.household.head if person.household else None
            yield (
                str(person.pk),
                nice_name(person.name),
                nik,
                sex(person.sex),
                day(person.birth_date),
                relation_words(person.today[0].relation) if person.today else "",
                nice_name(head.name) if head else "",
                str(person.household_id or ""),
                places[person.region_code],
            )


def family_rows(officer: Officer, selection: Selection) -> Iterator[Row]:
    for part in chunks(families(officer, selection).select_related("head")):
        places = places_in(part)
        for family, kk in zip(part, masks_of([row.kk_cipher for row in part]), strict=True):
            yield (
                str(family.pk),
                nice_name(family.head.name) if family.head else "",
                kk,
                family.n_members,
                family.address,
                places[family.region_code],
                day(family.as_of),
            )


def pair_rows(officer: Officer, selection: Selection) -> Iterator[Row]:
    for part in chunks(pairs(officer, selection)):
        names, places = names_of(part), places_in(part)
        for pair in part:
            yield (
                pair.pk,
                kind_of(pair),
                names.get((pair.a_source, pair.a_key), ""),
                source_name(pair.a_source),
                names.get((pair.b_source, pair.b_key), ""),
                source_name(pair.b_source),
                certainty(pair.probability),
                "; ".join(str(words) for words in reasons_in_words(pair.reasons)),
                places[pair.region_code],
            )


def choice_of(selection: Selection) -> Choice:
    return Choice(**{key: selection.get(key, "") for key in ("severity", "rule", "column")})


def count_findings(officer: Officer, selection: Selection) -> int:
    found = deliveries.get_delivery(int(selection["delivery"]))
    return deliveries.findings_of(found, officer).count(choice_of(selection))


def finding_rows(officer: Officer, selection: Selection) -> Iterator[Row]:
    found = deliveries.get_delivery(int(selection["delivery"]))
    for row in deliveries.findings_of(found, officer).every(choice_of(selection)):
        yield deliveries.finding_cells(row)


def was_selected(selection: Selection, individual_id: UUID, at: dt.datetime) -> bool:
    """Say whether somebody was in a list that was taken out, as far as the register knows today."""
    person = Individual.objects.filter(pk=individual_id)
    places = [selection["region"]] if selection.get("region") else list(selection.get("regions", ()))
    if places and not any(person.filter(in_region(code)).exists() for code in places):
        return False
    if selection.get("list") == "pairs":
        asked = ReviewPair.objects.filter(run__published_at__lte=at)
        return asked.filter(a_id=individual_id).exists() or asked.filter(b_id=individual_id).exists()
    return selection.get("list") in ("people", "families") and person.exists()


register_selection(DOOR, was_selected)
register_list(
    ListKind(
        code="people",
        may=May.SEARCH_PEOPLE,
        heading=lambda: (
            _("Public id"),
            _("Name"),
            _("NIK (masked)"),
            _("Sex"),
            _("Birth date"),
            _("Relation"),
            _("Head of the family"),
            _("Public id of the family"),
            _("Village"),
        ),
        count=lambda officer, selection: people(officer, selection).count(),
        rows=people_rows,
    )
)
register_list(
    ListKind(
        code="families",
        may=May.SEARCH_PEOPLE,
        heading=lambda: (
            _("Public id"),
            _("Head of the family"),
            _("Family card (masked)"),
            _("Members"),
            _("Address"),
            _("Village"),
            _("Values as of"),
        ),
        count=lambda officer, selection: families(officer, selection).count(),
        rows=family_rows,
    )
)
register_list(
    ListKind(
        code="pairs",
        may=May.REVIEW_PAIRS,
        heading=lambda: (
            _("Number"),
            _("Kind"),
            _("First name"),
            _("First source"),
            _("Second name"),
            _("Second source"),
            _("Certainty"),
            _("Why it is doubtful"),
            _("Village"),
        ),
        count=lambda officer, selection: pairs(officer, selection).count(),
        rows=pair_rows,
    )
)
register_list(
    ListKind(
        code="findings",
        may=May.VIEW_DELIVERIES,
        heading=lambda: (
            _("File"),
            _("Row"),
            _("Source's own id"),
            _("Column"),
            _("What was found"),
            _("Kind"),
            _("Value (masked)"),
        ),
        count=count_findings,
        rows=finding_rows,
    )
)
