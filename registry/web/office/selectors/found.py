"""Finding people by number and by name, within an officer's regions; how the results look is `search`."""

from __future__ import annotations

import datetime as dt
from difflib import SequenceMatcher
from uuid import UUID

from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _

from registry.common.crypto import lookup_hash
from registry.linkage.names import deletions_of, keys_of
from registry.models import FormerIdentifier, Household, Individual, NameToken, Region
from registry.officers.models import Officer
from registry.wilayah.querysets import within

Found = list[tuple[UUID, str]]
MOST_CANDIDATES = 300


def find_by_number(officer: Officer, number: str) -> Found:
    """People with this NIK, members of families with this KK number; former numbers count too."""
    digest = lookup_hash(number)
    people = Individual.objects.visible_to(officer).active()
    families = Household.objects.visible_to(officer).active()
    former = dict(FormerIdentifier.objects.filter(hash=digest).values_list("object_id", "kind"))
    found: dict[UUID, str] = {}
    for pk in people.filter(nik_hash=digest).values_list("pk", flat=True):
        found.setdefault(pk, _("this NIK"))
    current = families.filter(kk_hash=digest).values_list("pk", flat=True)
    for pk in people.filter(household__in=list(current)).order_by("birth_date").values_list("pk", flat=True):
        found.setdefault(pk, _("this family card"))
    earlier = [pk for pk, kind in former.items() if kind == "nik"]
    for pk in people.filter(pk__in=earlier).values_list("pk", flat=True):
        found.setdefault(pk, _("a NIK used before"))
    earlier = [pk for pk, kind in former.items() if kind == "kk"]
    for pk in people.filter(household__in=earlier).order_by("birth_date").values_list("pk", flat=True):
        found.setdefault(pk, _("a family card used before"))
    return list(found.items())


def find_by_name(officer: Officer, text: str, birth_date: dt.date | None, village: str, most: int) -> Found:
    """People whose name is spelled so or nearly so, the nearest first."""
    people = Individual.objects.visible_to(officer).active()
    words = keys_of(text) if text else []
    if birth_date:
        people = people.filter(birth_date=birth_date)
    if village:
        people = people.filter(in_place(officer, village))
    if not words and not birth_date:
        return []
    rows = named(people, words)
    if not rows and len(words) > 1:
        # One word may be a nickname or badly misspelled: all the others must still fit.
        rows = [row for word in words for row in named(people, [other for other in words if other != word])]
        rows = list({row[0]: row for row in rows}.values())
    ranked = sorted(rows, key=lambda row: (-nearness(text, words, row[1], row[2]), row[1]))
    return [(pk, "" if set(words) <= set(keys) else _("similar spelling")) for pk, _name, keys in ranked[:most]]


def named(people: QuerySet[Individual], words: list[str]) -> list[tuple[UUID, str, list[str]]]:
    """People whose name has all the words, each nearly as written."""
    for word in words:
        people = people.filter(name_keys__overlap=sorted(spellings(word)))
    return list(people.values_list("pk", "name", "name_keys")[:MOST_CANDIDATES])


def spellings(word: str) -> set[str]:
    """The word itself and the known words that are one letter away."""
    near = NameToken.objects.filter(deletion__in=sorted(deletions_of(word))).values_list("token", flat=True)
    return {word, *near}


def nearness(text: str, words: list[str], name: str, keys: list[str]) -> float:
    """How well a name fits: words that are the same count first, then the letters."""
    same = len(set(words) & set(keys)) / (len(words) or 1)
    return same + SequenceMatcher(None, text.upper(), name.upper(), autojunk=False).ratio()


def in_place(officer: Officer, text: str) -> Q:
    """Rows in villages or districts of that name, within the officer's regions."""
    regions = Region.objects.filter(name__istartswith=text.strip(), level__gte=3)
    if not officer.scope.everything:
        wanted = Q(pk__in=[])
        for code in officer.scope.regions:
            wanted |= within(code, "code")
        regions = regions.filter(wanted)
    condition = Q(pk__in=[])
    for code in regions.values_list("code", flat=True)[:50]:
        condition |= Q(regency=int(code[:5].replace(".", ""))) & within(code)
    return condition
