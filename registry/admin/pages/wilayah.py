"""Pages of the regions: read, searched, taken out and brought in; changed by `load_regions`."""

from typing import Any

from django.contrib import admin
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from import_export.admin import ImportMixin
from import_export.formats.base_formats import CSV, XLSX
from unfold.contrib.import_export.forms import ImportForm

from registry.admin.exports import AuditedExportMixin
from registry.admin.pages.base import ReferencePage, days_of
from registry.admin.resources import BpsBridgeResource, RegionResource
from registry.officers.permissions import get_officer
from registry.officers.roles import May
from registry.wilayah.models import BpsBridge, Region, RegionSuccession


class AuditedImportMixin(ImportMixin):
    """The import page of a list: a preview, then the operations."""

    import_form_class = ImportForm
    formats = [XLSX, CSV]
    import_permission = May.MANAGE_REFERENCE
    skip_admin_log = True

    def get_import_formats(self) -> list[type[Any]]:
        """Return the formats: spreadsheet and CSV."""
        return list(self.formats)

    def has_import_permission(self, request: HttpRequest) -> bool:
        """Say whether the officer may bring this list in."""
        return get_officer(request).may(self.import_permission)


class InForce(admin.SimpleListFilter):
    """Codes in force today, or those that are not."""

    title = _("in force")
    parameter_name = "in_force"

    def lookups(self, request: Any, model_admin: Any) -> list[tuple[str, Any]]:
        """Return the two answers."""
        return [("yes", _("today")), ("no", _("no longer"))]

    def queryset(self, request: Any, queryset: Any) -> Any:
        """Keep what was chosen."""
        today = timezone.localdate()
        if self.value() == "yes":
            return queryset.in_force(today)
        if self.value() == "no":
            return queryset.historic(today)
        return queryset


@admin.register(Region)
class RegionPage(AuditedImportMixin, AuditedExportMixin, ReferencePage):
    """The regions under their Kemendagri codes, old ones included."""

    import_export_change_list_template = "admin/import_export/change_list_import_export.html"
    resource_classes = [RegionResource]
    list_display = ["code", "name", "level", "days", "successor"]
    list_filter = ["level", InForce]
    list_select_related = ["successor"]
    search_fields = ["code__startswith", "name__istartswith"]
    search_help_text = _("Beginning of a code or of a name")

    @admin.display(description=_("in force"))
    def days(self, region: Region) -> str:
        """Return the days of the code."""
        return days_of(region.valid)


@admin.register(RegionSuccession)
class RegionSuccessionPage(ReferencePage):
    """Which code took over from which."""

    list_display = ["old", "new", "since", "kind", "source"]
    list_select_related = ["old", "new"]


@admin.register(BpsBridge)
class BpsBridgePage(AuditedExportMixin, ReferencePage):
    """What a BPS code stands for."""

    resource_classes = [BpsBridgeResource]
    list_display = ["bps_code", "bps_name", "region"]
    list_select_related = ["region"]
    search_fields = ["bps_code__startswith", "bps_name__istartswith", "region__code__startswith"]
