"""The register across stages: builds that agree, ids that last, decisions and corrections that bind."""

from __future__ import annotations

import csv
import io
import json

import pytest
from django.core.management import CommandError, call_command
from django.utils import timezone

from dtsen_site.tests.conftest import make_officer, make_regions
from dtsen_site.tests.deliveries import make_families, write_p3ke, write_regsosek
from dtsen_site.tests.world import build, build_small_register, receive
from registry.common.aliases import resolve_id
from registry.common.crypto import decrypt, lookup_hash
from registry.common.errors import BadInput, InvalidMove, NotAllowed
from registry.households.operations import check_correction, propose_correction
from registry.linkage.links import find_rows
from registry.linkage.models import MatchRun, ReviewDecision
from registry.linkage.rejoin import apply_plan, plan_merge, plan_split
from registry.models import AuditEvent, Correction, Household, Individual, Membership, NameToken

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def families(tmp_path, settings):
    """Build the register of twelve families that two sources tell of."""
    make_regions()
    return build_small_register(tmp_path)


def head_of(family) -> Individual:
    return Individual.objects.get(nik_hash=lookup_hash(family.members[0].nik))


def test_first_build_makes_one_person_of_both_sources_and_one_family_of_each_card(families):
    people = [person for family in families for person in family.members]

    assert Individual.objects.filter(status="active").count() == len(people)
    assert Household.objects.filter(status="active").count() == len(families)
    assert Membership.objects.filter(until=None).count() == len(people)
    head = head_of(families[0])
    assert decrypt(head.nik_cipher) == families[0].members[0].nik
    assert (head.regency, head.region_code) == (3514, "35.14.01.2009")
    assert head.household.head_id == head.pk
    assert decrypt(head.household.kk_cipher) == families[0].kk
    assert NameToken.objects.filter(token__in=head.name_keys).exists()


def test_finer_source_wins_over_a_later_coarse_one(families):
    # Regsosek of 2022 says tile; P3KE of 2026 only knows "tembok/genteng" words for some items.
    household = head_of(families[0]).household

    assert household.id_lantai_terluas == 1 + families[0].number % 8  # Regsosek's own code
    assert household.luas_lantai_bangunan == (36 + families[0].number % 40) * 10


def test_build_that_is_repeated_changes_nothing(families):
    before = set(Individual.objects.values_list("id", "row_hash", "version"))
    out = io.StringIO()

    call_command("build_registry", "--json", stdout=out)

    counts = json.loads(out.getvalue())["counts"]
    assert (counts["individuals_new"], counts["individuals_changed"], counts["individuals_gone"]) == (0, 0, 0)
    assert set(Individual.objects.values_list("id", "row_hash", "version")) == before


def test_newer_delivery_changes_only_what_differs_and_keeps_the_ids(families, tmp_path):
    before = dict(Household.objects.values_list("id", "luas_lantai_bangunan"))
    folder = tmp_path / "newer"
    folder.mkdir()

    receive("regsosek", write_regsosek(folder, make_families(12), floor_area=40), "2026-09")
    build()

    after = dict(Household.objects.values_list("id", "luas_lantai_bangunan"))
    assert after.keys() == before.keys()
    assert {after[key] - before[key] for key in before} == {40}
    event = Household.pgh_event_model.objects.filter(pgh_obj_id=next(iter(before))).get()
    assert event.luas_lantai_bangunan == before[event.pgh_obj_id]


def test_family_that_no_delivery_tells_of_any_more_is_retired_not_deleted(families, tmp_path):
    folder = tmp_path / "fewer"
    folder.mkdir()
    gone = head_of(families[-1]).pk

    receive("regsosek", write_regsosek(folder, make_families(11)), "2026-09")
    receive("p3ke", write_p3ke(folder, make_families(11)), "2026-09")
    build()

    assert Individual.objects.get(pk=gone).status == "retired"
    assert not Membership.objects.filter(individual_id=gone, until=None).exists()


def test_exported_links_name_every_delivered_row_once(families, tmp_path):
    path = tmp_path / "links.csv"

    call_command("export_links", str(path), stdout=io.StringIO())

    with path.open(newline="") as file:
        rows = list(csv.DictReader(file))
    assert list(rows[0]) == ["source", "record_key", "individual_id", "household_id", "rule", "probability"]
    assert len(rows) == 2 * sum(len(family.members) for family in families)
    assert len({(row["source"], row["record_key"]) for row in rows}) == len(rows)
    assert AuditEvent.objects.filter(operation="linkage.links.exported").count() == 1


def test_build_without_any_delivery_says_what_to_do(db):
    with pytest.raises(CommandError, match="Receive a delivery"):
        call_command("build_registry", stdout=io.StringIO())
    assert not MatchRun.objects.exists()


def test_merge_by_hand_makes_one_family_at_the_next_build_and_the_old_id_leads_on(families):
    verifier = make_officer("verifier", "35.14")
    one, other = head_of(families[0]).household, head_of(families[1]).household

    plan = plan_merge(target=one, other_id=other.pk, reason="satu kartu", by=verifier, now=timezone.now())
    assert not ReviewDecision.objects.exists()
    apply_plan(plan=plan, by=verifier, now=timezone.now())
    with pytest.raises(InvalidMove):
        apply_plan(plan=plan, by=verifier, now=timezone.now())
    build()

    kept = {resolve_id(one.pk), resolve_id(other.pk)}
    assert len(kept) == 1
    assert Household.objects.get(pk=kept.pop()).n_members == len(families[0].members) + len(families[1].members)


def test_split_by_hand_gives_the_leaving_row_a_person_of_its_own(families):
    verifier = make_officer("verifier", "35.14")
    head = head_of(families[0])
    rows = find_rows("individual", head.pk)

    plan = plan_split(target=head, leaving=rows[:1], reason="orang lain", by=verifier, now=timezone.now())
    apply_plan(plan=plan, by=verifier, now=timezone.now())
    build()

    assert find_rows("individual", head.pk) != rows
    assert Individual.objects.filter(status="active").count() == sum(len(f.members) for f in families) + 1


@pytest.mark.parametrize("leaving", ["none", "all", "strange"])
def test_split_must_leave_some_rows_and_take_some(families, leaving):
    verifier = make_officer("verifier", "35.14")
    head = head_of(families[0])
    rows = {"none": [], "all": find_rows("individual", head.pk), "strange": [("regsosek", "X")]}[leaving]

    with pytest.raises(BadInput):
        plan_split(target=head, leaving=rows, reason="", by=verifier, now=timezone.now())


def test_correction_holds_after_a_second_pair_of_eyes_and_through_builds(families):
    proposer = make_officer("village_operator", "35.14.01.2009")
    checker = make_officer("verifier", "35.14")
    household = head_of(families[0]).household
    correction = propose_correction(
        target=household, variable="id_lantai_terluas", value="8", evidence="dilihat", by=proposer, now=timezone.now()
    )
    assert Household.objects.get(pk=household.pk).id_lantai_terluas != 8

    check_correction(correction=correction, accepted=True, by=checker, now=timezone.now())
    assert Household.objects.get(pk=household.pk).id_lantai_terluas == 8
    build()

    assert Household.objects.get(pk=household.pk).id_lantai_terluas == 8
    assert Correction.objects.get(pk=correction.pk).state == "active"


def test_correction_is_not_checked_by_its_proposer_nor_with_an_impossible_value(families):
    verifier = make_officer("verifier", "35.14")
    household = head_of(families[0]).household

    with pytest.raises(BadInput):
        propose_correction(
            target=household, variable="id_lantai_terluas", value="77", evidence="x", by=verifier, now=timezone.now()
        )
    correction = propose_correction(
        target=household, variable="id_lantai_terluas", value="8", evidence="x", by=verifier, now=timezone.now()
    )
    with pytest.raises(NotAllowed):
        check_correction(correction=correction, accepted=True, by=verifier, now=timezone.now())


def test_officer_of_another_region_plans_nothing(families):
    stranger = make_officer("verifier", "34.02")
    household = head_of(families[0]).household

    with pytest.raises((NotAllowed, BadInput)):
        plan_merge(
            target=household,
            other_id=head_of(families[1]).household_id,
            reason="",
            by=stranger,
            now=timezone.now(),
        )
