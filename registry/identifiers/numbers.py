"""Reading a NIK or a KK number: flags, region, birth date, sex, serial.

A NIK is region (6), day of birth with 40 added for women (2), month (2), year (2), serial (4); a
KK number is region (6), day of recording (6), serial (4) (Permendagri 73/2022 and the practice
in `docs/domain`). Neither has a check digit.
"""

import datetime as dt
import re
from collections.abc import Mapping
from dataclasses import dataclass

from registry.identifiers.cleaning import clean_identifier
from registry.identifiers.flags import Flag, is_usable

DIGITS = re.compile(r"[0-9]+")
SCIENTIFIC = re.compile(r"[0-9]+([.,][0-9]+)?[eE][+]?[0-9]+")
MONTH_DAYS = (31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31)


@dataclass(frozen=True)
class Parsed:
    """What an identifier says. `value` is the cleaned text, usable only when `usable`."""

    value: str
    flags: int
    region: str | None = None
    birth_date: dt.date | None = None
    sex: int | None = None
    serial: str | None = None

    @property
    def usable(self) -> bool:
        """Whether 16 digits are there that may belong to somebody."""
        return is_usable(self.flags)


def _is_date(day: int, month: int, short_year: int) -> bool:
    # The two centuries agree on leap years except 1900 (no) and 2000 (yes): 00 is read as 2000.
    if not 1 <= month <= 12 or day < 1:
        return False
    leap = month == 2 and short_year % 4 == 0
    return day <= MONTH_DAYS[month - 1] + leap


def _form_flags(text: str) -> int:
    flags = 0
    if not text:
        return Flag.MISSING
    if len(text) != 16:
        flags |= Flag.LENGTH
    if not DIGITS.fullmatch(text):
        flags |= Flag.NON_DIGIT
        if SCIENTIFIC.fullmatch(text):
            flags |= Flag.SCIENTIFIC
        elif re.search("[oO]", text):
            flags |= Flag.LETTER_O
    elif len(set(text)) == 1 or text[6:] == "0000000000" or text == "1234567890123456":
        flags |= Flag.PLACEHOLDER
    return flags


def _content_flags(text: str, day: int, regions: Mapping[str, str] | None) -> int:
    flags = 0
    if not _is_date(day, int(text[8:10]), int(text[10:12])):
        flags |= Flag.IMPOSSIBLE_DATE
    if text[12:] == "0000":
        flags |= Flag.SERIAL_ZERO
    if regions is not None:
        state = regions.get(text[:6])
        if state is None:
            flags |= Flag.REGION_UNKNOWN
        elif state == "historic":
            flags |= Flag.REGION_HISTORIC
    return flags


def parse_nik(
    raw: str | None,
    *,
    on: dt.date,
    sex: int | None = None,
    birth_date: dt.date | None = None,
    regions: Mapping[str, str] | None = None,
) -> Parsed:
    """Read a NIK beside the sex (1 man, 2 woman) and birth date that its row states.

    The century: the stated birth date's when its last two digits agree, else the 2000s unless
    that lies after `on` (the day of the delivery), else the 1900s. `regions` maps six digits to
    "current" or "historic"; None leaves the region unchecked.

    >>> parse_nik("3514015206960001", on=dt.date(2025, 2, 1)).birth_date
    datetime.date(1996, 6, 12)
    """
    text = clean_identifier(raw)
    flags = _form_flags(text)
    if text and text != raw:
        flags |= Flag.CLEANED
    if not is_usable(flags):
        return Parsed(text, int(flags))
    stated_day = int(text[6:8])
    woman = stated_day > 40
    day = stated_day - 40 if woman else stated_day
    flags |= _content_flags(text, day, regions)
    if flags & Flag.IMPOSSIBLE_DATE:
        return Parsed(text, int(flags), region=text[:6], serial=text[12:])
    own_sex = 2 if woman else 1
    if sex in (1, 2) and sex != own_sex:
        flags |= Flag.SEX_DIFFERS
    if birth_date is not None and birth_date.strftime("%d%m%y") != f"{day:02d}{text[8:12]}":
        flags |= Flag.BIRTH_DATE_DIFFERS
    own = _dated(day, int(text[8:10]), int(text[10:12]), birth_date, on)
    return Parsed(text, int(flags), text[:6], own, own_sex, text[12:])


def _dated(day: int, month: int, short: int, stated: dt.date | None, on: dt.date) -> dt.date | None:
    years = [2000 + short, 1900 + short]
    if stated is not None and stated.year % 100 == short:
        years.insert(0, stated.year)
    for year in years:
        try:
            found = dt.date(year, month, day)
        except ValueError:
            continue
        if found <= on:
            return found
    return None


def parse_kk(raw: str | None, *, regions: Mapping[str, str] | None = None) -> Parsed:
    """Read a KK number; its date is that of recording, without the 40 of women."""
    text = clean_identifier(raw)
    flags = _form_flags(text)
    if text and text != raw:
        flags |= Flag.CLEANED
    if is_usable(flags):
        flags |= _content_flags(text, int(text[6:8]), regions)
        return Parsed(text, int(flags), region=text[:6], serial=text[12:])
    return Parsed(text, int(flags))


def mask(value: str | None) -> str:
    """Return the identifier with its middle hidden; short or odd ones hidden whole.

    >>> mask("3514011206960001")
    '3514••••••••0001'
    >>> mask("12345")
    '•••••'
    """
    text = value or ""
    if len(text) < 12:
        return "•" * len(text)
    return f"{text[:4]}{'•' * (len(text) - 8)}{text[-4:]}"
