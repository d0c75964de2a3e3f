"""The ten roles and their exclusions, as the design's table has them."""

import itertools

import pytest

from registry.officers.roles import ROLES, May, Sees, excludes, find_role

EXCLUDED = {
    frozenset(pair)
    for pair in [
        ("companion", "verifier"),
        ("companion", "approver"),
        ("village_operator", "verifier"),
        ("village_operator", "approver"),
        ("call_centre_agent", "approver"),
        ("verifier", "approver"),
        ("administrator", "approver"),
    ]
}


def test_roles_are_ten():
    assert len(ROLES) == 10


@pytest.mark.parametrize(("one", "other"), itertools.combinations(sorted(ROLES), 2))
def test_excluded_pairs_are_those_of_the_table(one, other):
    alone = "auditor" in (one, other) or "partner" in (one, other)

    assert excludes(one, other) == (alone or frozenset((one, other)) in EXCLUDED)
    assert excludes(one, other) == excludes(other, one)


@pytest.mark.parametrize("role", ROLES.values())
def test_every_role_is_found_by_its_titles_and_says_what_it_is(role):
    assert role.__doc__
    for word in (role.code, role.code.upper().replace("_", "-"), *role.aliases):
        assert find_role(word) is role


def test_auditor_changes_nothing_and_administrator_sees_no_family():
    changing = {
        May.REVIEW_PAIRS,
        May.MERGE_AND_SPLIT,
        May.MANAGE_OFFICERS,
        May.MANAGE_REFERENCE,
        May.RECEIVE_DELIVERY,
        May.BUILD_REGISTRY,
        May.PROPOSE_CORRECTION,
        May.CHECK_CORRECTION,
    }

    assert not ROLES["auditor"].may & changing
    assert ROLES["administrator"].sees is Sees.NOTHING
    assert May.VIEW_FAMILY not in ROLES["administrator"].may
