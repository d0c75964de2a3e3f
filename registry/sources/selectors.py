"""Reads over deliveries: which are current, what a rule says, which sources there are."""

from dataclasses import dataclass
from pathlib import Path

import duckdb

from registry.common.errors import SENTENCES, render_sentence
from registry.sources.mapping import get_shipped_sources, load_mapping
from registry.sources.models import Delivery, DeliveryRegency
from registry.sources.rules import load_rules


@dataclass(frozen=True)
class CurrentPart:
    """A delivery that takes part in a build, and its regencies that a newer complete one replaced."""

    delivery: Delivery
    replaced: frozenset[str]


def find_current_parts(source: str | None = None) -> list[CurrentPart]:
    """Return what takes part in a build, oldest first.

    A complete delivery replaces the older rows of its source in the regencies it contains; an
    older one of which no regency is left takes no part (ADR: complete per regency).
    """
    deliveries = Delivery.objects.received().prefetch_related("regencies").order_by("-id")
    covered: dict[str, set[str]] = {}
    parts: list[CurrentPart] = []
    for delivery in deliveries.filter(source=source) if source else deliveries:
        own = {each.regency for each in delivery.regencies.all()}
        newer = covered.setdefault(delivery.source, set())
        if own and own <= newer:
            continue
        parts.append(CurrentPart(delivery, frozenset(own & newer)))
        if delivery.complete:
            newer |= own
    return parts[::-1]


@dataclass(frozen=True)
class RuleChange:
    """How often a rule spoke in the delivery before and in this one."""

    rule: str
    before: int
    now: int


@dataclass(frozen=True)
class Comparison:
    """A delivery beside the one of its source before it."""

    before: Delivery
    regencies: list[DeliveryRegency]
    rules: list[RuleChange]


def find_comparison(delivery: Delivery) -> Comparison | None:
    """Return what changed against the delivery before, None for a source's first."""
    if delivery.compared_with is None:
        return None
    was = dict(delivery.compared_with.finding_counts.values_list("rule", "n"))
    now = dict(delivery.finding_counts.values_list("rule", "n"))
    rules = [RuleChange(rule, was.get(rule, 0), now.get(rule, 0)) for rule in sorted(was | now)]
    return Comparison(
        delivery.compared_with,
        list(delivery.regencies.all()),
        sorted((each for each in rules if each.before != each.now), key=lambda each: -abs(each.now - each.before)),
    )


def get_source_labels(language: str = "id") -> dict[str, str]:
    """Return the sources whose mappings ship, with their names in words."""
    return {source: load_mapping(source).label[language] for source in get_shipped_sources()}


def get_rule_sentence(code: str, language: str = "id") -> str:
    """Return what is wrong and what to do next, the code itself when no rule has it."""
    rule = load_rules().rules.get(code)
    return rule.sentence(language) if rule else code


def get_refusal_sentence(delivery: Delivery, language: str = "id") -> str:
    """Return why a delivery was refused, in words; empty when it was not."""
    if not delivery.refusal_code:
        return ""
    return render_sentence(SENTENCES[delivery.refusal_code], delivery.refusal_facts, language)


def read_raw_row(folder: Path, role: str, row_no: int) -> dict[str, str | None]:
    """Return one row of a delivery as it was sent, by the file's own column names."""
    path = folder / f"{role}.raw.parquet"
    if not path.is_file():
        return {}
    with duckdb.connect(config={"threads": 1, "memory_limit": "256MB"}) as con:
        found = con.execute(
            "SELECT * EXCLUDE (file_row_number) FROM read_parquet(?, file_row_number = true) WHERE file_row_number = ?",
            [str(path), row_no - 1],
        )
        names = [part[0].removeprefix("raw_") for part in found.description or []]
        row = found.fetchone()
    return {name: value for name, value in zip(names, row, strict=True) if name != "row_fault"} if row else {}
