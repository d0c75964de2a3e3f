"""Tables of people and families. What runs publish is written by `registry.linkage.publish`."""

import uuid

from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex
from django.db import models
from django.db.models import F, Q

from registry.common.append_only import append_only
from registry.common.history import tracked
from registry.common.privacy import classify
from registry.households.items import HOUSEHOLD_ITEMS, INDIVIDUAL_ITEMS, HouseholdItems, IndividualItems
from registry.households.querysets import FamilyPartQuerySet, HouseholdQuerySet, IndividualQuerySet
from registry.wilayah.models import regency_check

__all__ = [
    "Correction",
    "FamilySnapshot",
    "FormerIdentifier",
    "Household",
    "IdSplit",
    "Individual",
    "Membership",
    "MergePlan",
    "NameToken",
]


class Status(models.TextChoices):
    """What a public id stands for today; an id that was merged leads on through `IdAlias`."""

    ACTIVE = "active"
    MERGED = "merged"
    RETIRED = "retired"


@tracked(inserts=False)
class Household(HouseholdItems):  # type: ignore[misc, valid-type]
    """One family (keluarga) as the newest build sees it: its address, its house, its assets."""

    id = models.UUIDField(primary_key=True, editable=False)
    region_code = models.CharField(max_length=13, db_collation="C")
    regency = models.SmallIntegerField()
    kk_cipher = models.BinaryField(null=True)
    kk_hash = models.BinaryField(null=True)
    head = models.ForeignKey(
        "registry.Individual", on_delete=models.DO_NOTHING, null=True, db_index=False, related_name="+"
    )
    address = models.TextField(blank=True, default="")
    sls = models.CharField(max_length=60, blank=True, default="")
    dwelling_key = models.CharField(max_length=64, blank=True, default="")
    n_members = models.SmallIntegerField(default=0)
    as_of = models.DateField(null=True)
    winner = models.BinaryField(null=True)  # one byte a field: which source row gave the value
    row_hash = models.BigIntegerField()
    run = models.IntegerField()
    status = models.CharField(max_length=7, choices=Status.choices, default=Status.ACTIVE)
    version = models.IntegerField(default=1)

    objects = HouseholdQuerySet.as_manager()

    class Meta:
        ordering = ["id"]
        indexes = [
            models.Index(fields=["kk_hash"], name="household_kk"),
            models.Index(fields=["region_code", "id"], name="household_region"),
            models.Index(fields=["regency", "id"], name="household_regency"),
        ]
        constraints = [regency_check("household_regency_of_code")]

    def __str__(self) -> str:
        return str(self.id)


@tracked(inserts=False)
class Individual(IndividualItems):  # type: ignore[misc, valid-type]
    """One person as the newest build sees them."""

    id = models.UUIDField(primary_key=True, editable=False)
    household = models.ForeignKey(Household, on_delete=models.DO_NOTHING, null=True, related_name="individuals")
    region_code = models.CharField(max_length=13, db_collation="C")
    regency = models.SmallIntegerField()
    nik_cipher = models.BinaryField(null=True)
    nik_hash = models.BinaryField(null=True)
    name = models.TextField()
    name_keys = ArrayField(models.TextField(), default=list)
    birth_date = models.DateField(null=True)
    sex = models.SmallIntegerField(null=True)
    birth_place = models.TextField(blank=True, default="")
    mother_name = models.TextField(blank=True, default="")
    as_of = models.DateField(null=True)
    winner = models.BinaryField(null=True)
    row_hash = models.BigIntegerField()
    run = models.IntegerField()
    status = models.CharField(max_length=7, choices=Status.choices, default=Status.ACTIVE)
    version = models.IntegerField(default=1)

    objects = IndividualQuerySet.as_manager()

    class Meta:
        ordering = ["id"]
        indexes = [
            models.Index(fields=["nik_hash"], name="individual_nik"),
            GinIndex(fields=["regency", "name_keys"], name="individual_names", fastupdate=False),
            models.Index(fields=["regency", "birth_date"], name="individual_birth"),
        ]
        constraints = [regency_check("individual_regency_of_code")]

    def __str__(self) -> str:
        return str(self.id)


class Membership(models.Model):
    """A person in a family, with the relation to its head; `until` is empty while it lasts."""

    id = models.BigAutoField(primary_key=True)
    individual = models.ForeignKey(Individual, on_delete=models.DO_NOTHING, db_index=False, related_name="memberships")
    household = models.ForeignKey(Household, on_delete=models.DO_NOTHING, related_name="memberships")
    relation = models.SmallIntegerField(null=True)
    since = models.DateField(null=True)
    until = models.DateField(null=True)
    run = models.IntegerField()

    objects = FamilyPartQuerySet.as_manager()

    class Meta:
        ordering = ["household", "relation", "id"]
        indexes = [models.Index(fields=["individual", "id"], name="membership_individual")]
        constraints = [
            models.UniqueConstraint(fields=["individual"], condition=Q(until=None), name="membership_current_once"),
            models.UniqueConstraint(
                fields=["household"], condition=Q(until=None, relation=1), name="membership_one_head"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.individual_id} {self.household_id}"


class FormerIdentifier(models.Model):
    """A NIK or KK that a source gave and that lost: it still finds the person or the family."""

    class Kind(models.TextChoices):
        NIK = "nik"
        KK = "kk"

    id = models.BigAutoField(primary_key=True)
    kind = models.CharField(max_length=3, choices=Kind.choices)
    object_id = models.UUIDField()
    cipher = models.BinaryField()
    hash = models.BinaryField()
    source = models.CharField(max_length=20)
    run = models.IntegerField()

    class Meta:
        indexes = [
            models.Index(fields=["hash"], name="former_identifier_hash"),
            models.Index(fields=["object_id"], name="former_identifier_object"),
        ]
        constraints = [models.UniqueConstraint(fields=["object_id", "kind", "hash"], name="former_identifier_once")]

    def __str__(self) -> str:
        return f"{self.kind} {self.object_id}"


class IdSplit(models.Model):
    """A public id whose delivered rows were parted: the larger part keeps it, another part left under `new_id`."""

    id = models.BigAutoField(primary_key=True)
    object_type = models.CharField(max_length=10)
    old_id = models.UUIDField()
    new_id = models.UUIDField(db_index=True)
    run = models.IntegerField()
    at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["old_id", "new_id"], name="id_split_once")]

    def __str__(self) -> str:
        return f"{self.old_id} -> {self.new_id}"


class Correction(models.Model):
    """A value that an officer put right: an overlay that every build reads, never overwrites.

    `value` is the dictionary's code as text. A newer source that agrees retires it, a newer one
    that disagrees opens a review.
    """

    class State(models.TextChoices):
        PROPOSED = "proposed"
        ACTIVE = "active"
        REFUSED = "refused"
        CONTESTED = "contested"
        RETIRED = "retired"

    id = models.BigAutoField(primary_key=True)
    object_id = models.UUIDField()
    object_type = models.CharField(max_length=10)
    region_code = models.CharField(max_length=13, db_collation="C")
    regency = models.SmallIntegerField()
    variable = models.CharField(max_length=60)
    value = models.TextField()
    evidence = models.TextField()
    state = models.CharField(max_length=9, choices=State.choices, default=State.PROPOSED)
    proposed_at = models.DateTimeField()
    proposed_by = models.ForeignKey("registry.Officer", on_delete=models.PROTECT, related_name="+")
    checked_at = models.DateTimeField(null=True)
    checked_by = models.ForeignKey("registry.Officer", on_delete=models.PROTECT, null=True, related_name="+")
    ended_run = models.IntegerField(null=True)

    objects = FamilyPartQuerySet.as_manager()

    class Meta:
        ordering = ["-proposed_at", "-id"]
        indexes = [
            models.Index(fields=["regency", "state", "id"], name="correction_regency"),
            models.Index(fields=["object_id", "variable"], name="correction_object"),
        ]
        constraints = [
            regency_check("correction_regency_of_code"),
            models.UniqueConstraint(
                fields=["object_id", "variable"],
                condition=Q(state__in=["active", "contested"]),
                name="correction_active_once",
            ),
            models.CheckConstraint(
                name="correction_checked_at_by",
                condition=Q(checked_at=None, checked_by=None) | Q(checked_at__isnull=False, checked_by__isnull=False),
            ),
            models.CheckConstraint(
                name="correction_maker_checker",
                condition=Q(checked_by=None) | ~Q(checked_by=F("proposed_by")),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.variable} {self.object_id}"


class FamilySnapshot(models.Model):
    """A family as it stood, content-addressed: what a score, a decision or a payment relied on."""

    hash = models.BinaryField(primary_key=True)
    household_id = models.UUIDField(db_index=True)
    regency = models.SmallIntegerField()
    content = models.JSONField()
    made_at = models.DateTimeField()

    class Meta:
        triggers = append_only()

    def __str__(self) -> str:
        return bytes(self.hash).hex()


class MergePlan(models.Model):
    """A merge or split by hand: what it would do, shown first, and whether it was carried out."""

    class Kind(models.TextChoices):
        MERGE = "merge"
        SPLIT = "split"

    id = models.UUIDField(primary_key=True, default=uuid.uuid4)
    kind = models.CharField(max_length=5, choices=Kind.choices)
    object_type = models.CharField(max_length=10)
    object_ids = ArrayField(models.UUIDField())
    rows = models.JSONField(default=list)  # [source, record key] of what moves
    region_code = models.CharField(max_length=13, db_collation="C")
    regency = models.SmallIntegerField()
    reason = models.TextField()
    planned_at = models.DateTimeField()
    planned_by = models.ForeignKey("registry.Officer", on_delete=models.PROTECT, related_name="+")
    applied_at = models.DateTimeField(null=True)
    applied_by = models.ForeignKey("registry.Officer", on_delete=models.PROTECT, null=True, related_name="+")

    objects = FamilyPartQuerySet.as_manager()

    class Meta:
        ordering = ["-planned_at"]
        constraints = [
            regency_check("merge_plan_regency_of_code"),
            models.CheckConstraint(
                name="merge_plan_applied_at_by",
                condition=Q(applied_at=None, applied_by=None) | Q(applied_at__isnull=False, applied_by__isnull=False),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.id}"


class NameToken(models.Model):
    """One word of a name with one letter left out: finds names with one typing error."""

    id = models.BigAutoField(primary_key=True)
    deletion = models.TextField()
    token = models.TextField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["deletion", "token"], name="name_token_once")]

    def __str__(self) -> str:
        return self.token


classify(
    Household,
    keep=["id", "region_code", "regency", "head", "n_members", "row_hash", "run", "status", "version", "winner", "sls"]
    + list(HOUSEHOLD_ITEMS),
    fake="kk_cipher kk_hash address",
    shift="as_of",
    empty="dwelling_key",
)
classify(
    Individual,
    keep=["id", "household", "region_code", "regency", "sex", "row_hash", "run", "status", "version", "winner"]
    + [name for name in INDIVIDUAL_ITEMS if name != "id_penyakit_menahun"],
    fake="nik_cipher nik_hash name name_keys mother_name birth_place",
    shift="birth_date as_of",
    empty="id_penyakit_menahun",
)
classify(Membership, keep="id individual household relation run", shift="since until")
classify(FormerIdentifier, keep="id kind object_id source run", fake="cipher hash")
classify(IdSplit, keep="id object_type old_id new_id run at")
classify(
    Correction,
    keep="id object_id object_type region_code regency variable state proposed_at proposed_by checked_at checked_by"
    " ended_run",
    empty="value evidence",
)
classify(FamilySnapshot, keep="hash household_id regency made_at", empty="content")
classify(
    MergePlan,
    keep="id kind object_type object_ids region_code regency planned_at planned_by applied_at applied_by",
    empty="rows reason",
)
classify(NameToken, keep="id", empty="deletion token")
