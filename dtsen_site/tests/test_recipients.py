"""Candidates by rule, quota and ranking; every move by its table; nothing taken without two people and a reason."""

from __future__ import annotations

import datetime as dt
import itertools
import json
import re
from collections.abc import Iterator
from typing import Any

import pytest
import tablib
from django.core.management import CommandError, call_command
from django.db import DatabaseError, IntegrityError, transaction
from django.test import Client
from django.urls import reverse

from dtsen_site.tests.conftest import make_officer, make_regions
from dtsen_site.tests.test_ranking import publish, rank
from dtsen_site.tests.world import build_small_register, fit_small_model, kept_for_a_module, let_workers_work
from registry.admin.pages.recipients import QuotaResource
from registry.beneficiaries.models import Cycle, Decision, Enrolment, Quota
from registry.beneficiaries.operations import decide, end_hold, open_cycle, place_hold, propose_candidates, set_quota
from registry.beneficiaries.states import MOVES, TRANSITIONS, EnrolmentState, Move
from registry.common.errors import BadInput, InvalidMove, NotAllowed, RuleRefused
from registry.models import (
    AccessLog,
    AuditEvent,
    FamilySnapshot,
    Household,
    HouseholdRank,
    Individual,
    Officer,
    RankRun,
)
from registry.officers.roles import ROLES
from registry.officers.selectors import system_officer
from registry.programmes.files import read_programmes
from registry.programmes.operations import load_programmes

NOW = dt.datetime(2026, 11, 24, 3, 0, tzinfo=dt.UTC)
PERIOD, NEXT = dt.date(2026, 10, 1), dt.date(2027, 1, 1)


@pytest.fixture(scope="module")
def ranked(
    django_db_setup: None, django_db_blocker: Any, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[RankRun]:
    """Forty families, ranked and published by two administrators, and the programmes: as every test finds them."""
    folder = tmp_path_factory.mktemp("ranked")
    with kept_for_a_module(django_db_blocker):
        make_regions()
        build_small_register(folder, count=40)
        load_programmes(content=read_programmes(), by=system_officer(), now=NOW)
        first, second = (make_officer("administrator", "", email=f"{n}@example.go.id") for n in ("first", "second"))
        yield publish(rank(fit_small_model(folder, now=NOW)), first, second)


@pytest.fixture
def run(ranked: RankRun, officers_here: dict[str, Officer]) -> RankRun:
    """The published run, and the officers of the regency."""
    return RankRun.objects.get(pk=ranked.pk)


def propose(programme: str = "sembako", starts_on: dt.date = PERIOD, by: Any = None) -> Cycle:
    cycle = open_cycle(
        programme=programme, starts_on=starts_on, region_code="35.14", by=by or system_officer(), now=NOW
    )
    return propose_candidates(cycle=cycle, by=by or system_officer(), now=NOW)


def quota(families: int, starts_on: dt.date = PERIOD) -> None:
    set_quota(
        programme="sembako", starts_on=starts_on, region_code="35.14", families=families, legal_reference="Kepmensos",
        by=system_officer(), now=NOW,
    )  # fmt: skip


def approve(enrolment: Enrolment, officers: dict[str, Officer]) -> Enrolment:
    for move, role in (("verify", "verifier"), ("validate", "verifier"), ("approve", "approver")):
        enrolment = decide(enrolment=enrolment, move=Move(move), by=officers[role], now=NOW)
    return enrolment


def test_candidates_are_the_families_within_the_rule_in_the_order_of_the_ranking(run: RankRun) -> None:
    cycle = propose()

    ranked = HouseholdRank.objects.filter(run=run.pk, desil__lte=cycle.rule.desil_max)
    outside = Household.objects.filter(
        individuals__id_status_kedudukan_pekerjaan=5, pk__in=ranked.values("household_id")
    ).distinct()
    wanted = ranked.exclude(household_id__in=outside.values("pk")).order_by("score", "household_id")
    found = list(Enrolment.objects.order_by("priority", "household_id").values_list("household_id", flat=True))
    assert found == [row.household_id for row in wanted] and found
    assert cycle.counts["within"] == len(found) + outside.count()
    assert set(Enrolment.objects.values_list("state", "cause", "amount")) == {("proposed", "below_line", 600_000)}
    assert cycle.gates.count() == 8


def test_a_snapshot_is_kept_of_each_and_shared_while_nothing_changes(run: RankRun) -> None:
    propose("sembako")
    kept = FamilySnapshot.objects.count()
    assert kept == Enrolment.objects.count()
    propose("pkh")
    assert FamilySnapshot.objects.count() == Enrolment.objects.values("household").distinct().count()
    text = json.dumps(list(FamilySnapshot.objects.values_list("content", flat=True)))
    assert not any(name in text for name in Individual.objects.values_list("name", flat=True))


def test_a_programme_of_components_takes_only_families_that_have_one(run: RankRun) -> None:
    propose("pkh")
    assert all(row.components and row.amount > 0 for row in Enrolment.objects.filter(programme="pkh"))


def test_the_quota_takes_the_neediest_and_counts_who_waits(run: RankRun) -> None:
    quota(3)
    cycle = propose()
    everyone = HouseholdRank.objects.filter(run=run.pk, desil__lte=cycle.rule.desil_max).order_by("score")
    chosen = list(Enrolment.objects.values_list("priority", flat=True))
    assert len(chosen) == cycle.counts["entering"] == 3
    assert max(chosen) <= sorted(everyone.values_list("score", flat=True))[2 + cycle.counts.get("civil_servant", 0)]
    assert cycle.counts["waiting"] == cycle.counts["within"] - 3 - cycle.counts.get("civil_servant", 0)


def test_the_next_cycle_proposes_only_what_changes(run: RankRun, officers_here: dict[str, Officer]) -> None:
    propose()
    first = Enrolment.objects.first()
    assert first is not None
    approve(first, officers_here)
    cycle = propose(starts_on=NEXT)
    assert cycle.counts["entering"] == 0
    assert cycle.counts["enrolled"] == Enrolment.objects.count()


def test_who_no_longer_fits_keeps_receiving_until_two_people_have_decided(
    run: RankRun, officers_here: dict[str, Officer]
) -> None:
    propose()
    enrolment = Enrolment.objects.first()
    assert enrolment is not None
    approve(enrolment, officers_here)
    person = Individual.objects.filter(household=enrolment.household_id).first()
    assert person is not None
    Individual.objects.filter(pk=person.pk).update(id_status_kedudukan_pekerjaan=5)
    cycle = propose(starts_on=NEXT, by=officers_here["verifier"])

    enrolment.refresh_from_db()
    assert (enrolment.state, enrolment.cause, cycle.counts["leaving"]) == ("ending", "civil_servant", 1)
    hold = place_hold(household=enrolment.household, placed_for="A7K-2M9", by=system_officer(), now=NOW)
    with pytest.raises(RuleRefused) as held:
        decide(enrolment=enrolment, move=Move.END, reason="Works for the state.", by=officers_here["approver"], now=NOW)
    assert held.value.code == "beneficiaries.move.held"
    end_hold(hold=hold, by=system_officer(), now=NOW)
    with pytest.raises(RuleRefused) as silent:
        decide(enrolment=enrolment, move=Move.END, by=officers_here["approver"], now=NOW)
    assert silent.value.code == "beneficiaries.move.reason_missing"
    ended = decide(
        enrolment=enrolment, move=Move.END, reason="Works for the state.", by=officers_here["approver"], now=NOW
    )
    assert ended.state == "ended"
    last = Decision.objects.order_by("pk").last()
    assert last is not None and (last.maker, last.checker) == (officers_here["verifier"], officers_here["approver"])
    assert last.snapshot_id == enrolment.snapshot_id and last.rank_run == run


def test_a_proposal_is_made_once_and_whole(run: RankRun) -> None:
    cycle = propose()
    with pytest.raises(InvalidMove):
        propose_candidates(cycle=cycle, by=system_officer(), now=NOW)
    assert AuditEvent.objects.filter(operation="beneficiaries.candidates.proposed").count() == 1
    assert open_cycle(programme="sembako", starts_on=PERIOD, region_code="35.14", by=system_officer(), now=NOW) == cycle


@pytest.mark.parametrize(
    ("options", "code"),
    [
        ({"programme": "blt"}, "beneficiaries.cycle.programme"),
        ({"region_code": "35.14.01"}, "beneficiaries.cycle.region"),
        ({"region_code": "99.99"}, "beneficiaries.cycle.region"),
        ({"starts_on": dt.date(2026, 11, 1)}, "beneficiaries.cycle.period"),
    ],
)
def test_a_cycle_that_cannot_be_is_refused(run: RankRun, options: dict[str, Any], code: str) -> None:
    asked = {"programme": "sembako", "starts_on": PERIOD, "region_code": "35.14"} | options
    with pytest.raises(BadInput) as refused:
        open_cycle(**asked, by=system_officer(), now=NOW)
    assert refused.value.code == code and not Cycle.objects.exists()


def test_the_command_says_what_it_did_and_refuses_with_a_sentence(run: RankRun, capsys: Any) -> None:
    call_command("propose_candidates", "sembako", "--period", "2026-10", "--region", "35.14", "--json")
    told = json.loads(capsys.readouterr().out)
    assert told["entering"] == Enrolment.objects.count()
    with pytest.raises(CommandError) as refused:
        call_command("propose_candidates", "sembako", "--period", "2026-10", "--region", "35.14")
    assert refused.value.returncode == 2


def test_every_state_and_role_by_the_table(run: RankRun, officers_here: dict[str, Officer]) -> None:
    """Each move from each state by each role: made where the tables say so, else refused and nothing changed."""
    propose()
    enrolment = Enrolment.objects.first()
    assert enrolment is not None
    for state, move, role in itertools.product(EnrolmentState, Move, sorted(ROLES)):
        allowed = MOVES[move].may in ROLES[role].may and officers_here[role].may(MOVES[move].may, enrolment.region_code)
        point = transaction.savepoint()
        _put_in(enrolment, state)
        enrolment.refresh_from_db()
        if allowed and state in MOVES[move].sources:
            found = decide(enrolment=enrolment, move=move, reason="Reason.", by=officers_here[role], now=NOW)
            assert found.state == MOVES[move].target
        else:
            with pytest.raises((NotAllowed, InvalidMove)):
                decide(enrolment=enrolment, move=move, reason="Reason.", by=officers_here[role], now=NOW)
        transaction.savepoint_rollback(point)


def _put_in(enrolment: Enrolment, state: EnrolmentState) -> None:
    """Lead the enrolment to a state by moves that the database allows."""
    way = {EnrolmentState.PROPOSED: [EnrolmentState.PROPOSED]}
    queue = [EnrolmentState.PROPOSED]
    for here in queue:
        for there in sorted(TRANSITIONS[here]):
            if there not in way:
                way[there] = [*way[here], there]
                queue.append(there)
    for step in way[state][1:]:
        Enrolment.objects.filter(pk=enrolment.pk).update(state=step)


def test_the_database_refuses_what_the_tables_do_not_allow(run: RankRun, officers_here: dict[str, Officer]) -> None:
    propose()
    enrolment = Enrolment.objects.first()
    assert enrolment is not None
    for source, target in itertools.product(EnrolmentState, EnrolmentState):
        point = transaction.savepoint()
        _put_in(enrolment, source)
        if source == target or target in TRANSITIONS[source]:
            Enrolment.objects.filter(pk=enrolment.pk).update(state=target)
        else:
            with pytest.raises(DatabaseError), transaction.atomic():
                Enrolment.objects.filter(pk=enrolment.pk).update(state=target)
        transaction.savepoint_rollback(point)


def test_maker_and_checker_differ_in_the_database_too(run: RankRun, officers_here: dict[str, Officer]) -> None:
    propose()
    enrolment = Enrolment.objects.first()
    assert enrolment is not None
    one = officers_here["approver"]
    Enrolment.objects.filter(pk=enrolment.pk).update(maker=one)
    _put_in(enrolment, EnrolmentState.VALIDATED)
    with pytest.raises(NotAllowed) as same:
        decide(enrolment=enrolment, move=Move.APPROVE, by=one, now=NOW)
    assert same.value.code == "beneficiaries.move.same_person"
    with pytest.raises(IntegrityError), transaction.atomic():
        Decision.objects.create(
            enrolment=enrolment, move=Move.APPROVE, state_before="validated", state_after="approved", maker=one,
            checker=one, snapshot_id=enrolment.snapshot_id, rank_run=run, rule=enrolment.cycle.rule, at=NOW,
        )  # fmt: skip
    with pytest.raises(NotAllowed) as machine:
        decide(enrolment=enrolment, move=Move.APPROVE, by=system_officer(), now=NOW)
    assert machine.value.code == "beneficiaries.person_needed"


def test_one_open_enrolment_a_family_and_programme(run: RankRun) -> None:
    propose()
    twin = Enrolment.objects.first()
    assert twin is not None
    twin.pk = None
    twin._state.adding = True
    with pytest.raises(IntegrityError), transaction.atomic():
        twin.save(force_insert=True)


def test_quotas_come_in_as_a_list(run: RankRun, officers_here: dict[str, Officer]) -> None:
    resource = QuotaResource()
    rows = tablib.Dataset(headers=["programme", "starts_on", "region", "families", "legal_reference"])
    rows.append(["sembako", "2026-10-01", "3514", "12", "Kepmensos 1"])
    result = resource.import_data(rows, dry_run=False, user=officers_here["administrator"])
    assert not result.has_errors() and not result.has_validation_errors()
    assert Quota.objects.get().families == 12
    rows = tablib.Dataset(["sembako", "October", "3514", "12", "x"], headers=rows.headers)
    assert resource.import_data(rows, dry_run=False, user=officers_here["administrator"]).has_validation_errors()


def test_the_board_and_the_cycle_tell_in_words_and_link_on(run: RankRun, officers_here: dict[str, Officer]) -> None:
    client = Client()
    client.force_login(officers_here["verifier"], backend="django.contrib.auth.backends.ModelBackend")
    assert "Belum ada siklus" in client.get(reverse("office:cycles")).content.decode()

    opened = client.post(
        reverse("office:cycle-open"), {"programme": "pkh", "region": "35.14", "starts_on": PERIOD.isoformat()}
    )
    let_workers_work()
    assert opened.status_code == 302
    cycle = Cycle.objects.get()
    board = client.get(reverse("office:cycles")).content.decode()
    assert reverse("office:cycle", args=[cycle.pk]) in board and "Pengesahan data" in board

    propose("sembako")
    cycle = Cycle.objects.get(programme="sembako")
    page = client.get(reverse("office:cycle", args=[cycle.pk]) + "?state=proposed").content.decode()
    enrolment = Enrolment.objects.filter(cycle=cycle).first()
    assert enrolment is not None
    family = reverse("office:family", args=[enrolment.household_id])
    assert family in page and "termasuk dalam aturan" in page and "Rp600.000" in page
    assert not re.search(r"below_line|proposed|beneficiaries\.", re.sub(r"<[^>]*>", "", page))
    assert AccessLog.objects.filter(door="office.cycle").count() == 1
    assert "Bantuan" in client.get(family).content.decode()


def test_who_sees_no_families_or_another_regency_sees_no_cycle(
    run: RankRun, officers_here: dict[str, Officer], officers_elsewhere: dict[str, Officer]
) -> None:
    cycle = propose()
    for officer, status in ((officers_elsewhere["verifier"], 404), (officers_here["companion"], 403)):
        client = Client()
        client.force_login(officer, backend="django.contrib.auth.backends.ModelBackend")
        assert client.get(reverse("office:cycle", args=[cycle.pk])).status_code == status
