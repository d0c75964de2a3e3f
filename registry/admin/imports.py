"""Imports of lists: a preview that carries the operations out and rolls them back, then the operations."""

from typing import Any

from django.http import HttpRequest
from import_export.admin import ImportMixin
from import_export.formats.base_formats import CSV, XLSX
from unfold.contrib.import_export.forms import ImportForm

from registry.officers.permissions import get_officer
from registry.officers.roles import May


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
