"""Rankings, models and explanations as the office shows them, in words."""

from __future__ import annotations

import datetime as dt
import math
from dataclasses import dataclass, field

from django.db.models import QuerySet
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from registry.desil import explanations
from registry.desil.models import NEAR_LINE, RankModel, RankRun
from registry.desil.provisional import score_today
from registry.desil.selectors import DesilCount, count_by_desil, find_own_run, find_published_run, find_standing
from registry.desil.states import ModelState, RunState
from registry.households.models import Household
from registry.officers.models import Officer
from registry.officers.roles import May
from registry.templatetags.dtsen import number
from registry.variables import load_dictionary
from registry.web.cards import (
    ErrorLine,
    GroupLine,
    WorsenedLine,
    definitions,
    error_lines,
    group_lines,
    rival_lines,
    worsened_lines,
)
from registry.web.office.selectors.desil import WaitingOfficial, difference_in_words, limits_of, waiting_official
from registry.web.office.selectors.families import in_force
from registry.web.office.selectors.lineage import lines_of
from registry.web.office.selectors.origins import origins_of_household
from registry.web.office.selectors.rank_runs import title_of

TONES = {
    RunState.RUNNING: ("info", "jam"),
    RunState.READY: ("info", "info"),
    RunState.PROPOSED: ("wait", "jam"),
    RunState.PUBLISHED: ("ok", "cek"),
    RunState.FAILED: ("late", "awas"),
}


@dataclass
class RunLine:
    """One run in the list."""

    id: int
    title: str
    tone: str
    icon: str
    word: str
    current: bool
    unit: str
    scope: str
    families: int
    started_at: dt.datetime
    by: str


@dataclass
class ModelLine:
    """One model in the list."""

    version: int
    survey: str
    tone: str
    word: str
    r2: str
    fitted_at: dt.datetime


@dataclass
class Bar:
    """One desil of a chart: counts, share in percent, and the change against the published run."""

    desil: int
    families: int
    persons: int
    share: float
    change: int | None


@dataclass
class RunView:
    """One run with what may be done with it."""

    line: RunLine
    as_of: dt.date
    register_run: int
    model: int | None
    file: str
    hash: str
    persons: int
    bars: list[Bar] = field(default_factory=list)
    largest: float = 0.0
    compared_with: int | None = None
    official: bool = False
    source: str = ""
    told_version: str = ""
    rows: int = 0
    unranked: int = 0
    proposed: str = ""
    published: str = ""
    moves: list[tuple[str, str]] = field(default_factory=list)
    hint: str = ""


@dataclass
class ModelView:
    """One model and its card in words."""

    version: int
    hash: str
    tone: str
    word: str
    survey: str
    households: int
    psus: int
    r2: str
    r2_interval: str
    errors: list[ErrorLine]
    groups: list[GroupLine]
    rivals: list[tuple[str, str, str]]
    definitions: list[str]
    decays_on: str
    fitted: str
    signed: str
    approved: str
    reason: str
    worsened: list[WorsenedLine]
    predecessor: int | None
    can_sign: bool
    can_approve: bool
    can_retire: bool
    public: bool  # it has a page of its own for everyone


@dataclass
class Driver:
    """One item of a score: the family's answer with its origin, the reference family's, what the difference adds."""

    title: str
    text: str
    reference: str
    percent: str
    tone: str
    known: bool
    origin: str  # where the answer comes from, and when
    dispute_url: str  # empty where it cannot be disputed
    decides: bool


@dataclass
class ProvisionalView:
    """Where today's facts would put a family, and which facts those are: title, before, today, effect."""

    desil: int
    changed: list[ChangedLine]


@dataclass
class ChangedLine:
    """One fact that changed since the ranking."""

    title: str
    before: str
    today: str
    percent: str


@dataclass
class ScoreView:
    """A family's score taken apart."""

    desil: int | None
    official: bool
    as_of: dt.date | None
    run: int | None
    model: int | None
    public: bool  # whether the model has a page of its own for everyone
    reference_percent: str = ""
    line: int = 4
    line_percent: str = ""
    near_desil: int = 0
    drivers: list[Driver] = field(default_factory=list)
    same: int = 0
    change: list[tuple[str, str]] = field(default_factory=list)
    desil_before: int | None = None
    source: str = ""
    percentile: str = ""
    own_run: int | None = None
    own_desil: int | None = None
    own_as_of: dt.date | None = None
    difference: str = ""
    waiting: WaitingOfficial | None = None
    provisional: ProvisionalView | None = None


def find_runs() -> QuerySet[RankRun]:
    """Every run, for whoever may see rankings: they hold counts, not people."""
    return RankRun.objects.select_related("model", "started_by")


def summarise(run: RankRun, published: RankRun | None) -> RunLine:
    """A run in one line; `published` is the one in use."""
    tone, icon = TONES[RunState(run.state)]
    return RunLine(
        id=run.pk,
        title=title_of(run),
        tone=tone,
        icon=icon,
        word=run.get_state_display(),
        current=published is not None and published.pk == run.pk,
        unit=run.get_unit_display(),
        scope=run.get_scope_display(),
        families=run.counts.get("families", 0),
        started_at=run.started_at,
        by=str(run.started_by),
    )


def list_models() -> list[ModelLine]:
    """Every model, newest first."""
    return [
        ModelLine(
            version=model.pk,
            survey=model.survey_name,
            tone=_model_tone(model),
            word=model.get_state_display(),
            r2=number(model.card["r2"]["value"], 2),
            fitted_at=model.fitted_at,
        )
        for model in RankModel.objects.all()
    ]


def _model_tone(model: RankModel) -> str:
    return {ModelState.APPROVED: "ok", ModelState.FITTED: "wait", ModelState.RETIRED: "info"}[ModelState(model.state)]


def show_run(run: RankRun, officer: Officer) -> RunView:
    """A run with its counts, the comparison with the published one, and the officer's moves."""
    published = find_published_run()
    other = published if published and published.pk != run.pk else None
    moves, hint = _moves(run, officer)
    bars = _bars(count_by_desil(run), count_by_desil(other) if other else None)
    return RunView(
        line=summarise(run, published),
        as_of=run.as_of,
        register_run=run.register_run,
        model=run.model_id,
        file=run.file_name,
        hash=run.content_hash[:12],
        persons=run.counts.get("persons", 0),
        bars=bars,
        largest=max((bar.share for bar in bars), default=0.0),
        compared_with=other.pk if other else None,
        official=run.kind == RankRun.Kind.OFFICIAL,
        source=run.source,
        told_version=run.told_version,
        rows=run.counts.get("rows", 0),
        unranked=run.counts.get("unranked", 0),
        proposed=str(run.proposed_by) if run.proposed_by else "",
        published=str(run.published_by) if run.published_by else "",
        moves=moves,
        hint=hint,
    )


def _bars(counts: list[DesilCount], others: list[DesilCount] | None) -> list[Bar]:
    families = sum(count.families for count in counts)
    return [
        Bar(
            desil=count.desil,
            families=count.families,
            persons=count.persons,
            share=100 * count.families / families if families else 0.0,
            change=count.families - others[index].families if others else None,
        )
        for index, count in enumerate(counts)
    ]


def _moves(run: RankRun, officer: Officer) -> tuple[list[tuple[str, str]], str]:
    """What the officer may do now, and what stands in the way."""
    if not officer.may(May.MANAGE_RANKING):
        return [], ""
    published = find_published_run()
    if run.kind == RankRun.Kind.OWN and published is not None and published.kind == RankRun.Kind.OFFICIAL:
        hint = _("An official ranking is in use; this one is for choosing visits and seeing drift.")
        return ([("tarik", _("Take back"))] if run.state == RunState.PROPOSED else []), hint
    if run.state == RunState.READY:
        return [("usul", _("Propose for publication"))], ""
    if run.state != RunState.PROPOSED:
        return [], ""
    if run.proposed_by_id == officer.pk:
        return [("tarik", _("Take back"))], _("Another administrator publishes it; you have proposed it.")
    if run.model is not None and run.model.state != ModelState.APPROVED:
        return [("tarik", _("Take back"))], _("Two people must approve the model first.")
    return [("terbit", _("Publish")), ("tarik", _("Take back"))], ""


def show_model(model: RankModel, officer: Officer) -> ModelView:
    """A model's card in words."""
    card = model.card
    manage = officer.may(May.MANAGE_RANKING) and model.state == ModelState.FITTED
    return ModelView(
        version=model.pk,
        hash=model.hash[:12],
        tone=_model_tone(model),
        word=model.get_state_display(),
        survey=model.survey_name,
        households=card["survey"]["households"],
        psus=card["survey"]["psus"],
        r2=number(card["r2"]["value"], 2),
        r2_interval=f"{number(card['r2']['low'], 2)}–{number(card['r2']['high'], 2)}",
        errors=error_lines(model),
        groups=group_lines(model),
        rivals=rival_lines(model),
        definitions=list(definitions(model).values()),
        decays_on=card.get("decays_on") or "",
        fitted=str(model.fitted_by),
        signed=str(model.signed_by) if model.signed_by else "",
        approved=str(model.approved_by) if model.approved_by else "",
        reason=model.reason,
        worsened=worsened_lines(model),
        predecessor=model.predecessor_id,
        can_sign=manage and model.signed_by_id is None,
        can_approve=manage and model.signed_by_id not in (None, officer.pk),
        can_retire=officer.may(May.MANAGE_RANKING) and model.state == ModelState.APPROVED,
        public=RankRun.objects.filter(model=model).exclude(published_at=None).exists(),
    )


def _signed_percent(micro: int) -> str:
    """What a difference in log spending means in percent: "+3,1%"."""
    share = math.expm1(micro / 1e6)
    return f"{'+' if micro > 0 else '−' if micro < 0 else ''}{number(abs(share) * 100, 1)}%"


def _provisional(household: Household, tongue: str) -> ProvisionalView | None:
    found = score_today(household.pk, language=tongue)
    if found is None:
        return None
    lines = [ChangedLine(one.title, one.before, one.today, _signed_percent(one.micro)) for one in found.changed]
    return ProvisionalView(found.desil, lines)


def _percentile(run: RankRun, household: Household) -> str:
    told = explanations.read_official(run, household.pk)
    return number(told.percentile, 1) if told and told.percentile is not None else ""


def _origins(household: Household) -> dict[str, tuple[str, str]]:
    """Return for each item of the family where its value comes from and when, and where it is corrected."""
    lines, _unfilled = lines_of(
        load_dictionary().household_items,
        household,
        origins_of_household(household),
        corrected=in_force(household.pk),
        correct_url=reverse("office:correct", args=[household.pk]) if household.status == "active" else "",
    )
    return {
        line.name: (", ".join(part for part in (line.source, line.date) if part), line.correct_url) for line in lines
    }


def _from_others(disputable: bool) -> str:
    """Say where an item comes from that is not a fact of the family itself."""
    return _("counted from the members") if disputable else _("follows from where the family lives")


def _dispute_url(household: Household, origins: dict[str, tuple[str, str]], name: str) -> str:
    """Return where the fact is corrected; what is counted from the members is corrected with them."""
    return origins[name][1] if name in origins else reverse("office:family", args=[household.pk]) + "#members"


def show_score(household: Household, *, language: str) -> ScoreView:
    """A family's published score taken apart; empty where it has none."""
    published = find_published_run()
    official = published is not None and published.kind == RankRun.Kind.OFFICIAL
    standing = find_standing(household.pk, run=published) if published else None
    # An official ranking gives no reasons: those shown are of our own, and say so.
    own_run = find_own_run() if official else published
    own = find_standing(household.pk, run=own_run) if own_run else None
    if standing is None and own is None:
        return ScoreView(None, official, None, None, None, public=False)
    view = ScoreView(
        desil=standing.desil if standing else None,
        official=official,
        as_of=published.as_of if published else None,
        run=published.pk if published else None,
        model=own.run.model_id if own else None,
        public=own is not None and own.run.published_at is not None,
    )
    if official and published is not None:
        view.source = published.source
        view.percentile = _percentile(published, household)
    if official and own is not None:
        view.own_run, view.own_desil, view.own_as_of = own.run.pk, own.desil, own.run.as_of
        view.difference = difference_in_words(standing.desil, own.desil) if standing else ""
    if not official and standing is not None:
        view.waiting = waiting_official(household.pk, standing.desil)
    if own is None:
        return view
    limits = [limit.desil for limit in limits_of(timezone.localdate()) if limit.desil < 10]
    line = min(limits, key=lambda desil: abs(desil - own.desil), default=4)
    view.line, view.near_desil = line, NEAR_LINE if own.near_line else 0
    tongue = "en" if language.startswith("en") else "id"
    view.provisional = _provisional(household, tongue)
    told = explanations.explain_family(household.pk, run=own.run, line=line, language=tongue)
    if told is None:
        return view
    view.reference_percent = _signed_percent(told.score - told.reference_score)
    view.line_percent = _signed_percent(told.distance) if told.distance is not None else ""
    different = [one for one in told.contributions if one.micro]
    view.same = len(told.contributions) - len(different)
    origins = _origins(household)
    view.drivers = [
        Driver(
            title=one.title,
            text=one.text if one.known else "",
            reference=one.reference_text,
            percent=_signed_percent(one.micro),
            tone="ok" if one.micro > 0 else "wait",
            known=one.known,
            origin=origins[one.name][0] if one.name in origins else _from_others(one.disputable),
            dispute_url=_dispute_url(household, origins, one.name) if one.disputable else "",
            decides=one.decides,
        )
        for one in sorted(different, key=lambda one: (-abs(one.micro), one.name))
    ]
    change = explanations.find_change(household.pk, run=own.run, line=line)
    if change is not None:
        view.desil_before = change.desil_before
        view.change = [
            (_("facts of this family that changed"), _signed_percent(change.item_total)),
            (_("the model changed"), _signed_percent(change.model)),
            (_("other families moved"), _signed_percent(change.others)),
        ]
    return view
