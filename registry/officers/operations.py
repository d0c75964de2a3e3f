"""Every change to accounts, roles, case grants and links: locked, checked, audited, in one
transaction. What each role means is `roles.py`."""

import datetime as dt
import secrets
import uuid

from axes.utils import reset as reset_lockout
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db import connection, transaction
from django.db.backends.postgresql.psycopg_any import DateRange
from django.db.models import F
from django.utils import timezone

from registry.common.audit import record
from registry.common.errors import BadInput, RuleRefused
from registry.officers import events as _events  # noqa: F401  (registers them)
from registry.officers import policies
from registry.officers.models import CaseGrant, Officer, OfficerRole, OneTimeLink
from registry.officers.permissions import check_can_manage
from registry.officers.roles import ROLES, Sees
from registry.wilayah.codes import regency_of
from registry.wilayah.models import Region
from registry.wilayah.selectors import find_current_codes

LINK_LASTS = dt.timedelta(days=7)


def invite_officer(*, email: str, name: str = "", language: str = "id", by: Officer, now: dt.datetime) -> Officer:
    """Make an account without a password; `make_link` lets its owner set one.

    Raises: NotAllowed `officers.manage.not_allowed`, BadInput `officers.email.invalid`,
    `officers.email.taken`.
    """
    check_can_manage(by)
    address = email.strip().lower()
    try:
        validate_email(address)
    except ValidationError as error:
        raise BadInput("officers.email.invalid", email=email) from error
    with transaction.atomic():
        if Officer.objects.filter(email=address).exists():
            raise BadInput("officers.email.taken", email=address)
        officer = Officer(
            email=address,
            name=name.strip() or address.partition("@")[0],
            language=language,
            created_at=now,
            created_by=by,
        )
        officer.set_unusable_password()
        officer.save(force_insert=True)
        _record("officers.officer.invited", officer, by=by, now=now)
    return officer


def rename_officer(*, officer: Officer, name: str, language: str, by: Officer, now: dt.datetime) -> Officer:
    """Change the name and the language of an account.

    Raises: NotAllowed `officers.manage.not_allowed`, `officers.officer.system`.
    """
    check_can_manage(by, officer)
    with transaction.atomic():
        locked = _lock(officer)
        locked.name, locked.language = name.strip(), language
        locked.save(update_fields=["name", "language"])
        _record("officers.officer.renamed", locked, by=by, now=now)
    return locked


def close_officer(*, officer: Officer, by: Officer, now: dt.datetime) -> Officer:
    """Bar an account from signing in; its roles and its traces in the record stay.

    Raises: NotAllowed `officers.manage.not_allowed`, `officers.officer.own`,
    `officers.officer.system`; RuleRefused `officers.officer.closed`.
    """
    check_can_manage(by, officer)
    with transaction.atomic():
        locked = _lock_open(officer)
        locked.is_active = False
        locked.save(update_fields=["is_active"])
        _withdraw_links(locked, now=now)
        _record("officers.officer.closed", locked, by=by, now=now)
    officer.forget_scope()
    return locked


def reopen_officer(*, officer: Officer, by: Officer, now: dt.datetime) -> Officer:
    """Let a closed account sign in again; the old password does not count any more.

    Raises: NotAllowed `officers.manage.not_allowed`, `officers.officer.own`.
    """
    check_can_manage(by, officer)
    with transaction.atomic():
        locked = _lock(officer)
        locked.is_active = True
        locked.set_unusable_password()
        locked.save(update_fields=["is_active", "password"])
        _record("officers.officer.reopened", locked, by=by, now=now)
    officer.forget_scope()
    return locked


def unlock_officer(*, officer: Officer, by: Officer, now: dt.datetime) -> None:
    """Forget the failed sign-ins of an account, so that its password counts again.

    Raises: NotAllowed `officers.manage.not_allowed`; RuleRefused `officers.officer.closed`.
    """
    check_can_manage(by, officer)
    with transaction.atomic():
        locked = _lock_open(officer)
        reset_lockout(username=locked.email)
        _record("officers.officer.unlocked", locked, by=by, now=now)


def grant_role(
    *,
    officer: Officer,
    role: str,
    region: str = "",
    since: dt.date | None = None,
    until: dt.date | None = None,
    by: Officer,
    now: dt.datetime,
) -> OfficerRole:
    """Let an officer hold a role for a region from `since` (today) up to and including `until`.

    Raises: NotAllowed `officers.manage.not_allowed`, `officers.officer.own`; BadInput
    `officers.role.unknown`, `officers.role.no_day`, `wilayah.region.unknown`; RuleRefused
    `officers.role.wrong_level`, `officers.role.region_ended`, `officers.role.excluded`,
    `officers.role.held`, `officers.officer.closed`.
    """
    check_can_manage(by, officer)
    kind = policies.get_role(role)
    days = policies.get_days(since, until, now=now)
    code = policies.get_role_region(kind, region, on=days[0])
    with transaction.atomic():
        locked = _lock_open(officer)
        policies.check_not_held(locked, kind, code, days)
        policies.check_not_excluded(locked, kind, days)
        held = OfficerRole.objects.create(
            officer=locked,
            role=kind.code,
            region_code=code,
            valid=DateRange(*days),
            granted_at=now,
            granted_by=by,
        )
        _write_scope_regencies(held)
        _record_role("officers.role.granted", held, by=by, now=now)
    officer.forget_scope()
    return held


def stand_in(
    *,
    role: OfficerRole,
    officer: Officer,
    until: dt.date,
    since: dt.date | None = None,
    by: Officer,
    now: dt.datetime,
) -> OfficerRole:
    """Let another officer hold a role for some days in place of the one who holds it.

    Raises: as `grant_role`, and RuleRefused `officers.stand_in.self`,
    `officers.stand_in.too_long`, `officers.stand_in.outside`, `officers.role.ended`.
    """
    check_can_manage(by, officer)
    first, after = policies.get_days(since, until, now=now)
    if role.officer_id == officer.pk:
        raise RuleRefused("officers.stand_in.self")
    if (after - first).days > policies.LONGEST_STAND_IN:
        raise RuleRefused("officers.stand_in.too_long", days=policies.LONGEST_STAND_IN)
    kind = ROLES[role.role]
    with transaction.atomic():
        locked = _lock_open(officer)
        covered = OfficerRole.objects.select_for_update(of=("self",)).get(pk=role.pk)
        if covered.ended_at is not None:
            raise RuleRefused("officers.role.ended")
        starts_early = covered.valid.lower is not None and first < covered.valid.lower
        if starts_early or (covered.valid.upper is not None and after > covered.valid.upper):
            raise RuleRefused("officers.stand_in.outside")
        policies.check_not_held(locked, kind, covered.region_code, (first, after))
        policies.check_not_excluded(locked, kind, (first, after))
        held = OfficerRole.objects.create(
            officer=locked,
            role=covered.role,
            region_code=covered.region_code,
            valid=DateRange(first, after),
            stands_in_for=covered,
            granted_at=now,
            granted_by=by,
        )
        _write_scope_regencies(held)
        _record_role("officers.role.stood_in", held, by=by, now=now)
    officer.forget_scope()
    return held


def end_role(*, role: OfficerRole, by: Officer, now: dt.datetime) -> OfficerRole:
    """End a role at once, and with it whoever stands in for it.

    Raises: NotAllowed `officers.manage.not_allowed`, `officers.officer.own`; RuleRefused
    `officers.role.ended`.
    """
    check_can_manage(by, role.officer)
    with transaction.atomic():
        _lock(role.officer)
        held = OfficerRole.objects.select_for_update(of=("self",)).get(pk=role.pk)
        if held.ended_at is not None:
            raise RuleRefused("officers.role.ended")
        for each in (held, *held.stand_ins.select_for_update(of=("self",)).filter(ended_at=None)):
            each.ended_at, each.ended_by = now, by
            each.save(update_fields=["ended_at", "ended_by"])
            each.regencies.all().delete()
            _record_role("officers.role.ended", each, by=by, now=now)
    role.officer.forget_scope()
    return held


def follow_recoded_regions(*, by: Officer, now: dt.datetime) -> int:
    """Let every role for a region that has one successor reach it too, on the same days; return how many were added.

    The role for the old code stays: rows that have not been mapped anew still carry it. Where a region was split,
    nobody can say which part an officer keeps: an administrator grants it.
    """
    added = 0
    with transaction.atomic():
        today = timezone.localdate(now)
        ended = Region.objects.filter(valid__endswith__lte=today).values("code")
        roles = OfficerRole.objects.not_over(today).filter(region_code__in=ended)
        # Stand-ins after those they cover, officers in the locking order.
        for held in roles.select_related("officer").order_by(
            F("stands_in_for").asc(nulls_first=True), "officer_id", "id"
        ):
            codes = find_current_codes(held.region_code)
            if len(codes) != 1 or len(codes[0]) != len(held.region_code) or not held.officer.is_active:
                continue
            locked = _lock(held.officer)
            same = {"officer": locked, "role": held.role, "region_code": codes[0], "ended_at": None}
            if OfficerRole.objects.filter(**same, valid__overlap=held.valid).exists():
                continue
            covered = held.stands_in_for
            followed = OfficerRole.objects.create(
                **same,
                valid=held.valid,
                stands_in_for=covered and OfficerRole.objects.filter(
                    officer=covered.officer_id, role=covered.role, region_code=codes[0], ended_at=None
                ).first(),
                granted_at=now,
                granted_by=by,
            )  # fmt: skip
            _write_scope_regencies(followed)
            _record_role("officers.role.followed", followed, by=by, now=now)
            held.officer.forget_scope()
            added += 1
    return added


def refresh_scope_regencies(*, by: Officer, now: dt.datetime) -> int:
    """Work out anew which regencies lie within each role, as after regions were loaded.

    Returns how many rows changed; records the event only when some did.
    """
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(
            """
            WITH wanted AS (
                SELECT role.id AS role_id, role.officer_id, role.valid,
                       replace(region.code, '.', '')::smallint AS regency
                FROM registry_officerrole role
                JOIN registry_region region ON region.level = 2
                 AND role.region_code <> '' AND length(role.region_code) <= 5
                 AND region.code LIKE role.region_code || '%%'
                WHERE role.ended_at IS NULL AND role.role = ANY (%s)
            ), gone AS (
                DELETE FROM registry_scoperegency old
                WHERE NOT EXISTS (SELECT 1 FROM wanted w
                                  WHERE w.role_id = old.role_id AND w.regency = old.regency)
                RETURNING 1
            ), added AS (
                INSERT INTO registry_scoperegency (role_id, officer_id, valid, regency)
                SELECT role_id, officer_id, valid, regency FROM wanted
                ON CONFLICT (role_id, regency) DO NOTHING
                RETURNING 1
            )
            SELECT (SELECT count(*) FROM gone) + (SELECT count(*) FROM added)
            """,
            [[role.code for role in ROLES.values() if role.sees is Sees.REGION]],
        )
        changed: int = cursor.fetchone()[0]
        if changed:
            record(
                "officers.scope.refreshed",
                by=by,
                obj_type="officer_role",
                obj_id="all",
                params={"regencies": changed},
                now=now,
            )
    return changed


def make_link(
    *,
    officer: Officer,
    purpose: str = OneTimeLink.Purpose.INVITE,
    lasts: dt.timedelta = LINK_LASTS,
    by: Officer,
    now: dt.datetime,
) -> str:
    """Withdraw the officer's open links and return the token of a new one.

    The token is returned once and kept only as a hash: whoever lost it needs a new link.

    Raises: NotAllowed `officers.manage.not_allowed`, `officers.officer.system`; RuleRefused
    `officers.officer.closed`.
    """
    check_can_manage(by, officer)
    token = secrets.token_urlsafe(32)
    with transaction.atomic():
        locked = _lock_open(officer)
        _withdraw_links(locked, now=now)
        OneTimeLink.objects.create(
            officer=locked,
            purpose=purpose,
            token_hash=OneTimeLink.hash_token(token),
            created_at=now,
            created_by=by,
            expires_at=now + lasts,
        )
        _record("officers.link.made", locked, by=by, now=now, purpose=str(purpose))
    return token


def withdraw_links(*, officer: Officer, by: Officer, now: dt.datetime) -> int:
    """Make every open link of an officer useless; return how many there were.

    Raises: NotAllowed `officers.manage.not_allowed`.
    """
    check_can_manage(by, officer)
    with transaction.atomic():
        count = _withdraw_links(_lock(officer), now=now)
        _record("officers.link.withdrawn", officer, by=by, now=now, count=count)
    return count


def set_password_by_link(*, token: str, password: str, now: dt.datetime, by: Officer | None = None) -> Officer:
    """Set the password of the officer a link belongs to, unlock the account, use the link up.

    Who holds the link is its officer: `by` may be left out and is recorded as that officer.

    Raises: RuleRefused `officers.link.unusable`; BadInput `officers.password.weak`.
    """
    with transaction.atomic():
        link = (
            OneTimeLink.objects.usable(now)
            .select_for_update(of=("self",))
            .filter(token_hash=OneTimeLink.hash_token(token), officer__is_active=True)
            .first()
        )
        if link is None:
            raise RuleRefused("officers.link.unusable")
        officer = _lock(link.officer)
        try:
            validate_password(password, officer)
        except ValidationError as error:
            raise BadInput("officers.password.weak", why=" ".join(error.messages)) from error
        officer.set_password(password)
        officer.save(update_fields=["password"])
        reset_lockout(username=officer.email)
        link.used_at = now
        link.save(update_fields=["used_at"])
        _withdraw_links(officer, now=now)
        _record("officers.password.set", officer, by=by or officer, now=now, purpose=link.purpose)
    return officer


def grant_case(
    *,
    officer: Officer,
    object_type: str,
    object_id: uuid.UUID,
    cause: str,
    until: dt.datetime | None = None,
    regency: int | None = None,
    by: Officer,
    now: dt.datetime,
) -> CaseGrant:
    """Open one object to an officer; the stage that assigns the work calls this and has checked.

    Raises: RuleRefused `officers.case.granted_already`, `officers.officer.closed`.
    """
    with transaction.atomic():
        locked = _lock_open(officer)
        same = CaseGrant.objects.filter(officer=locked, object_type=object_type, object_id=object_id, cause=cause)
        if same.open(now).exists():
            raise RuleRefused("officers.case.granted_already")
        same.filter(ended_at=None).update(ended_at=now, ended_by=by)  # those that ran out
        grant = CaseGrant.objects.create(
            officer=locked,
            object_type=object_type,
            object_id=object_id,
            cause=cause,
            until=until,
            granted_at=now,
            granted_by=by,
        )
        _record_case("officers.case.granted", grant, regency=regency, by=by, now=now)
    return grant


def end_case(*, grant: CaseGrant, regency: int | None = None, by: Officer, now: dt.datetime) -> CaseGrant:
    """Close an object to an officer again.

    Raises: RuleRefused `officers.case.ended`.
    """
    with transaction.atomic():
        locked = CaseGrant.objects.select_for_update(of=("self",)).get(pk=grant.pk)
        if locked.ended_at is not None:
            raise RuleRefused("officers.case.ended")
        locked.ended_at, locked.ended_by = now, by
        locked.save(update_fields=["ended_at", "ended_by"])
        _record_case("officers.case.ended", locked, regency=regency, by=by, now=now)
    return locked


def _lock(officer: Officer) -> Officer:
    locked: Officer = Officer.objects.select_for_update(of=("self",)).get(pk=officer.pk)
    return locked


def _lock_open(officer: Officer) -> Officer:
    locked = _lock(officer)
    if not locked.is_active:
        raise RuleRefused("officers.officer.closed")
    return locked


def _withdraw_links(officer: Officer, *, now: dt.datetime) -> int:
    open_links = OneTimeLink.objects.filter(officer=officer, used_at=None, withdrawn_at=None)
    return open_links.update(withdrawn_at=now)


def _write_scope_regencies(role: OfficerRole) -> None:
    if ROLES[role.role].sees is not Sees.REGION or len(role.region_code) not in (2, 5):
        return
    with connection.cursor() as cursor:
        cursor.execute(
            """
            INSERT INTO registry_scoperegency (role_id, officer_id, valid, regency)
            SELECT role.id, role.officer_id, role.valid, replace(region.code, '.', '')::smallint
            FROM registry_officerrole role
            JOIN registry_region region
              ON region.level = 2 AND region.code LIKE %(code)s || '%%'
            WHERE role.id = %(role)s
            """,
            {"role": role.pk, "code": role.region_code},
        )


def _record(operation: str, officer: Officer, *, by: Officer, now: dt.datetime, **params: object) -> None:
    record(operation, by=by, obj_type="officer", obj_id=officer.pk, params=params, now=now)


def _record_role(operation: str, role: OfficerRole, *, by: Officer, now: dt.datetime) -> None:
    last = None if role.valid.upper is None else role.valid.upper - dt.timedelta(days=1)
    record(
        operation,
        by=by,
        obj_type="officer_role",
        obj_id=role.pk,
        regency=regency_of(role.region_code),
        params={
            "officer": role.officer_id,
            "role": role.role,
            "region": role.region_code or "ID",
            "since": role.valid.lower.isoformat(),
            "until": last.isoformat() if last else "…",
            "stands_in_for": role.stands_in_for_id,
        },
        now=now,
    )


def _record_case(operation: str, grant: CaseGrant, *, regency: int | None, by: Officer, now: dt.datetime) -> None:
    record(
        operation,
        by=by,
        obj_type=grant.object_type,
        obj_id=grant.object_id,
        regency=regency,
        params={
            "grant": grant.pk,
            "kind": grant.object_type,
            "officer": grant.officer_id,
            "cause": grant.cause,
        },
        now=now,
    )


__all__ = [
    "close_officer",
    "end_case",
    "end_role",
    "follow_recoded_regions",
    "grant_case",
    "grant_role",
    "invite_officer",
    "make_link",
    "refresh_scope_regencies",
    "rename_officer",
    "reopen_officer",
    "set_password_by_link",
    "stand_in",
    "unlock_officer",
    "withdraw_links",
]
