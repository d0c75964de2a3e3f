"""Row history comes from the database, whatever way a row changed, and says who did what."""

import uuid

import pytest
from django.db import connection, transaction

from registry.common import history, partitions
from registry.models import Household


@pytest.fixture
def family(db):
    """Return a family as a publish would leave it."""
    return Household.objects.create(
        id=uuid.uuid4(), region_code="34.02.01.2001", regency=3402, address="A", row_hash=1, run=1
    )


def test_history_of_a_published_table_keeps_the_row_before_each_change(officer, family):
    with history.because("test.moved", by=officer):
        Household.objects.filter(pk=family.pk).update(address="B")
    (version,) = history.find_versions(family)
    assert (version.pgh_label, version.address) == ("update", "A")
    assert version.pgh_context.metadata == {"operation": "test.moved", "officer": str(officer.pk)}


def test_history_of_an_update_that_changes_nothing_is_empty(family):
    Household.objects.update(address="A")
    assert not history.find_versions(family).exists()


def test_history_of_plain_sql_in_a_copy_transaction_carries_the_context(officer, family):
    with transaction.atomic():
        history.set_context_for_copy("test.published", by=officer)
        with connection.cursor() as cursor:
            cursor.execute("UPDATE registry_household SET address = 'C' WHERE id = %s", [family.pk])
    assert history.find_versions(family).get().pgh_context.metadata["operation"] == "test.published"


def test_history_of_a_small_table_begins_with_its_insert(officer):
    assert history.find_versions(officer).get().pgh_label == "insert"


def test_history_of_what_runs_publish_is_partitioned_by_month(db):
    assert {"registry_householdevent", "registry_individualevent"} <= set(partitions.find_partitioned_tables())
