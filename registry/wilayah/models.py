"""Tables of the regions. How they are loaded is `operations.py`, questions to them `selectors.py`."""

from django.contrib.postgres.fields import DateRangeField
from django.db import models
from django.db.models import F, Func, Q, Value
from django.db.models.functions import Cast, Substr
from django.utils.translation import gettext_lazy as _

from registry.common.history import tracked
from registry.common.privacy import classify
from registry.wilayah.querysets import RegionQuerySet

__all__ = ["BpsBridge", "Region", "RegionSuccession"]


def regency_check(name: str) -> models.CheckConstraint:
    """Return the CHECK that ties `regency` (3402) to the `region_code` (34.02…) of the same row.

    The number is derived from the code, never a second source of truth; a null passes.
    """
    digits = Func(
        Substr(F("region_code"), 1, 5),
        Value("."),
        Value(""),
        function="replace",
        output_field=models.CharField(),
    )
    return models.CheckConstraint(name=name, condition=Q(regency=Cast(digits, models.SmallIntegerField())))


@tracked(inserts=False)
class Region(models.Model):
    """One region under one Kemendagri code, for the days on which that code was in force."""

    class Level(models.IntegerChoices):
        PROVINCE = 1, _("Province")
        REGENCY = 2, _("Regency or city")
        DISTRICT = 3, _("District (kecamatan)")
        VILLAGE = 4, _("Village (desa, kelurahan)")

    code = models.CharField(_("code"), primary_key=True, max_length=13, db_collation="C")
    level = models.SmallIntegerField(_("level"), choices=Level.choices)
    parent = models.ForeignKey(
        "self",
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="children",
        verbose_name=_("part of"),
    )
    name = models.CharField(_("name"), max_length=80)
    valid = DateRangeField(_("in force"))
    successor = models.ForeignKey(
        "self",
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="predecessors",
        verbose_name=_("succeeded by"),
    )

    objects = RegionQuerySet.as_manager()

    class Meta:
        ordering = ["code"]
        verbose_name = _("region")
        verbose_name_plural = _("regions")
        indexes = [models.Index(fields=["level", "code"], name="region_level")]
        constraints = [
            models.CheckConstraint(
                name="region_level_by_code",
                condition=Q(level=1, code__regex=r"^\d{2}$", parent=None)
                | Q(level=2, code__regex=r"^\d{2}\.\d{2}$", parent__isnull=False)
                | Q(level=3, code__regex=r"^\d{2}\.\d{2}\.\d{2}$", parent__isnull=False)
                | Q(
                    level=4,
                    code__regex=r"^\d{2}\.\d{2}\.\d{2}\.\d{4}$",
                    parent__isnull=False,
                ),
            ),
            models.CheckConstraint(name="region_not_its_successor", condition=~Q(successor=F("code"))),
        ]

    def __str__(self) -> str:
        return f"{self.code} {self.name}"


class RegionSuccession(models.Model):
    """One code taking over from another: a recoding, a split or a merge of regions."""

    class Kind(models.TextChoices):
        RECODED = "recoded", _("same place, new code")
        SPLIT = "split", _("split off")
        MERGED = "merged", _("merged into")

    id = models.AutoField(primary_key=True)
    old = models.ForeignKey(Region, on_delete=models.PROTECT, related_name="successions", verbose_name=_("old code"))
    new = models.ForeignKey(Region, on_delete=models.PROTECT, related_name="origins", verbose_name=_("new code"))
    since = models.DateField(_("since"))
    kind = models.CharField(_("kind"), max_length=8, choices=Kind.choices)
    source = models.CharField(_("legal reference"), max_length=120)

    class Meta:
        ordering = ["old", "new"]
        verbose_name = _("succession of a region")
        verbose_name_plural = _("successions of regions")
        constraints = [
            models.UniqueConstraint(fields=["old", "new"], name="region_succession_once"),
            models.CheckConstraint(name="region_succession_other", condition=~Q(old=F("new"))),
        ]

    def __str__(self) -> str:
        return f"{self.old_id} → {self.new_id}"


class BpsBridge(models.Model):
    """The Kemendagri region that a BPS code of a province, regency or district stands for.

    The same digits mean other places in the two systems: a BPS code is never read as Kemendagri.
    """

    bps_code = models.CharField(_("BPS code"), primary_key=True, max_length=7, db_collation="C")
    bps_name = models.CharField(_("name at BPS"), max_length=80)
    region = models.ForeignKey(
        Region,
        on_delete=models.PROTECT,
        related_name="bps_codes",
        verbose_name=_("region"),
    )
    valid = DateRangeField(_("in force"))

    class Meta:
        ordering = ["bps_code"]
        verbose_name = _("BPS code")
        verbose_name_plural = _("BPS codes")
        constraints = [
            models.CheckConstraint(
                name="bps_code_shape",
                condition=Q(bps_code__regex=r"^(\d{2}|\d{4}|\d{7})$"),
            )
        ]

    def __str__(self) -> str:
        return f"{self.bps_code} {self.bps_name}"


classify(Region, keep="code level parent name valid successor")
classify(RegionSuccession, keep="id old new since kind source")
classify(BpsBridge, keep="bps_code bps_name region valid")
