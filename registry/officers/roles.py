"""The ten roles, each readable at a glance: where it is held, what it sees, does and excludes.

Whether an officer holds one today is `permissions.py`; granting and ending is `operations.py`.
"""

from enum import StrEnum
from typing import ClassVar

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

NATION = ""  # the region code of a role that is held for all of Indonesia
PROVINCE, REGENCY, DISTRICT, VILLAGE = 2, 5, 8, 13  # lengths of the region codes
EVERY_LEVEL = frozenset({0, PROVINCE, REGENCY, DISTRICT, VILLAGE})


class Sees(StrEnum):
    """Which personal rows a role opens."""

    REGION = "region"  # all rows of its regions
    CASES = "cases"  # only what a case grant names
    EVERYTHING = "everything"  # every row
    NOTHING = "nothing"  # no personal row at all


class May(StrEnum):
    """What a role may do. Operations ask for one of these, never for a role by name."""

    SEARCH_PEOPLE = "people.search"
    VIEW_FAMILY = "family.view"
    UNMASK_NUMBERS = "family.unmask"
    EXPORT_LISTS = "lists.export"
    VIEW_DELIVERIES = "delivery.view"
    RECEIVE_DELIVERY = "delivery.receive"
    BUILD_REGISTRY = "registry.build"
    REVIEW_PAIRS = "review.decide"
    MERGE_AND_SPLIT = "family.merge"
    PROPOSE_CORRECTION = "correction.propose"
    CHECK_CORRECTION = "correction.check"
    MANAGE_OFFICERS = "officers.manage"
    MANAGE_REFERENCE = "reference.manage"
    VIEW_RANKING = "ranking.view"
    MANAGE_RANKING = "ranking.manage"
    VIEW_SAMPLES = "sample.view"
    DRAW_SAMPLES = "sample.draw"
    VIEW_RECIPIENTS = "recipients.view"
    PROPOSE_CANDIDATES = "candidates.propose"
    VALIDATE_CANDIDATES = "candidates.validate"
    DECIDE_CANDIDATES = "candidates.decide"
    OPEN_ADMINISTRATION = "administration.open"
    VIEW_AUDIT = "audit.view"


class Role:
    """What the ten roles have in common."""

    code: ClassVar[str]
    title: ClassVar[Promise]
    aliases: ClassVar[tuple[str, ...]] = ()
    levels: ClassVar[frozenset[int]] = EVERY_LEVEL
    sees: ClassVar[Sees]
    may: ClassVar[frozenset[May]] = frozenset()
    excludes: ClassVar[frozenset[str]] = frozenset()


class Companion(Role):
    """Pendamping: visits assigned families, files on their behalf, follows graduation."""

    code = "companion"
    title = _("Companion")
    aliases = ("pendamping",)
    levels = frozenset({REGENCY, DISTRICT, VILLAGE})
    sees = Sees.CASES
    may = frozenset({May.VIEW_FAMILY, May.PROPOSE_CORRECTION})
    excludes = frozenset({"verifier", "approver"})


class VillageOperator(Role):
    """Proposes, prints notices and files on behalf within the village."""

    code = "village_operator"
    title = _("Village operator")
    aliases = ("operator_desa", "operator")
    levels = frozenset({VILLAGE})
    sees = Sees.REGION
    may = frozenset({May.SEARCH_PEOPLE, May.VIEW_FAMILY, May.PROPOSE_CORRECTION})
    excludes = frozenset({"verifier", "approver"})


class CallCentreAgent(Role):
    """Answers 171: one family at a time, after the caller was checked."""

    code = "call_centre_agent"
    title = _("Call-centre agent (171)")
    aliases = ("call_centre", "call_center_agent", "call_center", "agent")
    levels = frozenset({0, PROVINCE, REGENCY})
    sees = Sees.CASES
    may = frozenset({May.VIEW_FAMILY})
    excludes = frozenset({"approver"})


class Verifier(Role):
    """Validates candidates, reviews pairs, checks corrections and triages cases of the regency."""

    code = "verifier"
    title = _("Regency verifier")
    aliases = ("regency_verifier", "verifikator")
    levels = frozenset({REGENCY})
    sees = Sees.REGION
    may = frozenset(
        {
            May.SEARCH_PEOPLE,
            May.VIEW_FAMILY,
            May.UNMASK_NUMBERS,
            May.EXPORT_LISTS,
            May.VIEW_DELIVERIES,
            May.VIEW_RANKING,
            May.VIEW_SAMPLES,
            May.DRAW_SAMPLES,
            May.REVIEW_PAIRS,
            May.MERGE_AND_SPLIT,
            May.PROPOSE_CORRECTION,
            May.CHECK_CORRECTION,
            May.VIEW_RECIPIENTS,
            May.PROPOSE_CANDIDATES,
            May.VALIDATE_CANDIDATES,
        }
    )
    excludes = frozenset({"approver"})


class Approver(Role):
    """Approves, rejects, finalises batches and opens gates of the regency."""

    code = "approver"
    title = _("Regency approver")
    aliases = ("regency_approver",)
    levels = frozenset({REGENCY})
    sees = Sees.REGION
    may = frozenset(
        {
            May.SEARCH_PEOPLE,
            May.VIEW_FAMILY,
            May.EXPORT_LISTS,
            May.VIEW_DELIVERIES,
            May.VIEW_RANKING,
            May.VIEW_SAMPLES,
            May.VIEW_RECIPIENTS,
            May.DECIDE_CANDIDATES,
        }
    )
    excludes = frozenset({"companion", "verifier", "administrator"})


class ProvinceOfficer(Role):
    """Takes escalated cases and appeals of the province, and watches its regencies."""

    code = "province_officer"
    title = _("Province officer")
    aliases = ("province",)
    levels = frozenset({PROVINCE})
    sees = Sees.REGION
    may = frozenset(
        {
            May.SEARCH_PEOPLE,
            May.VIEW_FAMILY,
            May.EXPORT_LISTS,
            May.VIEW_DELIVERIES,
            May.VIEW_RANKING,
            May.VIEW_SAMPLES,
            May.VIEW_RECIPIENTS,
        }
    )


class TaskForceMember(Role):
    """Satgas: takes escalated cases at the level of its region."""

    code = "task_force"
    title = _("Task-force member")
    aliases = ("task_force_member", "satgas")
    sees = Sees.REGION
    may = frozenset({May.SEARCH_PEOPLE, May.VIEW_FAMILY, May.VIEW_RANKING, May.VIEW_SAMPLES})


class Administrator(Role):
    """Keeps reference data, officers, rules, models, runs and agencies; sees no family."""

    code = "administrator"
    title = _("Central administrator")
    aliases = ("central_administrator", "admin")
    levels = frozenset({0})
    sees = Sees.NOTHING
    may = frozenset(
        {
            May.VIEW_DELIVERIES,
            May.VIEW_RANKING,
            May.MANAGE_RANKING,
            May.RECEIVE_DELIVERY,
            May.BUILD_REGISTRY,
            May.MANAGE_OFFICERS,
            May.MANAGE_REFERENCE,
            May.EXPORT_LISTS,
            May.OPEN_ADMINISTRATION,
        }
    )
    excludes = frozenset({"approver"})


class Auditor(Role):
    """Reads everything, changes nothing, verifies the audit."""

    code = "auditor"
    title = _("Auditor")
    levels = frozenset({0})
    sees = Sees.EVERYTHING
    may = frozenset(
        {
            May.SEARCH_PEOPLE,
            May.VIEW_FAMILY,
            May.EXPORT_LISTS,
            May.VIEW_DELIVERIES,
            May.VIEW_RANKING,
            May.VIEW_SAMPLES,
            May.VIEW_RECIPIENTS,
            May.OPEN_ADMINISTRATION,
            May.VIEW_AUDIT,
        }
    )
    excludes = frozenset(
        {
            "companion",
            "village_operator",
            "call_centre_agent",
            "verifier",
            "approver",
            "province_officer",
            "task_force",
            "administrator",
            "partner",
        }
    )


class PartnerOfficer(Role):
    """Accepts, declines and delivers the referrals of its own institution."""

    code = "partner"
    title = _("Partner officer")
    aliases = ("partner_officer", "mitra")
    sees = Sees.CASES
    excludes = Auditor.excludes - {"partner"} | {"auditor"}


ROLES: dict[str, type[Role]] = {
    role.code: role
    for role in (
        Companion,
        VillageOperator,
        CallCentreAgent,
        Verifier,
        Approver,
        ProvinceOfficer,
        TaskForceMember,
        Administrator,
        Auditor,
        PartnerOfficer,
    )
}
CHOICES = [(role.code, role.title) for role in ROLES.values()]


def find_role(word: str) -> type[Role] | None:
    """Return the role of a code or one of its other names, None when there is none.

    >>> find_role("Regency verifier").code
    'verifier'
    """
    key = word.strip().lower().replace("-", "_").replace(" ", "_")
    return ROLES.get(key) or next((r for r in ROLES.values() if key in r.aliases), None)


def excludes(one: str, other: str) -> bool:
    """Say whether nobody may hold both roles on the same day; the order does not matter.

    >>> excludes("approver", "verifier"), excludes("verifier", "village_operator")
    (True, True)
    >>> excludes("verifier", "task_force")
    False
    """
    return other in ROLES[one].excludes or one in ROLES[other].excludes


def excluded_pairs() -> list[tuple[str, str]]:
    """Return every ordered pair of codes that excludes each other."""
    return [(a, b) for a in sorted(ROLES) for b in sorted(ROLES) if a != b and excludes(a, b)]
