"""Tables of who receives what.

An enrolment is a family in a programme and outlives the cycles; a cycle is one programme, period and regency with its
gates; a decision is one move of one enrolment by one officer and is never changed.
"""

import uuid

import pgtrigger
from django.core.validators import MinValueValidator
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from registry.beneficiaries.states import CLOSED, MOVES, TRANSITIONS, EnrolmentState, Move, Stage
from registry.common.append_only import append_only
from registry.common.history import tracked
from registry.common.privacy import classify
from registry.officers.scoping import ScopedQuerySet
from registry.wilayah.models import regency_check

__all__ = ["Cycle", "Decision", "Enrolment", "Gate", "Hold", "Quota"]


class Cycle(models.Model):
    """One programme in one regency for one period, which begins on `starts_on`."""

    id = models.AutoField(primary_key=True)
    programme = models.ForeignKey("registry.Programme", on_delete=models.PROTECT, related_name="+")
    rule = models.ForeignKey("registry.ProgrammeRule", on_delete=models.PROTECT, related_name="+")
    starts_on = models.DateField()
    region_code = models.CharField(max_length=5, db_collation="C")
    regency = models.SmallIntegerField()
    rank_run = models.ForeignKey("registry.RankRun", on_delete=models.PROTECT, null=True, related_name="+")
    register_run = models.IntegerField(null=True)
    counts = models.JSONField(default=dict)  # what the proposal found, by `candidates.Counts`
    opened_at = models.DateTimeField()
    opened_by = models.ForeignKey("registry.Officer", on_delete=models.PROTECT, related_name="+")
    proposed_at = models.DateTimeField(null=True)
    proposed_by = models.ForeignKey("registry.Officer", on_delete=models.PROTECT, null=True, related_name="+")

    objects = ScopedQuerySet.as_manager()

    class Meta:
        ordering = ["-starts_on", "programme", "regency"]
        constraints = [
            regency_check("cycle_regency_of_code"),
            models.UniqueConstraint(fields=["programme", "starts_on", "regency"], name="cycle_once"),
            models.CheckConstraint(
                name="cycle_proposed_at_by",
                condition=Q(proposed_at=None, proposed_by=None, rank_run=None)
                | Q(proposed_at__isnull=False, proposed_by__isnull=False, rank_run__isnull=False),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.programme_id} {self.starts_on} {self.region_code}"


@tracked()
class Gate(models.Model):
    """One stage of a cycle: until when it is planned, who passed it, or which two forced it open and why."""

    id = models.AutoField(primary_key=True)
    cycle = models.ForeignKey(Cycle, on_delete=models.CASCADE, related_name="gates")
    stage = models.SmallIntegerField(choices=Stage.choices)
    planned_on = models.DateField()
    passed_at = models.DateTimeField(null=True)
    passed_by = models.ForeignKey("registry.Officer", on_delete=models.PROTECT, null=True, related_name="+")
    forced_at = models.DateTimeField(null=True)  # asked for by one, opened by the other: `passed_by`
    forced_by = models.ForeignKey("registry.Officer", on_delete=models.PROTECT, null=True, related_name="+")
    reason = models.TextField(blank=True, default="")

    class Meta:
        ordering = ["cycle", "stage"]
        constraints = [
            models.UniqueConstraint(fields=["cycle", "stage"], name="gate_once"),
            models.CheckConstraint(
                name="gate_passed_at_by",
                condition=Q(passed_at=None, passed_by=None) | Q(passed_at__isnull=False, passed_by__isnull=False),
            ),
            models.CheckConstraint(
                name="gate_forced_at_by",
                condition=Q(forced_at=None, forced_by=None) | Q(forced_at__isnull=False, forced_by__isnull=False),
            ),
            models.CheckConstraint(
                name="gate_forced_by_two_with_reason",
                condition=Q(forced_by=None) | (~Q(forced_by=F("passed_by")) & ~Q(reason="")),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.cycle_id} {self.stage}"


class Quota(models.Model):
    """How many families of a regency a programme takes in a period at most."""

    id = models.AutoField(primary_key=True)
    programme = models.ForeignKey("registry.Programme", on_delete=models.PROTECT, related_name="+")
    starts_on = models.DateField(_("period begins"))
    region_code = models.CharField(_("regency"), max_length=5, db_collation="C")
    regency = models.SmallIntegerField(editable=False)
    families = models.IntegerField(_("families at most"), validators=[MinValueValidator(0)])
    legal_reference = models.CharField(_("legal reference"), max_length=200)

    objects = ScopedQuerySet.as_manager()

    class Meta:
        ordering = ["-starts_on", "programme", "regency"]
        verbose_name = _("quota")
        verbose_name_plural = _("quotas")
        constraints = [
            regency_check("quota_regency_of_code"),
            models.UniqueConstraint(fields=["programme", "starts_on", "regency"], name="quota_once"),
            models.CheckConstraint(name="quota_families", condition=Q(families__gte=0)),
        ]

    def __str__(self) -> str:
        return f"{self.programme_id} {self.starts_on} {self.region_code}"


class Enrolment(models.Model):
    """One family in one programme: the state, and the facts it was proposed by.

    `priority` orders a worklist, the neediest first: the score in 1e-6 log-rupiah, or the desil of a ranking without one.
    `amount` is whole rupiah for the period of the cycle that proposed it.
    """

    class Cause(models.TextChoices):
        """Why a family is a candidate, or why its end is proposed."""

        BELOW_LINE = "below_line", _("its desil lies within the rule")
        ABOVE_LINE = "above_line", _("its desil lies above the rule")
        NO_COMPONENT = "no_component", _("nobody in it counts as a component")
        CIVIL_SERVANT = "civil_servant", _("a member works for the state")
        NOBODY_LEFT = "nobody_left", _("nobody of it is living there any more")

    id = models.UUIDField(primary_key=True, default=uuid.uuid4)
    programme = models.ForeignKey("registry.Programme", on_delete=models.PROTECT, related_name="+")
    household = models.ForeignKey("registry.Household", on_delete=models.PROTECT, related_name="+")
    region_code = models.CharField(max_length=13, db_collation="C")
    regency = models.SmallIntegerField()
    cycle = models.ForeignKey(Cycle, on_delete=models.PROTECT, related_name="enrolments")
    state = models.CharField(max_length=9, choices=EnrolmentState.choices, default=EnrolmentState.PROPOSED)
    cause = models.CharField(max_length=13, choices=Cause.choices)
    priority = models.IntegerField()
    desil = models.SmallIntegerField()
    score = models.IntegerField(null=True)  # 1e-6 log-rupiah; a ranking may have none
    near_line = models.BooleanField(default=False)
    components = models.JSONField(default=list)  # [need, individual id] of each that counts
    amount = models.BigIntegerField()
    snapshot = models.ForeignKey("registry.FamilySnapshot", on_delete=models.PROTECT, related_name="+")
    maker = models.ForeignKey(
        "registry.Officer", on_delete=models.PROTECT, related_name="+"
    )  # who prepared the next step
    since = models.DateTimeField()
    version = models.IntegerField(default=1)

    objects = ScopedQuerySet.as_manager()

    class Meta:
        ordering = ["priority", "id"]
        indexes = [models.Index(fields=["programme", "regency", "state", "priority", "id"], name="enrolment_worklist")]
        constraints = [
            regency_check("enrolment_regency_of_code"),
            models.UniqueConstraint(
                fields=["programme", "household"], condition=~Q(state__in=CLOSED), name="enrolment_open_once"
            ),
            models.CheckConstraint(name="enrolment_amount", condition=Q(amount__gte=0)),
        ]
        triggers = [
            pgtrigger.Trigger(
                name="moves_by_table",
                operation=pgtrigger.UpdateOf("state"),
                when=pgtrigger.Before,
                condition=pgtrigger.Condition("OLD.state IS DISTINCT FROM NEW.state"),
                func=(
                    "IF (OLD.state || '>' || NEW.state) NOT IN ("
                    + ", ".join(
                        f"'{source}>{target}'" for source in EnrolmentState for target in sorted(TRANSITIONS[source])
                    )
                    + ") THEN RAISE EXCEPTION 'enrolment: no move from % to %', OLD.state, NEW.state"
                    " USING ERRCODE = 'check_violation'; END IF; RETURN NEW;"
                ),
            )
        ]

    def __str__(self) -> str:
        return f"{self.programme_id} {self.household_id}"


class Decision(models.Model):
    """One move of one enrolment: who made it, who had prepared it, on what ground. Never changed.

    Snapshot, ranking and rule are what stood at that moment, so that it can be replayed.
    """

    id = models.BigAutoField(primary_key=True)
    enrolment = models.ForeignKey(Enrolment, on_delete=models.PROTECT, related_name="decisions")
    move = models.CharField(max_length=11, choices=Move.choices)
    state_before = models.CharField(max_length=9, choices=EnrolmentState.choices)
    state_after = models.CharField(max_length=9, choices=EnrolmentState.choices)
    maker = models.ForeignKey("registry.Officer", on_delete=models.PROTECT, related_name="+")
    checker = models.ForeignKey("registry.Officer", on_delete=models.PROTECT, related_name="+")
    reason = models.TextField(blank=True, default="")  # words that a citizen may read
    snapshot = models.ForeignKey("registry.FamilySnapshot", on_delete=models.PROTECT, related_name="+")
    rank_run = models.ForeignKey("registry.RankRun", on_delete=models.PROTECT, related_name="+")
    rule = models.ForeignKey("registry.ProgrammeRule", on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField()

    class Meta:
        ordering = ["enrolment", "id"]
        constraints = [
            models.CheckConstraint(
                name="decision_two_people",
                condition=~Q(move__in=[move for move, rule in MOVES.items() if rule.needs_other])
                | ~Q(maker=F("checker")),
            ),
            models.CheckConstraint(
                name="decision_has_reason",
                condition=~Q(move__in=[move for move, rule in MOVES.items() if rule.needs_reason]) | ~Q(reason=""),
            ),
        ]
        triggers = append_only()

    def __str__(self) -> str:
        return f"{self.enrolment_id} {self.move}"


@tracked()
class Hold(models.Model):
    """A family that nothing may be taken from until the hold ends: a complaint or an appeal is open.

    `placed_for` is the reference of what asks for it; the registry does not know what stands behind.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4)
    household = models.ForeignKey("registry.Household", on_delete=models.PROTECT, related_name="+")
    region_code = models.CharField(max_length=13, db_collation="C")
    regency = models.SmallIntegerField()
    placed_for = models.CharField(max_length=40)
    placed_at = models.DateTimeField()
    placed_by = models.ForeignKey("registry.Officer", on_delete=models.PROTECT, related_name="+")
    ended_at = models.DateTimeField(null=True)
    ended_by = models.ForeignKey("registry.Officer", on_delete=models.PROTECT, null=True, related_name="+")

    objects = ScopedQuerySet.as_manager()

    class Meta:
        ordering = ["-placed_at"]
        indexes = [models.Index(fields=["household"], name="hold_open", condition=Q(ended_at=None))]
        constraints = [
            regency_check("hold_regency_of_code"),
            models.UniqueConstraint(fields=["placed_for", "household"], name="hold_once_a_cause"),
            models.CheckConstraint(
                name="hold_ended_at_by",
                condition=Q(ended_at=None, ended_by=None) | Q(ended_at__isnull=False, ended_by__isnull=False),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.placed_for} {self.household_id}"


classify(
    Cycle,
    keep="id programme rule starts_on region_code regency rank_run register_run counts opened_at opened_by proposed_at"
    " proposed_by",
)
classify(Gate, keep="id cycle stage planned_on passed_at passed_by forced_at forced_by", empty="reason")
classify(Quota, keep="id programme starts_on region_code regency families legal_reference")
classify(
    Enrolment,
    keep="id programme household region_code regency cycle state cause priority desil score near_line components amount snapshot"
    " maker since version",
)
classify(
    Decision,
    keep="id enrolment move state_before state_after maker checker snapshot rank_run rule at",
    empty="reason",
)
classify(Hold, keep="id household region_code regency placed_at placed_by ended_at ended_by", empty="placed_for")
