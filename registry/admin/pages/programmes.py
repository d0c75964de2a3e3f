"""Pages of the programmes: rules and components with their days and their law; changed by `load_programmes`."""

from typing import Any

from django.contrib import admin
from django.utils.translation import gettext_lazy as _

from registry.admin.exports import AuditedExportMixin
from registry.admin.imports import AuditedImportMixin
from registry.admin.pages.base import InForce, ReferencePage, days_of
from registry.admin.programme_resources import ComponentResource, ProgrammeResource, ProgrammeRuleResource
from registry.programmes.models import Component, Programme, ProgrammeRule

BOTH = "admin/import_export/change_list_import_export.html"


@admin.register(Programme)
class ProgrammePage(AuditedExportMixin, ReferencePage):
    """The programmes of social assistance."""

    resource_classes = [ProgrammeResource]
    list_display = ["code", "name", "unit"]


class ProgrammePartPage(AuditedImportMixin, AuditedExportMixin, ReferencePage):
    """Rows that hold for some days, under a legal reference; never typed here, brought in as a list."""

    import_export_change_list_template = BOTH
    list_select_related = ["programme"]
    list_filter = ["programme", InForce, "confirmed"]

    @admin.display(description=_("in force"), ordering="valid")
    def days(self, row: Any) -> str:
        """Return the days of the row."""
        return days_of(row.valid)


@admin.register(ProgrammeRule)
class ProgrammeRulePage(ProgrammePartPage):
    """Whom a programme reached and what it paid, for the days on which that was the rule."""

    resource_classes = [ProgrammeRuleResource]
    list_display = ["programme", "days", "desil_max", "proposable_desil_max", "amount", "legal_reference", "confirmed"]


@admin.register(Component)
class ComponentPage(ProgrammePartPage):
    """What one kind of person adds to a family's payment."""

    resource_classes = [ComponentResource]
    list_display = ["programme", "need", "days", "amount_per_year", "max_per_family", "legal_reference", "confirmed"]
