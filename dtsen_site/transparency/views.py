"""The pages of transparency and their files; anyone may read them, nothing personal is on them."""

from __future__ import annotations

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_safe

from dtsen_site.transparency import sections
from registry.web.office.downloads import as_csv
from registry.wilayah.models import Region


@require_safe
def page(request: HttpRequest) -> HttpResponse:
    """How many, how right and how far: the figures of every room for the nation."""
    return render(request, "public/transparency/page.html", {"parts": sections.show_parts()})


@require_safe
def province(request: HttpRequest, code: str) -> HttpResponse:
    """The figures of one province."""
    region = get_object_or_404(Region, code=code, level=Region.Level.PROVINCE)
    context = {"parts": sections.show_parts(region.code), "province": region}
    return render(request, "public/transparency/page.html", context)


@require_safe
def file(request: HttpRequest, name: str) -> HttpResponseBase:
    """One table as CSV, whole; its heading alone where nothing is published yet."""
    found = sections.find_table(name)
    if found is None:
        raise Http404
    provider, table = found
    _, columns = provider.columns[name]
    return as_csv(f"dtsen-{name}", [column.name for column in columns], table.rows if table else ())


@require_safe
def dictionary(request: HttpRequest) -> HttpResponse:
    """Every file with the meaning of its columns."""
    return render(request, "public/transparency/dictionary.html", {"files": sections.list_files()})


@require_safe
def dictionary_file(request: HttpRequest) -> HttpResponseBase:
    """The meaning of every column of every file, as CSV."""
    return as_csv("dtsen-kamus", ("berkas", "kolom", "jenis", "nama", "arti"), sections.dictionary_rows())
