# ruff: noqa: S608  (the SQL is put together from constants and checked names; values are parameters)
"""The rows that sources delivered, and what became of them: read from the Parquet of deliveries and of the last run."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path
from typing import Any
from uuid import UUID

import duckdb
from django.urls import reverse
from django.utils.formats import number_format
from django.utils.translation import gettext as _

from registry.linkage import lineage
from registry.linkage.golden import FAMILY_FIELDS, PERSON_FIELDS
from registry.linkage.links import Link, find_links
from registry.linkage.survivorship import Surviving
from registry.models import Household, Individual
from registry.web.office.selectors.evidence import why_in_words
from registry.web.office.selectors.lineage import SourceValue
from registry.web.office.selectors.stores import (
    DeliveredFile,
    current_deliveries,
    days_of_deliveries,
    lineage_folder,
)


@dataclass(frozen=True)
class SourceRow:
    """One delivered row as the page shows it."""

    source: str
    period: str
    delivery_url: str
    record_key: str
    name: str
    became: str
    why: str
    certainty: str


@dataclass
class DeliveredRow:
    """One delivered row as it is in the store, with the delivery it came in."""

    delivery: DeliveredFile
    values: dict[str, Any] = field(default_factory=dict)


def connect() -> duckdb.DuckDBPyConnection:
    """A small connection for look-ups."""
    return duckdb.connect(config={"threads": 1, "memory_limit": "256MB"})


def find_rows(role: str, source: str, column: str, keys: Sequence[str]) -> dict[str, DeliveredRow]:
    """The newest delivered rows of a source by key (`record_key` or `family_key`), all their columns."""
    found: dict[str, DeliveredRow] = {}
    connection = connect()
    for delivery in current_deliveries(source):
        wanted = [key for key in keys if key not in found]
        path = Path(delivery.folder) / f"{role}.parquet"
        if not wanted or not path.is_file():
            continue
        cursor = connection.execute(
            f"SELECT * FROM read_parquet(?) WHERE {column} IN (SELECT unnest(?))", [str(path), wanted]
        )
        names = [part[0] for part in cursor.description or []]
        for row in cursor.fetchall():
            values = dict(zip(names, row, strict=True))
            if values.get("accepted", True):
                found.setdefault(values[column], DeliveredRow(delivery, values))
    return found


def find_members(source: str, family_key: str) -> list[DeliveredRow]:
    """All persons of one delivered family, in the order of the file."""
    for delivery in current_deliveries(source):
        path = Path(delivery.folder) / "persons.parquet"
        if not path.is_file():
            continue
        cursor = connect().execute(
            "SELECT * FROM read_parquet(?) WHERE family_key = ? AND accepted ORDER BY row_no", [str(path), family_key]
        )
        names = [part[0] for part in cursor.description or []]
        rows = [DeliveredRow(delivery, dict(zip(names, row, strict=True))) for row in cursor.fetchall()]
        if rows:
            return rows
    return []


def persons_of(links: Iterable[Link]) -> dict[tuple[str, str], DeliveredRow]:
    """The delivered person rows behind links, by source and key."""
    keys: dict[str, list[str]] = {}
    for link in links:
        keys.setdefault(link.source, []).append(link.record_key)
    return {
        (source, key): row
        for source, wanted in keys.items()
        for key, row in find_rows("persons", source, "record_key", wanted).items()
    }


def find_lineage(part: str, object_id: UUID) -> list[dict[str, Any]]:
    """The values of every row of a person (`prow`) or a family (`frow`) in the published run, by their place."""
    folder = lineage_folder()
    return lineage.find_lineage(connect(), folder, part, object_id) if folder else []


def values_of(
    fields: Sequence[Surviving], rows: list[dict[str, Any]], winner: bytes | memoryview | None
) -> dict[str, list[SourceValue]]:
    """Each item as the rows give it, the newest first; the place in `winner` says which row was taken."""
    places = bytes(winner or b"")
    periods = days_of_deliveries({row["delivery"] for row in rows})
    origins: dict[str, list[SourceValue]] = {}
    for number, field_ in enumerate(fields):
        taken = places[number] if number < len(places) else 0
        seen = set()
        given = []
        for row in rows:
            value, day = plain(row.get(field_.name)), plain(row.get("survey_date")) or periods.get(row["delivery"])
            used = row["place"] == taken
            key = (row["source"], day, value)
            if value in (None, "") or (key in seen and not used):
                continue
            seen.add(key)
            given.append(SourceValue(row["source"], day, value, used))
        if given:
            origins[field_.name] = sorted(given, key=lambda one: (one.used, one.date or dt.date.min), reverse=True)
    return origins


def plain(value: Any) -> Any:
    """A Parquet value as the register holds it."""
    return value.date() if isinstance(value, dt.datetime) else value


def origins_of_household(household: Household) -> dict[str, list[SourceValue]]:
    """Where each value about the dwelling and the assets comes from."""
    return values_of(FAMILY_FIELDS, find_lineage("frow", household.pk), household.winner)


def origins_of_individual(person: Individual) -> dict[str, list[SourceValue]]:
    """Where each value about a person comes from; the numbers are left out."""
    origins = values_of(PERSON_FIELDS, find_lineage("prow", person.pk), person.winner)
    return {name: given for name, given in origins.items() if name != "nik"}


def rows_of_household(household: Household, names: Mapping[UUID, str]) -> list[SourceRow]:
    """The delivered rows whose people belong to the family."""
    return show_rows(find_links("household", household.pk), names)


def rows_of_individual(person: Individual) -> list[SourceRow]:
    """The delivered rows that became the person."""
    return show_rows(find_links("individual", person.pk), {})


def show_rows(links: list[Link], names: Mapping[UUID, str]) -> list[SourceRow]:
    """Delivered rows in words: what they became and why."""
    people = persons_of(links)
    shown = []
    for link in links:
        row = people.get((link.source, link.record_key))
        shown.append(
            SourceRow(
                source=link.source,
                period=row.delivery.period if row else "",
                delivery_url=reverse("office:delivery", args=[row.delivery.id]) if row else "",
                record_key=link.record_key,
                name=(row.values.get("name") or "") if row else "",
                became=names.get(link.individual_id, ""),
                why=why_in_words(link.rule, link.reasons),
                certainty=certainty(link.probability),
            )
        )
    return shown


def certainty(probability: float | None) -> str:
    """A probability in words, never rounded up to certainty."""
    if probability is None:
        return ""
    if probability >= 0.9995:
        return _("probability above %(p)s") % {"p": number_format(Decimal("0.999"), 3, use_l10n=True)}
    return _("probability %(p)s") % {"p": number_format(Decimal(f"{probability:.3f}"), 3, use_l10n=True)}
