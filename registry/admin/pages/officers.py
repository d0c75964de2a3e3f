"""Pages of the staff: accounts and roles. Every change is a form or a button that calls an
operation; nothing is deleted, a role ends and an account closes."""

from typing import Any

from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import path, reverse
from django.utils import timezone
from django.utils.html import format_html_join
from django.utils.translation import gettext_lazy as _

from registry.admin.exports import AuditedExportMixin
from registry.admin.forms import GrantRoleForm, InviteForm, RenameForm, StandInForm
from registry.admin.pages.base import ReferencePage, days_of
from registry.admin.pages.wilayah import AuditedImportMixin
from registry.admin.resources import OfficerResource, OfficerRoleResource
from registry.common.errors import DomainError
from registry.officers import operations
from registry.officers.models import CaseGrant, Officer, OfficerRole, OneTimeLink
from registry.officers.permissions import can_manage, get_officer
from registry.officers.roles import May
from registry.officers.selectors import get_link_address


class ManagedPage(ReferencePage):
    """A page with a form for new rows and buttons that act on one; administrators only."""

    show_add_link = True
    change_form_template = "admin/administration/change_form_acts.html"

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Say whether the officer manages officers."""
        return get_officer(request).may(May.MANAGE_OFFICERS)

    def get_urls(self) -> list[Any]:
        """Add one address for the buttons of a row."""
        info = (self.opts.app_label, self.opts.model_name)
        act = path(
            "<int:pk>/act/<slug:act>/",
            self.admin_site.admin_view(self.act_view),
            name="{}_{}_act".format(*info),
        )
        return [act, *super().get_urls()]

    def open_acts(self, request: HttpRequest, row: Any) -> list[tuple[str, Any]]:
        """Return name and label of the buttons that make sense for the row now."""
        raise NotImplementedError

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: Any = None
    ) -> HttpResponse:
        """Show the row with its buttons."""
        row = self.get_object(request, object_id)
        acts = self.open_acts(request, row) if row and self.has_add_permission(request) else []
        name = f"admin:{self.opts.app_label}_{self.opts.model_name}_act"
        links = [(label, reverse(name, args=[row.pk, act])) for act, label in acts]
        return super().change_view(
            request,
            object_id,
            form_url,
            {**(extra_context or {}), "acts": links, "texts": {"acts": _("What can be done")}},
        )

    def act_view(self, request: HttpRequest, pk: int, act: str) -> HttpResponse:
        """Ask before an act (GET), carry it out (POST)."""
        if not self.has_add_permission(request):
            raise PermissionDenied
        row = self.get_object(request, str(pk))
        labels = dict(self.open_acts(request, row)) if row else {}
        if act not in labels:
            raise Http404
        form = self.act_form(request, act, row)
        context = {
            **self.admin_site.each_context(request),
            "opts": self.opts,
            "row": row,
            "title": labels[act],
            "form": form,
            "refusal": None,
            "texts": {"back": _("Back")},
        }
        if request.method == "POST" and (form is None or form.is_valid()):
            try:
                done = self.carry_out(request, act, row, form)
            except DomainError as error:
                context["refusal"] = error.sentence()
            else:
                return done or redirect(self.address_of(row))
        return render(request, "admin/administration/act.html", context)

    def act_form(self, request: HttpRequest, act: str, row: Any) -> Any:
        """Return the form of an act that needs one."""
        return None

    def carry_out(self, request: HttpRequest, act: str, row: Any, form: Any) -> HttpResponse | None:
        """Call the operation of the act."""
        raise NotImplementedError

    def address_of(self, row: Any) -> str:
        """Return the address of the row's page."""
        name = f"admin:{self.opts.app_label}_{self.opts.model_name}_change"
        return reverse(name, args=[row.pk])

    def save_related(self, request: HttpRequest, form: Any, formsets: Any, change: bool) -> None:
        """Save nothing beside the operation."""


@admin.register(Officer)
class OfficerPage(AuditedImportMixin, AuditedExportMixin, ManagedPage):
    """Accounts: invite, rename, link, unlock, close."""

    import_export_change_list_template = "admin/import_export/change_list_import_export.html"
    import_permission = May.MANAGE_OFFICERS
    resource_classes = [OfficerResource]
    form = RenameForm
    list_display = ["email", "name", "roles_today", "is_active", "last_login"]
    list_filter = ["is_active"]
    search_fields = ["email__icontains", "name__icontains"]

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        """Leave out the system's own account."""
        return super().get_queryset(request).filter(is_system=False).prefetch_related("roles")

    @admin.display(description=_("roles today"))
    def roles_today(self, officer: Officer) -> str:
        """Return the roles held today with their regions."""
        today = timezone.localdate()
        held = [str(role) for role in officer.roles.all() if role.ended_at is None and today in role.valid]
        return ", ".join(held) or "–"

    @admin.display(description=_("roles"))
    def all_roles(self, officer: Officer) -> Any:
        """Return every role with its days, and a link to each."""
        return format_html_join(
            "\n",
            '<div><a class="text-primary-600 underline dark:text-primary-500" href="{}">{}</a> · {}{}</div>',
            (
                (
                    reverse("admin:registry_officerrole_change", args=[role.pk]),
                    role,
                    days_of(role.valid),
                    "" if role.ended_at is None else f" · {_('ended')}",
                )
                for role in officer.roles.all()
            ),
        )

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Say whether name and language of this account may be changed."""
        return self.has_add_permission(request) and (obj is None or can_manage(get_officer(request), obj))

    def get_form(self, request: HttpRequest, obj: Any = None, change: bool = False, **kw: Any) -> Any:
        """Return the form of an invitation, or that of a change."""
        self_form = RenameForm if change else InviteForm
        return super().get_form(request, obj, change, form=self_form, **kw)

    def get_fields(self, request: HttpRequest, obj: Any = None) -> list[str]:
        """Return what an invitation asks, or what an account shows."""
        if obj is None:
            return ["email", "name", "language"]
        return [
            "email",
            "name",
            "language",
            "is_active",
            "all_roles",
            "last_login",
            "created_at",
            "created_by",
        ]

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> list[str]:
        """Return what is not typed here."""
        if obj is None:
            return []
        fixed = ["email", "is_active", "all_roles", "last_login", "created_at", "created_by"]
        return fixed if self.has_change_permission(request, obj) else self.get_fields(request, obj)

    def save_model(self, request: HttpRequest, obj: Officer, form: Any, change: bool) -> None:
        """Invite or rename."""
        now = timezone.now()
        if change:
            operations.rename_officer(
                officer=obj, name=obj.name, language=obj.language, by=get_officer(request), now=now
            )
        else:
            made = operations.invite_officer(
                email=obj.email, name=obj.name, language=obj.language, by=get_officer(request), now=now
            )
            obj.pk = made.pk
            obj.created_at = made.created_at

    def response_add(self, request: HttpRequest, obj: Officer, post_url_continue: Any = None) -> Any:
        """Go on to the account, where roles and the link are given."""
        return redirect(self.address_of(obj))

    def open_acts(self, request: HttpRequest, row: Officer) -> list[tuple[str, Any]]:
        """Return link, unlock, close or reopen, and a new role."""
        if not can_manage(get_officer(request), row):
            return []
        if not row.is_active:
            return [("reopen", _("Reopen account"))]
        return [
            ("role", _("Give a role")),
            ("link", _("New one-time link")),
            ("unlock", _("Unlock sign-in")),
            ("close", _("Close account")),
        ]

    def act_form(self, request: HttpRequest, act: str, row: Officer) -> Any:
        """Return the form for a new role."""
        if act == "role":
            return GrantRoleForm(request.POST or None, by=get_officer(request), officer=row)
        return None

    def carry_out(self, request: HttpRequest, act: str, row: Officer, form: Any) -> HttpResponse | None:
        """Call the operation of the act."""
        acting: dict[str, Any] = {"officer": row, "by": get_officer(request), "now": timezone.now()}
        if act == "link":
            purpose = OneTimeLink.Purpose.RESET if row.has_usable_password() else OneTimeLink.Purpose.INVITE
            return self.show_link(request, row, operations.make_link(purpose=purpose, **acting))
        if act == "role":
            operations.grant_role(**form.wanted(), **acting)
        elif act == "unlock":
            operations.unlock_officer(**acting)
        elif act == "close":
            operations.close_officer(**acting)
        elif act == "reopen":
            operations.reopen_officer(**acting)
        return None

    def show_link(self, request: HttpRequest, row: Officer, token: str) -> HttpResponse:
        """Show the link this once, to be read out or printed."""
        context = {
            **self.admin_site.each_context(request),
            "opts": self.opts,
            "row": row,
            "title": _("One-time link"),
            "address": get_link_address(token, request=request),
            "texts": {
                "give": _(
                    "Give this link to %(officer)s. It works once, for %(days)s days, and is not shown again: "
                    "read it out, print it or copy it now."
                )
                % {"officer": row, "days": operations.LINK_LASTS.days},
                "care": _(
                    "Earlier links of this account no longer work. Whoever holds the link can sign in as this "
                    "officer: hand it to nobody else."
                ),
                "back": _("Back"),
            },
            "back": self.address_of(row),
        }
        response = render(request, "admin/administration/link.html", context)
        response["Cache-Control"] = "no-store, private"
        response["Referrer-Policy"] = "no-referrer"
        return response


@admin.register(OfficerRole)
class OfficerRolePage(AuditedImportMixin, AuditedExportMixin, ManagedPage):
    """Roles: give, have somebody stand in, end."""

    import_export_change_list_template = "admin/import_export/change_list_import_export.html"
    import_permission = May.MANAGE_OFFICERS
    resource_classes = [OfficerRoleResource]
    list_display = ["officer", "role", "region", "days", "stands_in_for", "ended_at"]
    list_filter = ["role"]
    list_select_related = ["officer", "stands_in_for"]
    search_fields = ["officer__email__icontains", "region_code__startswith"]

    @admin.display(description=_("region"), ordering="region_code")
    def region(self, role: OfficerRole) -> str:
        """Return the region code, Indonesia for the nation."""
        return role.region_code or "Indonesia"

    @admin.display(description=_("held on"))
    def days(self, role: OfficerRole) -> str:
        """Return the days of the role."""
        return days_of(role.valid)

    def get_form(self, request: HttpRequest, obj: Any = None, change: bool = False, **kw: Any) -> Any:
        """Return the form for a new role; a held one has none."""
        if obj is not None:
            return super().get_form(request, obj, change, **kw)

        class BoundForm(GrantRoleForm):
            by_officer = get_officer(request)

        return BoundForm

    def get_fields(self, request: HttpRequest, obj: Any = None) -> list[str]:
        """Return what a new role asks, or what a held one shows."""
        if obj is None:
            return ["email", "role", "region", "since", "until"]
        return super().get_fields(request, obj)

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> list[str]:
        """Return all columns of a held role."""
        return [] if obj is None else super().get_fields(request, obj)

    def save_form(self, request: HttpRequest, form: Any, change: bool) -> OfficerRole:
        """Return the role not yet granted."""
        return OfficerRole(officer=form.officer)

    def save_model(self, request: HttpRequest, obj: OfficerRole, form: Any, change: bool) -> None:
        """Grant the role."""
        held = operations.grant_role(officer=form.officer, by=get_officer(request), now=timezone.now(), **form.wanted())
        obj.__dict__.update(held.__dict__)

    def construct_change_message(self, *args: Any, **kwargs: Any) -> list[Any]:
        """Write no message: the audit has the event."""
        return []

    def response_add(self, request: HttpRequest, obj: OfficerRole, post_url_continue: Any = None) -> Any:
        """Go on to the officer."""
        return redirect("admin:registry_officer_change", obj.officer_id)

    def open_acts(self, request: HttpRequest, row: OfficerRole) -> list[tuple[str, Any]]:
        """Return end and stand-in while the role is held."""
        if row.ended_at is not None or not can_manage(get_officer(request), row.officer):
            return []
        return [("stand-in", _("Have somebody stand in")), ("end", _("End this role"))]

    def act_form(self, request: HttpRequest, act: str, row: OfficerRole) -> Any:
        """Return the form for a stand-in."""
        return StandInForm(request.POST or None) if act == "stand-in" else None

    def carry_out(self, request: HttpRequest, act: str, row: OfficerRole, form: Any) -> HttpResponse | None:
        """Call the operation of the act."""
        acting: dict[str, Any] = {"role": row, "by": get_officer(request), "now": timezone.now()}
        if act == "end":
            operations.end_role(**acting)
        else:
            operations.stand_in(**form.wanted(), **acting)
        return None


@admin.register(CaseGrant)
class CaseGrantPage(ReferencePage):
    """Which single objects an officer may see; written by the stages that assign work."""

    list_display = ["officer", "object_type", "cause", "until", "ended_at"]
    list_select_related = ["officer"]


@admin.register(OneTimeLink)
class OneTimeLinkPage(ReferencePage):
    """Which links were made and used, never the links themselves."""

    list_display = ["officer", "purpose", "created_at", "expires_at", "used_at", "withdrawn_at"]
    list_select_related = ["officer"]
