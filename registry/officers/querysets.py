"""Business words for questions to accounts, roles, grants and links."""

import datetime as dt
from typing import Self

from django.contrib.auth.base_user import BaseUserManager
from django.db import models
from django.db.models import Q

from registry.wilayah.querysets import within


class OfficerQuerySet(models.QuerySet):  # type: ignore[type-arg]
    """Accounts."""

    def human(self) -> Self:
        """Leave out the system officer."""
        return self.filter(is_system=False)

    def holding(self, role: str, *, on: dt.date, region_code: str | None = None) -> Self:
        """Keep active officers who hold the role that day, for this region or one above it."""
        condition = Q(roles__role=role, roles__ended_at=None, roles__valid__contains=on)
        if region_code is not None:
            above = [
                "",
                *(region_code[:n] for n in (2, 5, 8, 13) if n <= len(region_code)),
            ]
            condition &= Q(roles__region_code__in=above)
        return self.filter(condition, is_active=True).distinct()


class OfficerManager(BaseUserManager.from_queryset(OfficerQuerySet)):  # type: ignore[misc]
    """Finds accounts by e-mail whatever its case; making one is `operations.invite_officer`."""

    def get_by_natural_key(self, username: str | None):  # type: ignore[no-untyped-def]
        """Return the account of an e-mail address."""
        return self.get(email=(username or "").strip().lower())


class OfficerRoleQuerySet(models.QuerySet):  # type: ignore[type-arg]
    """Roles by day and place."""

    def in_force(self, on: dt.date) -> Self:
        """Keep the roles held on a day."""
        return self.filter(ended_at=None, valid__contains=on)

    def not_over(self, on: dt.date) -> Self:
        """Keep the roles held on a day or later."""
        return self.filter(Q(valid__upper_inf=True) | Q(valid__endswith__gt=on), ended_at=None)

    def for_region(self, code: str) -> Self:
        """Keep the roles for the region or one below it."""
        return self.filter(within(code))


class CaseGrantQuerySet(models.QuerySet):  # type: ignore[type-arg]
    """Case grants."""

    def open(self, now: dt.datetime) -> Self:
        """Keep the grants that open their object now."""
        return self.filter(Q(until=None) | Q(until__gt=now), ended_at=None)


class OneTimeLinkQuerySet(models.QuerySet):  # type: ignore[type-arg]
    """One-time links."""

    def usable(self, now: dt.datetime) -> Self:
        """Keep links that were not used, withdrawn or left to expire."""
        return self.filter(used_at=None, withdrawn_at=None, expires_at__gt=now)
