"""What people type about cycles."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from registry.templatetags.dtsen import month
from registry.web.forms import OfficeForm

MONTHS_BACK, MONTHS_AHEAD = 6, 6


class CycleForm(OfficeForm):
    """Which programme, where, for which period."""

    programme = forms.ChoiceField(label=_("Programme"))
    region = forms.ChoiceField(label=_("Regency"))
    starts_on = forms.ChoiceField(label=_("Period begins"))

    def __init__(
        self, *args: Any, programmes: list[tuple[str, str]], regions: list[tuple[str, str]], today: dt.date
    ) -> None:
        super().__init__(*args)
        first = today.year * 12 + today.month - 1
        days = [
            dt.date(n // 12, n % 12 + 1, 1) for n in range(first - MONTHS_BACK, first + MONTHS_AHEAD + 1) if n % 3 == 0
        ]
        for name, choices in (("programme", programmes), ("region", regions)):
            self.fields[name].choices = choices  # type: ignore[attr-defined]
        self.fields["starts_on"].choices = [(day.isoformat(), month(day)) for day in days]  # type: ignore[attr-defined]
        self.fields["starts_on"].initial = max(day for day in days if day <= today).isoformat()
