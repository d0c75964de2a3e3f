"""Pages of the regions: read, searched, taken out and brought in; changed by `load_regions`."""

from django.contrib import admin
from django.utils.translation import gettext_lazy as _

from registry.admin.exports import AuditedExportMixin
from registry.admin.imports import AuditedImportMixin
from registry.admin.pages.base import InForce, ReferencePage, days_of
from registry.admin.resources import BpsBridgeResource, RegionResource
from registry.wilayah.models import BpsBridge, Region, RegionSuccession


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
