"""Forms of the administration. Whether something is allowed is asked of the officers' policies."""

from typing import Any

from django import forms
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from unfold.widgets import (
    UnfoldAdminEmailInputWidget,
    UnfoldAdminSelectWidget,
    UnfoldAdminSingleDateWidget,
    UnfoldAdminTextInputWidget,
)

from registry.common.errors import DomainError
from registry.officers import policies
from registry.officers.models import Officer
from registry.officers.permissions import check_can_manage
from registry.officers.roles import CHOICES
from registry.officers.selectors import find_officer


class InviteForm(forms.ModelForm):  # type: ignore[type-arg]
    """A new account."""

    class Meta:
        model = Officer
        fields = ["email", "name", "language"]

    def clean_email(self) -> str:
        """Return the address in lower case, as accounts keep it."""
        return str(self.cleaned_data["email"]).strip().lower()


class RenameForm(forms.ModelForm):  # type: ignore[type-arg]
    """Name and language of an account."""

    class Meta:
        model = Officer
        fields = ["name", "language"]


class _ForOfficer(forms.Form):
    """A form that names an officer by address."""

    email = forms.EmailField(label=_("Officer's e-mail"), widget=UnfoldAdminEmailInputWidget)

    def clean_email(self) -> str:
        """Return the address of an account that is open."""
        officer = find_officer(self.cleaned_data["email"])
        if officer is None or not officer.is_active or officer.is_system:
            raise forms.ValidationError(_("There is no open account with this address."))
        self.officer = officer
        return officer.email


class GrantRoleForm(_ForOfficer):
    """A role for a region and some days."""

    by_officer: Officer
    role = forms.ChoiceField(label=_("Role"), choices=CHOICES, widget=UnfoldAdminSelectWidget)
    region = forms.CharField(
        label=_("Region"),
        required=False,
        help_text=_("Kemendagri code such as 34.02; empty for all of Indonesia."),
        widget=UnfoldAdminTextInputWidget,
    )
    since = forms.DateField(
        label=_("First day"),
        required=False,
        help_text=_("Empty: today."),
        widget=UnfoldAdminSingleDateWidget,
    )
    until = forms.DateField(
        label=_("Last day"),
        required=False,
        help_text=_("Empty: open."),
        widget=UnfoldAdminSingleDateWidget,
    )

    def __init__(
        self,
        *args: Any,
        by: Officer | None = None,
        officer: Officer | None = None,
        instance: Any = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(*args, **kwargs)
        self.instance = instance
        if by is not None:
            self.by_officer = by
        if officer is not None:
            self.officer = officer
            del self.fields["email"]

    def clean(self) -> dict[str, Any]:
        """Ask the policies, so that the refusal stands beside the form."""
        given = super().clean() or {}
        if self.errors:
            return given
        now = timezone.now()
        try:
            check_can_manage(self.by_officer, self.officer)
            kind = policies.get_role(given["role"])
            days = policies.get_days(given["since"], given["until"], now=now)
            code = policies.get_role_region(kind, given["region"], on=days[0])
            policies.check_not_held(self.officer, kind, code, days)
            policies.check_not_excluded(self.officer, kind, days)
        except DomainError as error:
            raise forms.ValidationError(error.sentence()) from error
        return given

    def wanted(self) -> dict[str, Any]:
        """Return what `grant_role` takes."""
        return {name: self.cleaned_data[name] for name in ("role", "region", "since", "until")}

    def save_m2m(self) -> None:
        """Save nothing beside the operation."""


class StandInForm(_ForOfficer):
    """Who stands in, and on which days."""

    since = forms.DateField(
        label=_("First day"),
        required=False,
        help_text=_("Empty: today."),
        widget=UnfoldAdminSingleDateWidget,
    )
    until = forms.DateField(label=_("Last day"), widget=UnfoldAdminSingleDateWidget)

    def wanted(self) -> dict[str, Any]:
        """Return what `stand_in` takes."""
        return {
            "officer": self.officer,
            "since": self.cleaned_data["since"],
            "until": self.cleaned_data["until"],
        }
