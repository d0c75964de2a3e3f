"""Tables of builds and of clerical review. The links themselves lie in Parquet, one file a run."""

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q

from registry.common.privacy import classify
from registry.officers.scoping import ScopedQuerySet
from registry.wilayah.models import regency_check

__all__ = ["MatchRun", "ReviewDecision", "ReviewPair"]


class MatchRun(models.Model):
    """One build of the register: from which deliveries, by which model, with what outcome."""

    class State(models.TextChoices):
        RUNNING = "running"
        PUBLISHED = "published"
        FAILED = "failed"

    id = models.AutoField(primary_key=True)
    deliveries_hash = models.CharField(max_length=64)
    model_hash = models.CharField(max_length=64, blank=True, default="")
    settings_hash = models.CharField(max_length=64, blank=True, default="")
    state = models.CharField(max_length=9, choices=State.choices, default=State.RUNNING)
    step = models.CharField(max_length=20, blank=True, default="")
    counts = models.JSONField(default=dict)
    started_at = models.DateTimeField()
    started_by = models.ForeignKey("registry.Officer", on_delete=models.PROTECT, related_name="+")
    published_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["-id"]

    def __str__(self) -> str:
        return f"{self.id}"


class ReviewPair(models.Model):
    """Two people (or families) that may be one: the engine asks, a person answers."""

    class State(models.TextChoices):
        OPEN = "open"
        DECIDED = "decided"
        GONE = "gone"  # a later build no longer asks

    class Kind(models.TextChoices):
        PERSON = "person"
        FAMILY = "family"
        CORRECTION = "correction"

    id = models.BigAutoField(primary_key=True)
    run = models.ForeignKey(MatchRun, on_delete=models.PROTECT, related_name="+")
    kind = models.CharField(max_length=10, choices=Kind.choices)
    a_source = models.CharField(max_length=20)
    a_key = models.CharField(max_length=120)
    b_source = models.CharField(max_length=20)
    b_key = models.CharField(max_length=120)
    a_id = models.UUIDField(null=True)
    b_id = models.UUIDField(null=True)
    region_code = models.CharField(max_length=13, db_collation="C")
    regency = models.SmallIntegerField()
    probability = models.FloatField()
    gain = models.FloatField()
    reasons = ArrayField(models.CharField(max_length=60), default=list)
    state = models.CharField(max_length=7, choices=State.choices, default=State.OPEN)

    objects = ScopedQuerySet.as_manager()

    class Meta:
        ordering = ["-gain", "id"]
        indexes = [
            models.Index(fields=["regency", "state", "-gain", "id"], name="review_pair_regency"),
            models.Index(fields=["state", "-gain", "id"], name="review_pair_queue"),
        ]
        constraints = [
            regency_check("review_pair_regency_of_code"),
            models.UniqueConstraint(
                fields=["kind", "a_source", "a_key", "b_source", "b_key"],
                condition=Q(state="open"),
                name="review_pair_once",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.id}"


class ReviewDecision(models.Model):
    """An officer's answer about two source rows; the newest one binds every later build."""

    class Answer(models.TextChoices):
        SAME = "same"
        DIFFERENT = "different"
        UNSURE = "unsure"

    id = models.BigAutoField(primary_key=True)
    pair = models.ForeignKey(ReviewPair, on_delete=models.PROTECT, null=True, related_name="decisions")
    kind = models.CharField(max_length=10, choices=ReviewPair.Kind.choices)
    a_source = models.CharField(max_length=20)
    a_key = models.CharField(max_length=120)
    b_source = models.CharField(max_length=20)
    b_key = models.CharField(max_length=120)
    answer = models.CharField(max_length=9, choices=Answer.choices)
    reason = models.TextField(blank=True, default="")
    decided_at = models.DateTimeField()
    decided_by = models.ForeignKey("registry.Officer", on_delete=models.PROTECT, related_name="+")

    class Meta:
        ordering = ["-id"]
        indexes = [models.Index(fields=["a_source", "a_key"], name="review_decision_row")]

    def __str__(self) -> str:
        return f"{self.answer} {self.id}"


classify(
    MatchRun,
    keep="id deliveries_hash model_hash settings_hash state step counts started_at started_by published_at",
)
classify(
    ReviewPair,
    keep="id run kind a_source b_source a_id b_id region_code regency probability gain reasons state",
    empty="a_key b_key",
)
classify(
    ReviewDecision,
    keep="id pair kind a_source b_source answer decided_at decided_by",
    empty="a_key b_key reason",
)
