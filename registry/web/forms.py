"""The base of our forms: fields drawn by our own component, tied to their hints and errors."""

from __future__ import annotations

import datetime as dt
import re
from typing import Any

from django import forms
from django.forms.renderers import DjangoTemplates
from django.template import loader
from django.utils.translation import gettext_lazy as _


class Renderer(DjangoTemplates):
    """Django's widgets inside our field component."""

    field_template_name = "components/field.html"
    form_template_name = "components/form.html"

    def get_template(self, template_name: str) -> Any:
        """Our components come from the project's templates, the widgets from Django."""
        if template_name.startswith("components/"):
            return loader.get_template(template_name)
        return super().get_template(template_name)


class OfficeForm(forms.Form):
    """A form of ours: no colon after labels, ids that hold on a page with several forms."""

    default_renderer = Renderer()
    use_required_attribute = False
    mark_optional = True  # say "(optional)" beside what may stay empty

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        kwargs.setdefault("label_suffix", "")
        super().__init__(*args, **kwargs)


class FilterForm(OfficeForm):
    """A form that only narrows a list: everything in it may stay empty."""

    mark_optional = False


class DayField(forms.DateField):
    """A day typed as people write it, 27-08-1985, the same in every browser."""

    def __init__(self, **kwargs: Any) -> None:
        kwargs.setdefault("input_formats", ["%d-%m-%Y", "%d/%m/%Y", "%d.%m.%Y", "%d %m %Y", "%Y-%m-%d"])
        kwargs.setdefault("help_text", _("For example 27-08-1985"))
        kwargs.setdefault("widget", forms.DateInput(format="%d-%m-%Y", attrs={"inputmode": "numeric", "size": "12"}))
        kwargs.setdefault(
            "error_messages", {"invalid": _("This is not a day. Write day, month and year, for example 27-08-1985.")}
        )
        super().__init__(**kwargs)


class BornField(forms.CharField):
    """A birth date as people write it, or the year alone; cleans to "1985-08-27" or "1985"."""

    def __init__(self, **kwargs: Any) -> None:
        kwargs.setdefault("help_text", _("For example 27-08-1985, or 1985"))
        kwargs.setdefault("widget", forms.TextInput(attrs={"size": "12", "autocomplete": "off"}))
        kwargs.setdefault("max_length", 12)
        super().__init__(**kwargs)

    def clean(self, value: Any) -> str:
        text = super().clean(value)
        if not text:
            return ""
        if re.fullmatch(r"(19|20)\d\d", text):
            return text
        try:
            day: dt.date = DayField().clean(text)
        except forms.ValidationError:
            raise forms.ValidationError(
                _("This is neither a day nor a year. Write for example 27-08-1985, or 1985.")
            ) from None
        return day.isoformat()

    def prepare_value(self, value: Any) -> Any:
        match = re.fullmatch(r"(\d{4})-(\d\d)-(\d\d)", value) if isinstance(value, str) else None
        return f"{match[3]}-{match[2]}-{match[1]}" if match else value
