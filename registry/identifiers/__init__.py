"""NIK and KK numbers: cleaning, flags, birth date, mask; in Python and as DuckDB SQL.

Pure: no Django, no clock, no file. A number is never repaired: only characters that are no part
of it are dropped, everything else becomes a flag.
"""

from registry.identifiers.cleaning import clean_identifier
from registry.identifiers.flags import Flag, flag_names, is_usable
from registry.identifiers.numbers import Parsed, mask, parse_kk, parse_nik
from registry.identifiers.sql import (
    clean_sql,
    date_part_sql,
    form_flags_sql,
    kk_flags_sql,
    nik_flags_sql,
    sixteen_sql,
    usable_sql,
)

__all__ = [
    "Flag",
    "Parsed",
    "clean_identifier",
    "clean_sql",
    "date_part_sql",
    "flag_names",
    "form_flags_sql",
    "is_usable",
    "kk_flags_sql",
    "mask",
    "nik_flags_sql",
    "parse_kk",
    "parse_nik",
    "sixteen_sql",
    "usable_sql",
]
