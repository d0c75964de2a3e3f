"""Tables of field verification. An assignment says which family is to be visited, why, by whom and until when."""

import uuid

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from registry.common.history import tracked
from registry.common.privacy import classify
from registry.officers.scoping import ScopedQuerySet
from registry.wilayah.models import regency_check

__all__ = ["Assignment"]


@tracked()
class Assignment(models.Model):
    """One family that is to be visited: the cause, the holder once there is one, the day it is due."""

    class Cause(models.TextChoices):
        UJI_PETIK = "uji_petik", _("uji petik")
        CANDIDATE = "candidate", _("candidate")
        NEAR_LINE = "near_line", _("near the line")
        COMPLAINT = "complaint", _("complaint")
        RECHECK = "recheck", _("periodic re-check")

    class State(models.TextChoices):
        OPEN = "open", _("open")
        VISITED = "visited", _("visited")
        WITHDRAWN = "withdrawn", _("withdrawn")

    id = models.UUIDField(primary_key=True, default=uuid.uuid4)
    household = models.ForeignKey("registry.Household", on_delete=models.PROTECT, related_name="+")
    region_code = models.CharField(max_length=13, db_collation="C")
    regency = models.SmallIntegerField()
    cause = models.CharField(max_length=10, choices=Cause.choices)
    cause_id = models.CharField(max_length=40)  # the draw, candidate or case it comes from
    officer = models.ForeignKey("registry.Officer", on_delete=models.PROTECT, null=True, related_name="+")
    priority = models.SmallIntegerField(default=0)
    due_on = models.DateField()
    state = models.CharField(max_length=9, choices=State.choices, default=State.OPEN)
    assigned_at = models.DateTimeField()
    assigned_by = models.ForeignKey("registry.Officer", on_delete=models.PROTECT, related_name="+")

    objects = ScopedQuerySet.as_manager()

    class Meta:
        ordering = ["due_on", "id"]
        indexes = [
            models.Index(fields=["officer", "due_on"], name="assignment_open", condition=Q(state="open")),
            models.Index(fields=["regency", "priority", "id"], name="assignment_regency"),
        ]
        constraints = [
            regency_check("assignment_regency_of_code"),
            models.UniqueConstraint(fields=["cause", "cause_id"], name="assignment_once_a_cause"),
        ]

    def __str__(self) -> str:
        return f"{self.cause} {self.id}"


classify(
    Assignment,
    keep="id household region_code regency cause cause_id officer priority due_on state assigned_at assigned_by",
)
