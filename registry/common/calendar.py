"""Working days: not Saturday, not Sunday, not a national holiday.

The holidays are those of the `holidays` library; the yearly decree on *cuti bersama* and local
days come as rows of a stage that needs them and are passed in as `extra`.
"""

import datetime as dt
import functools
from collections.abc import Collection

import holidays


@functools.lru_cache(maxsize=32)
def get_national_holidays(year: int) -> frozenset[dt.date]:
    """Return the national holidays of a year."""
    return frozenset(holidays.country_holidays("ID", years=year))


def age_on(birth_date: dt.date, day: dt.date) -> int:
    """Return the age in whole years.

    >>> age_on(dt.date(2000, 2, 29), dt.date(2026, 2, 28))
    25
    """
    return day.year - birth_date.year - ((day.month, day.day) < (birth_date.month, birth_date.day))


def is_working_day(day: dt.date, extra: Collection[dt.date] = ()) -> bool:
    """Return whether offices work on that day; `extra` are further days off.

    >>> is_working_day(dt.date(2026, 8, 17))  # Independence Day
    False
    >>> is_working_day(dt.date(2026, 8, 18))
    True
    """
    return day.weekday() < 5 and day not in get_national_holidays(day.year) and day not in extra


def add_working_days(day: dt.date, n: int, extra: Collection[dt.date] = ()) -> dt.date:
    """Return the n-th working day after (before, when negative) that day, which is not counted.

    >>> add_working_days(dt.date(2026, 8, 14), 1)  # Friday before Independence Day
    datetime.date(2026, 8, 18)
    """
    step = dt.timedelta(days=1 if n >= 0 else -1)
    left = abs(n)
    while left:
        day += step
        left -= is_working_day(day, extra)
    return day


def count_working_days(start: dt.date, end: dt.date, extra: Collection[dt.date] = ()) -> int:
    """Return how many working days lie after `start`, up to and with `end`.

    >>> count_working_days(dt.date(2026, 8, 14), dt.date(2026, 8, 19))
    2
    """
    days = range(1, (end - start).days + 1)
    return sum(is_working_day(start + dt.timedelta(days=n), extra) for n in days)
