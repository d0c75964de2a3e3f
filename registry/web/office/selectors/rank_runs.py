"""Two rankings side by side, and what was found in an official one, in words."""

from __future__ import annotations

from dataclasses import dataclass, field

from django.utils.translation import gettext as _

from registry import ranking
from registry.desil.comparing import find_comparison_job
from registry.desil.comparisons import RunComparison, can_compare, find_comparison
from registry.desil.models import NEAR_LINE, RankRun
from registry.desil.official import RULES, page_of_findings
from registry.desil.runs import get_run_folder
from registry.desil.selectors import find_own_run, find_published_run
from registry.desil.states import RunState
from registry.officers.models import Officer
from registry.templatetags.dtsen import number
from registry.web.cards import label_of_part
from registry.web.office.selectors.jobs import JobView, show_job

PAGE = 50


@dataclass
class Cell:
    """One cell of the table of tenths: its count and how far it is from standing still."""

    count: int
    tone: str


@dataclass
class MovesLine:
    """One part of a group and how its families moved."""

    group: str
    part: str
    families: int
    up: str
    down: str
    far: str
    into: str
    out: str


@dataclass
class ComparisonView:
    """Two runs compared."""

    before: int
    after: int
    before_title: str
    after_title: str
    in_both: int
    only_before: int
    only_after: int
    same: str
    within_one: str
    moved_two: str
    agreement: str
    up: int
    down: int
    into: int
    out: int
    line: int
    rows: list[tuple[int, list[Cell]]] = field(default_factory=list)
    groups: list[MovesLine] = field(default_factory=list)
    causes: list[tuple[str, int]] = field(default_factory=list)


@dataclass
class ComparisonPlace:
    """Where two runs are compared: the counts, or the job that makes them, or what stands in the way."""

    run: int  # the one whose page it is
    other: int
    counted: ComparisonView | None
    job: JobView | None = None
    kept: bool = True  # whether the files of both are still there

    @property
    def waiting(self) -> bool:
        """Whether a job is at it."""
        return self.counted is None and self.job is not None and self.job.polling


@dataclass
class FindingLine:
    """One finding of an official ranking in words."""

    row: int
    column: str
    sentence: str
    tone: str
    word: str
    value: str


@dataclass
class InUse:
    """Which ranking is in use, from where and how old; ours beside it when it is another."""

    run: int
    title: str
    official: bool
    source: str
    version: str
    as_of: object
    age_days: int
    own: int | None


@dataclass
class WaitingRun:
    """A run that was proposed and waits for the second person."""

    run: int
    title: str
    by: str
    mine: bool


def find_waiting(officer: Officer) -> WaitingRun | None:
    """The newest run that waits for a second person."""
    run = RankRun.objects.select_related("proposed_by").filter(state=RunState.PROPOSED).order_by("-proposed_at").first()
    if run is None:
        return None
    return WaitingRun(run.pk, title_of(run), str(run.proposed_by), run.proposed_by_id == officer.pk)


def title_of(run: RankRun) -> str:
    """What a run is called."""
    if run.kind == RankRun.Kind.OFFICIAL:
        return _("Official ranking %(id)s") % {"id": run.pk}
    return _("Ranking %(id)s, model %(model)s") % {"id": run.pk, "model": run.model_id}


def describe_use(today: object) -> InUse | None:
    """The ranking in use, None when none is published."""
    run = find_published_run()
    if run is None:
        return None
    own = find_own_run() if run.kind == RankRun.Kind.OFFICIAL else None
    return InUse(
        run=run.pk,
        title=title_of(run),
        official=run.kind == RankRun.Kind.OFFICIAL,
        source=run.source,
        version=run.told_version,
        as_of=run.as_of,
        age_days=(today - run.as_of).days,  # type: ignore[operator]
        own=own.pk if own else None,
    )


def other_runs(run: RankRun) -> list[tuple[int, str]]:
    """The runs that a run can be compared with, newest first."""
    others = RankRun.objects.exclude(pk=run.pk).exclude(state__in=[RunState.RUNNING, RunState.FAILED])
    return [(other.pk, title_of(other)) for other in others.order_by("-id")[:PAGE]]


def in_order(one: RankRun, other: RankRun) -> tuple[RankRun, RankRun]:
    """Two runs, the earlier one first."""
    before, after = sorted((one, other), key=lambda run: run.pk)
    return before, after


def show_comparison(run: RankRun, other: RankRun, officer: Officer) -> ComparisonPlace:
    """Two runs compared, as far as that has come; nothing is counted here."""
    before, after = in_order(run, other)
    found = find_comparison(before, after)
    place = ComparisonPlace(run.pk, other.pk, _in_words(found, before, after) if found else None)
    if found is None:
        job = find_comparison_job(before, after)
        place.job = show_job(job, officer) if job else None
        place.kept = can_compare(before, after)
    return place


def _in_words(found: RunComparison, before: RankRun, after: RankRun) -> ComparisonView:
    counts = found.counts
    return ComparisonView(
        before=before.pk,
        after=after.pk,
        before_title=title_of(before),
        after_title=title_of(after),
        in_both=counts.in_both,
        only_before=counts.only_before,
        only_after=counts.only_after,
        same=_share(counts.in_both - counts.moved(1), counts.in_both),
        within_one=_share(counts.in_both - counts.moved(2), counts.in_both),
        moved_two=_share(counts.moved(2), counts.in_both),
        agreement=number(counts.agreement, 2),
        up=counts.up,
        down=counts.down,
        into=counts.into,
        out=counts.out,
        line=NEAR_LINE,
        rows=[
            (i + 1, [Cell(n, "same" if i == j else "near" if abs(i - j) == 1 else "far") for j, n in enumerate(row)])
            for i, row in enumerate(counts.families)
        ],
        groups=_groups(counts),
        causes=_causes(found),
    )


def _share(part: int, whole: int) -> str:
    return f"{number(100 * part / whole, 1)}%" if whole else "–"


def _groups(counts: ranking.Comparison) -> list[MovesLine]:
    lines = []
    for one in counts.groups:
        shares = (_share(n, one.families) for n in (one.up, one.down, one.far, one.into, one.out))
        lines.append(MovesLine(*label_of_part(one.group, one.part), one.families, *shares))
    return lines


def _causes(found: RunComparison) -> list[tuple[str, int]]:
    if found.causes is None:
        return []
    return [
        (_("facts of the family changed"), found.causes.items),
        (_("the model or other families moved the limits"), found.causes.line),
        (_("both together"), found.causes.both),
        (_("stayed, because one made up for the other"), found.causes.stayed),
    ]


def rule_sentences() -> dict[str, str]:
    """What each kind of finding in an official ranking says."""
    return {
        "row.broken": _("The row is broken; it was not used."),
        "row.formula": _("A cell holds a formula; the row was not used."),
        "number.missing": _("Neither NIK nor family card number is given."),
        "number.digits_lost": _("A spreadsheet has cut figures of the number off."),
        "number.unusable": _("The number cannot be a NIK or family card number."),
        "number.left_out": _("One of the two numbers is unusable; the other one was used."),
        "desil.missing": _("No desil is given."),
        "desil.invalid": _("The desil is not a number from 1 to 10."),
        "row.inactive": _("The sender no longer counts this family; the row was not used."),
        "family.not_found": _("No family of the register has this number."),
        "family.ambiguous": _("Several families of the register have this number."),
        "family.numbers_differ": _("NIK and family card number belong to different families."),
        "family.conflict": _("Rows of one family name different desil."),
        "percentile.invalid": _("The percentile is not a number from 0 to 100; it was left empty."),
        "percentile.differs": _("The percentile lies in another desil than the one given."),
        "score.invalid": _("The score is not a number; it was left empty."),
        "date.invalid": _("The day is not a day; it was left empty."),
    }


def count_findings(run: RankRun) -> list[tuple[str, str, str, str, int]]:
    """The findings of an official ranking by rule: code, sentence, tone, word, count."""
    sentences = rule_sentences()
    found = run.counts.get("findings", {})
    return [(rule, sentences[rule], *_severity(RULES[rule]), found[rule]) for rule in RULES if rule in found]


def list_findings(
    run: RankRun, *, rule: str = "", after: int = 0, size: int | None = PAGE
) -> tuple[list[FindingLine], int]:
    """Some findings in the order of the file, and the number after which the next ones come (0: no more)."""
    rows = page_of_findings(
        get_run_folder(run.pk) / "findings.parquet", rule=rule, after=after, size=size + 1 if size else None
    )
    sentences, columns = rule_sentences(), column_names()
    shown = rows[:size] if size else rows
    lines = [
        FindingLine(row, columns[column], sentences[code], *_severity(severity), value or "")
        for _number, row, column, code, severity, value in shown
    ]
    return lines, shown[-1][0] if len(rows) > len(shown) else 0


def column_names() -> dict[str, str]:
    """What the columns of an official ranking are called."""
    return {
        "kk_number": _("Family card number"),
        "nik": _("NIK"),
        "desil": _("Desil"),
        "percentile": _("Percentile"),
        "score": _("Score"),
        "ranked_on": _("Day of the ranking"),
    }


def _severity(severity: str) -> tuple[str, str]:
    return {
        "error": ("late", _("Row rejected")),
        "finding": ("wait", _("Finding")),
        "note": ("info", _("Remark")),
    }[severity]
