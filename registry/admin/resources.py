"""Spreadsheets in and out: officers, their roles, regions. Every row imported is an operation.

A trial run carries the operations out and rolls them back, so what the preview refuses is what
the import would refuse.
"""

import datetime as dt
from typing import Any

from django.core.exceptions import ValidationError
from django.utils import timezone
from import_export import fields, instance_loaders

from registry.admin.exports import SafeResource
from registry.common.errors import DomainError
from registry.officers.models import Officer, OfficerRole
from registry.officers.operations import grant_role, invite_officer, rename_officer
from registry.officers.roles import find_role
from registry.wilayah.codes import dotted
from registry.wilayah.files import RegionRow
from registry.wilayah.models import BpsBridge, Region
from registry.wilayah.operations import load_regions


class OperationResource(SafeResource):
    """A resource that saves by calling an operation."""

    def operate(self, instance: Any, is_create: bool, row: Any, *, by: Officer) -> Any:
        """Carry out the operation of one row and return the saved object."""
        raise NotImplementedError

    def save_instance(self, instance: Any, is_create: bool, row: Any, **kwargs: Any) -> None:
        """Call the operation. Raises: ValidationError with the sentence of what is refused."""
        try:
            saved = self.operate(instance, is_create, row, by=kwargs["user"])
        except DomainError as error:
            raise ValidationError(error.sentence()) from error
        instance.pk = saved.pk

    def save_m2m(self, obj: Any, row: Any, **kwargs: Any) -> None:
        """Save nothing beside the operation."""

    def validate_instance(self, instance: Any, *args: Any, **kwargs: Any) -> None:
        """Leave the checks to the operation, but report what could not be read."""
        unreadable = args[0] if args else kwargs.get("import_validation_errors")
        if unreadable:
            raise ValidationError(unreadable)


class OfficerResource(OperationResource):
    """Accounts: new ones are invited, known ones get the name and language of the file."""

    class Meta:
        model = Officer
        import_id_fields = ("email",)
        fields = ("email", "name", "language", "is_active")
        export_order = ("email", "name", "language", "is_active")
        skip_unchanged = True
        report_skipped = True

    def before_import_row(self, row: Any, **kwargs: Any) -> None:
        """Compare addresses as the accounts keep them: in lower case."""
        super().before_import_row(row, **kwargs)
        row["email"] = str(row.get("email", "")).strip().lower()
        row["language"] = row.get("language") or "id"
        row.pop("is_active", None)  # closing an account is an act of its own

    def operate(self, instance: Officer, is_create: bool, row: Any, *, by: Officer) -> Officer:
        """Invite or rename."""
        now = timezone.now()
        if is_create:
            return invite_officer(email=instance.email, name=instance.name, language=instance.language, by=by, now=now)
        return rename_officer(
            officer=Officer.objects.get(pk=instance.pk),
            name=instance.name,
            language=instance.language,
            by=by,
            now=now,
        )


class _HeldRoles(instance_loaders.BaseInstanceLoader):
    """Finds the role that a row grants, when it is held already on those days."""

    def get_instance(self, row: Any) -> OfficerRole | None:
        """Return the role of that officer, region and first day, not ended; None if absent."""
        role = find_role(str(row["role"]))
        held = OfficerRole.objects.filter(
            officer__email=str(row["email"]).strip().lower(),
            role=role.code if role else row["role"],
            region_code=_region(row["region"]),
            ended_at=None,
        )
        since = _day(row["since"])
        return (held.filter(valid__startswith=since) if since else held).first()


class OfficerRoleResource(OperationResource):
    """Assignments: who holds which role for which region from when until when (both included)."""

    email = fields.Field("officer__email", "email", readonly=True)
    region = fields.Field("region_code", "region", readonly=True)
    since = fields.Field(column_name="since", readonly=True)
    until = fields.Field(column_name="until", readonly=True)

    class Meta:
        model = OfficerRole
        import_id_fields = ()
        instance_loader_class = _HeldRoles
        fields = ("email", "role", "region", "since", "until")
        export_order = ("email", "role", "region", "since", "until")
        report_skipped = True
        clean_model_instances = False

    def dehydrate_region(self, role: OfficerRole) -> str:
        """Return the region code, ID for the nation."""
        return role.region_code or "ID"

    def dehydrate_since(self, role: OfficerRole) -> str:
        """Return the first day."""
        return role.valid.lower.isoformat() if role.pk and role.valid else ""

    def dehydrate_until(self, role: OfficerRole) -> str:
        """Return the last day, empty when open."""
        if not role.pk or not role.valid or role.valid.upper is None:
            return ""
        last: dt.date = role.valid.upper - dt.timedelta(days=1)
        return last.isoformat()

    def get_queryset(self) -> Any:
        """Return the roles with their officers, in one query."""
        return super().get_queryset().select_related("officer")

    def get_or_init_instance(self, instance_loader: Any, row: Any) -> tuple[Any, bool]:
        """Find the role held already; else a new one for the officer of that address."""
        found = instance_loader.get_instance(row)
        if found is not None:
            return found, False
        officer = Officer.objects.filter(email=str(row["email"]).strip().lower()).first()
        if officer is None:
            raise ValidationError({"email": f"{row['email']}?"})
        return OfficerRole(officer=officer), True

    def get_instance(self, instance_loader: Any, row: Any) -> Any:
        """Return the role held already."""
        return instance_loader.get_instance(row)

    def before_import_row(self, row: Any, **kwargs: Any) -> None:
        """Make sure every column is there."""
        super().before_import_row(row, **kwargs)
        for column in ("email", "role", "region", "since", "until"):
            row[column] = row.get(column, "")

    def skip_row(self, instance: Any, original: Any, row: Any, *args: Any, **kwargs: Any) -> bool:
        """Leave a role that is held already as it is."""
        return bool(instance.pk)

    def operate(self, instance: OfficerRole, is_create: bool, row: Any, *, by: Officer) -> OfficerRole:
        """Grant the role."""
        return grant_role(
            officer=instance.officer,
            role=str(row["role"]),
            region=str(row["region"]),
            since=_day(row["since"]),
            until=_day(row["until"]),
            by=by,
            now=timezone.now(),
        )


class RegionResource(SafeResource):
    """Regions: those of the file are added or changed in one load; none is removed."""

    since = fields.Field(column_name="valid_from", readonly=True)
    until = fields.Field(column_name="valid_to", readonly=True)
    successor = fields.Field("successor_id", "successor", readonly=True)

    class Meta:
        model = Region
        import_id_fields = ("code",)
        fields = ("code", "name", "since", "until", "successor")
        export_order = ("code", "name", "since", "until", "successor")
        report_skipped = False
        clean_model_instances = False

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.rows: list[RegionRow] = []

    def dehydrate_since(self, region: Region) -> str:
        """Return the first day, empty when not known."""
        return region.valid.lower.isoformat() if region.valid and region.valid.lower else ""

    def dehydrate_until(self, region: Region) -> str:
        """Return the day on which the code ceased."""
        return region.valid.upper.isoformat() if region.valid and region.valid.upper else ""

    def before_import_row(self, row: Any, **kwargs: Any) -> None:
        """Put the dots into the code. Raises: ValidationError when it is none."""
        super().before_import_row(row, **kwargs)
        try:
            row["code"] = dotted(str(row["code"]))
        except (KeyError, ValueError) as error:
            raise ValidationError({"code": str(row.get("code", ""))}) from error

    def skip_row(self, instance: Any, original: Any, row: Any, *args: Any, **kwargs: Any) -> bool:
        """Leave out what says nothing new."""
        return bool(
            original.pk
            and original.name == instance.name
            and self.dehydrate_since(original) == str(row.get("valid_from", ""))
            and self.dehydrate_until(original) == str(row.get("valid_to", ""))
            and (original.successor_id or "") == str(row.get("successor", "") or "")
        )

    def save_instance(self, instance: Any, is_create: bool, row: Any, **kwargs: Any) -> None:
        """Keep the row for the one load at the end."""
        if not instance.name:
            raise ValidationError({"name": row["code"]})
        self.rows.append(
            RegionRow(
                row["code"],
                instance.name,
                _day(row.get("valid_from")),
                _day(row.get("valid_to")),
                row.get("successor") or None,
            )
        )

    def save_m2m(self, obj: Any, row: Any, **kwargs: Any) -> None:
        """Save nothing beside the load."""

    def after_import(self, dataset: Any, result: Any, **kwargs: Any) -> None:
        """Load all rows by one operation."""
        if self.rows:
            load_regions(regions=self.rows, by=kwargs["user"], now=timezone.now())


class BpsBridgeResource(SafeResource):
    """The BPS bridge, to take out; it comes in by `load_wilayah --bridge`."""

    class Meta:
        model = BpsBridge
        fields = ("bps_code", "bps_name", "region")
        export_order = ("bps_code", "bps_name", "region")


def _day(value: Any) -> dt.date | None:
    """Return a cell as a day. Raises: ValidationError when it is none."""
    if isinstance(value, dt.datetime):
        return value.date()
    if isinstance(value, dt.date):
        return value
    text = str(value or "").strip()
    if not text:
        return None
    try:
        return dt.date.fromisoformat(text[:10])
    except ValueError as error:
        raise ValidationError(text) from error


def _region(value: Any) -> str:
    text = str(value or "").strip()
    try:
        return dotted(text)
    except ValueError:
        return ""
