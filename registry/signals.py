"""What the register tells other rooms; sent from the outbox after the change has committed.

Every signal carries public ids and codes only, may arrive twice, and is received with
``@receiver(register_published)``. Operations send one with ``enqueue("register.published", …)``.
"""

from collections.abc import Callable
from typing import Any

from django.dispatch import Signal

from registry.common.outbox import register_receiver

delivery_accepted = Signal()  # delivery: id, source: code
register_published = Signal()  # run: number
identities_merged = Signal()  # kind: individual | household, old: uuid, current: uuid
identity_split = Signal()  # kind, old: uuid, new: [uuid]
ranking_published = Signal()  # run: number
correction_changed = Signal()  # correction: id, state: code

SIGNALS: dict[str, Signal] = {
    "delivery.accepted": delivery_accepted,
    "register.published": register_published,
    "identities.merged": identities_merged,
    "identity.split": identity_split,
    "ranking.published": ranking_published,
    "correction.changed": correction_changed,
}


def _sender_of(signal: Signal) -> Callable[..., Any]:
    def send(**payload: Any) -> None:
        # send, not send_robust: a receiver that fails must see the message again.
        signal.send(sender=None, **payload)

    return send


for _name, _signal in SIGNALS.items():
    register_receiver(_name, _sender_of(_signal))
