"""What each scope lets through."""

import datetime as dt

import pytest
from django.apps import apps
from django.contrib.auth.models import AnonymousUser
from django.http import Http404, HttpResponse
from django.test import RequestFactory
from django.utils import timezone

from registry.common.errors import NotAllowed
from registry.officers import operations
from registry.officers.models import OfficerRole
from registry.officers.permissions import has_role, may_required, role_required
from registry.officers.roles import May
from registry.officers.scoping import Scope, ScopedQuerySet, scope_of
from registry.officers.selectors import system_officer
from registry.tests.officers.staff import an_officer_with

DAY = dt.date(2026, 1, 1)


def held(role, region=""):
    return OfficerRole(role=role, region_code=region, valid=(DAY, None))


@pytest.mark.parametrize(
    ("roles", "regions", "everything"),
    [
        ([("verifier", "34.02")], ("34.02",), False),
        ([("verifier", "34.02"), ("province_officer", "34")], ("34",), False),
        ([("companion", "34.02")], (), False),
        ([("administrator", "")], (), False),
        ([("auditor", "")], (), True),
        ([("task_force", "")], (), True),
        ([], (), False),
    ],
)
def test_scope_of_roles(roles, regions, everything):
    scope = scope_of([held(*role) for role in roles])

    assert (scope.regions, scope.everything) == (regions, everything)


def test_scope_covers_whole_segments_only():
    scope = Scope(regions=("34.02.01", "35"))

    assert scope.covers("34.02.01.2001") and scope.covers("35.14")
    assert not scope.covers("34.02.02.2001") and not scope.covers("3") and not scope.covers("")


def test_permission_of_one_role_does_not_reach_the_region_of_another():
    scope = scope_of([held("verifier", "34.02"), held("task_force", "35.14")])

    assert scope.allows(May.REVIEW_PAIRS, "34.02.01")
    assert not scope.allows(May.REVIEW_PAIRS, "35.14")


@pytest.mark.django_db
def test_visible_to_shows_the_region_and_granted_cases_and_hides_the_rest():
    household = apps.get_model("registry", "Household")

    class Rows(ScopedQuerySet):
        scope_cases = {"household": "id"}

    verifier = an_officer_with("verifier", "34.02")
    sql = str(Rows(household).visible_to(verifier).query)
    nothing = str(Rows(household).visible_to(an_officer_with("administrator")).query)

    assert "(3402)::smallint" in sql and "casegrant" in sql
    assert "IN (3402)" not in nothing


@pytest.mark.django_db
def test_get_visible_outside_the_scope_is_not_found():
    household = apps.get_model("registry", "Household")

    class Rows(ScopedQuerySet):
        pass

    with pytest.raises(Http404):
        Rows(household).get_visible(an_officer_with("administrator"), pk="01890000-0000-7000-8000-000000000000")


@role_required("verifier")
def verifiers_view(request):
    return HttpResponse("in")


@may_required(May.VIEW_AUDIT, May.REVIEW_PAIRS)
def reviewers_view(request):
    return HttpResponse("in")


@pytest.mark.django_db
@pytest.mark.parametrize("view", [verifiers_view, reviewers_view])
def test_guarded_view_opens_to_the_role_and_refuses_others(view):
    request = RequestFactory().get("/x")
    request.user = an_officer_with("verifier", "34.02")
    assert view(request).content == b"in"

    request.user = an_officer_with("administrator")
    with pytest.raises(NotAllowed):
        view(request)

    request.user = AnonymousUser()
    assert view(request).status_code == 302
    assert not has_role(request.user, "verifier")


@pytest.mark.django_db
def test_scope_is_read_anew_after_a_change():
    officer = an_officer_with("verifier", "34.02")
    assert officer.scope.regions

    operations.end_role(role=officer.roles.get(), by=system_officer(), now=timezone.now())
    officer.forget_scope()

    assert not officer.scope.regions
