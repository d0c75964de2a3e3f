"""Tables of ranking: models, runs, cuts, the published pointer, and one row a family and run.

`registry_householdrank` is partitioned by run (migration `desil_partitions`); its partitions are filled aside and
attached, so that readers never see half a run.
"""

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from registry.common.history import tracked
from registry.common.privacy import classify
from registry.desil.states import ModelState, RunState
from registry.officers.scoping import ScopedQuerySet

__all__ = ["HouseholdRank", "RankCut", "RankModel", "RankPointer", "RankRun", "RankSummary"]

NEAR_LINE = 4  # the desil whose limit `HouseholdRank.Flag.NEAR_LINE` is about
NATION = ""  # the scope code of a ranking over everything the register holds


class RankModel(models.Model):
    """One fitted ranking model: its canonical text, its card, and who answers for it."""

    version = models.AutoField(primary_key=True)
    content = models.TextField()  # canonical JSON, hashed as it stands
    hash = models.CharField(max_length=64, unique=True)
    card = models.JSONField()
    survey_name = models.CharField(max_length=120)
    survey_hash = models.CharField(max_length=64)
    predecessor = models.ForeignKey("self", on_delete=models.PROTECT, null=True, related_name="+")
    # What the release gate found: protected groups whose exclusion grew beyond noise.
    worsened = models.JSONField(default=list)
    state = models.CharField(max_length=8, choices=ModelState.choices, default=ModelState.FITTED)
    fitted_at = models.DateTimeField()
    fitted_by = models.ForeignKey("registry.Officer", on_delete=models.PROTECT, related_name="+")
    # The reason for using it although a group fares worse, signed by two people.
    reason = models.TextField(blank=True, default="")
    signed_at = models.DateTimeField(null=True)
    signed_by = models.ForeignKey("registry.Officer", on_delete=models.PROTECT, null=True, related_name="+")
    approved_at = models.DateTimeField(null=True)
    approved_by = models.ForeignKey("registry.Officer", on_delete=models.PROTECT, null=True, related_name="+")

    class Meta:
        ordering = ["-version"]
        constraints = [
            models.CheckConstraint(
                name="rank_model_signed_at_by",
                condition=Q(signed_at=None, signed_by=None) | Q(signed_at__isnull=False, signed_by__isnull=False),
            ),
            models.CheckConstraint(
                name="rank_model_approved_at_by",
                condition=Q(approved_at=None, approved_by=None)
                | Q(approved_at__isnull=False, approved_by__isnull=False),
            ),
            models.CheckConstraint(
                name="rank_model_two_people", condition=Q(approved_by=None) | ~Q(approved_by=F("signed_by"))
            ),
            models.CheckConstraint(
                name="rank_model_approved_is_signed",
                condition=~Q(state=ModelState.APPROVED) | Q(signed_by__isnull=False, approved_by__isnull=False),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.version}"


class RankRun(models.Model):
    """One ranking of every family of the register as of a day: our own, or an official one that was imported."""

    class Kind(models.TextChoices):
        OWN = "own", _("own model")
        OFFICIAL = "official", _("official ranking")

    class Unit(models.TextChoices):
        PERSON = "person", _("persons")
        FAMILY = "family", _("families")

    class Scope(models.TextChoices):
        NATION = "nation", _("the whole register")
        PROVINCE = "province", _("each province")
        REGENCY = "regency", _("each regency")

    id = models.SmallAutoField(primary_key=True)
    kind = models.CharField(max_length=8, choices=Kind.choices)
    model = models.ForeignKey(RankModel, on_delete=models.PROTECT, null=True, related_name="runs")
    unit = models.CharField(max_length=6, choices=Unit.choices)
    scope = models.CharField(max_length=8, choices=Scope.choices)
    as_of = models.DateField()
    register_run = models.IntegerField()  # the build whose families were ranked
    inputs_hash = models.CharField(max_length=64)  # the families and items as they stood
    file_name = models.CharField(max_length=200, blank=True, default="")  # of an official ranking
    file_hash = models.CharField(max_length=64, blank=True, default="")
    source = models.CharField(max_length=60, blank=True, default="")  # who made an official ranking, as told
    told_version = models.CharField(max_length=60, blank=True, default="")  # of its model, as told
    read_as = models.CharField(max_length=64, blank=True, default="")  # layout and options it was read with
    content_hash = models.CharField(max_length=64, blank=True, default="")  # of the scores
    counts = models.JSONField(default=dict)
    state = models.CharField(max_length=9, choices=RunState.choices, default=RunState.RUNNING)
    started_at = models.DateTimeField()
    started_by = models.ForeignKey("registry.Officer", on_delete=models.PROTECT, related_name="+")
    proposed_at = models.DateTimeField(null=True)
    proposed_by = models.ForeignKey("registry.Officer", on_delete=models.PROTECT, null=True, related_name="+")
    published_at = models.DateTimeField(null=True)
    published_by = models.ForeignKey("registry.Officer", on_delete=models.PROTECT, null=True, related_name="+")

    class Meta:
        ordering = ["-id"]
        constraints = [
            models.CheckConstraint(
                name="rank_run_proposed_at_by",
                condition=Q(proposed_at=None, proposed_by=None)
                | Q(proposed_at__isnull=False, proposed_by__isnull=False),
            ),
            models.CheckConstraint(
                name="rank_run_published_at_by",
                condition=Q(published_at=None, published_by=None)
                | Q(published_at__isnull=False, published_by__isnull=False),
            ),
            models.CheckConstraint(
                name="rank_run_maker_checker", condition=Q(published_by=None) | ~Q(published_by=F("proposed_by"))
            ),
            models.CheckConstraint(
                name="rank_run_published_by_two",
                condition=~Q(state=RunState.PUBLISHED) | Q(proposed_by__isnull=False, published_by__isnull=False),
            ),
            models.CheckConstraint(
                name="rank_run_own_has_model", condition=Q(kind="official") | Q(model__isnull=False)
            ),
        ]

    def __str__(self) -> str:
        return f"{self.id}"


class RankCut(models.Model):
    """The highest score that still lies in a desil, for one scope of a run."""

    id = models.BigAutoField(primary_key=True)
    run = models.ForeignKey(RankRun, on_delete=models.CASCADE, related_name="cuts")
    scope_code = models.CharField(max_length=5, db_collation="C", blank=True)
    desil = models.SmallIntegerField()
    score = models.IntegerField()  # 1e-6 log-rupiah

    class Meta:
        ordering = ["run", "scope_code", "desil"]
        constraints = [
            models.UniqueConstraint(fields=["run", "scope_code", "desil"], name="rank_cut_once"),
            models.CheckConstraint(name="rank_cut_desil", condition=Q(desil__range=(1, 9))),
        ]

    def __str__(self) -> str:
        return f"{self.run_id} {self.scope_code} {self.desil}"


@tracked()
class RankPointer(models.Model):
    """Which run is the published ranking of a scope; moving it is publishing."""

    scope_code = models.CharField(primary_key=True, max_length=5, db_collation="C", blank=True)
    run = models.ForeignKey(RankRun, on_delete=models.PROTECT, related_name="+")

    def __str__(self) -> str:
        return f"{self.scope_code or 'ID'} {self.run_id}"


class HouseholdRank(models.Model):
    """The score and desil of one family in one run; immutable once its run is ready."""

    class Flag(models.IntegerChoices):
        """Bits of `flags`."""

        NEAR_LINE = 1
        OLD_DATA = 2
        FILLED_IN = 4  # some items were missing and followed the stated rule

    pk = models.CompositePrimaryKey("run", "household_id")
    run = models.SmallIntegerField()
    household_id = models.UUIDField()
    region_code = models.CharField(max_length=13, db_collation="C")
    regency = models.SmallIntegerField()
    score = models.IntegerField(null=True)  # 1e-6 log-rupiah; an official ranking may have none
    desil = models.SmallIntegerField()
    flags = models.SmallIntegerField(default=0)

    objects = ScopedQuerySet.as_manager()

    class Meta:
        managed = False
        db_table = "registry_householdrank"

    def __str__(self) -> str:
        return f"{self.run} {self.household_id}"


class RankSummary(models.Model):
    """How many families and persons of a region lie in a desil of a run; made with the run."""

    id = models.BigAutoField(primary_key=True)
    run = models.ForeignKey(RankRun, on_delete=models.CASCADE, related_name="summary")
    region_code = models.CharField(max_length=13, db_collation="C")
    desil = models.SmallIntegerField()
    families = models.BigIntegerField()
    persons = models.BigIntegerField()

    class Meta:
        ordering = ["run", "region_code", "desil"]
        constraints = [models.UniqueConstraint(fields=["run", "region_code", "desil"], name="rank_summary_once")]

    def __str__(self) -> str:
        return f"{self.run_id} {self.region_code} {self.desil}"


classify(
    RankModel,
    keep="version content hash card survey_name survey_hash predecessor worsened state fitted_at fitted_by reason"
    " signed_at signed_by approved_at approved_by",
)
classify(
    RankRun,
    keep="id kind model unit scope as_of register_run inputs_hash file_hash source told_version read_as content_hash counts state started_at"
    " started_by proposed_at proposed_by published_at published_by",
    empty="file_name",
)
classify(RankCut, keep="id run scope_code desil score")
classify(RankPointer, keep="scope_code run")
classify(HouseholdRank, keep="run household_id region_code regency score desil flags")
classify(RankSummary, keep="id run region_code desil families persons")
