"""Dropping what is no part of a number: the only change ever made to an identifier."""

import re

# Spaces of every kind, dashes of every kind, apostrophes and the byte order mark.
DROPPED = " \t\n\r\f\v\u00a0\u2007\u2009\u202f\u200b\ufeff-\u2010\u2011\u2012\u2013\u2014\u2212'\u2019\u2018`"
WRAPPER = r'^="(.*)"$'
FLOAT_TAIL = r"^([0-9]+)[.,]0+$"

_WRAPPER = re.compile(WRAPPER)
_FLOAT_TAIL = re.compile(FLOAT_TAIL)
_DROP = str.maketrans("", "", DROPPED)


def clean_identifier(raw: str | None) -> str:
    """Return the identifier without wrapper, spaces, dashes, apostrophes and the .0 of a float.

    >>> clean_identifier('="3514 0112-0696 0001"')
    '3514011206960001'
    >>> clean_identifier("3514011206960001.0")
    '3514011206960001'
    >>> clean_identifier("3.57301E+15")
    '3.57301E+15'
    """
    text = (raw or "").translate(_DROP)
    text = _WRAPPER.sub(r"\1", text)
    return _FLOAT_TAIL.sub(r"\1", text)
