"""Jobs as the office shows them: in words, with the steps done, what is left and what went wrong."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, field
from typing import Any

from django.db.models import Q, QuerySet
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from registry.common import jobs
from registry.common.errors import SENTENCES, DomainError
from registry.common.exports import KIND
from registry.common.models import Job
from registry.officers.models import Officer
from registry.officers.roles import May
from registry.officers.scoping import in_region

State = Job.State


@dataclass
class Step:
    label: str
    tone: str
    current: bool
    detail: str = ""


@dataclass
class JobView:
    """One job in words."""

    id: Any
    label: str
    by: str
    created_at: dt.datetime
    started_at: dt.datetime | None
    finished_at: dt.datetime | None
    tone: str
    word: str
    icon: str
    polling: bool
    headline: str = ""
    percent: float = 0.0
    percent_label: str = ""
    took: float | None = None
    eta: int | None = None
    seen_at: dt.datetime | None = None
    step_done: int = 0
    step_total: int | None = None
    error: str = ""
    cancel_asked: bool = False
    can_cancel: bool = False
    steps: list[Step] = field(default_factory=list)
    counts: list[tuple[str, Any]] = field(default_factory=list)
    result_url: str = ""
    result_label: str = ""


def words_of(job: Job) -> tuple[str, str, str]:
    """Tone, word and icon of a job's state."""
    return {
        State.QUEUED: ("wait", _("Waiting"), "jam"),
        State.RUNNING: ("info", _("Running"), "siklus"),
        State.DONE: ("ok", _("Done"), "cek"),
        State.FAILED: ("late", _("Stopped with an error"), "awas"),
        State.CANCELLED: ("wait", _("Cancelled"), "hapus"),
    }[State(job.state)]


def visible_jobs(officer: Officer) -> QuerySet[Job]:
    """Jobs the officer started, those of the regencies seen, and all jobs for who runs or audits them."""
    jobs_ = Job.objects.select_related("created_by")
    if officer.may(May.BUILD_REGISTRY) or officer.may(May.VIEW_AUDIT):
        return jobs_
    regencies = Q(pk__in=[])
    for code in officer.scope.regions:
        if len(code) <= 5:
            regencies |= in_region(code)
    return jobs_.filter(Q(created_by=officer) | regencies)


def show_job(job: Job, officer: Officer, *, now: dt.datetime | None = None) -> JobView:
    """The job with its steps, for its own page."""
    now = now or timezone.now()
    view = summarise(job, now=now)
    language = get_language() or "id"
    view.seen_at = job.heartbeat_at
    view.eta = jobs.eta_seconds(job, now=now)
    view.step_done, view.step_total = job.step_done, job.step_total
    view.steps = steps_of(job, language)
    labels = count_labels()
    view.counts = [(labels[key], value) for key, value in job.counts.items() if key in labels]
    view.cancel_asked = job.cancelled_at is not None and view.polling
    mine = job.created_by_id == officer.pk
    view.can_cancel = view.polling and not view.cancel_asked and (mine or officer.may(May.BUILD_REGISTRY))
    if job.error:
        known = job.error in SENTENCES
        view.error = (
            DomainError(job.error, **job.error_facts).sentence()
            if known
            else _("An unexpected error stopped the job. The administrator finds the details in the log.")
        )
    view.result_url, view.result_label = result_of(job)
    step = jobs.step_label_of(job, language)
    step = "" if step == job.step else step
    view.headline = {
        State.QUEUED: _("Waiting for a free worker"),
        State.RUNNING: step or _("Starting"),
        State.DONE: _("The job is done"),
        State.FAILED: _("The job stopped; nothing was half saved"),
        State.CANCELLED: _("The job was cancelled; nothing was half saved"),
    }[State(job.state)]
    if view.polling and view.steps:
        place = next((i for i, s in enumerate(view.steps, 1) if s.current), 0)
        if place:
            view.headline = _("Step %(n)s of %(all)s: %(step)s") % {"n": place, "all": len(view.steps), "step": step}
    return view


def summarise(job: Job, *, now: dt.datetime) -> JobView:
    """The job as one row of a list."""
    tone, word, icon = words_of(job)
    end = job.finished_at or now
    percent = round(100 * job.fraction, 1)
    return JobView(
        id=job.pk,
        label=name_of(job),
        by=str(job.created_by),
        created_at=job.created_at,
        started_at=job.started_at,
        finished_at=job.finished_at,
        tone=tone,
        word=word,
        icon=icon,
        polling=job.state in (State.QUEUED, State.RUNNING),
        percent=percent,
        percent_label=_("%(n)s percent") % {"n": round(percent)},
        took=(end - job.started_at).total_seconds() if job.started_at else None,
    )


def name_of(job: Job) -> str:
    """The kind of job in words; a kind that is no longer installed is just a job."""
    label = jobs.label_of(job, get_language() or "id")
    return label if label != job.kind else _("Job")


def steps_of(job: Job, language: str) -> list[Step]:
    """The steps of the job's kind: done, now, to come."""
    try:
        kind = jobs.get_kind(job.kind)
    except DomainError:
        return []
    names = list(kind.steps)
    place = names.index(job.step) if job.step in names else -1
    shown = []
    for number, (_name, pair) in enumerate(kind.steps.items()):
        done = job.state == State.DONE or number < place
        current = number == place and job.state == State.RUNNING
        stopped = number == place and job.state in (State.FAILED, State.CANCELLED)
        tone = "ok" if done else "info" if current else "late" if stopped else ""
        shown.append(Step(pair[1 if language.startswith("en") else 0], tone, current))
    return shown


def count_labels() -> dict[str, str]:
    """The words of the figures that jobs report; others are for the log."""
    return {
        "rows": _("Rows read"),
        "rows_listed": _("Rows in the list"),
        "accepted": _("Rows accepted"),
        "rejected": _("Rows rejected"),
        "with_findings": _("Rows with findings"),
        "households": _("Families"),
        "families": _("Families ranked"),
        "compared": _("Families in both rankings"),
        "surveyed": _("Surveyed households"),
        "individuals": _("People"),
        "review_pairs": _("Pairs to review"),
        "households_new": _("New families"),
        "households_changed": _("Changed families"),
        "households_gone": _("Families no longer in any source"),
        "individuals_new": _("New people"),
        "individuals_changed": _("Changed people"),
        "individuals_gone": _("People no longer in any source"),
        "merged": _("Ids merged"),
        "split": _("Ids split"),
        "families_drawn": _("Families drawn"),
        "results_kept": _("Results kept"),
        "people_compared": _("People of the independent list"),
    }


def result_of(job: Job) -> tuple[str, str]:
    """Where the result of a finished job is to be seen."""
    delivery = job.counts.get("delivery")
    if delivery:  # a refused one too: its report says what to do
        return reverse("office:delivery", args=[delivery]), _("See the report")
    design = job.counts.get("design")
    if design:  # a refused file too: its findings stand there
        return reverse("office:sample", args=[design]), _("To the sample")
    run = job.counts.get("run")
    if job.state == State.DONE and job.kind in ("rank_households", "import_ranking") and run:
        return reverse("office:ranking", args=[run]), _("See the ranking")
    if job.state == State.DONE and job.kind == "compare_rankings":
        page = reverse("office:ranking-compare", args=[job.params["after"]])
        return f"{page}?dengan={job.params['before']}", _("See the comparison")
    if job.state == State.DONE and job.kind == "fit_ranking" and job.counts.get("model"):
        return reverse("office:rank-model", args=[job.counts["model"]]), _("See the model")
    if job.state == State.DONE and job.kind == KIND:
        return reverse("office:lists"), _("To the lists")
    if job.state == State.DONE and job.kind == "build_registry":
        return reverse("office:register"), _("To the register")
    return "", ""
