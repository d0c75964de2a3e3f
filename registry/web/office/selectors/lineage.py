"""Values with their origin: what stands in the register, which source gave it when, and which values lost and why."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from django.utils.translation import get_language
from django.utils.translation import gettext as _

from registry.templatetags.dtsen import day, source_name
from registry.variables import Variable


@dataclass(frozen=True)
class SourceValue:
    """A value as one source gave it; `used` when it is the one in the register."""

    source: str
    date: dt.date | None
    value: Any
    used: bool


@dataclass(frozen=True)
class Other:
    """A value that is not used, in words."""

    value: str
    source: str
    date: str
    differs: bool


@dataclass(frozen=True)
class Line:
    """One item as the page shows it."""

    name: str
    anchor: str
    label: str
    value: str
    source: str = ""
    date: str = ""
    others: list[Other] = field(default_factory=list)
    reason: str = ""
    corrected: bool = False
    correct_url: str = ""

    @property
    def differs(self) -> bool:
        """Say whether a source says something else."""
        return any(other.differs for other in self.others)


def lines_of(
    variables: Iterable[Variable],
    row: Any,
    origins: Mapping[str, list[SourceValue]],
    *,
    corrected: Mapping[str, Any] | None = None,
    correct_url: str = "",
) -> tuple[list[Line], list[str]]:
    """The items that have a value, each with its origin; and the labels of those that nobody filled in."""
    language = get_language() or "id"
    lines, empty = [], []
    for variable in variables:
        value = getattr(row, variable.name, None)
        given = origins.get(variable.name, [])
        if value is None and not given:
            empty.append(label_of(variable, language))
            continue
        lines.append(
            line_of(
                variable,
                value,
                given,
                language,
                corrected=variable.name in (corrected or {}),
                correct_url=f"{correct_url}?item={variable.name}" if correct_url else "",
            )
        )
    return lines, empty


def line_of(
    variable: Variable,
    value: Any,
    given: list[SourceValue],
    language: str,
    *,
    corrected: bool,
    correct_url: str,
) -> Line:
    """One item in words."""
    used = next((one for one in given if one.used), None)
    others = [
        Other(words_of(variable, one.value, language), source_name(one.source), day(one.date), one.value != value)
        for one in given
        if one is not used and one.value is not None
    ]
    if corrected:
        origin, when = _("Correction by an officer"), ""
    else:
        origin, when = (source_name(used.source), day(used.date)) if used else ("", "")
    return Line(
        name=variable.name,
        anchor=f"v-{variable.name}",
        label=label_of(variable, language),
        value=words_of(variable, value, language) or _("left empty"),
        source=origin,
        date=when,
        others=others,
        reason=reason_of(variable, others, corrected=corrected),
        corrected=corrected,
        correct_url=correct_url,
    )


def reason_of(variable: Variable, others: list[Other], *, corrected: bool) -> str:
    """Why this value and not another."""
    if corrected:
        return _("Reason: an officer corrected it with evidence; it stays until it is checked again.")
    if not others:
        return _("Reason: only one source has it.")
    if not any(other.differs for other in others):
        return _("Reason: the sources agree.")
    rules = {
        "grain": _("the more detailed value"),
        "verified": _("what agrees with Dukcapil"),
        "recency": _("the newest"),
        "agreement": _("what most sources say"),
        "priority": _("the order of the sources"),
    }
    order = ", ".join(rules[rule] for rule in variable.survivorship if rule in rules)
    return _("Reason: the sources differ. What counts, in this order: %(order)s.") % {"order": order}


def words_of(variable: Variable, value: Any, language: str) -> str:
    """A value in the words of the dictionary."""
    if value is None:
        return ""
    if isinstance(value, dt.date):
        return day(value)
    if isinstance(value, int) or (isinstance(value, float) and value.is_integer()):
        return variable.text(int(value), language)
    return str(value)


def label_of(variable: Variable, language: str) -> str:
    return variable.label["en" if language.startswith("en") else "id"]


def choices_of(variable: Variable) -> list[tuple[str, str]] | None:
    """The codes of a variable as choices, None when it has no codes."""
    if not variable.codes:
        return None
    language = "en" if (get_language() or "id").startswith("en") else "id"
    return [(str(code), words[language]) for code, words in variable.codes.items()]
