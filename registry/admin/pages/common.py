"""Pages of the common ground: audit and read log for auditors, jobs and outbox for both."""

from typing import Any

from django.contrib import admin
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _
from unfold.paginator import InfinitePaginator

from registry.admin.exports import AuditedExportMixin, SafeResource
from registry.admin.pages.base import ReferencePage
from registry.common.audit import describe
from registry.common.models import (
    AccessLog,
    AccessSubject,
    AuditBlock,
    AuditEvent,
    IdAlias,
    Job,
    JobStep,
    KeyFingerprint,
    Outbox,
)
from registry.officers.roles import May


class AuditPage(ReferencePage):
    """A page that only auditors open."""

    may_view = (May.VIEW_AUDIT,)
    paginator = InfinitePaginator


class AuditEventResource(SafeResource):
    """The events of a selection."""

    class Meta:
        model = AuditEvent
        fields = ("id", "at", "actor", "operation", "obj_type", "obj_id", "regency", "params")


@admin.register(AuditEvent)
class AuditEventPage(AuditedExportMixin, AuditPage):
    """Every operation that was carried out, as a sentence."""

    resource_classes = [AuditEventResource]
    list_display = ["at", "sentence", "operation", "actor", "regency"]
    list_display_links = ["at"]
    list_select_related = ["actor"]
    search_fields = ["=operation", "=obj_id"]
    ordering = ["-at", "-id"]

    @admin.display(description=_("what happened"))
    def sentence(self, event: AuditEvent) -> str:
        """Return the event as a sentence."""
        return describe(event)


@admin.register(AuditBlock)
class AuditBlockPage(AuditPage):
    """The blocks of the sealed chain."""

    list_display = ["number", "sealed_at", "events"]

    @admin.display(description=_("events"))
    def events(self, block: AuditBlock) -> int:
        """Return how many events the block seals."""
        return len(block.event_ids)


@admin.register(AccessLog)
class AccessLogPage(AuditPage):
    """Every look at personal data."""

    list_display = ["at", "officer", "door", "purpose", "subjects"]
    list_select_related = ["officer"]
    search_fields = ["=door", "=purpose", "=officer__email"]
    ordering = ["-at", "-id"]


@admin.register(AccessSubject)
class AccessSubjectPage(AuditPage):
    """Whom a look showed, by public id."""

    list_display = ["at", "kind", "subject_id", "log_id"]
    search_fields = ["=subject_id"]
    ordering = ["-at", "-id"]


@admin.register(Job)
class JobPage(ReferencePage):
    """Long work and how far it is."""

    list_display = ["created_at", "kind", "state", "step", "created_by"]
    list_filter = ["state", "kind"]
    list_select_related = ["created_by"]

    def get_fields(self, request: HttpRequest, obj: Any = None) -> list[str]:
        """Leave out what a file name may say."""
        return [name for name in super().get_fields(request, obj) if name != "file"]


@admin.register(JobStep)
class JobStepPage(ReferencePage):
    """The parts of a job that need not be done again."""

    list_display = ["job", "step", "partition", "state", "finished_at"]


@admin.register(Outbox)
class OutboxPage(ReferencePage):
    """What must follow a committed change."""

    list_display = ["signal", "created_at", "attempts", "sent_at"]
    paginator = InfinitePaginator


@admin.register(IdAlias)
class IdAliasPage(ReferencePage):
    """Public ids that lead to others today."""

    list_display = ["old_id", "current_id", "kind", "at"]
    paginator = InfinitePaginator
    ordering = ["old_id"]


@admin.register(KeyFingerprint)
class KeyFingerprintPage(ReferencePage):
    """Which keys wrote this database, without the keys."""

    list_display = ["name", "key_id", "made_at"]
