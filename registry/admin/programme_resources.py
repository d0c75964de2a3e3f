"""Spreadsheets of the programmes' rules and components, in the words of the programme file; one load brings them in."""

from __future__ import annotations

from typing import Any

from django.core.exceptions import ValidationError
from django.utils import timezone
from django.utils.translation import gettext as _
from import_export import fields

from registry.admin.exports import SafeResource
from registry.common.errors import DomainError
from registry.programmes.files import check_programmes
from registry.programmes.models import Component, Programme, ProgrammeRule
from registry.programmes.operations import load_programmes

WHOLE = ("desil_max", "proposable_desil_max", "max_components", "amount", "period_months", "quota", "amount_per_year",
         "max_per_family", "age_from", "age_to")  # fmt: skip
YES, NO = ("true", "1", "ya", "yes"), ("", "false", "0", "tidak", "no")


class ProgrammePartResource(SafeResource):
    """Rows with days: each row of the file is told in the words of the programme file, and all are loaded at once."""

    since = fields.Field(column_name="from", readonly=True)
    until = fields.Field(column_name="to", readonly=True)
    part = ""  # the name of its list in the programme file

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.told: dict[str, list[dict[str, Any]]] = {}

    def get_queryset(self) -> Any:
        """Return the rows by programme, the oldest first, as the file has them."""
        return super().get_queryset().order_by("programme__order", "programme", *self.order, "valid")

    order: tuple[str, ...] = ()

    def dehydrate_since(self, row: Any) -> str:
        """Return the first day."""
        return row.valid.lower.isoformat() if row.valid and row.valid.lower else ""

    def dehydrate_until(self, row: Any) -> str:
        """Return the day after the last one, empty when open."""
        return row.valid.upper.isoformat() if row.valid and row.valid.upper else ""

    def dehydrate_confirmed(self, row: Any) -> str:
        """Return whether the legal text itself was read."""
        return "true" if row.confirmed else "false"

    def get_instance(self, instance_loader: Any, row: Any) -> Any:
        """Return nothing: the operation knows a row by its programme and first day."""
        return None

    def import_field(self, field: Any, instance: Any, row: Any, is_m2m: bool = False, **kwargs: Any) -> None:
        """Leave the instance empty: a row goes to the operation as it was told."""

    def skip_row(self, instance: Any, original: Any, row: Any, *args: Any, **kwargs: Any) -> bool:
        """Leave nothing out: the load itself finds what is the same."""
        return False

    def save_instance(self, instance: Any, is_create: bool, row: Any, **kwargs: Any) -> None:
        """Keep the row for the one load at the end."""
        code = str(row.get("programme", "")).strip()
        if not Programme.objects.filter(pk=code).exists():
            raise ValidationError({"programme": _("There is no programme “%(code)s”.") % {"code": code}})
        self.told.setdefault(code, []).append(_as_told(row))

    def save_m2m(self, obj: Any, row: Any, **kwargs: Any) -> None:
        """Save nothing beside the load."""

    def after_import(self, dataset: Any, result: Any, **kwargs: Any) -> None:
        """Load all rows by one operation. Raises: ValidationError with the sentence of what is refused."""
        if not self.told or result.has_validation_errors():
            return
        programmes = [
            {"code": one.code, "name": one.name, "unit": one.unit, self.part: self.told[one.code]}
            for one in Programme.objects.filter(pk__in=self.told)
        ]
        try:
            content = check_programmes({"version": 1, "programmes": programmes}, name=kwargs.get("file_name") or "")
            load_programmes(content=content, by=kwargs["user"], now=timezone.now())
        except DomainError as error:
            raise ValidationError(error.sentence()) from error


def _as_told(row: Any) -> dict[str, Any]:
    """Return the cells that say something, as the programme file says them."""
    told: dict[str, Any] = {}
    for column, cell in row.items():
        text = str(cell).strip()
        if column == "programme" or (not text and column not in ("confirmed", "needs_component", "exclusions")):
            continue
        if column in WHOLE:
            told[column] = _whole(column, text)
        elif column in ("confirmed", "needs_component"):
            told[column] = _yes(column, text)
        elif column == "exclusions":
            told[column] = text.replace(",", " ").split()
        else:
            told[column] = text[:10] if column in ("from", "to") else text
    return told


def _whole(column: str, text: str) -> int:
    try:
        return int(text.removesuffix(".0"))
    except ValueError as error:
        raise ValidationError({column: _("“%(text)s” is no whole number.") % {"text": text}}) from error


def _yes(column: str, text: str) -> bool:
    if text.lower() in YES:
        return True
    if text.lower() in NO:
        return False
    raise ValidationError({column: _("“%(text)s” is neither yes nor no.") % {"text": text}})


class ProgrammeRuleResource(ProgrammePartResource):
    """Whom a programme reaches and what it pays, from which day on."""

    part = "rules"

    class Meta:
        model = ProgrammeRule
        import_id_fields = ()
        fields = (
            "programme", "since", "until", "desil_max", "proposable_desil_max", "needs_component", "max_components",
            "amount", "period_months", "quota", "exclusions", "legal_reference", "confirmed",
        )  # fmt: skip
        export_order = fields
        clean_model_instances = False

    def dehydrate_needs_component(self, rule: ProgrammeRule) -> str:
        """Return whether a component is needed."""
        return "true" if rule.needs_component else "false"

    def dehydrate_exclusions(self, rule: ProgrammeRule) -> str:
        """Return the codes of the exclusions."""
        return " ".join(rule.exclusions)


class ComponentResource(ProgrammePartResource):
    """What one kind of person adds to a family's payment, from which day on."""

    part = "components"
    order = ("need",)

    class Meta:
        model = Component
        import_id_fields = ()
        fields = (
            "programme", "need", "since", "until", "amount_per_year", "max_per_family", "age_from", "age_to",
            "legal_reference", "confirmed",
        )  # fmt: skip
        export_order = fields
        clean_model_instances = False


class ProgrammeResource(SafeResource):
    """The programmes, to take out; a new one comes in by `load_programmes`."""

    class Meta:
        model = Programme
        fields = ("code", "name", "unit", "order")
        export_order = fields
