"""Tables of the programmes. Every rule is a row with its days and its legal reference; nothing is a constant."""

from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import ArrayField, DateRangeField, RangeOperators
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import Deferrable, F, Q
from django.utils.formats import date_format
from django.utils.translation import gettext_lazy as _

from registry.common.history import tracked
from registry.common.privacy import classify
from registry.programmes.querysets import ProgrammePartQuerySet

__all__ = ["Component", "Programme", "ProgrammeRule"]


class Exclusion(models.TextChoices):
    """Why a family of the right desil does not receive all the same."""

    CIVIL_SERVANT = "civil_servant", _("a member is a civil servant, soldier, police officer or state employee")
    DECEASED = "deceased", _("the person has died")
    NOT_FOUND = "not_found", _("the address or the person was not found")
    DUPLICATE = "duplicate", _("the family is in the register twice")


class Need(models.TextChoices):
    """What a person must be to count as a component; read from the register by the stage that decides."""

    PREGNANT = "pregnant", _("pregnant or in childbed")
    TODDLER = "toddler", _("young child")
    PRIMARY = "primary", _("pupil of a primary school")
    JUNIOR = "junior", _("pupil of a junior secondary school")
    SENIOR = "senior", _("pupil of a senior secondary school")
    ELDERLY = "elderly", _("elderly person")
    DISABLED = "disabled", _("person with a severe disability")
    HUMAN_RIGHTS = "human_rights", _("victim of a gross violation of human rights")


class Programme(models.Model):
    """One programme of social assistance."""

    class Unit(models.TextChoices):
        FAMILY = "family", _("family")
        PERSON = "person", _("person")

    code = models.SlugField(_("code"), primary_key=True, max_length=20)
    name = models.CharField(_("name"), max_length=120)
    unit = models.CharField(_("paid per"), max_length=6, choices=Unit.choices)
    order = models.SmallIntegerField(_("order"), default=0)

    class Meta:
        ordering = ["order", "code"]
        verbose_name = _("programme")
        verbose_name_plural = _("programmes")

    def __str__(self) -> str:
        return self.name


@tracked()
class ProgrammeRule(models.Model):
    """Whom a programme reaches and what it pays, for the days on which that was the rule.

    `amount` is whole rupiah per unit and period of `period_months`; empty where components are paid.
    """

    id = models.AutoField(primary_key=True)
    programme = models.ForeignKey(
        Programme, on_delete=models.PROTECT, related_name="rules", verbose_name=_("programme")
    )
    valid = DateRangeField(_("in force"))
    desil_max = models.SmallIntegerField(
        _("receives up to desil"), validators=[MinValueValidator(1), MaxValueValidator(10)]
    )
    proposable_desil_max = models.SmallIntegerField(_("may be proposed up to desil"), null=True, blank=True)
    needs_component = models.BooleanField(_("needs a component"), default=False)
    max_components = models.SmallIntegerField(_("components per family at most"), null=True, blank=True)
    amount = models.BigIntegerField(_("rupiah per period"), null=True, blank=True)
    period_months = models.SmallIntegerField(_("months of a period"), default=3)
    quota = models.BigIntegerField(_("national quota"), null=True, blank=True)
    exclusions = ArrayField(
        models.CharField(max_length=20, choices=Exclusion.choices), default=list, verbose_name=_("exclusions")
    )
    legal_reference = models.CharField(_("legal reference"), max_length=200)
    confirmed = models.BooleanField(_("confirmed from the legal text"), default=False)

    objects = ProgrammePartQuerySet.as_manager()

    class Meta:
        ordering = ["programme", "-valid"]
        verbose_name = _("programme rule")
        verbose_name_plural = _("programme rules")
        constraints = [
            ExclusionConstraint(
                name="programme_rule_one_a_day",
                expressions=[("programme", RangeOperators.EQUAL), ("valid", RangeOperators.OVERLAPS)],
                deferrable=Deferrable.DEFERRED,
            ),
            models.CheckConstraint(
                name="programme_rule_desil",
                condition=Q(desil_max__range=(1, 10))
                & (
                    Q(proposable_desil_max=None)
                    | Q(proposable_desil_max__range=(1, 10), proposable_desil_max__gte=F("desil_max"))
                ),
            ),
            models.CheckConstraint(
                name="programme_rule_money",
                condition=(Q(amount=None) | Q(amount__gt=0)) & Q(period_months__range=(1, 12)),
            ),
        ]

    def __str__(self) -> str:
        since = getattr(self.valid, "lower", None)
        return f"{self.programme}, {date_format(since, 'SHORT_DATE_FORMAT')}" if since else str(self.programme)


@tracked()
class Component(models.Model):
    """What one kind of person adds to a family's payment, for the days on which that was the amount.

    `amount_per_year` is whole rupiah; a quarter pays a fourth, so that nothing is lost by rounding.
    """

    id = models.AutoField(primary_key=True)
    programme = models.ForeignKey(
        Programme, on_delete=models.PROTECT, related_name="components", verbose_name=_("programme")
    )
    need = models.CharField(_("component"), max_length=20, choices=Need.choices)
    valid = DateRangeField(_("in force"))
    amount_per_year = models.BigIntegerField(_("rupiah per year"))
    max_per_family = models.SmallIntegerField(_("per family at most"), null=True, blank=True)
    age_from = models.SmallIntegerField(_("from age"), null=True, blank=True)
    age_to = models.SmallIntegerField(_("to age"), null=True, blank=True)
    legal_reference = models.CharField(_("legal reference"), max_length=200)
    confirmed = models.BooleanField(_("confirmed from the legal text"), default=False)

    objects = ProgrammePartQuerySet.as_manager()

    class Meta:
        ordering = ["programme", "-amount_per_year", "need", "-valid"]
        verbose_name = _("component")
        verbose_name_plural = _("components")
        constraints = [
            ExclusionConstraint(
                name="component_one_a_day",
                expressions=[
                    ("programme", RangeOperators.EQUAL),
                    ("need", RangeOperators.EQUAL),
                    ("valid", RangeOperators.OVERLAPS),
                ],
                deferrable=Deferrable.DEFERRED,
            ),
            models.CheckConstraint(
                name="component_money",
                condition=Q(amount_per_year__gt=0) & (Q(max_per_family=None) | Q(max_per_family__gt=0)),
            ),
            models.CheckConstraint(
                name="component_ages", condition=Q(age_from=None) | Q(age_to=None) | Q(age_to__gte=F("age_from"))
            ),
        ]

    def __str__(self) -> str:
        return f"{self.programme}, {self.get_need_display()}"


classify(Programme, keep="code name unit order")
classify(
    ProgrammeRule,
    keep="id programme valid desil_max proposable_desil_max needs_component max_components amount period_months quota"
    " exclusions legal_reference confirmed",
)
classify(
    Component,
    keep="id programme need valid amount_per_year max_per_family age_from age_to legal_reference confirmed",
)
