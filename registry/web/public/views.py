"""Pages that anyone may read; nothing personal is on them."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe


@require_safe
def home(request: HttpRequest) -> HttpResponse:
    """What DTSEN is for, and where to go from here."""
    return render(request, "public/home.html")


@require_safe
def about(request: HttpRequest) -> HttpResponse:
    """Sources, matching and protection of data, in plain words."""
    return render(request, "public/about.html")
