"""Events are appended with the change, never altered, and the chain names what does not fit."""

import datetime as dt
import io
import json
import threading

import pytest
from django.core.management import CommandError, call_command
from django.db import DatabaseError, connection, transaction

from registry.common import audit, sealing
from registry.common.errors import DomainError
from registry.models import AuditBlock, AuditEvent, AuditUnsealed

audit.register_event_sentences({"test.thing.happened": ("{actor} menguji {what}", "{actor} tested {what}")})


def write(officer, now, what="a"):
    return audit.record(
        "test.thing.happened",
        by=officer,
        obj_type="thing",
        obj_id=what,
        regency=3402,
        params={"what": what},
        now=now,
    )


def tamper(sql, params=()):
    """Run a statement the way the owner of the tables could, with the triggers switched off."""
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")  # a table with pending checks cannot be altered
        for table in ("registry_auditevent", "registry_auditblock", "registry_auditunsealed"):
            cursor.execute(f"ALTER TABLE {table} DISABLE TRIGGER USER")
        cursor.execute(sql, params)
        for table in ("registry_auditevent", "registry_auditblock", "registry_auditunsealed"):
            cursor.execute(f"ALTER TABLE {table} ENABLE TRIGGER USER")


def test_record_operation_without_sentence_is_refused(officer, now):
    with pytest.raises(DomainError) as caught:
        audit.record("test.unheard", by=officer, obj_type="x", obj_id=1, params={}, now=now)
    assert caught.value.code == "common.audit.no_sentence"


def test_record_in_a_transaction_that_fails_leaves_nothing(officer, now):
    with pytest.raises(ZeroDivisionError), transaction.atomic():
        write(officer, now)
        _ = 1 / 0
    assert not AuditEvent.objects.exists()


def test_describe_reads_as_a_sentence_and_masks_numbers(officer, now):
    event = write(officer, now, what="3402011704900003")
    assert audit.describe(event, "en").endswith("tested 3402********0003")
    assert "menguji" in audit.describe(event, "id")


@pytest.mark.parametrize(
    "sql",
    [
        "UPDATE registry_auditevent SET operation = 'x'",
        "DELETE FROM registry_auditevent",
        "UPDATE registry_auditblock SET root = ''",
        "DELETE FROM registry_auditblock",
    ],
)
def test_record_changed_by_hand_is_refused_by_the_database(officer, now, sql):
    write(officer, now)
    sealing.seal(now=now)
    with (
        pytest.raises(DatabaseError, match="append-only"),
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute(sql)


def test_event_goes_into_the_partition_of_its_month(officer, now):
    write(officer, dt.datetime(2001, 1, 1, tzinfo=dt.UTC))
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM registry_auditevent_default")
        assert cursor.fetchone() == (1,)


def test_seal_lists_what_no_block_lists_yet_and_verify_agrees(officer, now):
    for what in "abc":
        write(officer, now, what)
    assert len(sealing.seal(now=now).event_ids) == 3
    assert sealing.seal(now=now) is None
    write(officer, now, "d")
    assert sealing.verify(now=now).unsealed == 1
    sealing.seal_all(now=now)
    verdict = sealing.verify(now=now)
    assert (verdict.blocks, verdict.events, verdict.unsealed, verdict.fault) == (2, 4, 0, None)


def test_verify_event_long_unsealed_is_overdue(officer, now):
    write(officer, now)
    assert sealing.verify(now=now + dt.timedelta(hours=1)).overdue == 1


def test_verify_changed_event_is_named_first(officer, now):
    events = [write(officer, now, what) for what in "abcd"]
    sealing.seal(now=now)
    tamper(
        "UPDATE registry_auditevent SET params = '{}' WHERE id = ANY(%s)",
        [[events[1].pk, events[3].pk]],
    )
    fault = sealing.verify(now=now).fault
    assert (fault.block, fault.event, fault.why) == (1, events[1].pk, "changed")


def test_verify_removed_event_is_named(officer, now):
    events = [write(officer, now, what) for what in "abc"]
    sealing.seal(now=now)
    tamper("DELETE FROM registry_auditevent WHERE id = %s", [events[2].pk])
    fault = sealing.verify(now=now).fault
    assert (fault.event, fault.why) == (events[2].pk, "missing")


def test_verify_event_removed_before_sealing_is_named_and_others_are_sealed(officer, now):
    events = [write(officer, now, what) for what in "abc"]
    tamper("DELETE FROM registry_auditevent WHERE id = %s", [events[0].pk])
    assert sealing.seal(now=now).event_ids == [events[1].pk, events[2].pk]
    assert sealing.seal_all(now=now) == 0
    fault = sealing.verify(now=now).fault
    assert (fault.event, fault.why) == (events[0].pk, "missing")


def test_verify_event_slipped_in_past_the_trigger_is_named(officer, now):
    write(officer, now)
    sealing.seal(now=now)
    tamper(
        "INSERT INTO registry_auditevent (at, operation, obj_type, obj_id, params) VALUES (now(), 'x', 'x', 'x', '{}')"
    )
    fault = sealing.verify(now=now).fault
    assert (fault.event, fault.why) == (AuditEvent.objects.get(operation="x").pk, "unlisted")


def test_verify_forged_block_is_named(officer, now):
    for what in "ab":
        write(officer, now, what)
        sealing.seal(now=now)
    tamper("UPDATE registry_auditblock SET sealed_at = sealed_at - interval '1 day' WHERE number=1")
    fault = sealing.verify(now=now).fault
    assert (fault.block, fault.why) == (1, "block_changed")


def test_verify_newest_blocks_cut_off_is_seen_by_the_known_head(officer, now):
    for what in "ab":
        write(officer, now, what)
        sealing.seal(now=now)
    head = sealing.verify(now=now).head
    assert sealing.verify(now=now, known_head=head).fault is None
    tamper("DELETE FROM registry_auditblock WHERE number = 2")
    tamper("DELETE FROM registry_auditevent WHERE obj_id = 'b'")
    assert sealing.verify(now=now).fault is None
    assert sealing.verify(now=now, known_head=head).fault.why == "head_missing"


def test_verify_audit_command_tells_the_verdict(officer, now):
    event = write(officer, now)
    sealing.seal(now=now)
    out = io.StringIO()
    call_command("verify_audit", json=True, stdout=out)
    assert json.loads(out.getvalue())["events"] == 1
    assert AuditEvent.objects.filter(operation="common.audit.verified").count() == 1
    tamper("UPDATE registry_auditevent SET operation = 'y'")
    with pytest.raises(CommandError, match=f"event {event.pk} of block 1"):
        call_command("verify_audit")


def test_merkle_root_any_leaf_changes_it():
    leaves = [bytes([i]) * 32 for i in range(5)]
    roots = {sealing.merkle_root(leaves)}
    for i in range(5):
        roots.add(sealing.merkle_root([*leaves[:i], bytes(32), *leaves[i + 1 :]]))
    assert len(roots) == 6 - (bytes(32) in leaves)


@pytest.mark.django_db(transaction=True)
def test_seal_event_that_commits_late_goes_into_a_later_block(officer, now):
    begun, let_go = threading.Event(), threading.Event()

    def slow():
        with transaction.atomic():
            write(officer, now, "slow")
            begun.set()
            let_go.wait(10)
        connection.close()

    thread = threading.Thread(target=slow)
    thread.start()
    begun.wait(10)
    write(officer, now, "fast")
    assert len(sealing.seal(now=now).event_ids) == 1
    let_go.set()
    thread.join()
    assert len(sealing.seal(now=now).event_ids) == 1
    first, second = AuditBlock.objects.all()
    assert first.event_ids[0] > second.event_ids[0]
    assert sealing.verify(now=now).fault is None
    assert not AuditUnsealed.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_seal_under_load_lists_every_committed_event_once(officer, now):
    def write_many(name):
        for number in range(40):
            try:
                with transaction.atomic():
                    write(officer, now, f"{name}{number}")
                    if number % 4 == 3:
                        raise LookupError  # what was rolled back never happened
            except LookupError:
                pass
        connection.close()

    def seal_many():
        while any(writer.is_alive() for writer in writers):
            sealing.seal(now=now, limit=7)
        connection.close()

    writers = [threading.Thread(target=write_many, args=(name,)) for name in "abcd"]
    sealers = [threading.Thread(target=seal_many) for _ in range(2)]
    for thread in writers + sealers:
        thread.start()
    for thread in writers + sealers:
        thread.join()
    while sealing.seal(now=now, limit=7):
        pass

    listed = [event for block in AuditBlock.objects.order_by("number") for event in block.event_ids]
    committed = AuditEvent.objects.filter(obj_id__regex="^[abcd][0-9]+$")
    assert committed.count() == 4 * 30
    assert len(listed) == len(set(listed))
    assert set(listed) == set(AuditEvent.objects.values_list("pk", flat=True))
    verdict = sealing.verify(now=now)
    assert (verdict.fault, verdict.unsealed, verdict.events) == (None, 0, len(listed))
