"""Lots: planned from the families they are made of, drawn, and listed with their verdicts; and a calculator."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from registry import sampling
from registry.common.errors import DomainError
from registry.common.jobs import queue_job
from registry.officers.models import Officer
from registry.officers.roles import May
from registry.uji_petik import errors as errors  # registers the sentences of sampling
from registry.uji_petik.frames import suggest_name
from registry.uji_petik.lots import Asked, LotDraft, LotRequest, areas_of, find_standing, get_lot_source, plan_lots
from registry.uji_petik.models import Design, Lot
from registry.web.office.doors import office_page, officer_of
from registry.web.office.sampling_forms import AreaPlanForm, LotDrawForm, LotForm, LotPlanForm
from registry.web.office.selectors import lots as reads
from registry.web.office.selectors.paging import keyset_page
from registry.web.office.selectors.scope import describe_place

MOST_AREAS = 60  # villages that the planner lists one by one


@office_page(May.VIEW_SAMPLES)
@require_safe
def lots(request: HttpRequest) -> HttpResponse:
    """The lots of the officer's regions with their verdicts."""
    officer = officer_of(request)
    page = keyset_page(request, reads.find_lots(officer), order=["-id"])
    page.rows = reads.show_lots(page.rows)
    return render(request, "office/lots.html", {"page": page, "may": officer.may(May.DRAW_SAMPLES)})


@office_page(May.DRAW_SAMPLES)
@require_safe
def lot_plan(request: HttpRequest, method: str) -> HttpResponse:
    """How many of a lot, or of each small area, are opened, and what such a plan lets through."""
    officer = officer_of(request)
    form = _form(method, request.GET, officer)
    context: dict[str, Any] = {"form": form, "method": method, "areas": method == Design.Method.LQAS}
    if form.is_valid():
        try:
            asked, drafts = _drafts(method, form.cleaned_data, officer)
        except DomainError as error:
            context["refused"] = error.sentence()
        else:
            context |= _shown(method, drafts, form.cleaned_data)
            name = suggest_name(form.cleaned_data["error"], asked.region_code)
            context["draw"] = LotDrawForm.suggested((_("Lot: %(name)s") % {"name": name})[:120])
            context["carried"] = [(field, form[field].value()) for field in form.fields if form[field].value()]
    return render(request, "office/lot_plan.html", context)


@office_page(May.DRAW_SAMPLES)
@require_POST
def lot_draw(request: HttpRequest, method: str) -> HttpResponse:
    """Hand the planned lot over to the workers; its job's page follows."""
    officer = officer_of(request)
    plan, form = _form(method, request.POST, officer), LotDrawForm(request.POST)
    if not (plan.is_valid() and form.is_valid()):
        problems = [str(error) for bound in (plan, form) for errors in bound.errors.values() for error in errors]
        messages.error(request, " ".join(dict.fromkeys(problems)))
        return redirect(f"office:{method}-plan")
    asked, given = plan.cleaned_data, form.cleaned_data
    frame, line = reads.frame_of(asked["whom"], on=timezone.localdate())
    params: dict[str, Any] = {
        "name": given["name"],
        "error": asked["error"],
        "method": method,
        "frame": frame,
        "line": line,
        "region_code": asked["region"],
        "seed": given["seed"],
        "due_on": given["due_on"].isoformat(),
        "lot": asdict(_request(method, asked)),
        "wish": {},
    }
    job = queue_job("draw_sample", by=officer, params=params, now=timezone.now())
    return redirect("office:job", job_id=job.pk)


def _form(method: str, data: Any, officer: Officer) -> LotPlanForm:
    today = timezone.localdate()
    kind = AreaPlanForm if method == Design.Method.LQAS else LotPlanForm
    return kind(
        data,
        places=reads.places_to_judge(officer, on=today),
        companions=reads.companions_of(officer, on=today),
        families=reads.families_to_judge(on=today),
    )


def _request(method: str, asked: Mapping[str, Any]) -> LotRequest:
    good, bad = float(asked["good"]) / 100, float(asked["bad"]) / 100
    if method == Design.Method.LQAS:
        return LotRequest(good_share=1 - good, bad_share=1 - bad, visits=asked["visits"])
    risk = float(asked["risk"]) / 100
    return LotRequest(
        good_share=good,
        bad_share=bad,
        producer_risk=risk,
        consumer_risk=risk,
        reduced=asked["reduced"],
        companion=int(asked["companion"]) if asked["companion"] else None,
    )


def _drafts(method: str, asked: Mapping[str, Any], officer: Officer) -> tuple[Asked, list[LotDraft]]:
    today = timezone.localdate()
    request = _request(method, asked)
    frame, line = reads.frame_of(asked["whom"], on=today)
    region = asked["region"]
    of = Asked(region, frame, line, areas_of(request.companion, region, on=today), request.batch)
    sizes = get_lot_source(request.source).count(of, officer)
    return of, plan_lots(sizes, method=method, asked=of, request=request, error=asked["error"])


def _shown(method: str, drafts: list[LotDraft], asked: Mapping[str, Any]) -> dict[str, Any]:
    if method == Design.Method.LQAS:
        lines = [
            (describe_place(draft.area), draft.plan, draft.plan.n - draft.plan.accept) for draft in drafts[:MOST_AREAS]
        ]
        return {
            "lines": lines,
            "more": max(0, len(drafts) - MOST_AREAS),
            "areas_count": len(drafts),
            "families": sum(draft.plan.n for draft in drafts),
        }
    (draft,) = drafts
    plan, standing = draft.plan, find_standing(draft.series)
    tone, why = reads.describe_standing(standing)
    return {
        "plan": plan,
        "severity": Lot.Severity(draft.severity.value).label,
        "tone": tone,
        "why": why,
        "risks": reads.describe_risks(
            plan.lot, plan.good_limit, plan.bad_limit, fails_good=plan.fails_good, passes_bad=plan.passes_bad
        ),
        "curve": reads.characteristic(plan.n, plan.accept, plan.lot, float(asked["bad"]) / 100),
    }


@office_page(May.VIEW_SAMPLES)
@require_safe
def lot_calculator(request: HttpRequest) -> HttpResponse:
    """Plan, curve and verdict of any batch, and the decision value of a small area; nothing is kept."""
    form = LotForm(request.GET)
    context: dict[str, Any] = {"form": form}
    if form.is_valid():
        asked = form.cleaned_data
        try:
            context |= _calculated(asked)
            high, low = float(asked["high"]), float(asked["low"])
            plan = sampling.lqas(asked["visits"], high / 100, low / 100)
            context |= {"lqas": plan, "alpha": 100 * plan.alpha, "beta": 100 * plan.beta, "high": high, "low": low}
        except sampling.SamplingError as problem:
            context["refused"] = DomainError(problem.code, **problem.facts).sentence()
    return render(request, "office/lot_calculator.html", context)


def _calculated(asked: Mapping[str, Any]) -> dict[str, Any]:
    lot, bad_share = asked["lot"], float(asked["bad_share"]) / 100
    plan = sampling.lot_plan(lot, bad_share, risk=float(asked["risk"]) / 100, accept=asked["accept"])
    verdict = ""
    if asked["bad_found"] is not None:
        verdict = "accepted" if sampling.accept_lot(plan, asked["bad_found"]) else "rejected"
    curve = reads.characteristic(plan.n, plan.accept, lot, bad_share)
    return {"plan": plan, "passes": 100 * plan.passes_bad, "curve": curve, "verdict": verdict}
