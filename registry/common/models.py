"""Tables every stage stands on: audit, read log, jobs, outbox, aliases, idempotency, key check.

`auditevent`, `accesslog` and `accesssubject` become monthly partitioned tables in migration
0003_common: their real primary key is (id, at).
"""

import uuid

import pgtrigger
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q

from registry.common.append_only import append_only
from registry.common.privacy import classify

__all__ = [
    "AccessLog",
    "AccessSubject",
    "AuditBlock",
    "AuditEvent",
    "AuditUnsealed",
    "IdAlias",
    "IdempotencyKey",
    "Job",
    "JobStep",
    "KeyFingerprint",
    "Outbox",
]


class AuditEvent(models.Model):
    """One operation that was carried out: who did what to which object, when."""

    id = models.BigAutoField(primary_key=True)
    at = models.DateTimeField()
    actor = models.ForeignKey("registry.Officer", on_delete=models.PROTECT, null=True, db_index=False, related_name="+")
    operation = models.CharField(max_length=100)
    obj_type = models.CharField(max_length=60)
    obj_id = models.CharField(max_length=64)
    regency = models.SmallIntegerField(null=True)
    params = models.JSONField(default=dict)

    class Meta:
        ordering = ["-at", "-id"]
        indexes = [
            models.Index(fields=["obj_type", "obj_id", "at"], name="audit_object"),
            models.Index(fields=["actor", "at"], name="audit_actor"),
            models.Index(fields=["operation", "at"], name="audit_operation"),
        ]
        triggers = [
            *append_only(),
            pgtrigger.Trigger(
                name="audit_to_seal",
                operation=pgtrigger.Insert,
                when=pgtrigger.After,
                func="INSERT INTO registry_auditunsealed (event_id) VALUES (NEW.id); RETURN NULL;",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.operation} {self.obj_type} {self.obj_id}"


class AuditUnsealed(models.Model):
    """An event that no block lists yet; the insert trigger of `auditevent` writes the row."""

    event_id = models.BigIntegerField(primary_key=True)

    def __str__(self) -> str:
        return str(self.event_id)


class AuditBlock(models.Model):
    """One link of the chain: the events it seals, their digests, and the block before it."""

    number = models.BigIntegerField(primary_key=True)
    sealed_at = models.DateTimeField()
    event_ids = ArrayField(models.BigIntegerField())
    digests = models.BinaryField()  # 32 bytes for each event, in the order of event_ids
    root = models.BinaryField()
    previous = models.BinaryField()
    hash = models.BinaryField()

    class Meta:
        ordering = ["number"]
        triggers = append_only()

    def __str__(self) -> str:
        return f"{self.number}"


class AccessLog(models.Model):
    """One look at personal data: who, through which door, for which task."""

    id = models.BigAutoField(primary_key=True)
    at = models.DateTimeField()
    officer = models.ForeignKey("registry.Officer", on_delete=models.PROTECT, db_index=False, related_name="+")
    door = models.CharField(max_length=60)
    purpose = models.CharField(max_length=60)
    subjects = models.IntegerField()
    # An export does not list its people: it keeps what selected them, see `reads.was_selected`.
    selection = models.JSONField(null=True)

    class Meta:
        ordering = ["-at", "-id"]
        indexes = [models.Index(fields=["officer", "at"], name="access_officer")]
        triggers = append_only()

    def __str__(self) -> str:
        return f"{self.door} {self.purpose}"


class AccessSubject(models.Model):
    """A person or a family that one look showed."""

    class Kind(models.IntegerChoices):
        INDIVIDUAL = 1
        HOUSEHOLD = 2

    id = models.BigAutoField(primary_key=True)
    at = models.DateTimeField()
    log_id = models.BigIntegerField()
    kind = models.SmallIntegerField(choices=Kind.choices)
    subject_id = models.UUIDField()

    class Meta:
        indexes = [
            models.Index(fields=["subject_id", "at"], name="access_subject"),
            models.Index(fields=["log_id"], name="access_subject_log"),
        ]
        triggers = append_only()

    def __str__(self) -> str:
        return str(self.subject_id)


class Outbox(models.Model):
    """A signal or task that must follow a committed change; the sweeper sends it."""

    id = models.BigAutoField(primary_key=True)
    signal = models.CharField(max_length=100)
    payload = models.JSONField(default=dict)
    created_at = models.DateTimeField()
    due_at = models.DateTimeField()
    attempts = models.SmallIntegerField(default=0)
    error = models.TextField(blank=True, default="")
    sent_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["id"]
        verbose_name_plural = "outbox"
        indexes = [models.Index(fields=["due_at", "id"], name="outbox_due", condition=Q(sent_at=None))]

    def __str__(self) -> str:
        return self.signal


class Job(models.Model):
    """One piece of long work that an officer may watch and cancel."""

    class State(models.TextChoices):
        QUEUED = "queued"
        RUNNING = "running"
        DONE = "done"
        FAILED = "failed"
        CANCELLED = "cancelled"

    id = models.UUIDField(primary_key=True, default=uuid.uuid4)
    kind = models.CharField(max_length=60)
    state = models.CharField(max_length=10, choices=State.choices, default=State.QUEUED)
    params = models.JSONField(default=dict)  # ids and options, never personal data
    regency = models.SmallIntegerField(null=True)
    step = models.CharField(max_length=60, blank=True, default="")
    step_done = models.BigIntegerField(default=0)
    step_total = models.BigIntegerField(null=True)
    fraction = models.FloatField(default=0)
    counts = models.JSONField(default=dict)
    file = models.TextField(blank=True, default="")
    error = models.CharField(max_length=100, blank=True, default="")
    error_facts = models.JSONField(default=dict)
    # A queued job is taken on again when its worker dies; a command is run again by who ran it.
    resumable = models.BooleanField(default=True)
    attempt = models.SmallIntegerField(default=0)
    worker = models.CharField(max_length=100, blank=True, default="")
    created_at = models.DateTimeField()
    created_by = models.ForeignKey("registry.Officer", on_delete=models.PROTECT, related_name="+")
    started_at = models.DateTimeField(null=True)
    heartbeat_at = models.DateTimeField(null=True)
    finished_at = models.DateTimeField(null=True)
    cancelled_at = models.DateTimeField(null=True)
    cancelled_by = models.ForeignKey("registry.Officer", on_delete=models.PROTECT, null=True, related_name="+")

    class Meta:
        ordering = ["-created_at"]
        indexes = [
            models.Index(fields=["kind", "-created_at"], name="job_kind"),
            models.Index(
                fields=["heartbeat_at"],
                name="job_open",
                condition=Q(state__in=["queued", "running"]),
            ),
        ]
        constraints = [
            models.CheckConstraint(
                name="job_cancelled_at_by",
                condition=Q(cancelled_at=None, cancelled_by=None)
                | Q(cancelled_at__isnull=False, cancelled_by__isnull=False),
            ),
            models.CheckConstraint(name="job_fraction", condition=Q(fraction__gte=0, fraction__lte=1)),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.id}"


class JobStep(models.Model):
    """One part of a job (often one regency) that need not be done again after a restart."""

    id = models.BigAutoField(primary_key=True)
    job = models.ForeignKey(Job, on_delete=models.CASCADE, related_name="steps")
    step = models.CharField(max_length=60)
    partition = models.CharField(max_length=40, blank=True, default="")
    state = models.CharField(max_length=10, choices=Job.State.choices, default=Job.State.QUEUED)
    attempt = models.SmallIntegerField(default=0)
    result = models.JSONField(default=dict)
    started_at = models.DateTimeField(null=True)
    finished_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["id"]
        constraints = [models.UniqueConstraint(fields=["job", "step", "partition"], name="job_step_once")]

    def __str__(self) -> str:
        return f"{self.step} {self.partition}"


class IdempotencyKey(models.Model):
    """A request that was carried out once, and what it answered."""

    key = models.UUIDField(primary_key=True)
    operation = models.CharField(max_length=100)
    payload_hash = models.BinaryField()
    result = models.JSONField(null=True)
    created_at = models.DateTimeField()
    actor = models.ForeignKey("registry.Officer", on_delete=models.PROTECT, null=True, related_name="+")

    def __str__(self) -> str:
        return f"{self.operation} {self.key}"


class IdAlias(models.Model):
    """A public id that was given out once and leads to another one today."""

    class Kind(models.TextChoices):
        MERGE = "merge"
        SPLIT = "split"

    old_id = models.UUIDField(primary_key=True)
    current_id = models.UUIDField(db_index=True)
    kind = models.CharField(max_length=5, choices=Kind.choices)
    run = models.IntegerField(null=True)
    at = models.DateTimeField()

    class Meta:
        verbose_name_plural = "id aliases"
        constraints = [models.CheckConstraint(name="id_alias_not_itself", condition=~Q(old_id=models.F("current_id")))]

    def __str__(self) -> str:
        return f"{self.old_id} -> {self.current_id}"


class KeyFingerprint(models.Model):
    """Which keys wrote this database: lets a wrong or newly made key file be refused."""

    name = models.CharField(max_length=20)
    key_id = models.SmallIntegerField()
    fingerprint = models.BinaryField()
    made_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["name", "key_id"], name="key_fingerprint_once")]

    def __str__(self) -> str:
        return f"{self.name} {self.key_id}"


classify(AuditEvent, keep="id at actor operation obj_type obj_id regency", empty="params")
classify(AuditUnsealed, keep="event_id")
classify(AuditBlock, keep="number sealed_at event_ids digests root previous hash")
classify(AccessLog, keep="id at officer door purpose subjects", empty="selection")
classify(AccessSubject, keep="id at log_id kind subject_id")
classify(Outbox, keep="id signal created_at due_at attempts sent_at", empty="payload error")
classify(
    Job,
    keep="id kind state regency step step_done step_total fraction counts error resumable attempt"
    " created_at created_by started_at heartbeat_at finished_at cancelled_at cancelled_by",
    empty="params file error_facts worker",
)
classify(JobStep, keep="id job step partition state attempt started_at finished_at", empty="result")
classify(IdempotencyKey, keep="key operation created_at actor", empty="payload_hash result")
classify(IdAlias, keep="old_id current_id kind run at")
classify(KeyFingerprint, keep="id name key_id made_at", empty="fingerprint")
