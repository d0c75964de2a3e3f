"""Business words for questions to the regions, and the prefix range every stage filters by."""

import datetime as dt
from typing import Self

from django.db import models
from django.db.models import Q


def within(code: str, field: str = "region_code") -> Q:
    """Return the condition "in the region `code` or below it", as an index range.

    A range on the C-collated code works with bound parameters and any plan, LIKE does not.
    An empty code is the nation: no condition.
    """
    if not code:
        return Q()
    if len(code) == 13:
        return Q(**{field: code})
    return Q(**{field: code}) | Q(**{f"{field}__gte": f"{code}.", f"{field}__lt": f"{code}/"})


class RegionQuerySet(models.QuerySet):  # type: ignore[type-arg]
    """Regions by level, place and day."""

    def in_force(self, on: dt.date) -> Self:
        """Keep the codes in force on a day."""
        return self.filter(valid__contains=on)

    def historic(self, on: dt.date) -> Self:
        """Keep the codes no longer in force on a day; a NIK issued before may still carry them."""
        return self.exclude(valid__contains=on)

    def within(self, code: str) -> Self:
        """Keep the region `code` and everything below it; an empty code is the nation."""
        return self.filter(within(code, "code"))

    def provinces(self) -> Self:
        """Keep provinces."""
        return self.filter(level=1)

    def regencies(self) -> Self:
        """Keep regencies and cities."""
        return self.filter(level=2)

    def districts(self) -> Self:
        """Keep districts (kecamatan)."""
        return self.filter(level=3)

    def villages(self) -> Self:
        """Keep villages (desa and kelurahan)."""
        return self.filter(level=4)
