"""The auditor's desk: events as sentences, and the walk over their seals."""

from __future__ import annotations

from typing import Any

from django import forms
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_POST, require_safe

from registry.common.sealing import verify
from registry.officers.roles import May
from registry.web.forms import DayField, FilterForm
from registry.web.office.doors import office_page
from registry.web.office.selectors.audit import (
    explain,
    find_events,
    find_reads,
    kinds_of_events,
    show_events,
    show_read,
)
from registry.web.office.selectors.paging import keyset_page


class EventFilter(FilterForm):
    """What to show."""

    operation = forms.ChoiceField(label=_("Kind of event"), required=False)
    email = forms.EmailField(label=_("Officer's e-mail"), required=False)
    obj_id = forms.CharField(label=_("Public id of the object"), required=False, max_length=64)
    since = DayField(label=_("From"), required=False)
    until = DayField(label=_("Until"), required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["operation"].choices = [("", _("All kinds")), *kinds_of_events()]  # type: ignore[attr-defined]


class ReadFilter(FilterForm):
    """Whose looks, or looks at whom."""

    email = forms.EmailField(label=_("Officer's e-mail"), required=False)
    subject = forms.UUIDField(label=_("Public id of the person or family"), required=False)
    since = DayField(label=_("From"), required=False)
    until = DayField(label=_("Until"), required=False)


@office_page(May.VIEW_AUDIT)
@require_safe
def reads(request: HttpRequest) -> HttpResponse:
    """The newest looks at personal data first."""
    form = ReadFilter(request.GET or None)
    chosen = form.cleaned_data if form.is_valid() else {}
    page = keyset_page(request, find_reads(**chosen), order=["-at", "-id"])
    page.rows = [show_read(log) for log in page.rows]
    return render(request, "office/reads.html", {"form": form, "page": page})


@office_page(May.VIEW_AUDIT)
@require_safe
def audit(request: HttpRequest) -> HttpResponse:
    """The newest events first."""
    return render(request, "office/audit.html", listing(request))


@office_page(May.VIEW_AUDIT)
@require_POST
def audit_verify(request: HttpRequest) -> HttpResponse:
    """Walk the chain and say what was found."""
    verdict = explain(verify(now=timezone.now()))
    return render(request, "office/audit.html", listing(request) | {"verdict": verdict})


def listing(request: HttpRequest) -> dict[str, Any]:
    """The filtered page of events."""
    form = EventFilter(request.GET or None)
    chosen = form.cleaned_data if form.is_valid() else {}
    page = keyset_page(request, find_events(**chosen), order=["-at", "-id"])
    page.rows = show_events(page.rows)
    return {"form": form, "page": page}
