"""Reads over deliveries: which are current, what a rule says, which sources there are."""

from pathlib import Path

import duckdb

from registry.common.errors import SENTENCES, render_sentence
from registry.sources.mapping import get_shipped_sources, load_mapping
from registry.sources.models import Delivery
from registry.sources.rules import load_rules


def find_current_deliveries() -> list[Delivery]:
    """Return the deliveries that take part in a build, oldest first."""
    return list(Delivery.objects.current())


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
