"""Tables of deliveries. Their rows, raw values and findings stay in Parquet, one folder a delivery."""

from pathlib import Path

from django.conf import settings
from django.db import models
from django.db.models import Q

from registry.common.privacy import classify
from registry.sources.querysets import DeliveryQuerySet

__all__ = ["Delivery", "DeliveryFile", "DeliveryRegency", "FindingCount"]


class Delivery(models.Model):
    """One set of files that a source sent, known by the hash over its files' hashes."""

    class State(models.TextChoices):
        RECEIVED = "received"
        REFUSED = "refused"

    id = models.SmallAutoField(primary_key=True)
    source = models.CharField(max_length=32)
    period = models.DateField()  # first day of its month; a row's own date outranks it
    state = models.CharField(max_length=8, choices=State.choices)
    content_hash = models.CharField(max_length=64, unique=True)
    mapping_version = models.PositiveSmallIntegerField()
    rule_version = models.PositiveSmallIntegerField()
    # As the mapping said when it came: a higher priority wins; a complete one replaces older rows of its regencies.
    priority = models.PositiveSmallIntegerField()
    complete = models.BooleanField()
    rows = models.BigIntegerField(default=0)
    accepted = models.BigIntegerField(default=0)
    refusal_code = models.CharField(max_length=60, blank=True, default="")
    refusal_facts = models.JSONField(default=dict)
    received_at = models.DateTimeField()
    received_by = models.ForeignKey("registry.Officer", on_delete=models.PROTECT, related_name="+")
    retention_until = models.DateField(null=True)
    regions_hash = models.CharField(max_length=64, blank=True, default="")  # the regions it was validated against
    compared_with = models.ForeignKey("self", on_delete=models.SET_NULL, null=True, related_name="+")

    objects = DeliveryQuerySet.as_manager()

    class Meta:
        ordering = ["-id"]
        verbose_name_plural = "deliveries"
        indexes = [models.Index(fields=["-received_at", "-id"], name="delivery_newest")]
        constraints = [
            models.CheckConstraint(
                name="delivery_refusal_has_code",
                condition=Q(state="received", refusal_code="") | (Q(state="refused") & ~Q(refusal_code="")),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.source} {self.period:%Y-%m} #{self.pk}"

    @property
    def folder(self) -> Path:
        """Where its Parquet files lie."""
        return Path(settings.DTSEN_STORE_DIR) / "deliveries" / self.content_hash

    @property
    def version_key(self) -> str:
        """Name what its Parquet files say: the files as sent and the versions they were validated with."""
        return f"{self.content_hash}:{self.mapping_version}:{self.rule_version}:{self.regions_hash}"


class DeliveryRegency(models.Model):
    """Accepted rows of one regency in a delivery, and its people against the rows of the source before."""

    delivery = models.ForeignKey(Delivery, on_delete=models.CASCADE, related_name="regencies")
    regency = models.CharField(max_length=5, blank=True)  # dotted code; empty when no row names a region
    families = models.BigIntegerField()
    persons = models.BigIntegerField()
    # Null in a source's first delivery; `gone` also where deliveries are not complete.
    persons_before = models.BigIntegerField(null=True)
    persons_new = models.BigIntegerField(null=True)
    persons_gone = models.BigIntegerField(null=True)
    persons_changed = models.BigIntegerField(null=True)

    class Meta:
        ordering = ["regency"]
        verbose_name_plural = "delivery regencies"
        constraints = [models.UniqueConstraint(fields=["delivery", "regency"], name="delivery_regency_once")]

    def __str__(self) -> str:
        return f"{self.regency}: {self.persons}"


class DeliveryFile(models.Model):
    """One file of a delivery, and what came of its rows."""

    class Role(models.TextChoices):
        FAMILIES = "families"
        PERSONS = "persons"

    delivery = models.ForeignKey(Delivery, on_delete=models.CASCADE, related_name="files")
    name = models.CharField(max_length=255)
    role = models.CharField(max_length=8, choices=Role.choices)
    rows = models.BigIntegerField()
    accepted = models.BigIntegerField()
    rejected = models.BigIntegerField()
    with_findings = models.BigIntegerField()

    class Meta:
        ordering = ["role"]
        constraints = [models.UniqueConstraint(fields=["delivery", "role"], name="delivery_file_role_once")]

    def __str__(self) -> str:
        return self.name


class FindingCount(models.Model):
    """How often one rule spoke in one delivery."""

    delivery = models.ForeignKey(Delivery, on_delete=models.CASCADE, related_name="finding_counts")
    rule = models.CharField(max_length=60)
    severity = models.CharField(max_length=8)
    n = models.BigIntegerField()

    class Meta:
        ordering = ["severity", "-n"]
        constraints = [models.UniqueConstraint(fields=["delivery", "rule"], name="finding_count_once")]

    def __str__(self) -> str:
        return f"{self.rule}: {self.n}"


classify(
    Delivery,
    keep="id source period state content_hash mapping_version rule_version priority complete rows accepted"
    " refusal_code refusal_facts received_at received_by retention_until regions_hash compared_with",
)
classify(
    DeliveryRegency,
    keep="id delivery regency families persons persons_before persons_new persons_gone persons_changed",
)
classify(DeliveryFile, keep="id delivery role rows accepted rejected with_findings", fake="name")
classify(FindingCount, keep="id delivery rule severity n")
