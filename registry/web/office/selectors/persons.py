"""A person as the page shows them: every value with its origin, the rows they were made from, numbers used before."""

from __future__ import annotations

from dataclasses import dataclass, field
from uuid import UUID

from django.urls import reverse
from django.utils.translation import gettext as _

from registry.common.aliases import resolve_id
from registry.common.crypto import decrypt, decrypt_many
from registry.models import FormerIdentifier, Individual, Membership
from registry.officers.models import Officer
from registry.templatetags.dtsen import masked
from registry.variables import load_dictionary
from registry.web.office.selectors.families import (
    Badge,
    CorrectionLine,
    Event,
    chips_of,
    corrections_of,
    head_name,
    history_of,
    in_force,
    nice_name,
    relation_words,
)
from registry.web.office.selectors.lineage import Line, lines_of
from registry.web.office.selectors.origins import SourceRow, origins_of_individual, rows_of_individual
from registry.web.office.selectors.scope import describe_place

IDENTITY = ("name", "sex", "birth_date", "birth_place", "mother_name")


@dataclass(frozen=True)
class Former:
    """A number that a source gave and that is not the one in force."""

    masked: str
    source: str


@dataclass
class PersonPage:
    id: UUID
    name: str
    nik: str
    relation: str
    place: str
    active: bool
    head: str = ""
    family_url: str = ""
    chips: list[Badge] = field(default_factory=list)
    lines: list[Line] = field(default_factory=list)
    rows: list[SourceRow] = field(default_factory=list)
    former: list[Former] = field(default_factory=list)
    corrections: list[CorrectionLine] = field(default_factory=list)
    history: list[Event] = field(default_factory=list)


def get_individual(officer: Officer, individual_id: UUID) -> Individual:
    """The person behind an id, old ones included, when the officer may see them. Raises: Http404."""
    return Individual.objects.get_visible(officer, pk=resolve_id(individual_id))


def show_person(person: Individual, officer: Officer) -> PersonPage:
    """Everything the page shows, numbers masked."""
    dictionary = load_dictionary()
    corrections = corrections_of(person.pk)
    active = person.status == "active"
    variables = [v for v in dictionary.identity if v.name in IDENTITY]
    variables += [v for v in dictionary.individual_items if v.name != "id_hub_kepala_keluarga"]
    lines, _empty = lines_of(
        variables,
        person,
        origins_of_individual(person),
        corrected=in_force(person.pk),
        correct_url=reverse("office:correct-person", args=[person.pk]) if active else "",
    )
    household = person.household
    membership = Membership.objects.current().filter(individual=person).first()
    return PersonPage(
        id=person.pk,
        name=nice_name(person.name),
        nik=masked(decrypt(person.nik_cipher)) if person.nik_cipher else "",
        relation=relation_words(membership.relation) if membership else _("in no family today"),
        place=describe_place(person.region_code),
        active=active,
        head=head_name(household) if household else "",
        family_url=reverse("office:family", args=[household.pk]) if household else "",
        chips=chips_of(person.status, lines, corrections),
        lines=lines,
        rows=rows_of_individual(person),
        former=former_numbers(person.pk),
        corrections=corrections,
        history=history_of("individual", person.pk),
    )


def former_numbers(object_id: UUID) -> list[Former]:
    """Numbers that sources gave and that are not the one in force, masked."""
    rows = list(FormerIdentifier.objects.filter(object_id=object_id).order_by("id"))
    numbers = decrypt_many([row.cipher for row in rows])
    return [Former(masked(number), row.source) for row, number in zip(rows, numbers, strict=True)]
