"""Opening a cycle, proposing its candidates, deciding about an enrolment, placing and ending holds."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Sequence
from typing import Any

from django.db import transaction

from registry.beneficiaries.candidates import Assessed, Proposal, plan_proposal
from registry.beneficiaries.models import Cycle, Decision, Enrolment, Gate, Hold, Quota
from registry.beneficiaries.permissions import check_is_person, check_may
from registry.beneficiaries.policies import check_can_move, check_can_propose
from registry.beneficiaries.states import MOVES, Move, Stage
from registry.common.audit import record
from registry.common.calendar import add_working_days
from registry.common.errors import BadInput, RuleRefused
from registry.common.locks import lock_in_transaction, lock_rows
from registry.desil.selectors import find_published_run
from registry.households.models import Household
from registry.households.snapshots import keep_snapshots
from registry.linkage.models import MatchRun
from registry.officers.roles import May
from registry.programmes.models import Programme
from registry.programmes.selectors import get_rule
from registry.wilayah.codes import regency_of
from registry.wilayah.models import Region

# Working days from the opening of a cycle until each stage is planned to be over.
PLANNED_DAYS = {
    Stage.RATIFICATION: 5,
    Stage.SPOT_CHECK: 20,
    Stage.VERIFICATION: 35,
    Stage.VALIDATION: 40,
    Stage.DETERMINATION: 45,
    Stage.AGENCY: 48,
    Stage.DISTRIBUTION: 60,
    Stage.RECONCILIATION: 70,
}
BATCH = 2000


def open_cycle(*, programme: str, starts_on: dt.date, region_code: str, by: Any, now: dt.datetime) -> Cycle:
    """Open the cycle of a programme, period and regency with its eight gates; one that is open already is returned.

    `starts_on` is the first day of a period of the rule that is in force on it.

    Raises: NotAllowed `beneficiaries.not_allowed`; BadInput `beneficiaries.cycle.programme`,
    `beneficiaries.cycle.region`, `beneficiaries.cycle.period`; RuleRefused `programmes.rule.none_in_force`.
    """
    check_may(by, May.PROPOSE_CANDIDATES, region_code)
    found = _get_programme(programme, region_code)
    rule = get_rule(found, starts_on)
    if starts_on.day != 1 or (starts_on.month - 1) % rule.period_months:
        raise BadInput("beneficiaries.cycle.period", months=rule.period_months)
    regency = regency_of(region_code)
    with transaction.atomic():
        lock_in_transaction(f"cycle:{programme}:{starts_on}:{regency}")
        cycle = Cycle.objects.filter(programme=found, starts_on=starts_on, regency=regency).first()
        if cycle is not None:
            return cycle
        cycle = Cycle.objects.create(
            programme=found, rule=rule, starts_on=starts_on, region_code=region_code, regency=regency,
            opened_at=now, opened_by=by,
        )  # fmt: skip
        Gate.objects.bulk_create(
            Gate(cycle=cycle, stage=stage, planned_on=add_working_days(now.date(), days))
            for stage, days in PLANNED_DAYS.items()
        )
        record("beneficiaries.cycle.opened", by=by, obj_type="cycle", obj_id=cycle.pk, regency=regency, now=now)
    return cycle


def _get_programme(code: str, region_code: str) -> Programme:
    """Return the programme, once it is known that the region is a regency."""
    found = Programme.objects.filter(pk=code).first()
    if found is None:
        raise BadInput("beneficiaries.cycle.programme", programme=code)
    if len(region_code) != 5 or not Region.objects.filter(pk=region_code).exists():
        raise BadInput("beneficiaries.cycle.region", region=region_code)
    return found


def propose_candidates(
    *,
    cycle: Cycle,
    by: Any,
    now: dt.datetime,
    progress: Callable[[int, int, str], None] = lambda done, total, step: None,
) -> Cycle:
    """Hold every family of the regency against the programme's rule and propose who enters and who leaves.

    All or nothing, once a cycle. Families enter in the order of the published ranking up to the quota; a family that is
    enrolled and within the rule keeps its place. Nothing is taken from anybody here: an end is proposed, people decide.

    Raises: NotAllowed `beneficiaries.not_allowed`; InvalidMove `beneficiaries.cycle.proposed`;
    RuleRefused `beneficiaries.cycle.no_ranking`.
    """
    check_may(by, May.PROPOSE_CANDIDATES, cycle.region_code)
    with transaction.atomic():
        # By programme and regency: the cycles of two periods would take the same families.
        lock_in_transaction(f"candidates:{cycle.programme_id}:{cycle.regency}")
        cycle = Cycle.objects.select_related("rule").get(pk=cycle.pk)
        check_can_propose(cycle)
        run = find_published_run()
        if run is None:
            raise RuleRefused("beneficiaries.cycle.no_ranking")
        progress(0, 2, "assess")
        quota = Quota.objects.filter(programme=cycle.programme_id, starts_on=cycle.starts_on, regency=cycle.regency)
        proposal = plan_proposal(cycle, run.pk, quota.values_list("families", flat=True).first())
        register_run = MatchRun.objects.filter(state=MatchRun.State.PUBLISHED).order_by("-id").first()
        cycle.rank_run, cycle.register_run = run, register_run.pk if register_run else None
        cycle.counts, cycle.proposed_at, cycle.proposed_by = proposal.counts, now, by
        cycle.save(update_fields=["rank_run", "register_run", "counts", "proposed_at", "proposed_by"])
        progress(1, 2, "propose")
        _write(cycle, proposal, by=by, now=now)
        record(
            "beneficiaries.candidates.proposed",
            by=by,
            obj_type="cycle",
            obj_id=cycle.pk,
            regency=cycle.regency,
            params={"entering": proposal.counts["entering"], "leaving": proposal.counts["leaving"]},
            now=now,
        )
    return cycle


def _write(cycle: Cycle, proposal: Proposal, *, by: Any, now: dt.datetime) -> None:
    touched = [one.household_id for one in proposal.entering] + [one.household_id for _, one in proposal.leaving]
    snapshots = keep_snapshots(touched, now=now)
    Enrolment.objects.bulk_create(
        (
            Enrolment(
                programme_id=cycle.programme_id,
                household_id=one.household_id,
                region_code=one.region_code,
                regency=one.regency,
                cycle=cycle,
                maker=by,
                since=now,
                snapshot_id=snapshots[one.household_id],
                **_facts(one),
            )
            for one in proposal.entering
        ),
        batch_size=BATCH,
    )
    _move(
        [enrolment for enrolment, _ in proposal.leaving],
        Move.PROPOSE_END,
        by=by,
        now=now,
        facts={
            enrolment.pk: {"snapshot_id": snapshots[one.household_id], "cycle": cycle, **_facts(one)}
            for enrolment, one in proposal.leaving
        },
        reasons={enrolment.pk: str(Enrolment.Cause(one.cause).label) for enrolment, one in proposal.leaving},
    )


def _facts(one: Assessed) -> dict[str, Any]:
    return {
        "cause": one.cause,
        "priority": one.priority,
        "desil": one.desil,
        "score": one.score,
        "near_line": one.near_line,
        "components": [[line.need, line.member] for line in one.entitlement.lines],
        "amount": one.entitlement.amount,
    }


def decide(*, enrolment: Enrolment, move: Move, by: Any, now: dt.datetime, reason: str = "") -> Enrolment:
    """Make one move of an enrolment and keep the decision. `reason` is in words that the family may read.

    Raises: NotAllowed `beneficiaries.not_allowed`, `beneficiaries.person_needed`, `beneficiaries.move.same_person`;
    InvalidMove `beneficiaries.move.state`; RuleRefused `beneficiaries.move.reason_missing`, `beneficiaries.move.held`.
    """
    check_is_person(by)
    check_may(by, MOVES[move].may, enrolment.region_code)
    with transaction.atomic():
        # A hold takes the family's row too, so that none can be placed between the question and the move.
        _family, rows = lock_rows(
            Household.objects.filter(pk=enrolment.household_id),
            Enrolment.objects.filter(pk=enrolment.pk).select_related("cycle"),
        )
        [found] = rows
        check_can_move(found, move, by, reason)
        _move([found], move, by=by, now=now, reasons={found.pk: reason.strip()})
        record(
            "beneficiaries.enrolment.moved",
            by=by,
            obj_type="enrolment",
            obj_id=found.pk,
            regency=found.regency,
            params={"move": move.value},
            now=now,
        )
    found.refresh_from_db()
    return found


def _move(
    enrolments: Sequence[Enrolment],
    move: Move,
    *,
    by: Any,
    now: dt.datetime,
    reasons: dict[Any, str],
    facts: dict[Any, dict[str, Any]] | None = None,
) -> None:
    """Write the decisions and the states of enrolments that are locked and checked."""
    rule = MOVES[move]
    decisions = []
    for enrolment in enrolments:
        for name, value in (facts or {}).get(enrolment.pk, {}).items():
            setattr(enrolment, name, value)
        decisions.append(
            Decision(
                enrolment=enrolment,
                move=move,
                state_before=enrolment.state,
                state_after=rule.target,
                maker_id=enrolment.maker_id,
                checker=by,
                reason=reasons[enrolment.pk],
                snapshot_id=enrolment.snapshot_id,
                rank_run_id=enrolment.cycle.rank_run_id,
                rule_id=enrolment.cycle.rule_id,
                at=now,
            )  # fmt: skip
        )
        enrolment.state, enrolment.since, enrolment.version = rule.target, now, enrolment.version + 1
        if not rule.needs_other:
            enrolment.maker = by
    Decision.objects.bulk_create(decisions, batch_size=BATCH)
    written = ["state", "since", "version", "maker", *next(iter((facts or {}).values()), {})]
    Enrolment.objects.bulk_update(enrolments, written, batch_size=BATCH)


def place_hold(*, household: Household, placed_for: str, by: Any, now: dt.datetime) -> Hold:
    """Keep a family from losing anything until the hold ends; the same cause twice is one hold."""
    with transaction.atomic():
        lock_rows(Household.objects.filter(pk=household.pk))
        hold, is_new = Hold.objects.get_or_create(
            household=household,
            placed_for=placed_for,
            defaults={
                "region_code": household.region_code, "regency": household.regency, "placed_at": now, "placed_by": by,
            },
        )  # fmt: skip
        if is_new:
            record(
                "beneficiaries.hold.placed", by=by, obj_type="household", obj_id=household.pk,
                regency=household.regency, now=now,
            )  # fmt: skip
    return hold


def end_hold(*, hold: Hold, by: Any, now: dt.datetime) -> Hold:
    """End a hold; one that has ended stays as it is."""
    with transaction.atomic():
        if Hold.objects.filter(pk=hold.pk, ended_at=None).update(ended_at=now, ended_by=by):
            record(
                "beneficiaries.hold.ended", by=by, obj_type="household", obj_id=hold.household_id,
                regency=hold.regency, now=now,
            )  # fmt: skip
    hold.refresh_from_db()
    return hold


def set_quota(
    *,
    programme: str,
    starts_on: dt.date,
    region_code: str,
    families: int,
    legal_reference: str,
    by: Any,
    now: dt.datetime,
) -> Quota:
    """Say how many families of a regency a programme takes in a period; cycles proposed before are not touched.

    Raises: NotAllowed `beneficiaries.not_allowed`; BadInput `beneficiaries.cycle.programme`,
    `beneficiaries.cycle.region`, `beneficiaries.quota.families`, `beneficiaries.quota.law`.
    """
    check_may(by, May.MANAGE_REFERENCE, region_code)
    found = _get_programme(programme, region_code)
    if families < 0:
        raise BadInput("beneficiaries.quota.families")
    if not legal_reference.strip():
        raise BadInput("beneficiaries.quota.law")
    regency = regency_of(region_code)
    with transaction.atomic():
        quota, _is_new = Quota.objects.update_or_create(
            programme=found,
            starts_on=starts_on,
            regency=regency,
            defaults={
                "region_code": region_code, "families": families, "legal_reference": legal_reference.strip(),
            },
        )  # fmt: skip
        record(
            "beneficiaries.quota.set", by=by, obj_type="quota", obj_id=quota.pk, regency=regency,
            params={"families": families}, now=now,
        )  # fmt: skip
    return quota
