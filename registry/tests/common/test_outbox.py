"""The outbox: nothing is sent that did not commit, nothing that committed is lost."""

import datetime as dt

import pytest
from django.db import transaction

from registry.common import outbox
from registry.models import Outbox

got = []
outbox.register_receiver("test.told", lambda **payload: got.append(payload))


def fail(**payload):
    raise RuntimeError("3402011704900003")


outbox.register_receiver("test.fails", fail)


@pytest.fixture(autouse=True)
def empty():
    got.clear()


def test_enqueue_unknown_signal_is_refused(db):
    with pytest.raises(ValueError, match="nobody registered"):
        outbox.enqueue("test.nobody")


def test_sweep_sends_in_order_once(db, now):
    for n in range(3):
        outbox.enqueue("test.told", {"n": n}, now=now)
    assert outbox.sweep(now=now) == 3
    assert outbox.sweep(now=now) == 0
    assert got == [{"n": 0}, {"n": 1}, {"n": 2}]


def test_enqueue_in_a_transaction_that_fails_sends_nothing(db, now):
    with pytest.raises(ZeroDivisionError), transaction.atomic():
        outbox.enqueue("test.told", now=now)
        _ = 1 / 0
    assert outbox.sweep(now=now) == 0


def test_sweep_failing_message_waits_longer_and_does_not_hold_up_others(db, now):
    outbox.enqueue("test.fails", now=now)
    outbox.enqueue("test.told", now=now)
    outbox.sweep(now=now)
    assert got == [{}]
    message = Outbox.objects.get(sent_at=None)
    assert message.attempts == 1
    assert message.due_at == now + dt.timedelta(seconds=2)
    assert "3402011704900003" not in message.error
    for _ in range(20):
        message.refresh_from_db()
        outbox.sweep(now=message.due_at)
    message.refresh_from_db()
    assert message.attempts == 21


def test_forget_sent_keeps_what_waits(db, now):
    outbox.enqueue("test.told", now=now)
    outbox.enqueue("test.fails", now=now)
    outbox.sweep(now=now)
    assert outbox.forget_sent(before=now + dt.timedelta(days=1)) == 1
    assert Outbox.objects.get().signal == "test.fails"
