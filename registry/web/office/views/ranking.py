"""Rankings: the board of runs, one run, one model with its card, and why a family stands where it stands."""

from __future__ import annotations

from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from registry.common.jobs import queue_job
from registry.common.reads import record_read
from registry.desil import publishing
from registry.desil.models import RankModel, RankRun
from registry.desil.selectors import find_published_run
from registry.officers.roles import May
from registry.web.office.doors import office_page, officer_of
from registry.web.office.forms import RankingForm
from registry.web.office.selectors import ranking as reads
from registry.web.office.selectors.families import get_household, head_name
from registry.web.office.selectors.paging import keyset_page


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
    context = {"page": page, "models": models, "form": RankingForm() if manage and models else None, "manage": manage}
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


@office_page(May.VIEW_RANKING)
@require_safe
def ranking(request: HttpRequest, run_id: int) -> HttpResponse:
    """One run: how many stand where, compared with the published one, and what may be done with it."""
    officer = officer_of(request)
    run = get_object_or_404(
        RankRun.objects.select_related("model", "started_by", "proposed_by", "published_by"), pk=run_id
    )
    return render(request, "office/ranking.html", {"run": reads.show_run(run, officer)})


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
    model = get_object_or_404(RankModel.objects.select_related("fitted_by", "signed_by", "approved_by"), pk=version)
    return render(request, "office/rank_model.html", {"model": reads.show_model(model, officer_of(request))})


@office_page(May.MANAGE_RANKING)
@require_POST
def rank_model_sign(request: HttpRequest, version: int) -> HttpResponse:
    """Sign a model as the first person, or approve it as the second."""
    model = get_object_or_404(RankModel, pk=version)
    officer, now = officer_of(request), timezone.now()
    if model.signed_by_id is None:
        publishing.sign_model(model=model, reason=request.POST.get("reason", ""), by=officer, now=now)
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
    context = {"score": page, "head": head_name(household), "household_id": household.pk}
    return render(request, "office/family_score.html", context)
