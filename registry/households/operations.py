"""Corrections: proposed by one officer, checked by another, then an overlay that every build reads."""

import datetime as dt
from typing import Any

from django.db import transaction

from registry.common.aliases import find_former_ids, resolve_id
from registry.common.audit import record
from registry.common.crypto import encrypt, lookup_hash
from registry.common.errors import BadInput, InvalidMove, NotAllowed
from registry.common.history import because
from registry.common.locks import lock_in_transaction
from registry.households.models import Correction, FormerIdentifier, Household, Individual, NameToken, Status
from registry.households.names import deletions_of, keys_of
from registry.households.values import CORRECTABLE, NUMBERS, kind_of, read_value
from registry.officers.roles import May

CORRECTION_SOURCE = "correction"  # where a number that a correction replaced is said to come from


def propose_correction(
    *, target: Household | Individual, variable: str, value: str, evidence: str, by: Any, now: dt.datetime
) -> Correction:
    """Propose another value for one variable of a family or a person.

    `value` is the dictionary's code, a whole number in the stored unit, an ISO date, or text.

    Raises: NotAllowed `households.correction.not_allowed`; BadInput `households.correction.value`,
    `households.correction.variable`, `households.correction.evidence`.
    """
    kind = kind_of(target)
    if not by.may(May.PROPOSE_CORRECTION, target.region_code):
        raise NotAllowed("households.correction.not_allowed")
    if variable not in CORRECTABLE[kind]:
        raise BadInput("households.correction.variable")
    if not evidence.strip():
        raise BadInput("households.correction.evidence")
    read_value(variable, value)
    with transaction.atomic():
        correction = Correction.objects.create(
            object_id=target.pk,
            object_type=kind,
            region_code=target.region_code,
            regency=target.regency,
            variable=variable,
            value=value.strip(),
            evidence=evidence.strip(),
            proposed_at=now,
            proposed_by=by,
        )
        _record("households.correction.proposed", correction, by=by, now=now)
    return correction


def check_correction(*, correction: Correction, accepted: bool, by: Any, now: dt.datetime) -> Correction:
    """Let a proposed correction hold from now on, or refuse it; the proposer cannot do it.

    A correction that holds is written into the register at once and replaces an older one of the
    same variable. Where the id was merged into another since it was proposed, it is that one's from now on.

    Raises: NotAllowed `households.correction.not_allowed`, `households.correction.own`;
    InvalidMove `households.correction.decided`, `households.correction.gone`.
    """
    with transaction.atomic():
        lock_in_transaction("registry.publish")
        found = Correction.objects.select_for_update().get(pk=correction.pk)
        if not by.may(May.CHECK_CORRECTION, found.region_code):
            raise NotAllowed("households.correction.not_allowed")
        if found.proposed_by_id == by.pk:
            raise NotAllowed("households.correction.own")
        if found.state not in (Correction.State.PROPOSED, Correction.State.CONTESTED):
            raise InvalidMove("households.correction.decided")
        if accepted:
            found.object_id = resolve_id(found.object_id)
            Correction.objects.filter(
                object_id__in=[found.object_id, *find_former_ids(found.object_id)],
                variable=found.variable,
                state__in=[Correction.State.ACTIVE, Correction.State.CONTESTED],
            ).exclude(pk=found.pk).update(state=Correction.State.RETIRED)
        found.state = Correction.State.ACTIVE if accepted else Correction.State.REFUSED
        found.checked_at, found.checked_by = now, by
        found.save(update_fields=["object_id", "state", "checked_at", "checked_by"])
        if accepted:
            with because("households.correction.accepted", by=by):
                _apply(found)
        _record(
            "households.correction.accepted" if accepted else "households.correction.refused", found, by=by, now=now
        )
    return found


def _apply(correction: Correction) -> None:
    """Write the value into the register, with everything by which the old and the new one are found."""
    model = Household if correction.object_type == "household" else Individual
    row = model.objects.select_for_update().filter(pk=correction.object_id, status=Status.ACTIVE).first()
    if row is None:
        raise InvalidMove("households.correction.gone")
    value = read_value(correction.variable, correction.value)
    changes: dict[str, Any] = {correction.variable: value}
    if correction.variable in NUMBERS:
        cipher, digest = NUMBERS[correction.variable]
        _keep_former(row, correction.variable, cipher, digest, new=lookup_hash(value))
        changes = {cipher: encrypt(value), digest: lookup_hash(value)}
    elif correction.variable == "name":
        changes["name_keys"] = keys_of(value)
        _know_words(changes["name_keys"])
    for name, new in changes.items():
        setattr(row, name, new)
    row.version += 1
    row.save(update_fields=[*changes, "version"])


def _keep_former(row: Household | Individual, variable: str, cipher: str, digest: str, *, new: bytes) -> None:
    """Keep the number that a correction replaces, so that it still finds the family or the person."""
    old = getattr(row, digest)
    if old is None or bytes(old) == new:
        return
    FormerIdentifier.objects.get_or_create(
        object_id=row.pk,
        kind=FormerIdentifier.Kind.NIK if variable == "nik" else FormerIdentifier.Kind.KK,
        hash=bytes(old),
        defaults={"cipher": bytes(getattr(row, cipher)), "source": CORRECTION_SOURCE, "run": row.run},
    )


def _know_words(words: list[str]) -> None:
    """Let words of a name be found with one letter wrong."""
    NameToken.objects.bulk_create(
        [NameToken(deletion=deletion, token=word) for word in words for deletion in sorted(deletions_of(word))],
        ignore_conflicts=True,
    )


def _record(operation: str, correction: Correction, *, by: Any, now: dt.datetime) -> None:
    record(
        operation,
        by=by,
        obj_type=correction.object_type,
        obj_id=correction.object_id,
        regency=correction.regency,
        params={"correction": correction.pk, "variable": correction.variable},
        now=now,
    )
