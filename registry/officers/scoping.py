"""What an officer may see: the Scope of the roles held today, and QuerySets that obey it.

Whoever asks for a row outside the scope gets none: views answer 404, as if it were not there.
"""

import datetime as dt
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, ClassVar, Self

from django.db import models
from django.db.models import Q, Value
from django.db.models.functions import Cast
from django.http import Http404
from django.utils import timezone

from registry.officers.roles import ROLES, May, Sees
from registry.wilayah.querysets import within

if TYPE_CHECKING:
    from registry.officers.models import Officer, OfficerRole


@dataclass(frozen=True)
class Scope:
    """Where an officer's roles of a day reach: everything, regions, or single cases only.

    `regions` are dotted codes without those that another one contains. `codes` are the roles,
    `may` what they allow.
    """

    everything: bool = False
    regions: tuple[str, ...] = ()
    codes: frozenset[str] = frozenset()
    may: frozenset[May] = frozenset()
    by_role: dict[str, tuple[str, ...]] = field(default_factory=dict, compare=False)

    def covers(self, region_code: str) -> bool:
        """Say whether a row of that region lies in the scope (case grants aside)."""
        return self.everything or any(
            region_code == region or region_code.startswith(f"{region}.") for region in self.regions
        )

    def allows(self, what: May, region_code: str | None = None) -> bool:
        """Say whether a role allows it, and for that region when one is given."""
        if what not in self.may:
            return False
        if region_code is None or self.everything:
            return True
        return any(
            what in ROLES[code].may
            and any(not region or region_code == region or region_code.startswith(f"{region}.") for region in regions)
            for code, regions in self.by_role.items()
        )

    def condition(self, prefix: str = "") -> Q:
        """Return the filter on `region_code` and `regency` of a table, the latter leading.

        `prefix` leads to the table, as ``household__``. The empty scope matches no row.
        """
        if self.everything:
            return Q()
        wanted = Q(pk__in=[])
        for code in self.regions:
            wanted |= in_region(code, prefix)
        return wanted


def in_region(code: str, prefix: str = "") -> Q:
    """Return the condition of lying in a region, by the regency (or a range of them) and the code.

    The numbers are cast: an index of several columns by GIN takes a smallint for its smallint
    column only, and a bare number is an integer to PostgreSQL.
    """
    if len(code) == 2:
        first = int(code) * 100
        return Q(**{f"{prefix}regency__gte": _small(first), f"{prefix}regency__lte": _small(first + 99)})
    regency = Q(**{f"{prefix}regency": _small(int(code[:5].replace(".", "")))})
    return regency if len(code) == 5 else regency & within(code, f"{prefix}region_code")


def _small(number: int) -> Cast:
    return Cast(Value(number), models.SmallIntegerField())


NO_SCOPE = Scope()


def scope_of(roles: "list[OfficerRole]", *, is_system: bool = False) -> Scope:
    """Return the scope of roles that are in force."""
    if is_system:
        return Scope(everything=True, may=frozenset(May), by_role={})
    everything = False
    regions: set[str] = set()
    by_role: dict[str, tuple[str, ...]] = {}
    may: set[May] = set()
    for held in roles:
        role = ROLES[held.role]
        may |= role.may
        by_role[held.role] = (*by_role.get(held.role, ()), held.region_code)
        if role.sees is Sees.EVERYTHING or (role.sees is Sees.REGION and not held.region_code):
            everything = True
        elif role.sees is Sees.REGION:
            regions.add(held.region_code)
    outer = tuple(sorted(code for code in regions if not any(code.startswith(f"{other}.") for other in regions)))
    return Scope(
        everything=everything,
        regions=() if everything else outer,
        codes=frozenset(by_role),
        may=frozenset(may),
        by_role=by_role,
    )


class OfficerScope:
    """What `Officer` knows about itself: scope and permissions of today, read once per object."""

    is_active: bool
    is_system: bool
    roles: Any

    @property
    def scope(self) -> Scope:
        """Return the scope of the roles held today."""
        today = timezone.localdate()
        kept = self.__dict__.get("_scope")
        if kept is None or kept[0] != today:
            kept = (today, self.scope_on(today))
            self.__dict__["_scope"] = kept
        return kept[1]

    def scope_on(self, day: dt.date) -> Scope:
        """Return the scope of the roles held on a day; none for an account that is closed."""
        if not self.is_active:
            return NO_SCOPE
        if self.is_system:
            return scope_of([], is_system=True)
        return scope_of(list(self.roles.in_force(day)))

    def forget_scope(self) -> None:
        """Read the roles anew at the next question; operations call it after a change."""
        self.__dict__.pop("_scope", None)

    def may(self, what: May, region_code: str | None = None) -> bool:
        """Say whether a role held today allows it, for the region when one is given."""
        return self.scope.allows(what, region_code)

    def has_role(self, *codes: str) -> bool:
        """Say whether one of the roles is held today."""
        return any(code in self.scope.codes for code in codes)

    # What Django's admin and its relatives ask an account; the roles answer.

    @property
    def is_staff(self) -> bool:
        """Say whether the account may open the administration."""
        return self.may(May.OPEN_ADMINISTRATION)

    @property
    def is_superuser(self) -> bool:
        """Say no: nobody stands above the roles."""
        return False

    def has_perm(self, perm: str, obj: Any = None) -> bool:
        """Answer Django's model permissions: officers, roles and reference data only."""
        action = perm.partition(".")[2].partition("_")[0]
        if not self.is_staff:
            return False
        return action == "view" or self.may(May.MANAGE_REFERENCE)

    def has_perms(self, perm_list: list[str], obj: Any = None) -> bool:
        """Say whether every permission is there."""
        return all(self.has_perm(perm, obj) for perm in perm_list)

    def has_module_perms(self, app_label: str) -> bool:
        """Say whether the administration shows an app at all."""
        return self.is_staff


class ScopedQuerySet(models.QuerySet):  # type: ignore[type-arg]
    """Base of every QuerySet of personal or casework rows that carry region_code and regency."""

    # Path to the row that carries region_code and regency, as "household__".
    scope_prefix: ClassVar[str] = ""
    # Which field holds the id of each kind of granted object, as {"household": "household_id"}.
    scope_cases: ClassVar[dict[str, str]] = {}

    def visible_to(self, officer: "Officer", *, now: dt.datetime | None = None) -> Self:
        """Keep the rows that the officer's regions or open case grants show."""
        scope = officer.scope
        if scope.everything:
            return self.all()
        shown = scope.condition(self.scope_prefix)
        if self.scope_cases and getattr(officer, "pk", None):
            open_grants = officer.case_grants.open(now or timezone.now())
            for kind, path in self.scope_cases.items():
                granted = open_grants.filter(object_type=kind).values("object_id")
                shown |= Q(**{f"{path}__in": granted})
        return self.filter(shown)

    def get_visible(self, officer: "Officer", **lookup: Any) -> Any:
        """Return one visible row. Raises: Http404 when it is absent or outside the scope."""
        row = self.visible_to(officer).filter(**lookup).first()
        if row is None:
            raise Http404
        return row
