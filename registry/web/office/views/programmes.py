"""Programmes: whom each one reaches and what it pays, by which law and since when."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from registry.officers.roles import May
from registry.web.office.doors import office_page
from registry.web.office.selectors.programmes import list_programmes


@office_page(May.VIEW_RANKING)
@require_safe
def programme_list(request: HttpRequest) -> HttpResponse:
    """Every programme with the rule of today, and the rules before and after it."""
    return render(request, "office/programmes.html", {"programmes": list_programmes(timezone.localdate())})
