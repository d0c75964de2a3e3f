"""Exports of lists: with a purpose, on record, safe to open in a spreadsheet, and bounded."""

from typing import Any

from django import forms
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from import_export import resources
from import_export.admin import ExportMixin
from import_export.formats.base_formats import CSV, XLSX
from unfold.contrib.import_export.forms import ExportForm
from unfold.widgets import UnfoldAdminSelectWidget

from registry.common.audit import record, register_event_sentences
from registry.common.errors import RuleRefused, register_sentences
from registry.officers.permissions import get_officer
from registry.officers.roles import May

MOST_ROWS = 100_000
PURPOSES = [
    ("", _("Choose the purpose")),
    ("administration", _("Administration of officers and reference data")),
    ("audit", _("Audit")),
    ("data_quality", _("Work on data quality")),
    ("report", _("Report to a superior institution")),
]
_DANGEROUS = ("=", "+", "-", "@", "\t", "\r")

register_event_sentences(
    {
        "admin.list.exported": (
            "{actor} mengunduh daftar {object}: {rows} baris, tujuan {purpose}",
            "{actor} exported the list {object}: {rows} rows, purpose {purpose}",
        ),
    }
)
register_sentences(
    {
        "admin.export.too_many": (
            "Daftar ini berisi lebih dari {most} baris. Persempit dengan penyaring dahulu.",
            "This list holds more than {most} rows. Narrow it with filters first.",
        ),
    }
)


def safe_cell(value: Any) -> Any:
    """Return the value so that no spreadsheet reads it as a formula.

    >>> safe_cell("=1+1"), safe_cell("34.02"), safe_cell(-3)
    ("'=1+1", '34.02', -3)
    """
    if isinstance(value, str) and value.startswith(_DANGEROUS):
        return f"'{value}"
    return value


def plain_cell(value: Any) -> Any:
    """Return what `safe_cell` was given, for a list that comes back.

    >>> plain_cell("'=1+1"), plain_cell("'s-Gravenhage")
    ('=1+1', "'s-Gravenhage")
    """
    if isinstance(value, str) and value[:1] == "'" and value[1:].startswith(_DANGEROUS):
        return value[1:]
    return value


class SafeResource(resources.ModelResource):
    """A resource whose cells are safe to open, and to bring back."""

    def export_field(self, field: Any, instance: Any, **kwargs: Any) -> Any:
        """Return the cell, made safe."""
        return safe_cell(super().export_field(field, instance, **kwargs))

    def before_import_row(self, row: Any, **kwargs: Any) -> None:
        """Undo what the export made safe; a cell that is empty is text."""
        for column, value in list(row.items()):
            row[column] = "" if value is None else plain_cell(value)


class PurposeForm(ExportForm):
    """The format, and what the list is for."""

    purpose = forms.ChoiceField(label=_("Purpose"), choices=PURPOSES)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["purpose"].widget = UnfoldAdminSelectWidget(choices=PURPOSES)


class AuditedExportMixin(ExportMixin):
    """The export page of a list; a class that uses it names its `resource_classes`."""

    export_form_class = PurposeForm
    formats = [XLSX, CSV]

    def get_export_formats(self) -> list[type[Any]]:
        """Return the formats: spreadsheet and CSV."""
        return list(self.formats)

    def has_export_permission(self, request: HttpRequest) -> bool:
        """Say whether the officer may take this list out."""
        return get_officer(request).may(May.EXPORT_LISTS) and self.has_view_permission(request)

    def get_export_resource_kwargs(self, request: HttpRequest, **kwargs: Any) -> dict[str, Any]:
        """Pass nothing on to the resource."""
        return {}

    def get_export_data(self, file_format: Any, request: HttpRequest, queryset: QuerySet[Any], **kwargs: Any) -> Any:
        """Return the file and record the export. Raises: RuleRefused `admin.export.too_many`."""
        rows = queryset[: MOST_ROWS + 1].count()
        if rows > MOST_ROWS:
            raise RuleRefused("admin.export.too_many", most=MOST_ROWS)
        content = super().get_export_data(file_format, request, queryset, **kwargs)
        self.record_export(request, kwargs["export_form"].cleaned_data["purpose"], rows)
        return content

    def record_export(self, request: HttpRequest, purpose: str, rows: int) -> None:
        """Write who took the list out, what for, and which selection it was."""
        record(
            "admin.list.exported",
            by=get_officer(request),
            obj_type=self.opts.model_name,
            obj_id=self.opts.model_name,
            params={
                "purpose": purpose,
                "rows": rows,
                "filters": sorted(request.GET.keys() - {"q"}),
                "searched": "q" in request.GET,
            },
            now=timezone.now(),
        )

    def export_action(self, request: HttpRequest) -> HttpResponse:
        """Show the form, then the file, which no cache keeps."""
        response: HttpResponse = super().export_action(request)
        response["Cache-Control"] = "no-store, private"
        return response
