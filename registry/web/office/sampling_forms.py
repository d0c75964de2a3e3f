"""What people type about samples: the plan, the draw, the files with results, how good the checkers are."""

from __future__ import annotations

import datetime as dt
import secrets
from typing import Any

from django import forms
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from registry.uji_petik.models import Design, ErrorKind
from registry.web.forms import DayField, FilterForm, OfficeForm

Choices = list[tuple[str, str | Promise]]
WEEKS = 4


def figure(label: Any, low: float, high: float, *, text: Any = "", whole: bool = False) -> forms.Field:
    """A number between two limits, in a narrow field."""
    kind = forms.IntegerField if whole else forms.DecimalField
    return kind(
        label=label,
        min_value=low,
        max_value=high,
        help_text=text,
        widget=forms.NumberInput(attrs={"step": "1" if whole else "any", "inputmode": "decimal"}),
    )


class PlanForm(FilterForm):
    """What is to be known, how exactly, and what visits cost."""

    region = forms.ChoiceField(label=_("Region"))
    error = forms.ChoiceField(label=_("Which error"))
    frame = forms.ChoiceField(label=_("Drawn from"), choices=Design.Frame.choices)
    line = figure(_("Desil of the line"), 1, 9, whole=True)
    share = figure(_("Expected error (%)"), 0.1, 99.9)
    half_width = figure(_("Give or take (points)"), 0.1, 50)
    per_village = figure(_("Families in a village"), 1, 200, whole=True)
    rho = figure(_("Likeness within a village (ρ)"), 0, 0.99, text=_("0.05 where villages differ little"))
    response = figure(_("Families that will answer (%)"), 5, 100)
    floor = figure(_("Drawn by chance alone (%)"), 20, 100, text=_("of a sample by risk: 20 to 30"))
    cost_village = figure(_("Rupiah to reach a village"), 0, 1_000_000_000, whole=True)
    cost_family = figure(_("Rupiah for one visit"), 0, 1_000_000_000, whole=True)

    DEFAULTS = {
        "error": ErrorKind.DATA.value, "frame": Design.Frame.EVERYONE.value, "line": 4, "share": 10, "half_width": 5,
        "per_village": 10, "rho": 0.05, "response": 90, "floor": 25, "cost_village": 400_000, "cost_family": 50_000,
    }  # fmt: skip

    def __init__(self, data: Any, *, regions: Choices) -> None:
        given = dict(data.items()) if data else {}
        super().__init__({**self.DEFAULTS, "region": regions[0][0] if regions else "", **given})
        self.fields["region"].choices = regions  # type: ignore[attr-defined]
        self.fields["error"].choices = [  # type: ignore[attr-defined]
            pair for pair in ErrorKind.choices if pair[0] != ErrorKind.COVERAGE
        ]


class DrawForm(OfficeForm):
    """Which of the designs is drawn, by which seed, until when."""

    mark_optional = False
    option = forms.CharField(widget=forms.HiddenInput, error_messages={"required": _("Choose one of the designs.")})
    name = forms.CharField(label=_("Name of the sample"), max_length=120)
    seed = forms.IntegerField(
        label=_("Seed"),
        min_value=0,
        max_value=2**53,
        help_text=_("Any number. With the register and the ranking of today it repeats the draw."),
        widget=forms.TextInput(attrs={"inputmode": "numeric", "size": "12"}),
    )
    due_on = DayField(label=_("Visits due by"))

    def clean_due_on(self) -> dt.date:
        day: dt.date = self.cleaned_data["due_on"]
        if day < timezone.localdate():
            raise forms.ValidationError(_("This day has passed. Choose a later one."))
        return day

    @classmethod
    def suggested(cls, name: str) -> DrawForm:
        """Return the form with a name, a seed by chance and a day in four weeks."""
        return cls(
            initial={
                "name": name,
                "seed": secrets.randbelow(1_000_000),
                "due_on": timezone.localdate() + dt.timedelta(weeks=WEEKS),
            }
        )


class ResultsForm(OfficeForm):
    """A file with what was found."""

    attachment = forms.FileField(
        label=_("File with results"),
        help_text=_("CSV with the columns of the template. The same file twice changes nothing."),
        error_messages={
            "required": _("Choose the file with the results."),
            "empty": _("The file is empty. Choose the file as it was filled in."),
        },
    )


class CoverageForm(OfficeForm):
    """An independent list of an area."""

    mark_optional = False
    region = forms.ChoiceField(label=_("Region"), help_text=_("All villages of the list lie in it."))
    name = forms.CharField(
        label=_("Name of the list"),
        max_length=120,
        help_text=_("Who made it and where, for example: posyandu of Jatisari"),
    )
    attachment = forms.FileField(
        label=_("The list"),
        help_text=_(
            "CSV, one line a person: nama, tanggal_lahir, kode_desa; also nik, jenis_kelamin, keluarga if known"
        ),
        error_messages={
            "required": _("Choose the file with the list."),
            "empty": _("The file is empty. Choose the file as it was filled in."),
        },
    )

    def __init__(self, *args: Any, regions: Choices, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["region"].choices = regions  # type: ignore[attr-defined]


class CheckersForm(OfficeForm):
    """How often checkers are right, in percent."""

    sensitivity = figure(_("Errors that checkers notice (%)"), 1, 100)
    specificity = figure(_("Right records that checkers leave alone (%)"), 1, 100)


class LotForm(FilterForm):
    """A batch, what may not pass in it, and what was found; beside it a small area."""

    lot = figure(_("Decisions in the batch"), 1, 20_000, whole=True)
    bad_share = figure(_("Wrong ones that may not pass (%)"), 0.1, 99)
    risk = figure(_("Chance that they pass (%)"), 0.1, 50)
    accept = figure(_("Wrong ones allowed among those opened"), 0, 50, whole=True)
    bad_found = forms.IntegerField(
        label=_("Wrong ones found"),
        min_value=0,
        required=False,
        help_text=_("empty while they are being opened"),
        widget=forms.NumberInput(attrs={"step": "1"}),
    )
    visits = figure(_("Visits in a small area"), 2, 500, whole=True)
    high = figure(_("Right in a good area (%)"), 1, 99)
    low = figure(_("Right in a bad area (%)"), 1, 99)

    DEFAULTS = {"lot": 200, "bad_share": 10, "risk": 5, "accept": 0, "visits": 19, "high": 80, "low": 50}

    def __init__(self, data: Any) -> None:
        super().__init__({**self.DEFAULTS, **(dict(data.items()) if data else {})})


class LotPlanForm(FilterForm):
    """Of which families a lot is made, what may pass in it and what may not."""

    region = forms.ChoiceField(label=_("Place"))
    companion = forms.ChoiceField(label=_("Area of a companion"), required=False)
    whom = forms.ChoiceField(label=_("Families"))
    error = forms.ChoiceField(label=_("What is wrong or right"))
    good = figure(_("Wrong ones in a good lot (%)"), 0, 50, text=_("up to this share it should pass"))
    bad = figure(_("Wrong ones that may not pass (%)"), 0.1, 99)
    risk = figure(_("Chance of a mistake (%)"), 0.1, 50, text=_("of rejecting a good lot, and of accepting a bad one"))
    reduced = forms.BooleanField(label=_("Inspect less where the earlier lots allow it"), required=False)

    DEFAULTS: dict[str, Any] = {"error": ErrorKind.DATA.value, "whom": "everyone", "good": 1, "bad": 10, "risk": 5}

    def __init__(self, data: Any, *, places: Choices, companions: Choices, families: Choices) -> None:
        given = dict(data.items()) if data else {}
        super().__init__({**self.DEFAULTS, "region": places[0][0] if places else "", **given})
        self.fields["region"].choices = places  # type: ignore[attr-defined]
        if "companion" in self.fields:
            self.fields["companion"].choices = [("", _("everybody there")), *companions]  # type: ignore[attr-defined]
        self.fields["whom"].choices = families  # type: ignore[attr-defined]
        self.fields["error"].choices = [  # type: ignore[attr-defined]
            pair for pair in ErrorKind.choices if pair[0] in (ErrorKind.DATA, ErrorKind.RULE, ErrorKind.PROCESS)
        ]


class AreaPlanForm(LotPlanForm):
    """What makes a small area good or bad, and how many visits each gets (LQAS)."""

    companion = None  # type: ignore[assignment]
    reduced = None  # type: ignore[assignment]
    risk = None  # type: ignore[assignment]
    good = figure(_("Right in a good area (%)"), 1, 99)
    bad = figure(_("Right in a bad area (%)"), 1, 99)
    visits = figure(_("Visits in each village"), 2, 500, whole=True)

    DEFAULTS = {"error": ErrorKind.DATA.value, "whom": "everyone", "good": 80, "bad": 50, "visits": 19}


class LotDrawForm(DrawForm):
    """By which seed the families of a lot are drawn, until when."""

    option = None  # type: ignore[assignment]
