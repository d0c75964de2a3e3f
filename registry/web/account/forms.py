"""Sign-in and the first password."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib.auth.forms import AuthenticationForm
from django.contrib.auth.password_validation import validate_password
from django.utils.translation import gettext_lazy as _

from registry.officers.models import Officer
from registry.web.forms import OfficeForm, Renderer


class SignInForm(AuthenticationForm):
    """E-mail and password; what is wrong is never said more exactly than needed."""

    default_renderer = Renderer()
    use_required_attribute = False
    error_messages = {
        "invalid_login": _("E-mail and password do not belong together. Check both; capitals matter."),
        "inactive": _("E-mail and password do not belong together. Check both; capitals matter."),
    }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        kwargs.setdefault("label_suffix", "")
        super().__init__(*args, **kwargs)
        self.fields["username"].label = _("Work e-mail")
        self.fields["username"].widget = forms.EmailInput(attrs={"autocomplete": "username", "autofocus": True})
        self.fields["username"].error_messages["required"] = _("Fill in your work e-mail.")
        self.fields["password"].label = _("Password")
        self.fields["password"].error_messages["required"] = _("Fill in your password.")


class PasswordForm(OfficeForm):
    """A new password, typed twice."""

    password = forms.CharField(
        label=_("New password"),
        help_text=_("At least 12 characters. A sentence of your own is good and easy to keep in mind."),
        strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
    )
    again = forms.CharField(
        label=_("The same password again"),
        strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
    )

    def __init__(self, *args: Any, officer: Officer, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.officer = officer

    def clean_password(self) -> str:
        password = self.cleaned_data["password"]
        validate_password(password, self.officer)
        return password

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        if cleaned.get("password") and cleaned.get("again") and cleaned["password"] != cleaned["again"]:
            self.add_error("again", _("The two passwords differ. Type the same one twice."))
        return cleaned
