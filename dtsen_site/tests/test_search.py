"""Search over a register of people: names with slips, birth, place, scope, grants, and how much is shown."""

import datetime as dt
import itertools
import uuid

import pytest
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from dtsen_site.tests.conftest import make_officer, make_regions
from registry.households import selectors
from registry.households.names import deletions_of, keys_of
from registry.households.selectors import Criteria, Way, search_people
from registry.models import Household, Individual, NameToken
from registry.officers.models import CaseGrant
from registry.officers.selectors import system_officer

JATISARI, PALBAPANG = "35.14.01.2009", "34.02.08.2001"
numbers = itertools.count(1)


def person(name, *, born="1985-08-27", region=JATISARI):
    household = Household.objects.create(
        id=uuid.uuid4(), region_code=region, regency=int(region[:5].replace(".", "")), row_hash=1, run=1
    )
    keys = keys_of(name)
    NameToken.objects.bulk_create(
        [NameToken(deletion=part, token=key) for key in keys for part in deletions_of(key)], ignore_conflicts=True
    )
    return Individual.objects.create(
        id=uuid.uuid4(), household=household, name=name, name_keys=keys, birth_date=dt.date.fromisoformat(born),
        region_code=region, regency=household.regency, row_hash=next(numbers), run=1,
    )  # fmt: skip


@pytest.fixture
def verifier(db):
    make_regions()
    return make_officer("verifier", "35.14")


def found(officer, **criteria):
    return [(hit.id, hit.way) for hit in search_people(officer, Criteria(**criteria)).hits]


@pytest.mark.parametrize(
    ("typed", "way"),
    [
        ("Siti Nurhayati", Way.EXACT),
        ("nurhayati, siti", Way.EXACT),
        ("Nurhayati", Way.EXACT),
        ("Sity Noerhayati", Way.EXACT),
        ("Siti Nurhayti", Way.SIMILAR),
        ("Siti Nurhayatri", Way.SIMILAR),
        ("Siti Nuhrayati", Way.SIMILAR),
        ("Siti Nurhagati", Way.SIMILAR),
        ("Siti Nur Hayati", Way.SIMILAR),
        ("Wulan Nurhayati", Way.PARTLY),
    ],
)
def test_a_name_is_found_as_people_write_it(verifier, typed, way):
    wanted = person("SITI NURHAYATI")
    person("BUDI SANTOSO")

    assert found(verifier, name=typed) == [(wanted.pk, way)]


def test_a_name_written_together_is_found_in_two_words(verifier):
    wanted = person("NUR HAYATI")

    assert found(verifier, name="Nurhayati") == [(wanted.pk, Way.SIMILAR)]


def test_the_very_name_comes_before_longer_and_similar_ones(verifier):
    similar, longer, same = person("SITI AMINA"), person("SITI AMINAH WATI"), person("SITI AMINAH")

    assert [pk for pk, _way in found(verifier, name="siti aminah")] == [same.pk, longer.pk, similar.pk]


def test_birth_date_year_and_village_narrow_a_name_or_stand_alone(verifier):
    wanted = person("AMINAH", born="1985-08-27")
    person("AMINAH", born="1986-01-02")
    year = {"born_from": dt.date(1985, 1, 1), "born_until": dt.date(1985, 12, 31)}

    assert found(verifier, name="Aminah", **year) == [(wanted.pk, Way.EXACT)]
    assert found(verifier, born_from=dt.date(1985, 8, 27)) == [(wanted.pk, Way.EXACT)]
    assert len(found(verifier, name="Aminah", place="desa Jatisari")) == 2
    assert len(found(verifier, place="jatisri")) == 2
    assert found(verifier, name="Aminah", place="Palbapang") == []


def test_with_the_birth_date_known_a_badly_written_name_is_still_offered(verifier):
    wanted = person("SUPRIYADI")

    assert found(verifier, name="Sapriyadit", born_from=dt.date(1985, 8, 27)) == [(wanted.pk, Way.SIMILAR)]
    assert found(verifier, name="Sapriyadit") == []


def test_nobody_outside_the_regions_is_found_except_by_an_open_grant(verifier):
    elsewhere = person("SITI AMINAH", region=PALBAPANG)
    assert found(verifier, name="Siti Aminah") == []

    now = timezone.now()
    CaseGrant.objects.create(
        officer=verifier, object_type="household", object_id=elsewhere.household_id, cause="visit",
        granted_at=now, granted_by=system_officer(),
    )  # fmt: skip

    assert found(verifier, name="Siti Aminah") == [(elsewhere.pk, Way.EXACT)]


def test_pages_go_on_without_gap_and_the_end_is_told(verifier):
    people = {person("SITI AMINAH", born=f"19{n:02}-01-01").pk for n in range(20, 27)}

    pages = [search_people(verifier, Criteria(name="Siti Aminah"), start=start, size=3) for start in (0, 3, 6)]

    assert [len(page.hits) for page in pages] == [3, 3, 1]
    assert {hit.id for page in pages for hit in page.hits} == people
    assert all(page.total == 7 and page.complete for page in pages)


def test_more_than_can_be_ranked_is_said(verifier, monkeypatch):
    monkeypatch.setattr(selectors, "MOST_RANKED", 3)
    for _number in range(5):
        person("SITI AMINAH")

    answer = search_people(verifier, Criteria(name="Siti Aminah"))

    assert (len(answer.hits), answer.total, answer.complete) == (3, 3, False)


def test_the_regency_stands_in_the_condition_as_the_index_takes_it(verifier):
    from django.db import connection

    person("SITI AMINAH")
    with CaptureQueriesContext(connection) as kept:
        found(verifier, name="Siti Amniah")

    asked = [query["sql"] for query in kept.captured_queries if 'FROM "registry_individual"' in query["sql"]]
    assert asked
    assert all("(3514)::smallint" in sql and " OR " not in sql and "ORDER BY" not in sql for sql in asked)
    assert len(kept.captured_queries) <= 4
