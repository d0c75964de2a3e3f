"""What people type in the office. Rules that hold elsewhere too live in the stages."""

from __future__ import annotations

import re
from typing import Any

from django import forms
from django.core.files.uploadedfile import UploadedFile
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from registry.desil.models import RankRun
from registry.web.forms import BornField, DayField, FilterForm, OfficeForm
from registry.web.reads import WHY_FULL_NUMBERS, WHY_LISTS

Choices = list[tuple[str, str | Promise]]
MONTH = re.compile(r"^(\d{4})-(\d{2})$|^(\d{1,2})[-/](\d{4})$")


class ManyFilesInput(forms.ClearableFileInput):
    """A file input that takes several files."""

    allow_multiple_selected = True


class ManyFilesField(forms.FileField):
    """One or several files, as a list."""

    widget = ManyFilesInput

    def clean(self, data: Any, initial: Any = None) -> Any:
        files = data if isinstance(data, list | tuple) else [data] if data else []
        if not files:
            return super().clean(None, initial)
        return [super(ManyFilesField, self).clean(file, initial) for file in files]


class UploadForm(OfficeForm):
    """A delivery: whose, of which month, and its files."""

    source = forms.ChoiceField(
        label=_("Source"), error_messages={"required": _("Choose the source the files come from.")}
    )
    period = forms.CharField(
        label=_("Period of the data"),
        help_text=_("Year and month, for example 2026-06. A row's own date counts more."),
        max_length=7,
        widget=forms.TextInput(attrs={"size": "10", "inputmode": "numeric"}),
        error_messages={"required": _("Fill in the year and month of the data.")},
    )
    attachments = ManyFilesField(
        label=_("Files"),
        help_text=_("One or several at once: CSV, CSV in gzip, XLSX. Files that belong together go together."),
        error_messages={
            "required": _("Choose the files of the delivery."),
            "empty": _("The file is empty. Choose the file as it was sent."),
        },
    )

    def __init__(self, *args: Any, sources: Choices, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["source"].choices = [("", _("Choose the source")), *sources]  # type: ignore[attr-defined]

    def clean_period(self) -> str:
        match = MONTH.match(self.cleaned_data["period"].strip())
        if match:
            year, month = (match[1], match[2]) if match[1] else (match[4], match[3].zfill(2))
            if 1 <= int(month) <= 12 and 2000 <= int(year) <= 2100:
                return f"{year}-{month}"
        raise forms.ValidationError(_("This is not a month. Write year and month, for example 2026-06."))

    @property
    def uploads(self) -> list[UploadedFile]:
        return list(self.cleaned_data["attachments"])


class FindingFilter(FilterForm):
    """Which findings to show."""

    severity = forms.ChoiceField(label=_("Kind"), required=False)
    rule = forms.ChoiceField(label=_("Rule"), required=False)
    column = forms.ChoiceField(label=_("Column"), required=False)

    def __init__(self, *args: Any, severities: Choices, rules: Choices, columns: Choices, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name, choices, everything in (
            ("severity", severities, _("All kinds")),
            ("rule", rules, _("All rules")),
            ("column", columns, _("All columns")),
        ):
            self.fields[name].choices = [("", everything), *choices]  # type: ignore[attr-defined]


class SearchForm(OfficeForm):
    """Whom to look for: a number or a name, and what narrows it."""

    mark_optional = False
    text = forms.CharField(
        label=_("NIK, family card number or name"),
        max_length=120,
        required=False,
        widget=forms.TextInput(attrs={"autocomplete": "off", "autofocus": True, "type": "search"}),
    )
    born = BornField(label=_("Birth date or year"), required=False)
    village = forms.CharField(
        label=_("Village"),
        max_length=80,
        required=False,
        help_text=_("Name of the village or district"),
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        text = (cleaned.get("text") or "").strip()
        figures = re.sub(r"[\s.\-]", "", text)
        if figures.isdigit():
            if len(figures) != 16:
                self.add_error(
                    "text",
                    _("The number has %(n)s figures. NIK and family card numbers have 16.") % {"n": len(figures)},
                )
            cleaned["number"] = figures
        elif text and len(text) < 3:
            self.add_error("text", _("Write at least three letters of the name."))
        elif not text and not cleaned.get("born") and not cleaned.get("village") and not self.errors:
            self.add_error("text", _("Fill in a NIK, a family card number, a name, a birth date or a village."))
        cleaned["text"] = text
        return cleaned


class ListForm(OfficeForm):
    """Which list, of which place, as what, and what for."""

    mark_optional = False
    list = forms.ChoiceField(label=_("List"), error_messages={"required": _("Choose the list.")})
    region = forms.ChoiceField(label=_("Place"), required=False)
    format = forms.ChoiceField(
        label=_("File"),
        choices=[("xlsx", _("Spreadsheet (XLSX)")), ("csv", _("Text table (CSV)"))],
    )
    purpose = forms.ChoiceField(
        label=_("Purpose"),
        choices=WHY_LISTS,
        help_text=_("Recorded with your name and the time."),
        error_messages={"required": _("Choose the purpose first.")},
    )

    def __init__(self, *args: Any, kinds: Choices, regions: Choices, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["list"].choices = kinds  # type: ignore[attr-defined]
        if regions:
            self.fields["region"].choices = regions  # type: ignore[attr-defined]
        else:
            del self.fields["region"]


class PurposeForm(OfficeForm):
    """Why the numbers are needed in full."""

    purpose = forms.ChoiceField(
        label=_("Purpose"),
        choices=WHY_FULL_NUMBERS,
        error_messages={"required": _("Choose the purpose first.")},
    )


class CorrectionForm(OfficeForm):
    """A new value for one item, and what it rests on."""

    value = forms.CharField(label=_("Correct value"), error_messages={"required": _("Fill in the correct value.")})
    evidence = forms.CharField(
        label=_("Evidence"),
        help_text=_("What you saw, and when. For example: family card shown on 14 July 2026."),
        max_length=500,
        widget=forms.Textarea(attrs={"rows": 3}),
        error_messages={"required": _("Say what the correction rests on.")},
    )

    def __init__(self, *args: Any, choices: Choices | None = None, day: bool = False, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if choices is not None:
            self.fields["value"] = forms.ChoiceField(
                label=_("Correct value"),
                choices=[("", _("Choose the value")), *choices],
                error_messages={"required": _("Choose the correct value.")},
            )
        elif day:
            self.fields["value"] = DayField(
                label=_("Correct value"),
            )
        self.order_fields(["value", "evidence"])


class MergeForm(OfficeForm):
    """The other one of a merge, by its public id, and why."""

    other = forms.UUIDField(
        label=_("Public id of the other one"),
        help_text=_("It stands at the bottom of its page. Open the page in another tab and copy it."),
        error_messages={
            "required": _("Fill in the public id of the other one."),
            "invalid": _("This is not a public id. Copy it whole from the other page."),
        },
    )
    reason = forms.CharField(
        label=_("Reason"),
        max_length=500,
        widget=forms.Textarea(attrs={"rows": 2}),
        error_messages={"required": _("Say why.")},
    )


class SplitForm(OfficeForm):
    """What leaves, and why."""

    leaving = forms.MultipleChoiceField(
        label=_("What does not belong here"),
        widget=forms.CheckboxSelectMultiple,
        error_messages={"required": _("Choose at least one.")},
    )
    reason = forms.CharField(
        label=_("Reason"),
        max_length=500,
        widget=forms.Textarea(attrs={"rows": 2}),
        error_messages={"required": _("Say why.")},
    )

    def __init__(self, *args: Any, choices: Choices, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["leaving"].choices = choices  # type: ignore[attr-defined]


class ReviewForm(OfficeForm):
    """The answer to a pair."""

    decision = forms.ChoiceField(choices=[("same", ""), ("different", ""), ("unsure", "")])
    note = forms.CharField(max_length=500, required=False)


class RankingForm(OfficeForm):
    """What is ranked: persons or families, over everything or within each province or regency."""

    unit = forms.ChoiceField(label=_("A desil is a tenth of the"), choices=RankRun.Unit.choices)
    scope = forms.ChoiceField(label=_("Ranked over"), choices=RankRun.Scope.choices)


class SignModelForm(OfficeForm):
    """The signature of a model that lets a protected group fare worse: why it is used all the same."""

    reason = forms.CharField(
        label=_("Why it is used although a group fares worse"),
        help_text=_("The second person reads it before approving, and everyone once a ranking of it is published."),
        max_length=2000,
        widget=forms.Textarea(attrs={"rows": 3}),
        error_messages={"required": _("Write the reason. Without it this model cannot be signed.")},
    )


class OfficialRankingForm(OfficeForm):
    """An official ranking: whose, as of when, and its file."""

    source = forms.CharField(
        label=_("Made by"),
        initial="BPS",
        max_length=60,
        error_messages={"required": _("Say who made this ranking, for example BPS.")},
    )
    version = forms.CharField(label=_("Version of its model, as told"), max_length=60, required=False)
    ranked_on = DayField(
        label=_("Day of the ranking"),
        required=False,
        help_text=_("Only where the rows do not name it, or name it wrong. For example 31-07-2026"),
    )
    unit = forms.ChoiceField(label=_("A desil is a tenth of the"), choices=RankRun.Unit.choices)
    scope = forms.ChoiceField(label=_("Ranked over"), choices=RankRun.Scope.choices)
    sheet = forms.FileField(
        label=_("File"),
        help_text=_("CSV, CSV in gzip, or XLSX with NIK or family card number and desil."),
        error_messages={
            "required": _("Choose the file of the ranking."),
            "empty": _("The file is empty. Choose the file as it was sent."),
        },
    )
    mapping = forms.FileField(
        label=_("Mapping"), required=False, help_text=_("A YAML file, only where the columns have other names.")
    )


class WhatIfForm(FilterForm):
    """Another line for a programme, in a region."""

    region = forms.ChoiceField(label=_("Place"), required=False)
    programme = forms.ChoiceField(label=_("Programme"), required=False)
    before = forms.TypedChoiceField(
        label=_("Line today"), required=False, coerce=int, empty_value=None, help_text=_("Receives up to this desil")
    )
    after = forms.TypedChoiceField(label=_("Line to try"), required=False, coerce=int, empty_value=None)
    amount = forms.IntegerField(
        label=_("Rupiah a quarter"),
        required=False,
        min_value=0,
        max_value=1_000_000_000,
        help_text=_("For each unit; empty: as the programme pays"),
        widget=forms.TextInput(attrs={"inputmode": "numeric", "size": "12"}),
    )

    def __init__(self, *args: Any, regions: Choices, programmes: Choices, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        tenths = [(str(n), str(n)) for n in range(1, 11)]
        for name, choices in (
            ("region", regions),
            ("programme", programmes),
            ("before", [("", _("As the programme")), *tenths]),
            ("after", [("", _("One less")), ("0", _("0 (nobody)")), *tenths]),
        ):
            self.fields[name].choices = choices  # type: ignore[attr-defined]


class SurveyForm(OfficeForm):
    """A survey that a model is fitted to: its file, and which columns say what."""

    sheet = forms.FileField(
        label=_("Survey file"),
        help_text=_("CSV or CSV in gzip, one row a household."),
        error_messages={
            "required": _("Choose the file of the survey."),
            "empty": _("The file is empty. Choose the file as it was sent."),
        },
    )
    outcome = forms.CharField(
        label=_("Column of spending"),
        max_length=80,
        help_text=_("Spending in money per month"),
        error_messages={"required": _("Name the column that holds spending.")},
    )
    weight = forms.CharField(label=_("Column of survey weights"), max_length=80, required=False)
    psu = forms.CharField(label=_("Column of primary sampling units"), max_length=80, required=False)
    stratum = forms.CharField(label=_("Column of strata"), max_length=80, required=False)
    region = forms.CharField(label=_("Column of regencies"), max_length=80, required=False)
    region_system = forms.ChoiceField(
        label=_("Codes of the regencies"), choices=[("kemendagri", "Kemendagri"), ("bps", "BPS")]
    )
    unit = forms.ChoiceField(label=_("Errors count"), choices=RankRun.Unit.choices)
    mapping = forms.FileField(
        label=_("Mapping"), required=False, help_text=_("A YAML file, only where the items have other names.")
    )
