"""Bases of all pages: one that refuses every change and keeps to the scope, one for reference data.

A model is shown to administrators only where a page says so; everything else is personal or
casework, and shows an auditor what the scope holds, with each look on record.
"""

from typing import Any

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import models
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from unfold.admin import ModelAdmin
from unfold.paginator import InfinitePaginator

from registry.common.reads import record_read
from registry.officers.permissions import get_officer
from registry.officers.roles import May

# Names of columns that no page ever shows: what is encrypted, keyed hashes, tokens, passwords.
_NEVER = ("cipher", "hash", "password", "token", "fingerprint", "digests", "root", "winner")


def is_shown(field: models.Field) -> bool:  # type: ignore[type-arg]
    """Say whether a page may show a column: nothing binary, nothing that holds a secret."""
    if isinstance(field, models.BinaryField):
        return False
    return not any(part in field.name for part in _NEVER)


class ReadOnlyPage(ModelAdmin):  # type: ignore[type-arg]
    """A list and a page of each row; every way to add, change or delete is refused."""

    may_view: tuple[May, ...] = (May.VIEW_FAMILY,)
    show_full_result_count = False
    list_per_page = 50
    list_max_show_all = 50
    list_disable_select_all = True
    actions = None
    show_add_link = False

    # What it refuses

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Say whether one of the officer's roles opens this page."""
        return any(get_officer(request).may(what) for what in self.may_view)

    def has_module_permission(self, request: HttpRequest) -> bool:
        """Show the page in the list of pages to whoever may view it."""
        return self.has_view_permission(request)

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Say no."""
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Say no."""
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Say no."""
        return False

    def changelist_view(self, request: HttpRequest, extra_context: Any = None) -> HttpResponse:
        """Show the list; refuse whatever is posted to it."""
        if request.method not in ("GET", "HEAD"):
            raise PermissionDenied
        response: HttpResponse = super().changelist_view(request, extra_context)
        shown = getattr(response, "context_data", {}).get("cl")
        if shown is not None:
            self.record_look(request, list(shown.result_list))
        return response

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: Any = None
    ) -> HttpResponse:
        """Show one row and record the look."""
        response = super().change_view(request, object_id, form_url, extra_context)
        row = getattr(response, "context_data", {}).get("original")
        if row is not None:
            self.record_look(request, [row])
        return response

    def history_view(self, request: HttpRequest, object_id: str, extra_context: Any = None) -> HttpResponse:
        """Refuse: what happened is in the audit, not in Django's log."""
        raise PermissionDenied

    def log_addition(self, *args: Any) -> None:
        """Write nothing: operations write the audit."""

    log_change = log_addition
    log_deletions = log_addition

    # What it shows

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        """Return the rows that the officer's scope shows."""
        rows = super().get_queryset(request)
        if hasattr(rows, "visible_to"):
            return rows.visible_to(get_officer(request))  # type: ignore[no-any-return]
        if May.VIEW_FAMILY in self.may_view and not get_officer(request).scope.everything:
            names = {field.name for field in self.opts.fields}
            if {"region_code", "regency"} <= names:
                return rows.filter(get_officer(request).scope.condition())
            return rows.none()
        return rows

    def get_fields(self, request: HttpRequest, obj: Any = None) -> list[str]:
        """Return the columns that may be shown."""
        return [field.name for field in self.opts.concrete_fields if is_shown(field)]

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> list[str]:
        """Return all of them: nothing can be typed here."""
        return self.get_fields(request, obj)

    # Looks at people

    def record_look(self, request: HttpRequest, rows: list[Any]) -> None:
        """Write whose data were shown, for models that are about people or families."""
        individuals, households = set(), set()
        for row in rows:
            for name in ("individual_id", "household_id"):
                value = getattr(row, name, None)
                if value is not None:
                    (individuals if name == "individual_id" else households).add(value)
            if self.opts.model_name == "individual":
                individuals.add(row.pk)
            elif self.opts.model_name == "household":
                households.add(row.pk)
        if individuals or households:
            record_read(
                get_officer(request),
                f"admin.{self.opts.model_name}",
                "administration.lookup",
                individuals=individuals,
                households=households,
            )


class ReferencePage(ReadOnlyPage):
    """Rows that are about no person: administrators and auditors read them."""

    may_view = (May.OPEN_ADMINISTRATION,)

    def record_look(self, request: HttpRequest, rows: list[Any]) -> None:
        """Write nothing: no person is shown."""


class CaseworkPage(ReadOnlyPage):
    """The page of a personal or casework model that has none of its own."""

    paginator = InfinitePaginator

    def get_list_display(self, request: HttpRequest) -> list[str]:
        """Return the first columns that say which row it is."""
        shown = [f for f in self.opts.concrete_fields if is_shown(f)]
        plain = [f.name for f in shown if not isinstance(f, models.JSONField | models.TextField)]
        return plain[:7]

    def get_ordering(self, request: HttpRequest) -> list[str]:
        """Return the order of the primary key, which needs no sort at any size."""
        return ["-pk"]

    def get_search_fields(self, request: HttpRequest) -> list[str]:
        """Search by the row's id only: people are looked for in the office."""
        return ["=pk"]

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Any], search_term: str
    ) -> tuple[QuerySet[Any], bool]:
        """Return the row of that id, nothing for a word that cannot be one."""
        term = search_term.strip()
        if not term:
            return queryset, False
        try:
            return queryset.filter(pk=self.opts.pk.to_python(term)), False
        except ValidationError:
            return queryset.none(), False


def days_of(valid: Any) -> str:
    """Return a range of days in words."""
    if not valid:
        return "–"
    lower, upper = valid.lower, valid.upper
    return f"{lower or '…'} – {upper or '…'}"
