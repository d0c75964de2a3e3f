"""Accounts, roles, stand-ins, case grants and links."""

import datetime as dt
import uuid

import pytest
from axes.models import AccessAttempt
from django.core.management import call_command
from django.core.management.base import CommandError
from django.db import IntegrityError, transaction
from django.utils import timezone

from registry.common.errors import DomainError
from registry.common.models import AuditEvent
from registry.officers import operations
from registry.officers.models import CaseGrant, Officer, OfficerRole, OneTimeLink, ScopeRegency
from registry.officers.selectors import find_link, find_officers_for, system_officer
from registry.tests.officers.staff import a_role, an_officer, an_officer_with, some_regions
from registry.wilayah.files import RegionRow, SuccessionRow
from registry.wilayah.operations import load_regions

pytestmark = pytest.mark.django_db
GOOD = "sawah hijau di pagi hari"


def now():
    return timezone.now()


def days(number):
    return timezone.localdate() + dt.timedelta(days=number)


def refused(code):
    return pytest.raises(DomainError, match=code.replace(".", r"\."))


def test_invite_makes_an_account_that_cannot_sign_in_yet():
    officer = operations.invite_officer(email=" Ana@DTSEN.test ", name="Ana", by=system_officer(), now=now())

    assert officer.email == "ana@dtsen.test"
    assert not officer.has_usable_password()
    assert AuditEvent.objects.filter(operation="officers.officer.invited", obj_id=officer.pk).exists()


@pytest.mark.parametrize(
    ("email", "code"), [("ana@dtsen.test", "officers.email.taken"), ("ana", "officers.email.invalid")]
)
def test_invite_with_an_address_taken_or_wrong_is_refused(email, code):
    an_officer()

    with refused(code):
        operations.invite_officer(email=email, by=system_officer(), now=now())


def test_invite_by_a_verifier_is_refused():
    verifier = an_officer_with("verifier", "34.02")

    with refused("officers.manage.not_allowed"):
        operations.invite_officer(email="x@dtsen.test", by=verifier, now=now())


@pytest.mark.parametrize(
    ("role", "region"),
    [
        ("verifier", "34"),
        ("approver", ""),
        ("village_operator", "34.02.01"),
        ("province_officer", "34.02"),
        ("administrator", "34"),
        ("auditor", "34.02"),
        ("companion", ""),
    ],
)
def test_role_at_the_wrong_level_is_refused(role, region):
    some_regions()

    with refused("officers.role.wrong_level"):
        a_role(role, region)


def test_role_for_an_unknown_region_is_refused():
    with refused("wilayah.region.unknown"):
        a_role("verifier", "99.99")


def test_excluded_role_on_the_same_days_is_refused_also_in_another_region():
    a_role("verifier", "34.02", email="ana@dtsen.test")

    with refused("officers.role.excluded"):
        a_role("approver", "35.14", email="ana@dtsen.test")


def test_excluded_role_on_other_days_is_granted():
    a_role("verifier", "34.02", email="ana@dtsen.test", until=days(9))

    held = a_role("approver", "34.02", email="ana@dtsen.test", since=days(10))

    assert held.valid.lower == days(10)


def test_excluded_role_after_the_other_was_ended_is_granted():
    role = a_role("verifier", "34.02", email="ana@dtsen.test")
    operations.end_role(role=role, by=system_officer(), now=now())

    assert a_role("approver", "34.02", email="ana@dtsen.test").pk


def test_excluded_pair_is_refused_by_the_database_too():
    held = a_role("verifier", "34.02")

    with pytest.raises(IntegrityError), transaction.atomic():
        OfficerRole.objects.create(
            officer=held.officer,
            role="approver",
            region_code="35.14",
            valid=held.valid,
            granted_at=now(),
            granted_by=system_officer(),
        )


def test_same_role_twice_is_refused_by_operation_and_database():
    held = a_role("verifier", "34.02")

    with refused("officers.role.held"):
        a_role("verifier", "3402")
    with pytest.raises(IntegrityError), transaction.atomic():
        OfficerRole.objects.create(
            officer=held.officer,
            role="verifier",
            region_code="34.02",
            valid=held.valid,
            granted_at=now(),
            granted_by=system_officer(),
        )


def test_nobody_changes_their_own_roles():
    administrator = an_officer_with("administrator")

    with refused("officers.officer.own"):
        operations.grant_role(officer=administrator, role="task_force", by=administrator, now=now())


def test_role_counts_from_its_first_to_its_last_day():
    officer = a_role("verifier", "34.02", since=days(1), until=days(2)).officer

    assert not officer.has_role("verifier")
    assert officer.scope_on(days(1)).codes == officer.scope_on(days(2)).codes == {"verifier"}
    assert not officer.scope_on(days(3)).codes


def test_stand_in_holds_the_role_for_its_days():
    role = a_role("verifier", "34.02")
    deputy = an_officer("budi@dtsen.test")

    held = operations.stand_in(role=role, officer=deputy, until=days(6), by=system_officer(), now=now())

    assert held.stands_in_for == role
    assert deputy.scope.regions == ("34.02",)
    assert not deputy.scope_on(days(7)).regions


@pytest.mark.parametrize(("until", "code"), [(40, "officers.stand_in.too_long"), (20, "officers.stand_in.outside")])
def test_stand_in_longer_than_allowed_or_than_the_role_is_refused(until, code):
    role = a_role("verifier", "34.02", until=days(10))

    with refused(code):
        operations.stand_in(role=role, officer=an_officer(), until=days(until), by=system_officer(), now=now())


def test_stand_in_who_holds_an_excluded_role_is_refused():
    role = a_role("verifier", "34.02")
    deputy = an_officer_with("approver", "35.14")

    with refused("officers.role.excluded"):
        operations.stand_in(role=role, officer=deputy, until=days(3), by=system_officer(), now=now())


def test_ended_role_ends_its_stand_ins_at_once():
    role = a_role("verifier", "34.02")
    deputy = an_officer("budi@dtsen.test")
    operations.stand_in(role=role, officer=deputy, until=days(6), by=system_officer(), now=now())

    operations.end_role(role=role, by=system_officer(), now=now())

    assert not OfficerRole.objects.filter(ended_at=None).exists()
    assert not Officer.objects.get(pk=deputy.pk).scope.regions
    with refused("officers.role.ended"):
        operations.end_role(role=role, by=system_officer(), now=now())


def test_regencies_of_a_role_are_kept_beside_it():
    province = a_role("province_officer", "34")
    village = a_role("village_operator", "34.02.01.2001")

    assert set(ScopeRegency.objects.filter(role=province).values_list("regency", flat=True)) == {3402, 3404}
    assert not ScopeRegency.objects.filter(role=village).exists()


def test_role_follows_a_region_to_its_new_code_with_its_stand_in_and_regencies():
    role = a_role("verifier", "34.02", until=days(90))
    village = a_role("village_operator", "34.02.01.2001")
    deputy = an_officer("budi@dtsen.test")
    operations.stand_in(role=role, officer=deputy, until=days(6), by=system_officer(), now=now())
    yesterday = timezone.localdate() - dt.timedelta(days=1)
    load_regions(
        regions=[
            RegionRow("34.09", "Kabupaten Bantul"),
            RegionRow("34.09.01", "Srandakan"),
            RegionRow("34.09.01.2001", "Poncosari"),
            RegionRow("34.02", "Kabupaten Bantul", until=yesterday, successor="34.09"),
            RegionRow("34.02.01", "Srandakan", until=yesterday, successor="34.09.01"),
            RegionRow("34.02.01.2001", "Poncosari", until=yesterday, successor="34.09.01.2001"),
        ],
        by=system_officer(),
        now=now(),
    )

    assert operations.follow_recoded_regions(by=system_officer(), now=now()) == 3
    operations.refresh_scope_regencies(by=system_officer(), now=now())

    for officer_id in (role.officer_id, deputy.pk):
        assert Officer.objects.get(pk=officer_id).scope.regions == ("34.02", "34.09")
        regencies = ScopeRegency.objects.filter(officer=officer_id).values_list("regency", flat=True)
        assert set(regencies) == {3402, 3409}
    assert Officer.objects.get(pk=village.officer_id).scope.covers("34.09.01.2001")
    new = OfficerRole.objects.get(officer=role.officer_id, region_code="34.09")
    assert new.valid == role.valid
    assert OfficerRole.objects.get(officer=deputy, region_code="34.09").stands_in_for == new
    assert operations.follow_recoded_regions(by=system_officer(), now=now()) == 0


def test_role_does_not_follow_a_region_that_was_split():
    a_role("verifier", "34.02")
    yesterday = timezone.localdate() - dt.timedelta(days=1)
    load_regions(
        regions=[
            RegionRow("34.08", "Bantul Barat"),
            RegionRow("34.09", "Bantul Timur"),
            RegionRow("34.02", "Kabupaten Bantul", until=yesterday),
        ],
        successions=[SuccessionRow("34.02", new, yesterday, "split", "UU 1/2026") for new in ("34.08", "34.09")],
        by=system_officer(),
        now=now(),
    )

    assert operations.follow_recoded_regions(by=system_officer(), now=now()) == 0
    assert Officer.objects.get(email="verifier@dtsen.test").scope.regions == ("34.02",)


def test_officers_for_a_village_are_those_of_all_regions_around_it():
    verifier = an_officer_with("verifier", "34.02")
    an_officer_with("verifier", "35.14", email="other@dtsen.test")

    assert list(find_officers_for("verifier", "34.02.01.2001")) == [verifier]


def test_link_sets_the_password_once_and_unlocks():
    officer = an_officer()
    AccessAttempt.objects.create(
        username=officer.email, ip_address="10.0.0.1", failures_since_start=9, attempt_time=now()
    )
    token = operations.make_link(officer=officer, by=system_officer(), now=now())

    operations.set_password_by_link(token=token, password=GOOD, now=now())

    officer.refresh_from_db()
    assert officer.check_password(GOOD)
    assert not AccessAttempt.objects.exists()
    assert find_link(token, now=now()) is None
    with refused("officers.link.unusable"):
        operations.set_password_by_link(token=token, password=GOOD, now=now())


def test_link_is_kept_as_a_hash_only():
    token = operations.make_link(officer=an_officer(), by=system_officer(), now=now())

    link = OneTimeLink.objects.get()
    assert token.encode() not in bytes(link.token_hash)
    assert not AuditEvent.objects.filter(params__icontains=token).exists()


def test_newer_link_makes_the_older_useless():
    officer = an_officer()
    old = operations.make_link(officer=officer, by=system_officer(), now=now())
    new = operations.make_link(officer=officer, by=system_officer(), now=now())

    assert find_link(old, now=now()) is None
    assert find_link(new, now=now()).officer == officer


def test_link_after_its_days_is_useless():
    token = operations.make_link(officer=an_officer(), by=system_officer(), now=now() - dt.timedelta(days=8))

    with refused("officers.link.unusable"):
        operations.set_password_by_link(token=token, password=GOOD, now=now())


def test_weak_password_is_refused_and_the_link_stays():
    token = operations.make_link(officer=an_officer(), by=system_officer(), now=now())

    with refused("officers.password.weak"):
        operations.set_password_by_link(token=token, password="rahasia", now=now())

    assert find_link(token, now=now())


def test_closed_account_sees_nothing_and_its_links_are_useless():
    officer = an_officer_with("auditor")
    token = operations.make_link(officer=officer, by=system_officer(), now=now())

    operations.close_officer(officer=officer, by=system_officer(), now=now())

    assert find_link(token, now=now()) is None
    assert not Officer.objects.get(pk=officer.pk).scope.everything


def test_unlock_forgets_failed_sign_ins_of_that_account_only():
    officer = an_officer()
    for name in (officer.email, "other@dtsen.test"):
        AccessAttempt.objects.create(username=name, ip_address="10.0.0.1", failures_since_start=5, attempt_time=now())

    operations.unlock_officer(officer=officer, by=system_officer(), now=now())

    assert [a.username for a in AccessAttempt.objects.all()] == ["other@dtsen.test"]


def test_case_grant_runs_out_and_can_be_ended():
    officer, family = an_officer(), uuid.uuid4()
    acting = {"by": system_officer(), "now": now()}
    grant = operations.grant_case(
        officer=officer,
        object_type="household",
        object_id=family,
        cause="visit",
        until=now() + dt.timedelta(hours=1),
        **acting,
    )

    assert CaseGrant.objects.open(now()).get() == grant
    assert not CaseGrant.objects.open(now() + dt.timedelta(hours=2)).exists()
    operations.end_case(grant=grant, **acting)
    assert not CaseGrant.objects.open(now()).exists()


def test_system_officer_is_one_and_cannot_be_changed():
    system = system_officer()

    assert system == system_officer()
    assert not system.has_usable_password()
    with refused("officers.officer.system"):
        operations.close_officer(officer=system, by=an_officer_with("administrator"), now=now())


def test_create_officer_prints_a_link_that_works(capsys):
    some_regions()

    call_command(
        "create_officer", "Ana@dtsen.test", "--role", "verifier", "--region", "34.02", "--until", days(30).isoformat()
    )

    token = capsys.readouterr().out.strip().split("/")[-2]
    officer = operations.set_password_by_link(token=token, password=GOOD, now=now())
    assert officer.scope.regions == ("34.02",)
    assert officer.roles.get().valid.upper == days(31)


def test_create_officer_refused_leaves_no_account():
    some_regions()

    with pytest.raises(CommandError) as refusal:
        call_command("create_officer", "ana@dtsen.test", "--role", "verifier", "--region", "34")

    assert refusal.value.returncode == 2
    assert not Officer.objects.human().exists()


def test_create_officer_twice_prints_a_new_link(capsys):
    some_regions()
    for _ in range(2):
        call_command("create_officer", "ana@dtsen.test", "--role", "auditor")

    assert "holds this role already" in capsys.readouterr().out
    assert OneTimeLink.objects.filter(withdrawn_at=None).count() == 1
