"""Lots: how many of a batch to open, what such a plan lets through, and whether a small area is good."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from registry import sampling
from registry.common.errors import DomainError
from registry.officers.roles import May
from registry.uji_petik import errors as errors  # registers the sentences of sampling
from registry.web.office.doors import office_page
from registry.web.office.sampling_forms import LotForm

STEPS = 40
SHOWN = (1, 2, 5, 10, 20, 30)


@office_page(May.VIEW_SAMPLES)
@require_safe
def lots(request: HttpRequest) -> HttpResponse:
    """Plan, curve and verdict of a batch, and the decision value of a small area; nothing is kept."""
    form = LotForm(request.GET)
    context: dict[str, Any] = {"form": form}
    if form.is_valid():
        asked = form.cleaned_data
        try:
            context |= _plan(asked)
            high, low = float(asked["high"]), float(asked["low"])
            plan = sampling.lqas(asked["visits"], high / 100, low / 100)
            context |= {"lqas": plan, "alpha": 100 * plan.alpha, "beta": 100 * plan.beta, "high": high, "low": low}
        except sampling.SamplingError as problem:
            context["refused"] = DomainError(problem.code, **problem.facts).sentence()
    return render(request, "office/lots.html", context)


def _plan(asked: dict[str, Any]) -> dict[str, Any]:
    lot = asked["lot"]
    plan = sampling.lot_plan(
        lot, float(asked["bad_share"]) / 100, risk=float(asked["risk"]) / 100, accept=asked["accept"]
    )
    widest = min(1.0, 3 * float(asked["bad_share"]) / 100)
    points = [
        (share / widest, sampling.acceptance(plan.n, plan.accept, share, lot))
        for share in (widest * step / STEPS for step in range(STEPS + 1))
    ]
    table = [(share, 100 * sampling.acceptance(plan.n, plan.accept, share / 100, lot)) for share in SHOWN]
    verdict = ""
    if asked["bad_found"] is not None:
        verdict = "accepted" if sampling.accept_lot(plan, asked["bad_found"]) else "rejected"
    return {"plan": plan, "passes": 100 * plan.passes_bad, "points": points, "table": table, "verdict": verdict}
