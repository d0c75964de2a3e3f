"""Pages of quotas: how many families a programme takes where; brought in as a list by `set_quota`."""

import datetime as dt
from typing import Any

from django.contrib import admin
from django.core.exceptions import ValidationError
from django.utils import timezone
from import_export import fields

from registry.admin.exports import AuditedExportMixin
from registry.admin.imports import AuditedImportMixin
from registry.admin.pages.base import ReferencePage
from registry.admin.resources import OperationResource
from registry.beneficiaries.models import Quota
from registry.beneficiaries.operations import set_quota
from registry.common.errors import BadInput
from registry.officers.models import Officer
from registry.wilayah.codes import dotted


class QuotaResource(OperationResource):
    """How many families of a regency a programme takes in a period; the same row again changes the number."""

    region = fields.Field("region_code", "region", readonly=True)

    class Meta:
        model = Quota
        import_id_fields = ()
        fields = ("programme", "starts_on", "region", "families", "legal_reference")
        export_order = fields
        clean_model_instances = False

    def get_instance(self, instance_loader: Any, row: Any) -> Any:
        """Return nothing: the operation knows a quota by programme, period and regency."""
        return None

    def import_field(self, field: Any, instance: Any, row: Any, is_m2m: bool = False, **kwargs: Any) -> None:
        """Leave the instance empty: a row goes to the operation as it was told."""

    def skip_row(self, instance: Any, original: Any, row: Any, *args: Any, **kwargs: Any) -> bool:
        """Leave nothing out."""
        return False

    def operate(self, instance: Quota, is_create: bool, row: Any, *, by: Officer) -> Quota:
        """Set the quota. Raises: ValidationError for a row that cannot be read."""
        try:
            starts_on = dt.date.fromisoformat(str(row["starts_on"])[:10])
            families = int(str(row["families"]).strip().removesuffix(".0"))
            region_code = dotted(str(row["region"]).strip())
        except (KeyError, ValueError) as error:
            raise ValidationError(BadInput("beneficiaries.quota.unreadable").sentence()) from error
        return set_quota(
            programme=str(row["programme"]).strip(),
            starts_on=starts_on,
            region_code=region_code,
            families=families,
            legal_reference=str(row.get("legal_reference", "")),
            by=by,
            now=timezone.now(),
        )


@admin.register(Quota)
class QuotaPage(AuditedImportMixin, AuditedExportMixin, ReferencePage):
    """How many families of a regency a programme takes in a period at most."""

    import_export_change_list_template = "admin/import_export/change_list_import_export.html"
    resource_classes = [QuotaResource]
    list_display = ["programme", "starts_on", "region_code", "families", "legal_reference"]
    list_select_related = ["programme"]
    list_filter = ["programme", "starts_on"]
    search_fields = ["region_code__startswith"]
