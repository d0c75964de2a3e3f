"""Pages of the programmes: rules and components with their days and their law; changed by `load_programmes`."""

from typing import Any, ClassVar

from django.contrib import admin
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from registry.admin.exports import AuditedExportMixin
from registry.admin.imports import AuditedImportMixin
from registry.admin.pages.base import InForce, ReferencePage, days_of
from registry.admin.programme_resources import ComponentResource, ProgrammeResource, ProgrammeRuleResource
from registry.programmes.models import Component, Exclusion, Programme, ProgrammeRule
from registry.templatetags.dtsen import number

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

    def get_fields(self, request: HttpRequest, obj: Any = None) -> list[str]:
        """Show days, amounts and exclusions in words, and not the row's own number."""
        told = {"valid": "days"} | self.in_words
        return [told.get(name, name) for name in super().get_fields(request, obj) if name != "id"]

    in_words: ClassVar[dict[str, str]] = {}


@admin.register(ProgrammeRule)
class ProgrammeRulePage(ProgrammePartPage):
    """Whom a programme reached and what it paid, for the days on which that was the rule."""

    resource_classes = [ProgrammeRuleResource]
    list_display = ["programme", "days", "desil_max", "proposable_desil_max", "pays", "legal_reference", "confirmed"]
    in_words = {"amount": "pays", "exclusions": "left_out", "quota": "at_most"}

    @admin.display(description=_("rupiah per period"), ordering="amount")
    def pays(self, rule: ProgrammeRule) -> str:
        """Return what one unit receives in a period."""
        return f"Rp{number(rule.amount)}" if rule.amount else "–"

    @admin.display(description=_("national quota"), ordering="quota")
    def at_most(self, rule: ProgrammeRule) -> str:
        """Return how many the nation holds."""
        return number(rule.quota)

    @admin.display(description=_("exclusions"))
    def left_out(self, rule: ProgrammeRule) -> str:
        """Return who is left out all the same, in words."""
        return "; ".join(str(Exclusion(code).label) for code in rule.exclusions) or "–"


@admin.register(Component)
class ComponentPage(ProgrammePartPage):
    """What one kind of person adds to a family's payment."""

    resource_classes = [ComponentResource]
    list_display = ["programme", "need", "days", "pays", "max_per_family", "legal_reference", "confirmed"]
    in_words = {"amount_per_year": "pays"}

    @admin.display(description=_("rupiah per year"), ordering="amount_per_year")
    def pays(self, component: Component) -> str:
        """Return what one person adds in a year."""
        return f"Rp{number(component.amount_per_year)}"
