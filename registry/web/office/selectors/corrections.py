"""Corrections for the desk that checks them."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from typing import Any

from django.db.models import Count, QuerySet
from django.urls import reverse
from django.utils.translation import gettext as _

from registry.households.operations import check_correction, propose_correction
from registry.models import Correction, Household, Individual
from registry.officers.models import Officer
from registry.officers.roles import May
from registry.variables import load_dictionary
from registry.web.office.selectors.families import CorrectionLine, show_correction


@dataclass(frozen=True)
class Filter:
    """One saved filter with its count."""

    label: str
    url: str
    count: int
    current: bool


@dataclass(frozen=True)
class CorrectionRow:
    line: CorrectionLine
    url: str
    may_decide: bool
    mine: bool


def find_corrections(officer: Officer, state: str) -> QuerySet[Correction]:
    """Corrections of one state in the officer's regions."""
    return Correction.objects.visible_to(officer).filter(state=state).select_related("proposed_by")


def filters_of(officer: Officer, state: str) -> list[Filter]:
    """The states with their counts."""
    counts = dict(
        Correction.objects.visible_to(officer)
        .order_by()
        .values_list("state")
        .annotate(n=Count("id"))
        .values_list("state", "n")
    )
    words = {
        "proposed": _("Waiting for a check"),
        "contested": _("A newer source disagrees"),
        "active": _("In force"),
        "refused": _("Refused"),
        "retired": _("Confirmed by a source"),
    }
    address = reverse("office:corrections")
    return [Filter(word, f"{address}?state={code}", counts.get(code, 0), code == state) for code, word in words.items()]


def show_row(correction: Correction, officer: Officer) -> CorrectionRow:
    """One correction with what the officer may do to it."""
    name = "office:family" if correction.object_type == "household" else "office:person"
    mine = correction.proposed_by_id == officer.pk
    waits = correction.state in ("proposed", "contested")
    return CorrectionRow(
        line=show_correction(correction),
        url=reverse(name, args=[correction.object_id]),
        may_decide=waits and not mine and officer.may(May.CHECK_CORRECTION, correction.region_code),
        mine=waits and mine,
    )


def subject_of(row: Household | Individual) -> dict[str, list[Any]]:
    """Whom the page shows, for the read log."""
    return {"households": [row.pk]} if isinstance(row, Household) else {"individuals": [row.pk]}


def propose(row: Household | Individual, item: str, cleaned: dict[str, Any], *, by: Officer, now: dt.datetime) -> None:
    """Propose the value that the form holds. Raises: DomainError as `propose_correction`."""
    propose_correction(
        target=row, variable=item, value=stored(item, cleaned["value"]), evidence=cleaned["evidence"], by=by, now=now
    )


def stored(item: str, value: Any) -> str:
    """A typed value as the register keeps it: a day in ISO form, a number in the stored unit (51,5 m2 is 515)."""
    if isinstance(value, dt.date):
        return value.isoformat()
    text = str(value).strip()
    variable = load_dictionary().by_name.get(item)
    if variable is not None and variable.scale != 1 and not variable.codes:
        try:
            return str(int(Decimal(text.replace(",", ".")) * variable.scale))
        except InvalidOperation:
            return text
    return text


def decide(correction: Correction, *, accepted: bool, by: Officer, now: dt.datetime) -> None:
    """Let it hold, or refuse it. Raises: DomainError as `check_correction`."""
    check_correction(correction=correction, accepted=accepted, by=by, now=now)
