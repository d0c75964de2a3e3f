"""Programmes as the office shows them: the rule of today in words, the earlier and later ones with their law."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, field
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from registry.programmes.models import Component, Exclusion, Need, Programme, ProgrammeRule
from registry.programmes.selectors import find_rules
from registry.templatetags.dtsen import number


@dataclass
class RuleLine:
    """One rule in words."""

    since: dt.date
    until: dt.date | None
    current: bool
    reach: str
    pays: str
    law: str
    confirmed: bool
    exclusions: list[Any] = field(default_factory=list)


@dataclass
class ComponentLine:
    """One component in words."""

    label: Any
    per_year: str
    per_quarter: str
    ages: str
    limit: str
    since: dt.date
    until: dt.date | None
    law: str
    confirmed: bool


@dataclass
class ProgrammeView:
    """One programme: its rule today, all its rules, its components today."""

    code: str
    name: str
    unit: str
    today: RuleLine | None
    rules: list[RuleLine]
    components: list[ComponentLine]


def rupiah(amount: int) -> str:
    """Whole rupiah as people write them.

    >>> rupiah(600000)
    'Rp600.000'
    """
    return f"Rp{number(amount)}"


def list_programmes(on: dt.date) -> list[ProgrammeView]:
    """Every programme with its rules in words."""
    found = []
    for programme in Programme.objects.all():
        rules = [_rule(rule, on) for rule in find_rules(programme)]
        found.append(
            ProgrammeView(
                code=programme.code,
                name=programme.name,
                unit=programme.get_unit_display(),
                today=next((rule for rule in rules if rule.current), None),
                rules=rules,
                components=[_component(one) for one in Component.objects.in_force(on).filter(programme=programme)],
            )
        )
    return found


def _rule(rule: ProgrammeRule, on: dt.date) -> RuleLine:
    since, until = rule.valid.lower, rule.valid.upper
    reach = _("Desil 1 to %(desil)s") % {"desil": rule.desil_max} if rule.desil_max > 1 else _("Desil 1")
    if rule.needs_component:
        reach = _("%(reach)s with at least one component") % {"reach": reach}
    return RuleLine(
        since=since,
        until=until - dt.timedelta(days=1) if until else None,
        current=since <= on and (until is None or on < until),
        reach=reach,
        pays=_pays(rule),
        law=rule.legal_reference,
        confirmed=rule.confirmed,
        exclusions=[Exclusion(code).label for code in rule.exclusions],
    )


def _pays(rule: ProgrammeRule) -> str:
    if rule.amount:
        return ngettext("%(amount)s each month", "%(amount)s every %(months)s months", rule.period_months) % {
            "amount": rupiah(rule.amount),
            "months": rule.period_months,
        }
    if rule.max_components:
        return ngettext(
            "by component, %(n)s at most", "by component, the %(n)s highest at most", rule.max_components
        ) % {"n": rule.max_components}
    return _("contribution paid to BPJS Kesehatan")


def _component(one: Component) -> ComponentLine:
    until = one.valid.upper
    if one.age_from is None and one.age_to is None:
        ages = ""
    elif one.age_to is None:
        ages = _("from %(age)s years") % {"age": one.age_from}
    else:
        ages = _("%(low)s to %(high)s years") % {"low": one.age_from or 0, "high": one.age_to}
    return ComponentLine(
        label=Need(one.need).label,
        per_year=rupiah(one.amount_per_year),
        per_quarter=rupiah(one.amount_per_year // 4),
        ages=ages,
        limit=str(one.max_per_family) if one.max_per_family else "",
        since=one.valid.lower,
        until=until - dt.timedelta(days=1) if until else None,
        law=one.legal_reference,
        confirmed=one.confirmed,
    )
