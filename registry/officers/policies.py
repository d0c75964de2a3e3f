"""Is a role in a condition to be granted: the level of its region, its days, excluded pairs."""

import datetime as dt

from django.utils import timezone
from django.utils.translation import gettext as _

from registry.common.errors import BadInput, RuleRefused
from registry.officers.models import Officer, OfficerRole
from registry.officers.roles import NATION, ROLES, Role, excludes, find_role
from registry.wilayah.codes import dotted
from registry.wilayah.models import Region
from registry.wilayah.selectors import get_region

LONGEST_STAND_IN = 31  # days
_NATION_WORDS = {"", "id", "idn", "indonesia", "0", "00", "nasional"}


def get_role(word: str) -> type[Role]:
    """Return the role of a code or one of its other names.

    Raises: BadInput `officers.role.unknown`.
    """
    role = find_role(word)
    if role is None:
        raise BadInput("officers.role.unknown", role=word, known=", ".join(ROLES))
    return role


def get_role_region(role: type[Role], word: str, *, on: dt.date) -> str:
    """Return the dotted region code for which the role is to be held, checked.

    Raises: BadInput `wilayah.region.unknown`, RuleRefused `officers.role.wrong_level`,
    `officers.role.region_ended`.
    """
    code = NATION
    if word.strip().lower() not in _NATION_WORDS:
        region = get_region(word)
        code = dotted(region.code)
        if region.valid.upper is not None and region.valid.upper <= on:
            raise RuleRefused("officers.role.region_ended", region=code)
    if len(code) not in role.levels:
        raise RuleRefused(
            "officers.role.wrong_level",
            role=str(role.title),
            levels=", ".join(_level_name(length) for length in sorted(role.levels)),
            region=code or "Indonesia",
        )
    return code


def _level_name(length: int) -> str:
    if length == 0:
        return _("all of Indonesia (--region ID)")
    level = {2: 1, 5: 2, 8: 3, 13: 4}[length]
    return str(Region.Level(level).label)


def get_days(since: dt.date | None, until: dt.date | None, *, now: dt.datetime) -> tuple:  # type: ignore[type-arg]
    """Return first day and the day after the last one (None: open) as the database keeps them.

    Raises: BadInput `officers.role.no_day`.
    """
    first = since or timezone.localdate(now)
    if until is not None and until < first:
        raise BadInput("officers.role.no_day")
    return first, None if until is None else until + dt.timedelta(days=1)


def check_not_excluded(officer: Officer, role: type[Role], days: tuple[dt.date, dt.date | None]) -> None:
    """Raise when a role that excludes this one is held on one of the days.

    Raises: RuleRefused `officers.role.excluded`.
    """
    held = OfficerRole.objects.filter(officer=officer, ended_at=None, valid__overlap=days)
    for other in held.order_by("id"):
        if other.role != role.code and excludes(role.code, other.role):
            raise RuleRefused(
                "officers.role.excluded",
                role=str(role.title),
                other=str(ROLES[other.role].title),
            )


def check_not_held(officer: Officer, role: type[Role], region: str, days: tuple[dt.date, dt.date | None]) -> None:
    """Raise when the same role is held for the same region on one of the days.

    Raises: RuleRefused `officers.role.held`.
    """
    if OfficerRole.objects.filter(
        officer=officer,
        role=role.code,
        region_code=region,
        ended_at=None,
        valid__overlap=days,
    ).exists():
        raise RuleRefused("officers.role.held")
