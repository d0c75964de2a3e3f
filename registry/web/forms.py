"""The base of our forms: fields drawn by our own component, tied to their hints and errors."""

from __future__ import annotations

from typing import Any

from django import forms
from django.forms.renderers import TemplatesSetting


class Renderer(TemplatesSetting):
    """Django's widgets inside our field component."""

    field_template_name = "components/field.html"
    form_template_name = "components/form.html"


class OfficeForm(forms.Form):
    """A form of ours: no colon after labels, ids that hold on a page with several forms."""

    default_renderer = Renderer()
    use_required_attribute = False

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        kwargs.setdefault("label_suffix", "")
        super().__init__(*args, **kwargs)
