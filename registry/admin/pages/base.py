"""Bases of all pages: one that refuses every change and keeps to the scope, one for reference data.

A model is shown to administrators only where a page says so; everything else is personal or
casework, and shows an auditor what the scope holds, with each look on record.
"""

import datetime as dt
import functools
import json
import uuid
from collections.abc import Callable
from typing import Any

from django.contrib import admin
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import models
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext_lazy as _
from unfold.admin import ModelAdmin
from unfold.paginator import InfinitePaginator

from registry.common.privacy import mask_text
from registry.common.reads import record_read
from registry.officers.permissions import get_officer
from registry.officers.roles import May

# Names of columns that no page ever shows: what is encrypted, keyed hashes, tokens, passwords.
_NEVER = ("cipher", "hash", "password", "token", "fingerprint", "digests", "root", "winner")
_SUBJECTS = ("individual", "household")


def is_shown(field: models.Field) -> bool:  # type: ignore[type-arg]
    """Say whether a page may show a column: nothing binary, nothing that holds a secret."""
    if isinstance(field, models.BinaryField):
        return False
    return not any(part in field.name for part in _NEVER)


def subjects_of(row: models.Model) -> set[tuple[str, uuid.UUID]]:
    """Return whom a row is about: ``("individual" | "household", public id)``."""
    found = {(kind, getattr(row, f"{kind}_id", None)) for kind in _SUBJECTS}
    name = row._meta.model_name
    if name in _SUBJECTS:
        found.add((name, row.pk))
    kind = {"nik": "individual", "kk": "household", "person": "individual", "family": "household"}
    about = getattr(row, "object_type", None) or getattr(row, "kind", "")
    about = kind.get(about, about)
    if about in _SUBJECTS:
        keys = [getattr(row, key, None) for key in ("object_id", "a_id", "b_id")]
        found |= {(about, key) for key in [*keys, *getattr(row, "object_ids", [])]}
    return {(kind, key) for kind, key in found if isinstance(key, uuid.UUID)}


@functools.cache
def masked(field: models.Field) -> Callable[[Any], str]:  # type: ignore[type-arg]
    """Return the column as a text in which no NIK or KK can be read, whoever wrote it there.

    The same function for the same column each time: the admin compares them.
    """

    @admin.display(description=field.verbose_name, ordering=field.name)
    def show(row: Any) -> str:
        value = getattr(row, field.name)
        if value in (None, "", [], {}):
            return "–"
        text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, default=str, indent=1)
        return mask_text(text)

    show.__name__ = f"masked_{field.name}"
    return show


def can_hold_numbers(field: models.Field) -> bool:  # type: ignore[type-arg]
    """Say whether a column is free text or JSON, where a NIK may have been written."""
    return isinstance(field, models.CharField | models.TextField | models.JSONField) and not field.choices


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
        found = {subject for row in rows for subject in subjects_of(row)}
        if found:
            record_read(
                get_officer(request),
                f"admin.{self.opts.model_name}",
                "administration.lookup",
                individuals=[key for kind, key in found if kind == "individual"],
                households=[key for kind, key in found if kind == "household"],
            )


class ReferencePage(ReadOnlyPage):
    """Rows that are about no person: administrators and auditors read them."""

    may_view = (May.OPEN_ADMINISTRATION,)

    def record_look(self, request: HttpRequest, rows: list[Any]) -> None:
        """Write nothing: no person is shown."""


class CaseworkPage(ReadOnlyPage):
    """The page of a personal or casework model that has none of its own."""

    paginator = InfinitePaginator

    def get_list_display(self, request: HttpRequest) -> list[Any]:
        """Return the first columns that say which row it is."""
        shown = [f for f in self.opts.concrete_fields if is_shown(f)]
        short = [f for f in shown if not isinstance(f, models.JSONField | models.TextField)]
        return [masked(f) if can_hold_numbers(f) else f.name for f in short[:7]]

    def get_list_display_links(self, request: HttpRequest, list_display: Any) -> Any:
        """Lead to the row by its first column, unless its key is binary and has no address."""
        return None if isinstance(self.opts.pk, models.BinaryField) else list_display[:1]

    def get_fields(self, request: HttpRequest, obj: Any = None) -> list[Any]:
        """Return the columns that may be shown, numbers in texts masked."""
        shown = [f for f in self.opts.concrete_fields if is_shown(f)]
        return [masked(f) if can_hold_numbers(f) else f.name for f in shown]

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


class InForce(admin.SimpleListFilter):
    """Rows in force today, or those that are not."""

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
            return queryset.exclude(pk__in=queryset.in_force(today))
        return queryset


def days_of(valid: Any) -> str:
    """Return a range of days in words, the last day included."""
    if not valid or (valid.lower is None and valid.upper is None):
        return "–"
    first = date_format(valid.lower, "SHORT_DATE_FORMAT") if valid.lower else "…"
    last = date_format(valid.upper - dt.timedelta(days=1), "SHORT_DATE_FORMAT") if valid.upper else "…"
    return first if first == last != "…" else f"{first} – {last}"
