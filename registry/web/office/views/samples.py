"""Uji petik: the samples and the five errors, the planner, the draw, progress, results from files, rates."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from registry import sampling
from registry.common.errors import DomainError, NotAllowed
from registry.common.jobs import queue_job
from registry.officers.roles import May
from registry.uji_petik.answers import COLUMNS, list_visits
from registry.uji_petik.estimating import Checkers, close_design, estimate_errors
from registry.uji_petik.frames import count_frame, suggest_name
from registry.uji_petik.models import Design, ErrorKind
from registry.web.office.doors import office_page, officer_of
from registry.web.office.downloads import as_csv
from registry.web.office.sampling_forms import CheckersForm, CoverageForm, DrawForm, PlanForm, ResultsForm
from registry.web.office.selectors import samples as reads
from registry.web.office.selectors.lots import find_lots, next_of, show_lots
from registry.web.office.selectors.paging import keyset_page
from registry.web.office.uploads import keep_uploads
from registry.wilayah.codes import regency_of


@office_page(May.VIEW_SAMPLES)
@require_safe
def sample_list(request: HttpRequest) -> HttpResponse:
    """The five errors with what is known of each, and the samples of the officer's regions."""
    officer = officer_of(request)
    page = keyset_page(request, reads.find_designs(officer), order=["-id"])
    page.rows = reads.summarise(page.rows)
    errors = reads.show_errors(officer)
    largest = max([5.0, *(row.rate.high for row in errors if row.rate)])
    context = {"page": page, "errors": errors, "largest": largest, "may": officer.may(May.DRAW_SAMPLES)}
    return render(request, "office/samples.html", context)


@office_page(May.DRAW_SAMPLES)
@require_safe
def sample_plan(request: HttpRequest) -> HttpResponse:
    """Which interval for which cost: designs beside each other."""
    form = PlanForm(request.GET, regions=reads.regions_to_sample(officer_of(request)))  # type: ignore[arg-type]
    options, refused = _options(form, officer_of(request))
    cheapest = sampling.affordable(options)
    rows = reads.show_options(options, float(form.cleaned_data["share"])) if options else []
    region = form.cleaned_data.get("region", "") if form.is_valid() else ""
    name = suggest_name(form["error"].value(), region) if options else ""
    context = {
        "form": form,
        "rows": rows,
        "refused": refused,
        "chosen": reads.option_key(cheapest or sampling.narrowest(options)) if options else "",
        "none_reached": bool(options) and cheapest is None,
        "largest": max((100 * o.high for o in options), default=1.0) * 1.1,
        "draw": DrawForm.suggested(name) if options else None,
        "carried": [(name, form[name].value()) for name in form.fields],
    }
    return render(request, "office/sample_plan.html", context)


@office_page(May.DRAW_SAMPLES)
@require_POST
def sample_draw(request: HttpRequest) -> HttpResponse:
    """Hand the chosen design over to the workers; its job's page follows."""
    officer = officer_of(request)
    plan = PlanForm(request.POST, regions=reads.regions_to_sample(officer))  # type: ignore[arg-type]
    form = DrawForm(request.POST)
    if not (plan.is_valid() and form.is_valid()):
        problems = [str(error) for bound in (plan, form) for errors in bound.errors.values() for error in errors]
        messages.error(request, " ".join(dict.fromkeys(problems)))
        return redirect("office:sample-plan")
    options, refused = _options(plan, officer)
    option = next((o for o in options if reads.option_key(o) == form.cleaned_data["option"]), None)
    if option is None:
        messages.error(request, refused or _("Choose one of the designs."))
        return redirect("office:sample-plan")
    asked, given = plan.cleaned_data, form.cleaned_data
    two_stage = option.method == Design.Method.TWO_STAGE
    wish = {name: float(asked[name]) for name in ("share", "half_width", "rho", "response")}
    params: dict[str, Any] = {
        "name": given["name"],
        "error": asked["error"],
        "method": option.method,
        "frame": asked["frame"],
        "line": int(asked["line"]),
        "region_code": asked["region"],
        "families": 0 if two_stage else option.families,
        "villages": option.first_stage,
        "per_village": option.per_village,
        "floor": float(asked["floor"]) / 100,
        "seed": given["seed"],
        "due_on": given["due_on"].isoformat(),
        "wish": wish | {"cost": option.cost, "expected_low": option.low, "expected_high": option.high},
    }
    job = queue_job("draw_sample", by=officer, params=params, now=timezone.now())
    return redirect("office:job", job_id=job.pk)


def _options(form: PlanForm, officer: Any) -> tuple[list[sampling.Option], str]:
    """The designs that a plan leads to, or why there are none."""
    if not form.is_valid():
        return [], ""
    asked = form.cleaned_data
    if asked["error"] == ErrorKind.MODEL and asked["frame"] == Design.Frame.BELOW_LINE:
        return [], DomainError("uji_petik.draw.payroll").sentence()
    wish = sampling.Wish(
        share=float(asked["share"]) / 100,
        half_width=float(asked["half_width"]) / 100,
        rho=float(asked["rho"]),
        response=float(asked["response"]) / 100,
        cost_village=int(asked["cost_village"]),
        cost_family=int(asked["cost_family"]),
        floor=float(asked["floor"]) / 100,
    )
    try:
        cells = count_frame(frame=asked["frame"], line=int(asked["line"]), region_code=asked["region"], officer=officer)
    except DomainError as error:
        return [], error.sentence()
    return sampling.plan_options(cells, wish, per_village=sorted({5, int(asked["per_village"]), 20})), ""


@office_page(May.VIEW_SAMPLES)
@require_safe
def sample(request: HttpRequest, design_id: int) -> HttpResponse:
    """One sample: the error with its definition, rates with intervals, files, what it rests on."""
    officer = officer_of(request)
    design = reads.find_designs(officer).get_visible(officer, pk=design_id)  # type: ignore[attr-defined]
    view = reads.show_design(design, officer)
    context = {"sample": view, "results": ResultsForm(), "checkers": CheckersForm()}
    if design.judges_lots:
        lots = list(find_lots(officer).filter(design=design).order_by("region_code"))
        context["lots"] = show_lots(lots)
        if design.method == Design.Method.LOT:
            context["next_tone"], context["next_words"] = next_of(lots[0])
    return render(request, "office/sample.html", context)


@office_page(May.VIEW_SAMPLES)
@require_safe
def sample_progress(request: HttpRequest, design_id: int) -> HttpResponse:
    """How far the visits are, by stratum and by village."""
    officer = officer_of(request)
    design = Design.objects.get_visible(officer, pk=design_id)
    strata, villages = reads.count_progress(design)
    (line,) = reads.summarise([design])
    return render(request, "office/sample_progress.html", {"line": line, "strata": strata, "villages": villages})


@office_page(May.DRAW_SAMPLES)
@require_safe
def sample_template(request: HttpRequest, design_id: int) -> HttpResponseBase:
    """The families still to be answered, as a file to fill in; the download is recorded."""
    officer = officer_of(request)
    design = _sampled_by(officer, design_id)
    rows = list_visits(design, door="office.sample", by=officer, now=timezone.now())
    heading = [*COLUMNS, _("Order"), _("Village")]
    return as_csv(f"uji-petik-{design.pk}", heading, rows)


@office_page(May.DRAW_SAMPLES)
@require_POST
def sample_results(request: HttpRequest, design_id: int) -> HttpResponse:
    """Keep a file with results and hand it over to the workers."""
    officer = officer_of(request)
    design = _sampled_by(officer, design_id)
    form = ResultsForm(request.POST, request.FILES)
    if not form.is_valid():
        messages.error(request, " ".join(str(error) for errors in form.errors.values() for error in errors))
        return redirect("office:sample", design_id=design.pk)
    (path,) = keep_uploads([form.cleaned_data["attachment"]])
    params = {"design": design.pk, "file": path}
    job = queue_job("receive_check_results", by=officer, params=params, regency=design.regency, now=timezone.now())
    return redirect("office:job", job_id=job.pk)


@office_page(May.DRAW_SAMPLES)
@require_http_methods(["GET", "POST"])
def coverage(request: HttpRequest) -> HttpResponse:
    """Hand an independent list of an area over to the workers; its job leads to the coverage."""
    officer = officer_of(request)
    given = (request.POST, request.FILES) if request.method == "POST" else (None, None)
    form = CoverageForm(*given, regions=reads.regions_to_sample(officer))
    if request.method == "POST" and form.is_valid():
        told = form.cleaned_data
        (path,) = keep_uploads([told["attachment"]])
        params = {"name": told["name"], "region_code": told["region"], "file": path}
        regency = regency_of(told["region"])
        job = queue_job("estimate_coverage", by=officer, params=params, regency=regency, now=timezone.now())
        return redirect("office:job", job_id=job.pk)
    status = 400 if request.method == "POST" else 200
    return render(request, "office/coverage.html", {"form": form}, status=status)


@office_page(May.DRAW_SAMPLES)
@require_POST
def sample_estimate(request: HttpRequest, design_id: int) -> HttpResponse:
    """Estimate anew, corrected for checkers that err."""
    officer = officer_of(request)
    design = _sampled_by(officer, design_id)
    form = CheckersForm(request.POST)
    if not form.is_valid():
        messages.error(request, _("Give both shares in percent, from 1 to 100."))
        return redirect("office:sample", design_id=design.pk)
    checkers = Checkers(*(float(form.cleaned_data[name]) / 100 for name in ("sensitivity", "specificity")))
    try:
        estimate_errors(design=design, checkers=checkers, by=officer, now=timezone.now())
        messages.success(request, _("The corrected rate stands beside the plain one."))
    except DomainError as error:
        messages.error(request, error.sentence())
    return redirect("office:sample", design_id=design.pk)


@office_page(May.DRAW_SAMPLES)
@require_POST
def sample_close(request: HttpRequest, design_id: int) -> HttpResponse:
    """Take no further answer."""
    officer = officer_of(request)
    close_design(design=_sampled_by(officer, design_id), by=officer, now=timezone.now())
    messages.success(request, _("The sample is closed; its rates stay."))
    return redirect("office:sample", design_id=design_id)


@office_page(May.VIEW_SAMPLES)
@require_safe
def sample_export(request: HttpRequest, design_id: int) -> HttpResponseBase:
    """The rates of a sample as a file; it holds no personal data."""
    officer = officer_of(request)
    design = Design.objects.get_visible(officer, pk=design_id)
    heading = [
        _("Error"), _("Part"), _("Rate (%)"), _("From"), _("To"), _("Method"), "n", "n_eff", _("Design effect"),
        _("Answered"), _("Denominator"),
    ]  # fmt: skip
    _definition, denominator, _how = reads.ERRORS[design.error]
    rows = (
        [
            design.get_error_display(), rate.label, round(rate.at, 3), round(rate.low, 3), round(rate.high, 3),
            f"{rate.method}{', Rogan–Gladen' if rate.corrected else ''}", rate.n, rate.n_eff, rate.deff, rate.response,
            str(denominator),
        ]
        for rate in reads.newest_rates(design)
    )  # fmt: skip
    return as_csv(f"kesalahan-{design.pk}", heading, rows)


def _sampled_by(officer: Any, design_id: int) -> Design:
    """Return a design that the officer may work on. Raises: Http404 outside the scope, NotAllowed."""
    design: Design = Design.objects.get_visible(officer, pk=design_id)
    if not officer.may(May.DRAW_SAMPLES, design.region_code):
        raise NotAllowed("uji_petik.draw.not_allowed")
    return design
