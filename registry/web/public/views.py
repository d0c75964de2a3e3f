"""Pages that anyone may read; nothing personal is on them."""

from __future__ import annotations

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import render
from django.views.decorators.http import require_safe

from registry.desil.models import RankModel
from registry.web.office.downloads import as_csv
from registry.web.public import models as reads


@require_safe
def home(request: HttpRequest) -> HttpResponse:
    """What DTSEN is for, and where to go from here."""
    return render(request, "public/home.html")


@require_safe
def about(request: HttpRequest) -> HttpResponse:
    """Sources, matching and protection of data, in plain words."""
    return render(request, "public/about.html")


@require_safe
def models(request: HttpRequest) -> HttpResponse:
    """Every model behind a published ranking, newest first."""
    return render(request, "public/models.html", {"models": reads.list_public_models()})


@require_safe
def model(request: HttpRequest, version: int) -> HttpResponse:
    """All that is known of one published model."""
    return render(request, "public/model.html", {"model": reads.show_record(_published(version))})


@require_safe
def model_file(request: HttpRequest, version: int) -> HttpResponse:
    """The model itself, byte for byte as it is hashed and used."""
    return _json(_published(version).content, f"dtsen-model-{version}.json")


@require_safe
def model_card(request: HttpRequest, version: int) -> HttpResponse:
    """What was measured about the model, for machines."""
    return _json(reads.record_as_json(_published(version)), f"dtsen-model-{version}-kartu.json")


@require_safe
def model_weights(request: HttpRequest, version: int) -> HttpResponseBase:
    """Every answer of every item with its weight."""
    heading = ("butir", "jawaban", "poin_seperseribu_log", "pengaruh_persen")
    return as_csv(f"dtsen-model-{version}-bobot", heading, reads.weight_rows(_published(version)))


def _published(version: int) -> RankModel:
    found = reads.find_public_model(version)
    if found is None:
        raise Http404
    return found


def _json(text: str, name: str) -> HttpResponse:
    response = HttpResponse(text, content_type="application/json")
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    return response
