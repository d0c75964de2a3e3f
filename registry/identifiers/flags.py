"""What can be said about an identifier, as bits of one integer."""

from enum import IntFlag


class Flag(IntFlag):
    """One bit per statement; 0 means nothing stands out."""

    MISSING = 1  # empty, or only spaces and dashes
    LENGTH = 2  # not 16 characters
    NON_DIGIT = 4  # something else than 0-9
    SCIENTIFIC = 8  # 3.57301E+15: digits are gone for ever
    LETTER_O = 16  # a letter O among the digits
    PLACEHOLDER = 32  # 0000000000000000, 9999999999999999, region and ten zeros, "0"
    REGION_UNKNOWN = 64  # the first six digits are no kecamatan we know, today or earlier
    REGION_HISTORIC = 128  # a kecamatan code of an earlier year: usual for a number kept for life
    IMPOSSIBLE_DATE = 256  # day 00, 32-40, 72-99, 30 February …
    SERIAL_ZERO = 512  # serial 0000: numbering begins at 0001
    SEX_DIFFERS = 1024  # the day says another sex than the row
    BIRTH_DATE_DIFFERS = 2048  # the date says another birth date than the row
    CLEANED = 4096  # spaces, dashes, apostrophes, ="…" or .0 were dropped
    SHARED = 8192  # stands on several different people of one delivery (set by the reader)


# A number with one of these is no number at all and never identifies anybody.
UNUSABLE = Flag.MISSING | Flag.LENGTH | Flag.NON_DIGIT | Flag.SCIENTIFIC | Flag.LETTER_O | Flag.PLACEHOLDER


def is_usable(flags: int) -> bool:
    """Return whether 16 digits are there that may belong to somebody."""
    return not flags & UNUSABLE


def flag_names(flags: int) -> tuple[str, ...]:
    """Return the names of the bits, lower case, lowest bit first.

    >>> flag_names(Flag.LENGTH | Flag.CLEANED)
    ('length', 'cleaned')
    """
    return tuple(str(flag.name).lower() for flag in Flag if flags & flag)
