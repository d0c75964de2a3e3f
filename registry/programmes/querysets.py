"""Business words for the rules of programmes."""

import datetime as dt
from typing import Self

from django.db import models


class ProgrammePartQuerySet(models.QuerySet):  # type: ignore[type-arg]
    """Rules and components."""

    def in_force(self, on: dt.date) -> Self:
        """Keep what holds on a day."""
        return self.filter(valid__contains=on)
