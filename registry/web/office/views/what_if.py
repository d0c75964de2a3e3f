"""What if: another line for a programme, answered at once from the published ranking."""

from __future__ import annotations

from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from registry.desil.models import RankRun
from registry.desil.selectors import find_published_run
from registry.officers.roles import May
from registry.web.office.doors import office_page, officer_of
from registry.web.office.downloads import as_csv
from registry.web.office.forms import WhatIfForm
from registry.web.office.selectors import what_if as reads
from registry.wilayah.selectors import get_names


@office_page(May.VIEW_RANKING)
@require_safe
def what_if(request: HttpRequest) -> HttpResponse:
    """The form, and what it would mean: families, persons and rupiah, by regency and group."""
    run = find_published_run()
    form, question, regions = _asked(request)
    answer = reads.answer(run, question, regions) if run and question and regions else None
    query = request.GET.urlencode()
    context = {
        "form": form, "run": run, "question": question, "answer": answer, "has_ground": bool(regions),
        "query": f"?{query}" if query else "",
    }  # fmt: skip
    return render(request, "office/what_if.html", context, status=200 if question else 400)


@office_page(May.VIEW_RANKING)
@require_safe
def what_if_download(request: HttpRequest) -> HttpResponseBase:
    """The same answer by regency as a file: counts, no people."""
    run: RankRun | None = find_published_run()
    _form, question, regions = _asked(request)
    answer = reads.answer(run, question, regions) if run and question and regions else None
    if answer is None:
        return redirect("office:what-if")
    heading = [
        _("Code"), _("Regency"), _("Families today"), _("Families then"), _("Families, difference"),
        _("Persons, difference"), _("Rupiah a quarter, difference"), _("Rupiah a year, difference"),
    ]  # fmt: skip
    rows = (
        (
            one.code, one.name, one.families_before, one.families_after, one.families, one.persons,
            "" if one.quarter is None else one.quarter, "" if one.quarter is None else 4 * one.quarter,
        )
        for one in [*answer.places, answer.total]
    )  # fmt: skip
    return as_csv(f"simulasi-desil-{question.before}-{question.after}" if question else "simulasi", heading, rows)


def _asked(request: HttpRequest) -> tuple[WhatIfForm, reads.Question | None, tuple[str, ...]]:
    """The form, the question (None when the form is wrong) and the regions it is about; 404 outside the scope."""
    officer, today = officer_of(request), timezone.localdate()
    regions = reads.regions_of(officer)
    chosen = request.GET.get("region", "")
    if chosen and chosen not in dict(regions):
        if not reads.ground_of(officer, chosen):
            raise Http404
        regions = [*regions, (chosen, get_names([chosen]).get(chosen, chosen))]
    given: Any = request.GET or None
    form = WhatIfForm(given, regions=regions, programmes=reads.programme_choices(today))
    if given and not form.is_valid():
        return form, None, ()
    question = reads.ask(form.cleaned_data if given else {}, today)
    return form, question, reads.ground_of(officer, question.region)
