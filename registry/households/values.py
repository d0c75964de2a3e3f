"""What can be corrected, and how a corrected value is read. Pure of any change."""

import datetime as dt
import re
from typing import Any

from registry.common.errors import BadInput
from registry.households.items import HOUSEHOLD_ITEMS, INDIVIDUAL_ITEMS
from registry.households.models import Household, Individual
from registry.variables import load_dictionary

CORRECTABLE = {
    "household": (*HOUSEHOLD_ITEMS, "kk_number", "address"),
    "individual": (*INDIVIDUAL_ITEMS, "nik", "name", "sex", "birth_date", "birth_place", "mother_name"),
}
NUMBERS = {"nik": ("nik_cipher", "nik_hash"), "kk_number": ("kk_cipher", "kk_hash")}


def kind_of(target: Household | Individual) -> str:
    """Return the word for a family or a person in corrections and plans."""
    return "household" if isinstance(target, Household) else "individual"


def read_value(variable: str, value: str) -> Any:
    """Return a corrected value as its column holds it: a code, a whole number, a date or a text.

    Raises: BadInput `households.correction.value`.
    """
    text = value.strip()
    known = load_dictionary().by_name.get(variable)
    try:
        if known is not None and known.codes:
            if int(text) not in known.codes:
                raise ValueError(text)
            return int(text)
        if known is not None and known.type in ("integer", "number"):
            number = int(text)
            if known.range and not known.range[0] <= number <= known.range[1]:
                raise ValueError(text)
            return number
        if known is not None and known.type == "date":
            return dt.date.fromisoformat(text)
        if variable in NUMBERS and not re.fullmatch(r"\d{16}", text):
            raise ValueError(text)
    except ValueError:
        raise BadInput("households.correction.value") from None
    if not text:
        raise BadInput("households.correction.value")
    return text
