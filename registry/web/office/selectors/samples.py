"""Samples as the office shows them: the five errors, designs, how far the visits are, rates with intervals."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any

from django.db.models import Count, OuterRef, QuerySet, Subquery
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from registry import sampling
from registry.common.errors import SENTENCES, DomainError
from registry.officers.models import Officer
from registry.officers.roles import May
from registry.templatetags.dtsen import number
from registry.uji_petik.estimating import EXCLUSION, FAMILIES, INCLUSION
from registry.uji_petik.models import CheckResult, Design, Draw, ErrorKind, Estimate, ResultFile
from registry.uji_petik.states import DesignState, DrawState
from registry.web.office.selectors.scope import describe_place, regions_where
from registry.wilayah.selectors import get_children, get_names, get_place

Words = str | Promise
# What each error is, of whom it is a share, and what measures it.
ERRORS: dict[str, tuple[Words, Words, Words]] = {
    ErrorKind.COVERAGE: (
        gettext_lazy("A family that the register lacks."),
        gettext_lazy("all families that live in the region, on a list or not"),
        gettext_lazy("an independent list, compared with the register"),
    ),
    ErrorKind.DATA: (
        gettext_lazy("A recorded fact that differs from what is found."),
        gettext_lazy("the families of the register that were drawn from"),
        gettext_lazy("a visit that reads the facts again"),
    ),
    ErrorKind.MODEL: (
        gettext_lazy("A rank on the wrong side of the line."),
        gettext_lazy("exclusion: those who belong below the line; inclusion: those ranked below it; each has its own"),
        gettext_lazy("a visit that measures spending, of families on both sides"),
    ),
    ErrorKind.RULE: (
        gettext_lazy("Eligible by the rules and not served, or the reverse."),
        gettext_lazy("the families that the rules of a programme speak about"),
        gettext_lazy("the rules applied again; a sample where they cannot be"),
    ),
    ErrorKind.PROCESS: (
        gettext_lazy("Decided or paid against the evidence."),
        gettext_lazy("the decisions of a period"),
        gettext_lazy("decisions opened and checked, as a lot"),
    ),
}
STRATA: dict[str, Words] = {
    "": gettext_lazy("All"),
    "near_line": gettext_lazy("near the line"),
    "old_data": gettext_lazy("old data"),
    "filled_in": gettext_lazy("facts filled in"),
    "other": gettext_lazy("no sign of risk"),
    EXCLUSION: gettext_lazy("Exclusion: belong below the line, ranked above"),
    INCLUSION: gettext_lazy("Inclusion: ranked below the line, belong above"),
    FAMILIES: gettext_lazy("Families"),
}
METHODS = {
    "wilson": "Wilson",
    "clopper_pearson": "Clopper–Pearson",
    "korn_graubard": "Korn–Graubard",
    "chapman": "Chapman",
}
OUTCOMES = {DrawState.ANSWERED: "answered", DrawState.WAITING: "waiting"}


@dataclass
class Rate:
    """One rate in percent with everything that is published beside it."""

    label: str
    at: float
    low: float
    high: float
    n: int
    n_eff: str
    deff: str
    response: str
    method: str
    corrected: bool
    checkers: str
    notes: str

    @property
    def value(self) -> str:
        """Return the rate in words of the page's language."""
        return f"{number(self.at, 1)}%"

    @property
    def interval(self) -> str:
        """Return the interval in words of the page's language."""
        return f"{number(self.low, 1)}–{number(self.high, 1)}"


@dataclass
class SampleLine:
    """One design in the list."""

    id: int
    name: str
    error: str
    place: str
    drawn: int
    answered: int
    due_on: dt.date
    tone: str
    word: str
    icon: str
    rate: Rate | None


@dataclass
class ErrorRow:
    """One of the five errors with its newest rate in the officer's regions."""

    number: str
    name: str
    definition: Words
    denominator: Words
    measured_by: Words
    rate: Rate | None = None
    design: int = 0
    place: str = ""


@dataclass
class Progress:
    """How far the visits of one stratum or village are."""

    label: str
    drawn: int = 0
    answered: int = 0
    not_found: int = 0
    refused: int = 0
    waiting: int = 0
    late: int = 0

    @property
    def response(self) -> str:
        """Return the share that answered of those that were visited."""
        visited = self.answered + self.not_found + self.refused
        return f"{number(100 * self.answered / visited, 0)}%" if visited else "–"


@dataclass
class FileLine:
    """One file of answers with what was wrong in its rows."""

    name: str
    taken: bool
    rows: int
    answers: int
    at: dt.datetime
    by: str
    findings: list[tuple[int, str]] = field(default_factory=list)


@dataclass
class SampleView:
    """One design: what it rests on, how far it is, what it found."""

    line: SampleLine
    facts: list[tuple[str, str]]
    definition: Words
    denominator: Words
    rates: list[Rate]
    largest: float
    files: list[FileLine]
    progress: Progress
    estimated: str
    drawn: bool
    open: bool
    may: bool
    warning: str


def find_designs(officer: Officer) -> QuerySet[Design]:
    """The designs of the officer's regions."""
    return Design.objects.visible_to(officer).select_related("rank_run", "drawn_by")


def regions_to_sample(officer: Officer) -> list[tuple[str, str]]:
    """Regencies where the officer may draw, each with its districts."""
    found: list[tuple[str, str]] = []
    for code in regions_where(officer, May.DRAW_SAMPLES):
        found.append((code, get_place(code)))
        found += sorted(get_children(code), key=lambda region: region[1]) if len(code) < 13 else []
    return found


def option_label(method: str, per_village: int) -> str:
    """What a design does, in words."""
    if method == Design.Method.TWO_STAGE:
        return _("Villages by their size, then %(m)s families in each") % {"m": per_village}
    return str(Design.Method(method).label).capitalize()


def name_strata(codes: Iterable[str]) -> dict[str, str]:
    """Strata in words: classes of risk, sides of a rank, villages that are judged each."""
    names = get_names(code for code in codes if code and code not in STRATA)
    return {code: str(STRATA.get(code) or names.get(code, code)) for code in codes}


def show_rate(row: Estimate, strata: Mapping[str, str] = MappingProxyType({})) -> Rate:
    """An estimate in words."""
    strata = strata or name_strata([row.domain, *(row.note.get("merged") or [])])
    method, _plus, corrected = row.method.partition("+")
    merged = row.note.get("merged") or []
    notes = []
    if "band_low" in row.note:
        notes.append(
            _("If the lists depend on each other (odds ratio 0.5 to 2): %(low)s–%(high)s%%.")
            % {"low": number(100 * row.note["band_low"], 1), "high": number(100 * row.note["band_high"], 1)}
        )
    if merged:
        names = ", ".join(strata.get(code, code) for code in merged)
        notes.append(_("Strata with a single cluster were merged with the next one: %(names)s.") % {"names": names})
    checkers = ""
    if corrected:
        checkers = _("checkers notice %(se)s%% and leave alone %(sp)s%%") % {
            "se": number(100 * row.note["sensitivity"], 0),
            "sp": number(100 * row.note["specificity"], 0),
        }
    return Rate(
        label=_("People") if row.method == "chapman" and not row.domain else strata[row.domain],
        at=100 * row.value,
        low=100 * row.low,
        high=100 * row.high,
        n=row.n,
        n_eff=number(row.n_eff, 0) if row.n_eff is not None else "–",
        deff=number(row.deff, 2) if row.deff is not None else "–",
        response=f"{number(100 * row.response, 0)}%",
        method=METHODS.get(method, method),
        corrected=bool(corrected),
        checkers=checkers,
        notes=" ".join(notes),
    )


def newest_rates(design: Design) -> list[Rate]:
    """The rates of the last estimate; a correction for the checkers stands beside the plain rate."""
    last = design.estimates.order_by("-estimated_at").values_list("estimated_at", flat=True).first()
    rows = list(design.estimates.filter(estimated_at=last).order_by("id")) if last else []
    strata = name_strata({code for row in rows for code in (row.domain, *(row.note.get("merged") or []))})
    return [show_rate(row, strata) for row in rows]


def summarise(designs: Sequence[Design]) -> list[SampleLine]:
    """Designs in one line each."""
    counts: dict[int, Counter[str]] = {design.pk: Counter() for design in designs}
    drawn = Draw.objects.filter(design__in=designs).order_by()
    for pk, state, n in drawn.values_list("design_id", "state").annotate(n=Count("pk")):
        counts[pk][state] += n
    rates: dict[int, Estimate] = {}
    plain = Estimate.objects.filter(design__in=designs, domain="").exclude(method__contains="+").order_by("id")
    for row in plain:
        rates[row.design_id] = row
    today = timezone.localdate()
    lines = []
    for design in designs:
        closed = design.state == DesignState.CLOSED
        late = not closed and design.due_on < today and bool(counts[design.pk][DrawState.WAITING])
        word = _("Overdue") if late else design.get_state_display()
        lines.append(
            SampleLine(
                id=design.pk,
                name=design.name,
                error=design.get_error_display(),
                place=describe_place(design.region_code),
                drawn=counts[design.pk].total(),
                answered=counts[design.pk][DrawState.ANSWERED],
                due_on=design.due_on,
                tone="late" if late else "ok" if closed else "wait",
                word=word,
                icon="awas" if late else "cek" if closed else "jam",
                rate=show_rate(rates[design.pk]) if design.pk in rates else None,
            )
        )
    return lines


def show_errors(officer: Officer) -> list[ErrorRow]:
    """The five errors, each with its definition, its denominator and the newest rate of the officer's regions."""
    rows = []
    visible = find_designs(officer)
    for place, kind in enumerate(ErrorKind, start=1):
        definition, denominator, measured_by = ERRORS[kind]
        row = ErrorRow(f"E{place}", kind.short_label, definition, denominator, measured_by)
        newest = (
            Estimate.objects.filter(design__in=visible.filter(error=kind), domain="")
            .exclude(method__contains="+")
            .exclude(design__method=Design.Method.LOT)
            .select_related("design")
            .first()
        )
        if newest is not None:
            row.rate, row.design = show_rate(newest), newest.design_id
            row.place = describe_place(newest.design.region_code)
        rows.append(row)
    return rows


def show_design(design: Design, officer: Officer) -> SampleView:
    """A design with its facts, rates and files."""
    (line,) = summarise([design])
    rates = newest_rates(design)
    settings = design.settings
    frame = str(design.get_frame_display())
    facts = [
        (_("Region"), line.place),
        (_("Drawn from"), f"{frame} {design.line}" if design.frame != Design.Frame.EVERYONE else frame),
        (_("Families in the frame"), number(design.frame_size)),
        (_("Families drawn"), number(line.drawn)),
        (_("Design"), option_label(design.method, settings.get("per_village", 0))),
        (_("Seed"), str(design.seed)),
        (_("Build of the register"), str(design.register_run or "–")),
        (_("Ranking"), str(design.rank_run_id or "–")),
        (_("Drawn by"), f"{design.drawn_by}"),
    ]
    if design.method == Design.Method.CANVASS:
        noticed, tried = settings["noticed"]
        strangers, moved = settings["by_chance"]
        facts = [
            (_("Region"), line.place),
            (_("People of the register there"), number(design.frame_size)),
            (_("People of the independent list"), number(settings["canvassed"])),
            (
                _("Families of the independent list"),
                number(settings.get("families")) if settings.get("families") else _("not told"),
            ),
            (_("Pairs by NIK that comparing finds too"), f"{number(noticed)} / {number(tried)}"),
            (
                _("Paired with somebody else once the right person was taken out"),
                f"{number(strangers)} / {number(moved)}",
            ),
            (_("Build of the register"), str(design.register_run or "–")),
            (_("Estimated by"), f"{design.drawn_by}"),
        ]
    if settings.get("half_width"):
        facts.append(
            (
                _("Planned"),
                _("%(share)s%% give or take %(width)s points")
                % {"share": number(settings["share"], 1), "width": number(settings["half_width"], 1)},
            )
        )
    if settings.get("cost"):
        facts.append((_("Planned cost"), f"Rp{number(settings['cost'])}"))
    definition, denominator, _measured = ERRORS[design.error]
    last = design.estimates.select_related("estimated_by").first()
    whole = Progress("")
    for one in count_progress(design)[0]:
        for name in ("drawn", "answered", "not_found", "refused", "waiting", "late"):
            setattr(whole, name, getattr(whole, name) + getattr(one, name))
    one_sided = design.error == ErrorKind.MODEL and design.frame == Design.Frame.ABOVE_LINE
    return SampleView(
        line=line,
        facts=facts,
        definition=definition,
        denominator=denominator,
        rates=rates,
        largest=max([5.0, *(rate.high for rate in rates)]),
        files=[_show_file(file) for file in design.files.select_related("received_by")[:10]],
        progress=whole,
        estimated=str(last.estimated_by) if last else "",
        drawn=design.method != Design.Method.CANVASS,
        open=design.state != DesignState.CLOSED,
        may=officer.may(May.DRAW_SAMPLES, design.region_code),
        warning=_("This is the share of those above the line who belong below it, not the share that is excluded.")
        if one_sided
        else "",
    )


def _show_file(file: ResultFile) -> FileLine:
    return FileLine(
        name=file.name,
        taken=file.taken,
        rows=file.rows,
        answers=file.answers,
        at=file.received_at,
        by=str(file.received_by),
        findings=[
            (row, DomainError(code, value=value).sentence() if code in SENTENCES else "")
            for row, code, value in file.findings
        ],
    )


def count_progress(design: Design) -> tuple[list[Progress], list[Progress]]:
    """How far the visits are in each stratum and in each village."""
    newest = CheckResult.objects.filter(draw=OuterRef("pk"), blind=False).order_by("-id").values("outcome")[:1]
    rows: Any = (
        Draw.objects.filter(design=design)
        .annotate(outcome=Subquery(newest))
        .values_list("stratum__code", "region_code", "state", "outcome")
        .order_by()
        .annotate(n=Count("pk"))
    )
    late = design.state != DesignState.CLOSED and design.due_on < timezone.localdate()
    strata: dict[str, Progress] = {}
    villages: dict[str, Progress] = {}
    for code, village, state, outcome, n in rows:
        for found, key in ((strata, code), (villages, village)):
            one = found.setdefault(key, Progress(key))
            one.drawn += n
            if state == DrawState.ANSWERED:
                one.answered += n
            elif state == DrawState.WAITING:
                one.waiting += n
                one.late += n if late else 0
            elif outcome == CheckResult.Outcome.REFUSED:
                one.refused += n
            else:
                one.not_found += n
    names = get_names([*villages, *(code[:8] for code in villages)])
    for code, label in name_strata(set(strata)).items():
        strata[code].label = label
    for code, one in villages.items():
        one.label = ", ".join(names.get(part, part) for part in (code, code[:8]))
    return (
        [strata[code] for code in sorted(strata)],
        sorted(villages.values(), key=lambda one: (-one.waiting, one.label)),
    )


@dataclass
class OptionLine:
    """One design of the planner's table, shares in percent."""

    key: str
    label: str
    option: sampling.Option
    low_percent: float
    high_percent: float
    share_percent: float
    best: bool


def show_options(options: Sequence[sampling.Option], share_percent: float) -> list[OptionLine]:
    """The designs beside each other; the cheapest that is exact enough is marked."""
    cheapest = sampling.affordable(options)
    return [
        OptionLine(
            option_key(one), option_label(one.method, one.per_village), one, 100 * one.low, 100 * one.high,
            share_percent, one is cheapest,
        )
        for one in options
    ]  # fmt: skip


def option_key(option: sampling.Option) -> str:
    """Name an option in a form."""
    return f"{option.method}-{option.per_village}"
