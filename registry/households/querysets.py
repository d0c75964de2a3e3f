"""Business words for families and people; every one starts from what an officer may see."""

from typing import ClassVar, Self

from registry.officers.scoping import ScopedQuerySet


class HouseholdQuerySet(ScopedQuerySet):
    """Families."""

    scope_cases: ClassVar[dict[str, str]] = {"household": "pk"}

    def active(self) -> Self:
        """Keep the families that exist today."""
        return self.filter(status="active")


class IndividualQuerySet(ScopedQuerySet):
    """People; a grant on a family shows its members."""

    scope_cases: ClassVar[dict[str, str]] = {"household": "household_id", "individual": "pk"}

    def active(self) -> Self:
        """Keep the people that exist today."""
        return self.filter(status="active")


class FamilyPartQuerySet(ScopedQuerySet):
    """Rows that hang on a family or a person: memberships, corrections, plans."""

    def current(self) -> Self:
        """Keep memberships that last."""
        return self.filter(until=None)
