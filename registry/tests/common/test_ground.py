"""Reads, aliases, idempotency, locks, privacy list, calendar, partitions."""

import datetime as dt
import uuid

import pytest
from django.db import connection, transaction

from registry.common import aliases, idempotency, locks, partitions, privacy, reads
from registry.common.errors import DomainError, StaleWrite
from registry.models import AccessLog, AccessSubject, Job, Officer, Outbox


def test_record_read_of_a_family_is_one_look_with_its_people(officer, now):
    person, family = uuid.uuid4(), uuid.uuid4()
    reads.record_read(
        officer,
        "office.family",
        "search",
        individuals=[person, person],
        households=[family],
        now=now,
    )
    log = reads.get_reads_of(person).get()
    assert (log.door, log.officer) == ("office.family", officer)
    assert AccessSubject.objects.count() == 2


def test_record_read_export_keeps_its_selection_and_finds_a_person(officer, now):
    person = uuid.uuid4()
    reads.register_selection("test.export", lambda selection, one, at: str(one) in selection["ids"])
    reads.record_read(officer, "test.export", "list", selection={"ids": [str(person)]}, count=1, now=now)
    assert len(reads.find_exports_with(person, since=now)) == 1
    assert reads.find_exports_with(uuid.uuid4(), since=now) == []
    assert not AccessSubject.objects.exists()


def test_record_read_of_very_many_needs_a_selection(officer, now):
    with pytest.raises(ValueError, match="selection"):
        reads.record_read(officer, "x", "y", individuals=[uuid.uuid4() for _ in range(1001)], now=now)
    assert not AccessLog.objects.exists()


def test_resolve_ids_follow_merges_of_merges(db, now):
    a, b, c, other = (uuid.uuid4() for _ in range(4))
    aliases.add_aliases({a: b}, kind="merge", now=now)
    aliases.add_aliases({b: c}, kind="merge", now=now)
    assert aliases.resolve_ids([a, b, c, other]) == {a: c, b: c, c: c, other: other}


def test_resolve_id_that_came_back_leads_to_itself(db, now):
    a, b = uuid.uuid4(), uuid.uuid4()
    aliases.add_aliases({a: b}, kind="merge", now=now)
    aliases.add_aliases({b: a}, kind="merge", now=now)
    assert aliases.resolve_id(b) == aliases.resolve_id(a) == a


def test_once_repetition_gets_the_first_answer(officer, now):
    key, runs = uuid.uuid4(), []

    def work():
        runs.append(1)
        return {"n": len(runs)}

    def ask(payload):
        return idempotency.once(key=key, operation="test", payload=payload, work=work, by=officer, now=now)

    assert ask({"a": 1}) == ({"n": 1}, True)
    assert ask({"a": 1}) == ({"n": 1}, False)
    with pytest.raises(StaleWrite):
        ask({"a": 2})


def test_once_work_that_fails_frees_the_key(officer, now):
    key = uuid.uuid4()

    def ask(work):
        return idempotency.once(key=key, operation="test", payload={}, work=work, by=officer, now=now)

    with pytest.raises(ZeroDivisionError):
        ask(lambda: 1 / 0)
    assert ask(lambda: 7) == (7, True)


def test_lock_rows_take_the_written_order_whatever_the_call(officer, now, django_assert_num_queries):
    job = Job.objects.create(kind="x", created_at=now, created_by=officer)
    with transaction.atomic(), django_assert_num_queries(2) as queries:
        jobs, officers = locks.lock_rows(Job.objects.all(), Officer.objects.filter(pk=officer.pk))
    assert (jobs, officers) == ([job], [officer])
    assert "registry_officer" in queries[0]["sql"].split("FROM")[1].split()[0]


def test_every_name_in_the_locking_order_is_a_model():
    from django.apps import apps

    known = {model._meta.label for model in apps.get_app_config("registry").get_models()}
    assert [label for label in locks.LOCK_ORDER if label not in known] == []


@pytest.mark.django_db(transaction=True)
def test_advisory_second_session_does_not_get_it_and_it_is_given_back():
    import threading

    answers = []

    def try_it():
        try:
            with locks.advisory("test", wait=False):
                answers.append("got")
        except DomainError as error:
            answers.append(error.code)
        connection.close()

    def in_thread():
        thread = threading.Thread(target=try_it)
        thread.start()
        thread.join()

    with locks.advisory("test"):
        in_thread()
    in_thread()
    assert answers == ["common.lock.busy", "got"]


def test_every_field_is_classified_for_the_developer_copy():
    assert privacy.unclassified_fields() == []


def test_classify_unknown_or_double_field_is_refused():
    with pytest.raises(ValueError, match="no field"):
        privacy.classify(Outbox, keep="nothing")
    with pytest.raises(ValueError, match="twice"):
        privacy.classify(Outbox, keep="id")


def test_ensure_partitions_makes_the_months_ahead_once(db):
    day = dt.date(2031, 12, 31)
    assert partitions.ensure_partitions(today=day, months=1) == 2 * len(partitions.find_partitioned_tables())
    assert partitions.ensure_partitions(today=day, months=1) == 0
    with connection.cursor() as cursor:
        cursor.execute("SELECT to_regclass('registry_auditevent_2032_01') IS NOT NULL")
        assert cursor.fetchone() == (True,)


def test_ensure_partitions_month_with_stray_rows_is_left_alone(officer):
    reads.record_read(officer, "x", "y", now=dt.datetime(2032, 5, 3, tzinfo=dt.UTC))
    made = partitions.ensure_partitions(today=dt.date(2032, 5, 1), months=0)
    assert made == len(partitions.find_partitioned_tables()) - 1


def test_history_table_can_be_partitioned_and_its_triggers_write_on(db):
    with connection.cursor() as cursor:
        cursor.execute(
            """
            CREATE TABLE trial (pgh_id bigint GENERATED BY DEFAULT AS IDENTITY PRIMARY KEY,
                                pgh_created_at timestamptz NOT NULL, note text);
            CREATE INDEX trial_note ON trial (note);
            SELECT dtsen_partition_by_month('trial', 'pgh_id', 'pgh_created_at');
            INSERT INTO trial (pgh_created_at, note) VALUES (now(), 'a'), ('2001-01-01', 'b');
            """
        )
        cursor.execute("SELECT count(*) FROM trial_default")
        assert cursor.fetchone() == (1,)
        cursor.execute("SELECT count(*) FROM pg_indexes WHERE tablename = 'trial'")
        assert cursor.fetchone() == (2,)
    assert "trial" in partitions.find_partitioned_tables()
