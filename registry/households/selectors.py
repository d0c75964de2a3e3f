"""Finding people by number, name, birth and place; every door that searches comes here.

What an officer does not see is never found. How a result looks is the door's own matter.
"""

import datetime as dt
import itertools
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from enum import StrEnum
from uuid import UUID

from django.contrib.postgres.search import TrigramSimilarity
from django.db.models import Case, FloatField, Q, QuerySet, Value, When
from django.utils import timezone

from registry.common.crypto import lookup_hash
from registry.households.models import FormerIdentifier, Household, Individual, NameToken
from registry.households.names import deletions_of, keys_of, one_slip_apart
from registry.officers.models import Officer
from registry.officers.scoping import in_region
from registry.wilayah.selectors import find_places

# So many people are ranked; where more fit, the search says so and asks to be narrowed.
MOST_RANKED = 600
# Below this likeness of the letters (pg_trgm) a name in the right place is not offered.
LEAST_LIKENESS = 0.35


class Way(StrEnum):
    """How somebody was found."""

    NIK = "nik"
    FAMILY_CARD = "family_card"
    FORMER_NIK = "former_nik"
    FORMER_FAMILY_CARD = "former_family_card"
    EXACT = "exact"  # all the words as written, or nothing but birth and place was asked
    SIMILAR = "similar"  # each word nearly as written
    PARTLY = "partly"  # all words but one


@dataclass(frozen=True)
class Criteria:
    """Whom to look for; what is empty does not narrow. A number is looked up alone."""

    number: str = ""
    name: str = ""
    born_from: dt.date | None = None
    born_until: dt.date | None = None
    place: str = ""  # name of a village or district


@dataclass(frozen=True)
class Hit:
    """One person who fits."""

    id: UUID
    way: Way


@dataclass(frozen=True)
class Found:
    """Some of those who fit, the nearest first; `total` is a lower bound when not `complete`."""

    hits: list[Hit] = field(default_factory=list)
    total: int = 0
    complete: bool = True


@dataclass(frozen=True)
class _Ranked:
    tier: int
    likeness: float
    name: str
    born: dt.date
    id: UUID
    way: Way

    @property
    def place(self) -> tuple[int, float, str, dt.date, UUID]:
        return self.tier, -self.likeness, self.name, self.born, self.id


def search_people(
    officer: Officer, criteria: Criteria, *, start: int = 0, size: int = 50, now: dt.datetime | None = None
) -> Found:
    """Return those who fit among the people the officer sees, from place `start` on."""
    grounds = _grounds_of(officer, now or timezone.now())
    if criteria.number:
        hits = _find_by_number(grounds, criteria.number)
        return Found(hits[start : start + size], len(hits))
    narrowing = _narrowing_of(officer, criteria)
    if narrowing is None:
        return Found()
    found: dict[UUID, _Ranked] = {}
    for ground in grounds:
        people = ground.filter(narrowing)
        if criteria.name:
            small = bool(criteria.place or criteria.born_from) or _is_small(officer)
            rows = _find_by_name(people, criteria.name, in_small_place=small)
        else:
            rows = _rows(people, "", [], Way.EXACT)
        for row in rows:
            found.setdefault(row.id, row)
    ranked = sorted(found.values(), key=lambda row: row.place)[:MOST_RANKED]
    return Found(
        [Hit(row.id, row.way) for row in ranked[start : start + size]],
        len(ranked),
        complete=len(found) <= MOST_RANKED,
    )


def _grounds_of(officer: Officer, now: dt.datetime) -> list[QuerySet[Individual]]:
    """Return the people of the officer's regions, and apart from them those of open case grants.

    One condition with OR would keep the index of names from using the regency.
    """
    people: QuerySet[Individual] = Individual.objects.active().order_by()
    grounds = [people.filter(officer.scope.condition())]
    if officer.scope.everything:
        return grounds
    granted: dict[str, list[UUID]] = {}
    for kind, object_id in officer.case_grants.open(now).values_list("object_type", "object_id"):
        granted.setdefault(kind, []).append(object_id)
    wanted = Q(household_id__in=granted.get("household", [])) | Q(pk__in=granted.get("individual", []))
    return [*grounds, people.filter(wanted)] if granted else grounds


def _is_small(officer: Officer) -> bool:
    """Say whether all the officer's regions are districts or villages."""
    return bool(officer.scope.regions) and all(len(code) > 5 for code in officer.scope.regions)


def _find_by_number(grounds: Iterable[QuerySet[Individual]], number: str) -> list[Hit]:
    """Return people with this NIK and members of families with this card; former numbers come last."""
    digest = lookup_hash(number)
    former: dict[str, list[UUID]] = {"nik": [], "kk": []}
    for kind, object_id in FormerIdentifier.objects.filter(hash=digest).values_list("kind", "object_id"):
        former[kind].append(object_id)
    families = list(Household.objects.active().filter(kk_hash=digest).values_list("pk", flat=True)[:MOST_RANKED])
    found: dict[UUID, Hit] = {}
    for way, condition in (
        (Way.NIK, Q(nik_hash=digest)),
        (Way.FAMILY_CARD, Q(household_id__in=families)),
        (Way.FORMER_NIK, Q(pk__in=former["nik"])),
        (Way.FORMER_FAMILY_CARD, Q(household_id__in=former["kk"])),
    ):
        for people in grounds:
            for pk in people.filter(condition).order_by("household_id", "birth_date").values_list("pk", flat=True):
                found.setdefault(pk, Hit(pk, way))
    return list(found.values())


def _narrowing_of(officer: Officer, criteria: Criteria) -> Q | None:
    """Return the condition on birth and place; None when no region is called so."""
    wanted = Q()
    if criteria.born_from:
        wanted &= Q(birth_date__gte=criteria.born_from, birth_date__lte=criteria.born_until or criteria.born_from)
    if criteria.place:
        scope = officer.scope
        codes = find_places(criteria.place, within_codes=[""] if scope.everything else scope.regions)
        if not codes:
            return None
        places = Q()
        for code in codes:
            places |= in_region(code)
        wanted &= places
    return wanted


def _find_by_name(people: QuerySet[Individual], text: str, *, in_small_place: bool) -> list[_Ranked]:
    """Return people called so: the very words first, then words one slip away, else looser readings."""
    words = _words_of(text)
    if not words:
        return []
    near = _spellings_of(words)
    found = _rows(people.filter(_each(near.close, words)), text, words, Way.SIMILAR)
    if len(found) > MOST_RANKED:  # of so many those as written must not be missed
        as_written = _rows(people.filter(name_keys=words), text, words, Way.EXACT)
        as_written += _rows(people.filter(name_keys__contains=words), text, words, Way.EXACT)
        return as_written + found
    if found:
        return found
    for way, condition in _looser(words, near):
        found = _rows(people.filter(condition), text, words, way)
        if found:
            return found
    if in_small_place:  # few enough to compare letter by letter
        alike = people.annotate(alike=TrigramSimilarity("name", text)).filter(alike__gte=LEAST_LIKENESS)
        return _rows(alike.order_by("-alike"), text, words, Way.SIMILAR)
    return []


def _rows(people: QuerySet[Individual], text: str, words: list[str], way: Way) -> list[_Ranked]:
    """Return people with the likeness of their names to the text, one more than can be ranked at most."""
    likeness = TrigramSimilarity("name", text) if text else Value(0.0, output_field=FloatField())
    whole = Case(When(name_keys=words, then=0), When(name_keys__contains=words, then=1), default=2)
    rows = people.annotate(likeness=likeness, tier=whole)
    return [
        _Ranked(tier, like, name, born or dt.date.max, pk, Way.EXACT if tier < 2 else way)
        for pk, name, born, like, tier in rows.values_list("pk", "name", "birth_date", "likeness", "tier")[
            : MOST_RANKED + 1
        ]
    ]


@dataclass(frozen=True)
class _Spellings:
    """Known words near each written one: one slip away, and a little further."""

    close: dict[str, list[str]]
    wide: dict[str, list[str]]


def _words_of(text: str) -> list[str]:
    """Return the spelling keys of a written name; initials only where there is nothing else."""
    keys = keys_of(text)
    return [key for key in keys if len(key) > 1] or keys


def _spellings_of(words: list[str]) -> _Spellings:
    """Look all the words up at once in the dictionary of one-letter deletions."""
    asked: dict[str, set[str]] = {}
    for word in words:
        for deletion in deletions_of(word):
            asked.setdefault(deletion, set()).add(word)
    wide: dict[str, set[str]] = {word: {word} for word in words}
    rows = NameToken.objects.filter(deletion__in=list(asked)).values_list("deletion", "token")
    for deletion, token in rows:
        for word in asked[deletion]:
            wide[word].add(token)
    close = {word: sorted(token for token in tokens if one_slip_apart(word, token)) for word, tokens in wide.items()}
    return _Spellings(close, {word: sorted(tokens) for word, tokens in wide.items()})


def _each(near: dict[str, list[str]], words: Iterable[str]) -> Q:
    """Return the condition that each word stands in the name, in one of its spellings."""
    condition = Q()
    for word in words:
        condition &= Q(name_keys__overlap=near[word])
    return condition


def _looser(words: list[str], near: _Spellings) -> Iterator[tuple[Way, Q]]:
    """Give the readings to try when no name fits: wider spellings, words run together or apart, one word less."""
    if near.wide != near.close:
        yield Way.SIMILAR, _each(near.wide, words)
    together = Q()
    for one, other in itertools.permutations(words, 2):
        rest = [word for word in words if word not in (one, other)]
        together |= Q(name_keys__contains=[one + other, *rest])
    if together:
        yield Way.SIMILAR, together
    apart = _apart(words)
    if apart:
        yield Way.SIMILAR, apart
    if len(words) > 1:  # one of them may be a nickname, or badly misspelled
        less = Q()
        for word in words:
            less |= _each(near.wide, [other for other in words if other != word])
        yield Way.PARTLY, less


def _apart(words: list[str]) -> Q | None:
    """Return the condition that a word was written together: NURHAYATI for NUR HAYATI."""
    parts = {word: [(word[:at], word[at:]) for at in range(3, len(word) - 2)] for word in words if len(word) > 5}
    halves = {half for pairs in parts.values() for pair in pairs for half in pair}
    if not halves:
        return None
    known = set(NameToken.objects.filter(deletion__in=halves, token__in=halves).values_list("token", flat=True))
    condition = Q()
    for word, pairs in parts.items():
        rest = [other for other in words if other != word]
        for pair in pairs:
            if known.issuperset(pair):
                condition |= Q(name_keys__contains=[*pair, *rest])
    return condition or None
