"""Rankings: the board of runs, one run, one model with its card, and why a family stands where it stands."""

from __future__ import annotations

from uuid import UUID

from django.contrib import messages
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from registry.common.jobs import queue_job
from registry.common.reads import record_read
from registry.common.sheets import MOST_XLSX_ROWS
from registry.desil import publishing
from registry.desil.comparing import ask_comparison
from registry.desil.models import RankModel, RankRun
from registry.desil.selectors import find_counterpart, find_published_run
from registry.desil.states import RunState
from registry.officers.roles import May
from registry.web.office.doors import office_page, officer_of
from registry.web.office.downloads import FORMATS
from registry.web.office.forms import OfficialRankingForm, RankingForm, SignModelForm, SurveyForm
from registry.web.office.selectors import ranking as reads
from registry.web.office.selectors.families import get_household, head_name
from registry.web.office.selectors.paging import Page, keyset_page, link
from registry.web.office.selectors.rank_runs import (
    count_findings,
    describe_use,
    find_waiting,
    in_order,
    list_findings,
    other_runs,
    show_comparison,
    title_of,
)
from registry.web.office.uploads import keep_uploads


@office_page(May.VIEW_RANKING)
@require_safe
def ranking_list(request: HttpRequest) -> HttpResponse:
    """The newest runs first, the published one marked; the models beside them."""
    officer = officer_of(request)
    page = keyset_page(request, reads.find_runs(), order=["-id"])
    published = find_published_run()
    page.rows = [reads.summarise(run, published) for run in page.rows]
    manage = officer.may(May.MANAGE_RANKING)
    models = reads.list_models()
    context = {
        "page": page,
        "models": models,
        "form": RankingForm() if manage and models else None,
        "manage": manage,
        "in_use": describe_use(timezone.localdate()),
        "waiting": find_waiting(officer),
    }
    return render(request, "office/rankings.html", context)


@office_page(May.MANAGE_RANKING)
@require_POST
def ranking_compute(request: HttpRequest) -> HttpResponse:
    """Hand a ranking over to the workers; its job's page follows."""
    form = RankingForm(request.POST)
    if not form.is_valid():
        messages.error(request, _("Choose unit and scope from the lists."))
        return redirect("office:rankings")
    job = queue_job("rank_households", by=officer_of(request), params=form.cleaned_data, now=timezone.now())
    return redirect("office:job", job_id=job.pk)


@office_page(May.MANAGE_RANKING)
@require_http_methods(["GET", "HEAD", "POST"])
def ranking_upload(request: HttpRequest) -> HttpResponse:
    """Keep an official ranking's file and hand it to the workers; the job's page follows."""
    form = OfficialRankingForm(request.POST or None, request.FILES or None)
    if request.method == "POST" and form.is_valid():
        told = form.cleaned_data
        kept = keep_uploads([file for file in (told["sheet"], told["mapping"]) if file])
        params = {name: told[name] for name in ("source", "version", "unit", "scope")}
        params |= {
            "file": kept[0],
            "mapping": kept[1] if told["mapping"] else "",
            "ranked_on": told["ranked_on"].isoformat() if told["ranked_on"] else "",
        }
        job = queue_job("import_ranking", by=officer_of(request), params=params, now=timezone.now())
        return redirect("office:job", job_id=job.pk)
    status = 400 if request.method == "POST" else 200
    return render(request, "office/ranking_upload.html", {"form": form}, status=status)


@office_page(May.MANAGE_RANKING)
@require_http_methods(["GET", "HEAD", "POST"])
def survey_upload(request: HttpRequest) -> HttpResponse:
    """Keep a survey and have a model fitted to it; the job leads to the model's card."""
    form = SurveyForm(request.POST or None, request.FILES or None)
    if request.method == "POST" and form.is_valid():
        told = form.cleaned_data
        kept = keep_uploads([file for file in (told["sheet"], told["mapping"]) if file])
        params = {name: value for name, value in told.items() if name not in ("sheet", "mapping")}
        params |= {"file": kept[0], "mapping": kept[1] if told["mapping"] else ""}
        job = queue_job("fit_ranking", by=officer_of(request), params=params, now=timezone.now())
        return redirect("office:job", job_id=job.pk)
    status = 400 if request.method == "POST" else 200
    return render(request, "office/survey_upload.html", {"form": form}, status=status)


@office_page(May.VIEW_RANKING)
@require_safe
def ranking(request: HttpRequest, run_id: int) -> HttpResponse:
    """One run: how many stand where, compared with the published one, and what may be done with it."""
    officer = officer_of(request)
    run = get_object_or_404(
        RankRun.objects.select_related("model", "started_by", "proposed_by", "published_by"), pk=run_id
    )
    computed = run.state not in (RunState.RUNNING, RunState.FAILED)
    other = find_counterpart(run) if computed and run.kind == RankRun.Kind.OFFICIAL else None
    context = {
        "run": reads.show_run(run, officer),
        "others": other_runs(run) if computed else [],
        "agreement": show_comparison(run, other, officer) if other else None,
        "findings": count_findings(run) if officer.may(May.MANAGE_RANKING) else [],
    }
    return render(request, "office/ranking.html", context)


@office_page(May.VIEW_RANKING)
@require_http_methods(["GET", "HEAD", "POST"])
def ranking_compare(request: HttpRequest, run_id: int) -> HttpResponse:
    """Two runs side by side: who moved how far, in which groups, and why; a POST has them compared by the workers."""
    officer = officer_of(request)
    run = get_object_or_404(_computed(), pk=run_id)
    chosen = (request.POST if request.method == "POST" else request.GET).get("dengan", "")
    other = get_object_or_404(_computed().exclude(pk=run_id), pk=int(chosen)) if chosen.isdecimal() else None
    other = other or find_counterpart(run)
    place = show_comparison(run, other, officer) if other else None
    if request.method == "POST" and place and other:
        if place.counted is None and place.kept:
            before, after = in_order(run, other)
            ask_comparison(before=before, after=after, by=officer, now=timezone.now())
        return redirect(f"{reverse('office:ranking-compare', args=[run_id])}?dengan={other.pk}")
    context = {"title": title_of(run), "run_id": run_id, "others": other_runs(run), "place": place}
    return render(request, "office/ranking_compare.html", context)


@office_page(May.VIEW_RANKING)
@require_safe
def ranking_compare_panel(request: HttpRequest, run_id: int, other_id: int) -> HttpResponse:
    """The part of the page that is polled while two runs are compared; at the end it has the page loaded anew."""
    run, other = get_object_or_404(_computed(), pk=run_id), get_object_or_404(_computed(), pk=other_id)
    place = show_comparison(run, other, officer_of(request))
    answer = render(request, "office/comparison_wait.html", {"place": place})
    if not place.waiting:
        answer["HX-Refresh"] = "true"
    return answer


def _computed() -> QuerySet[RankRun]:
    return RankRun.objects.select_related("model").exclude(state__in=[RunState.RUNNING, RunState.FAILED])


@office_page(May.MANAGE_RANKING)
@require_safe
def ranking_findings(request: HttpRequest, run_id: int) -> HttpResponse:
    """What was wrong with the rows of an official ranking, page by page."""
    run = get_object_or_404(RankRun, pk=run_id, kind=RankRun.Kind.OFFICIAL)
    rule, after = request.GET.get("rule", ""), request.GET.get("after", "")
    rows, further = list_findings(run, rule=rule, after=int(after) if after.isdecimal() else 0)
    page = Page(rows=rows, next_url=link(request, after=str(further)) if further else "")
    page.first_url = link(request) if after else ""
    context = {"title": title_of(run), "run_id": run_id, "page": page, "counts": count_findings(run), "rule": rule}
    return render(request, "office/ranking_findings.html", context)


@office_page(May.MANAGE_RANKING)
@require_safe
def ranking_findings_download(request: HttpRequest, run_id: int, fmt: str) -> HttpResponseBase:
    """The findings of an official ranking as a file, numbers masked; the download is recorded."""
    run = get_object_or_404(RankRun, pk=run_id, kind=RankRun.Kind.OFFICIAL)
    if fmt not in FORMATS:
        raise Http404
    rule = request.GET.get("rule", "")
    rows, _further = list_findings(run, rule=rule, size=MOST_XLSX_ROWS)
    record_read(
        officer_of(request), "office.ranking_findings", "ranking.findings", selection={"run": run.pk, "rule": rule},
        count=len(rows), now=timezone.now(),
    )  # fmt: skip
    heading = [_("Row"), _("Column"), _("What was found"), _("Kind"), _("Value (masked)")]
    cells = ((row.row, row.column, row.sentence, row.word, row.value) for row in rows)
    return FORMATS[fmt](f"temuan-peringkat-{run.pk}", heading, cells)


@office_page(May.MANAGE_RANKING)
@require_POST
def ranking_move(request: HttpRequest, run_id: int, move: str) -> HttpResponse:
    """Propose, take back or publish a run."""
    moves = {
        "usul": (publishing.propose_run, _("The ranking waits for a second person to publish it.")),
        "tarik": (publishing.return_run, _("The ranking was taken back.")),
        "terbit": (publishing.publish_run, _("The ranking is published.")),
    }
    run = get_object_or_404(RankRun, pk=run_id)
    if move not in moves:
        raise Http404
    act, said = moves[move]
    act(run=run, by=officer_of(request), now=timezone.now())
    messages.success(request, said)
    return redirect("office:ranking", run_id=run_id)


@office_page(May.VIEW_RANKING)
@require_safe
def rank_model(request: HttpRequest, version: int) -> HttpResponse:
    """One model: what is known of its errors, who answers for it."""
    return _show_model(request, version, SignModelForm())


def _show_model(request: HttpRequest, version: int, form: SignModelForm) -> HttpResponse:
    model = get_object_or_404(RankModel.objects.select_related("fitted_by", "signed_by", "approved_by"), pk=version)
    context = {"model": reads.show_model(model, officer_of(request)), "form": form}
    return render(request, "office/rank_model.html", context, status=400 if form.is_bound else 200)


@office_page(May.MANAGE_RANKING)
@require_POST
def rank_model_sign(request: HttpRequest, version: int) -> HttpResponse:
    """Sign a model as the first person, or approve it as the second."""
    model = get_object_or_404(RankModel, pk=version)
    officer, now = officer_of(request), timezone.now()
    if model.signed_by_id is None:
        form = SignModelForm(request.POST)
        if model.worsened and not form.is_valid():
            return _show_model(request, version, form)
        reason = form.cleaned_data["reason"] if model.worsened else ""
        publishing.sign_model(model=model, reason=reason, by=officer, now=now)
        messages.success(request, _("The model is signed. A second person approves it."))
    else:
        publishing.approve_model(model=model, by=officer, now=now)
        messages.success(request, _("The model is approved; its rankings may be published."))
    return redirect("office:rank-model", version=version)


@office_page(May.MANAGE_RANKING)
@require_POST
def rank_model_retire(request: HttpRequest, version: int) -> HttpResponse:
    """Let no new ranking use a model."""
    model = get_object_or_404(RankModel, pk=version)
    publishing.retire_model(model=model, by=officer_of(request), now=timezone.now())
    messages.success(request, _("The model is retired; rankings made with it stay readable."))
    return redirect("office:rank-model", version=version)


@office_page(May.VIEW_RANKING)
@require_safe
def family_score(request: HttpRequest, household_id: UUID) -> HttpResponse:
    """Why a family stands where it stands: every item against the reference family; the look is recorded."""
    officer = officer_of(request)
    household = get_household(officer, household_id)
    page = reads.show_score(household, language=get_language() or "id")
    record_read(officer, "office.score", "ranking.explain", households=[household.pk], now=timezone.now())
    may_correct = officer.may(May.PROPOSE_CORRECTION, household.region_code)
    context = {"score": page, "head": head_name(household), "household_id": household.pk, "may_correct": may_correct}
    return render(request, "office/family_score.html", context)
