"""Tables of the staff: accounts, roles with region and days, case grants, one-time links."""

import hashlib

import pgtrigger
from django.contrib.auth.models import AbstractBaseUser
from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import DateRangeField, RangeOperators
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from registry.common.history import tracked
from registry.common.privacy import classify
from registry.officers import roles
from registry.officers.querysets import (
    CaseGrantQuerySet,
    OfficerManager,
    OfficerRoleQuerySet,
    OneTimeLinkQuerySet,
)
from registry.officers.scoping import OfficerScope

__all__ = ["CaseGrant", "Officer", "OfficerRole", "OneTimeLink", "ScopeRegency"]


@tracked(exclude=["password", "last_login"])
class Officer(OfficerScope, AbstractBaseUser):
    """One staff account; who signs in, and who stands in the record as the one who acted."""

    id = models.AutoField(primary_key=True)
    email = models.EmailField(_("e-mail"), unique=True, max_length=254)
    name = models.CharField(_("name"), max_length=120)
    language = models.CharField(
        _("language"),
        max_length=2,
        default="id",
        choices=[("id", "Indonesia"), ("en", "English")],
    )
    is_active = models.BooleanField(_("may sign in"), default=True)
    is_system = models.BooleanField(_("the system itself"), default=False, editable=False)
    created_at = models.DateTimeField(_("created"), editable=False)
    created_by = models.ForeignKey(
        "self", on_delete=models.PROTECT, null=True, editable=False, related_name="+", verbose_name=_("created by")
    )

    USERNAME_FIELD = "email"
    EMAIL_FIELD = "email"
    REQUIRED_FIELDS = ["name"]

    objects = OfficerManager()

    class Meta:
        ordering = ["email"]
        verbose_name = _("officer")
        verbose_name_plural = _("officers")
        constraints = [
            models.CheckConstraint(
                name="officer_email_lower",
                condition=Q(email=models.functions.Lower("email")),
            ),
            models.UniqueConstraint(
                fields=["is_system"],
                condition=Q(is_system=True),
                name="officer_one_system",
            ),
            models.CheckConstraint(
                name="officer_created_by",
                condition=Q(is_system=True) | Q(created_by__isnull=False),
            ),
        ]

    def __str__(self) -> str:
        return self.name or self.email

    def get_full_name(self) -> str:
        """Return the name, as Django's own pages ask for it."""
        return self.name

    def get_short_name(self) -> str:
        """Return the first word of the name."""
        return self.name.split(" ")[0]


_REFUSE_EXCLUDED = """
    IF NEW.ended_at IS NULL AND EXISTS (
        SELECT 1 FROM registry_officerrole other
        WHERE other.officer_id = NEW.officer_id AND other.id <> NEW.id
          AND other.ended_at IS NULL AND other.valid && NEW.valid
          AND (NEW.role || '/' || other.role) = ANY (ARRAY[{pairs}])
    ) THEN
        RAISE EXCEPTION 'excluded pair of roles' USING ERRCODE = 'exclusion_violation';
    END IF;
    RETURN NEW;
""".format(  # noqa: S608  (codes of our own, no input)
    pairs=", ".join(f"'{a}/{b}'" for a, b in roles.excluded_pairs())
)


@tracked()
class OfficerRole(models.Model):
    """One role that an officer holds for one region on the days of `valid`."""

    id = models.AutoField(primary_key=True)
    officer = models.ForeignKey(
        Officer,
        on_delete=models.PROTECT,
        related_name="roles",
        verbose_name=_("officer"),
    )
    role = models.CharField(_("role"), max_length=20, choices=roles.CHOICES)
    region_code = models.CharField(
        _("region"),
        max_length=13,
        db_collation="C",
        blank=True,
        default=roles.NATION,
        help_text=_("Dotted Kemendagri code; empty for all of Indonesia."),
    )
    valid = DateRangeField(_("held on"))
    stands_in_for = models.ForeignKey(
        "self",
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="stand_ins",
        verbose_name=_("stands in for"),
    )
    granted_at = models.DateTimeField(_("granted"))
    granted_by = models.ForeignKey(Officer, on_delete=models.PROTECT, related_name="+", verbose_name=_("granted by"))
    ended_at = models.DateTimeField(_("ended"), null=True, blank=True)
    ended_by = models.ForeignKey(
        Officer, on_delete=models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("ended by")
    )

    objects = OfficerRoleQuerySet.as_manager()

    class Meta:
        ordering = ["officer", "role", "region_code", "id"]
        verbose_name = _("role of an officer")
        verbose_name_plural = _("roles of officers")
        indexes = [models.Index(fields=["region_code", "role"], name="officer_role_region")]
        constraints = [
            ExclusionConstraint(
                name="officer_role_once",
                expressions=[
                    (F("officer"), RangeOperators.EQUAL),
                    (F("role"), RangeOperators.EQUAL),
                    (F("region_code"), RangeOperators.EQUAL),
                    (F("valid"), RangeOperators.OVERLAPS),
                ],
                condition=Q(ended_at=None),
            ),
            models.CheckConstraint(
                name="officer_role_ended_at_by",
                condition=Q(ended_at=None, ended_by=None) | Q(ended_at__isnull=False, ended_by__isnull=False),
            ),
            models.CheckConstraint(name="officer_role_some_day", condition=Q(valid__isempty=False)),
            models.CheckConstraint(name="officer_role_known", condition=Q(role__in=sorted(roles.ROLES))),
        ]
        triggers = [
            pgtrigger.Trigger(
                name="officer_role_excluded",
                operation=pgtrigger.Insert | pgtrigger.Update,
                when=pgtrigger.Before,
                func=_REFUSE_EXCLUDED,
            )
        ]

    def __str__(self) -> str:
        return f"{self.get_role_display()} {self.region_code or 'Indonesia'}"


class ScopeRegency(models.Model):
    """A regency that lies wholly within a role's region: who works where, without prefixes."""

    id = models.BigAutoField(primary_key=True)
    role = models.ForeignKey(OfficerRole, on_delete=models.CASCADE, related_name="regencies")
    officer = models.ForeignKey(Officer, on_delete=models.CASCADE, related_name="+")
    regency = models.SmallIntegerField()
    valid = DateRangeField()

    class Meta:
        ordering = ["officer", "regency"]
        indexes = [models.Index(fields=["regency", "officer"], name="scope_regency_officer")]
        constraints = [models.UniqueConstraint(fields=["role", "regency"], name="scope_regency_once")]

    def __str__(self) -> str:
        return str(self.regency)


class CaseGrant(models.Model):
    """One object that an officer may see although it lies outside the regions of the roles."""

    id = models.BigAutoField(primary_key=True)
    officer = models.ForeignKey(
        Officer,
        on_delete=models.PROTECT,
        related_name="case_grants",
        verbose_name=_("officer"),
    )
    object_type = models.CharField(_("kind of object"), max_length=40)
    object_id = models.UUIDField(_("object"))
    cause = models.CharField(_("cause"), max_length=60)
    until = models.DateTimeField(_("until"), null=True, blank=True)
    granted_at = models.DateTimeField(_("granted"))
    granted_by = models.ForeignKey(Officer, on_delete=models.PROTECT, related_name="+", verbose_name=_("granted by"))
    ended_at = models.DateTimeField(_("ended"), null=True, blank=True)
    ended_by = models.ForeignKey(
        Officer, on_delete=models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("ended by")
    )

    objects = CaseGrantQuerySet.as_manager()

    class Meta:
        ordering = ["-granted_at"]
        verbose_name = _("case grant")
        verbose_name_plural = _("case grants")
        indexes = [
            models.Index(fields=["object_type", "object_id"], name="case_grant_object"),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["officer", "object_type", "object_id", "cause"],
                condition=Q(ended_at=None),
                name="case_grant_once",
            ),
            models.CheckConstraint(
                name="case_grant_ended_at_by",
                condition=Q(ended_at=None, ended_by=None) | Q(ended_at__isnull=False, ended_by__isnull=False),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.object_type} {self.object_id}"


class OneTimeLink(models.Model):
    """One link that lets an officer set a password once, known only by the hash of its token."""

    class Purpose(models.TextChoices):
        INVITE = "invite", _("first password")
        RESET = "reset", _("new password")
        UNLOCK = "unlock", _("unlock after failed attempts")

    id = models.BigAutoField(primary_key=True)
    officer = models.ForeignKey(Officer, on_delete=models.PROTECT, related_name="links", verbose_name=_("officer"))
    purpose = models.CharField(_("purpose"), max_length=6, choices=Purpose.choices)
    token_hash = models.BinaryField(unique=True, max_length=32)
    created_at = models.DateTimeField(_("made"))
    created_by = models.ForeignKey(Officer, on_delete=models.PROTECT, related_name="+", verbose_name=_("made by"))
    expires_at = models.DateTimeField(_("expires"))
    used_at = models.DateTimeField(_("used"), null=True, blank=True)
    withdrawn_at = models.DateTimeField(_("withdrawn"), null=True, blank=True)

    objects = OneTimeLinkQuerySet.as_manager()

    class Meta:
        ordering = ["-created_at"]
        verbose_name = _("one-time link")
        verbose_name_plural = _("one-time links")
        constraints = [
            models.CheckConstraint(
                name="one_time_link_used_or_withdrawn",
                condition=Q(used_at=None) | Q(withdrawn_at=None),
            ),
            models.CheckConstraint(
                name="one_time_link_expires",
                condition=Q(expires_at__gt=F("created_at")),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_purpose_display()} {self.officer_id}"

    @staticmethod
    def hash_token(token: str) -> bytes:
        """Return what is stored of a token: 32 bytes that do not lead back to it."""
        return hashlib.sha256(token.encode()).digest()


classify(
    Officer,
    keep="id language is_active is_system created_at created_by",
    fake="email name",
    empty="password last_login",
)
classify(
    OfficerRole,
    keep="id officer role region_code valid stands_in_for granted_at granted_by ended_at ended_by",
)
classify(ScopeRegency, keep="id role officer regency valid")
classify(
    CaseGrant,
    keep="id officer object_type object_id cause until granted_at granted_by ended_at ended_by",
)
classify(
    OneTimeLink,
    keep="id officer purpose created_at created_by expires_at used_at withdrawn_at",
    empty="token_hash",
)
