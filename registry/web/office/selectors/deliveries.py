"""Deliveries in words: the list, one report, its findings."""

from __future__ import annotations

import datetime as dt
import json
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlencode

from django.db.models import Count, QuerySet, Sum
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from registry.models import Delivery
from registry.officers.models import Officer
from registry.sources.selectors import find_comparison, get_refusal_sentence, get_rule_sentence, get_source_labels
from registry.templatetags.dtsen import number, percent, source_name
from registry.variables import load_dictionary
from registry.web.office.selectors.findings import Choice, Finding, Findings
from registry.web.office.selectors.lineage import label_of
from registry.web.office.selectors.scope import describe_place

__all__ = ["Choice", "Finding", "Findings"]


@dataclass
class FindingPage:
    """Some findings and the way on."""

    rows: list[Any] = field(default_factory=list)
    next_url: str = ""
    first_url: str = ""


@dataclass(frozen=True)
class FindingRow:
    """One finding in words."""

    row_no: int
    record_key: str | None
    column: str
    sentence: str
    masked_value: str | None
    tone: str
    word: str


@dataclass(frozen=True)
class Filter:
    """One saved filter with its count."""

    label: str
    url: str
    count: int
    current: bool


@dataclass(frozen=True)
class RuleLine:
    """One rule of a report."""

    sentence: str
    tone: str
    word: str
    count: int
    example: str | None
    url: str


@dataclass(frozen=True)
class FileCard:
    name: str
    facts: list[tuple[str, str]]


@dataclass(frozen=True)
class RegencyLine:
    """One regency of a delivery beside the same source's rows before it."""

    place: str
    families: int
    persons: int
    before: int | None
    new: int | None
    gone: int | None
    changed: int | None

    @property
    def changes(self) -> tuple[int | None, ...]:
        """The columns of the comparison."""
        return self.before, self.new, self.gone, self.changed


@dataclass
class DeliveryRow:
    """One delivery in the list."""

    id: int
    source: str
    period: dt.date
    received_at: dt.datetime
    received_by: str
    tone: str
    word: str
    icon: str
    rows: int
    rejected: int
    with_findings: int


@dataclass
class Report(DeliveryRow):
    """One delivery on its own page."""

    refused: bool = False
    verdict: str = ""
    verdict_text: str = ""
    clean: int = 0
    findings_total: int = 0
    took: float | None = None
    most: int = 0
    rules: list[RuleLine] = field(default_factory=list)
    files: list[FileCard] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    regencies: list[RegencyLine] = field(default_factory=list)
    compared_with: dt.date | None = None
    rule_changes: list[tuple[str, int, int]] = field(default_factory=list)


def find_deliveries(source: str) -> QuerySet[Delivery]:
    """Deliveries with their counts, of one source or of all."""
    deliveries = Delivery.objects.select_related("received_by").annotate(
        rejected=Sum("files__rejected", default=0), with_findings=Sum("files__with_findings", default=0)
    )
    return deliveries.filter(source=source) if source else deliveries


def filters_of(source: str) -> list[Filter]:
    """All deliveries and those of each source, with their counts."""
    counts = dict(Delivery.objects.order_by().values_list("source").annotate(n=Count("id")))
    address = reverse("office:deliveries")
    filters = [Filter(_("All"), address, sum(counts.values()), not source)]
    for code in sorted(counts):
        filters.append(
            Filter(source_name(code), f"{address}?{urlencode({'source': code})}", counts[code], code == source)
        )
    return filters


def summarise(delivery: Delivery) -> DeliveryRow:
    """One delivery in the list."""
    tone, word, icon = words_of(delivery)
    return DeliveryRow(
        id=delivery.pk,
        source=delivery.source,
        period=delivery.period,
        received_at=delivery.received_at,
        received_by=str(delivery.received_by),
        tone=tone,
        word=word,
        icon=icon,
        rows=delivery.rows,
        rejected=getattr(delivery, "rejected", 0),
        with_findings=getattr(delivery, "with_findings", 0),
    )


def words_of(delivery: Delivery) -> tuple[str, str, str]:
    """Tone, word and icon of what became of a delivery."""
    if delivery.state == Delivery.State.REFUSED:
        return "late", _("Refused"), "hapus"
    if getattr(delivery, "with_findings", 0) or getattr(delivery, "rejected", 0):
        return "wait", _("Accepted with findings"), "awas"
    return "ok", _("Accepted"), "cek"


def source_choices() -> list[tuple[str, str]]:
    """The sources whose layouts ship with us; families met in the field do not come as a file."""
    return [(code, label) for code, label in get_source_labels(lang()).items() if code != "lapangan"]


def lang() -> str:
    return "en" if (get_language() or "id").startswith("en") else "id"


def get_delivery(delivery_id: int) -> Delivery:
    """The delivery with its counts. Raises: Http404."""
    return get_object_or_404(find_deliveries(""), pk=delivery_id)


def findings_of(delivery: Delivery, officer: Officer) -> Findings:
    """The delivery's findings as the officer may see them."""
    return Findings(delivery.folder, officer.scope)


def report_of(delivery: Delivery, officer: Officer) -> Report:
    """The whole report of a delivery."""
    base = summarise(delivery)
    report = Report(**vars(base))
    report.refused = delivery.state == Delivery.State.REFUSED
    report.files = files_of(delivery)
    if report.refused:
        report.verdict, report.verdict_text = _("Refused whole."), get_refusal_sentence(delivery, lang())
        return report
    report.clean = max(0, report.rows - report.rejected - report.with_findings)
    counted = findings_of(delivery, officer).by_rule()
    address = reverse("office:findings", args=[delivery.pk])
    report.rules = [
        RuleLine(
            sentence=get_rule_sentence(line.rule, lang()),
            tone=tone_of(line.severity),
            word=severity_words()[line.severity],
            count=line.count,
            example=line.example,
            url=f"{address}?{urlencode({'rule': line.rule})}",
        )
        for line in counted
    ]
    report.regencies = regencies_of(delivery, officer)
    comparison = find_comparison(delivery)
    if comparison is not None:
        report.compared_with = comparison.before.period
        if officer.scope.everything:  # counted over the whole delivery
            report.rule_changes = [
                (get_rule_sentence(each.rule, lang()), each.before, each.now) for each in comparison.rules
            ]
    report.findings_total = sum(line.count for line in counted)
    report.most = max((line.count for line in counted), default=0)
    report.tone = "ok"
    report.verdict = _("Accepted with findings.") if counted else _("Accepted.")
    report.verdict_text = _(
        "%(share)s of the rows have no finding. Doubtful values were left empty, the originals are kept. "
        "Nothing was changed in silence."
    ) % {"share": percent(report.clean, report.rows)}
    return report


def regencies_of(delivery: Delivery, officer: Officer) -> list[RegencyLine]:
    """The regencies of a delivery that the officer may see, the largest loss first."""
    scope = officer.scope
    lines = [
        RegencyLine(
            describe_place(each.regency), each.families, each.persons, each.persons_before, each.persons_new,
            each.persons_gone, each.persons_changed,
        )
        for each in delivery.regencies.all()
        if scope.everything
        or any(region.startswith(each.regency) or each.regency.startswith(region) for region in scope.regions)
    ]  # fmt: skip
    return sorted(lines, key=lambda line: -(line.gone or 0))


def files_of(delivery: Delivery) -> list[FileCard]:
    """The files with what was found out about them."""
    manifest = manifest_of(delivery)
    roles = {"families": _("Families"), "persons": _("Members")}
    cards = []
    for file in delivery.files.all():
        facts = [
            (_("Holds"), roles[file.role]),
            (_("Rows"), number(file.rows)),
            (_("Accepted"), number(file.accepted)),
            (_("Rejected"), number(file.rejected)),
            (_("With findings"), number(file.with_findings)),
        ]
        digest = next((one["sha256"] for one in manifest.get("as_sent", []) if one["name"] == file.name), "")
        if digest:
            facts.append((_("Fingerprint"), f"{digest[:8]}…{digest[-4:]}"))
        facts.append(
            (
                _("Layout"),
                _("%(source)s, version %(n)s")
                % {"source": source_name(delivery.source), "n": delivery.mapping_version},
            )
        )
        cards.append(FileCard(file.name, facts))
    return cards


def manifest_of(delivery: Delivery) -> dict[str, Any]:
    """What the reader wrote down, empty for a refused delivery."""
    path = delivery.folder / "manifest.json"
    return json.loads(path.read_text(encoding="utf-8")) if path.is_file() else {}


def tone_of(severity: str) -> str:
    return {"error": "late", "finding": "wait"}.get(severity, "info")


def severity_words() -> dict[str, str]:
    """What the kinds of findings are called."""
    return {"error": _("Row rejected"), "finding": _("Finding"), "note": _("Remark")}


def column_words(name: str) -> str:
    """A column of the dictionary in words, a column of the source by its own name."""
    variable = load_dictionary().by_name.get(name)
    if variable is not None:
        return label_of(variable, lang())
    return {
        "region_code": _("Region code"),
        "region": _("Region code"),
        "record_key": _("Source's own id"),
        "family_key": _("Family's own id"),
        "survey_date": _("Day of the survey"),
        "address": _("Address"),
        "head_name": _("Name of the head"),
        "head_nik": _("NIK of the head"),
        "n_members": _("Number of members"),
        "sls": _("RT and RW"),
        "": _("Whole file or row"),
    }.get(name, name)


def show_finding(row: Finding) -> FindingRow:
    """One finding in words."""
    return FindingRow(
        row_no=row.row_no,
        record_key=row.record_key,
        column=column_words(row.column),
        sentence=get_rule_sentence(row.rule, lang()),
        masked_value=row.masked_value,
        tone=tone_of(row.severity),
        word=severity_words()[row.severity],
    )


def finding_cells(row: Finding) -> list[Any]:
    """One finding as a row of a file."""
    shown = show_finding(row)
    roles = {"families": _("Families"), "persons": _("Members")}
    return [
        roles.get(row.file_role, ""),
        row.row_no or "",
        row.record_key or "",
        shown.column,
        shown.sentence,
        shown.word,
        row.masked_value or "",
    ]


def finding_choices(findings: Findings) -> dict[str, list[tuple[str, str]]]:
    """What the filter offers: only what occurs in this delivery."""
    counted = findings.by_rule()
    words = severity_words()
    present = {line.severity for line in counted}
    return {
        "severities": [(code, words[code]) for code in ("error", "finding", "note") if code in present],
        "rules": [(line.rule, f"{get_rule_sentence(line.rule, lang())} ({number(line.count)})") for line in counted],
        "columns": [(name, column_words(name)) for name in findings.columns()],
    }
