"""The shape of a Kemendagri region code: PP.KK.CC.DDDD, its level, parent and regency number."""

import re

# Where nothing delivered says where a family lives: only officers who see the whole country see it.
NO_REGION = "00.00"
LENGTHS = {1: 2, 2: 5, 3: 8, 4: 13}  # level: characters of the dotted code
_SHAPE = re.compile(r"\d{2}(?:\.\d{2}(?:\.\d{2}(?:\.\d{4})?)?)?")
_DIGITS = {2: (2,), 4: (2, 2), 6: (2, 2, 2), 10: (2, 2, 2, 4)}


def is_region_code(text: str) -> bool:
    """Say whether a text has the shape of a dotted code; whether it exists is another question.

    >>> is_region_code("34.02.01.2001"), is_region_code("340201"), is_region_code("")
    (True, False, False)
    """
    return _SHAPE.fullmatch(text) is not None


def dotted(text: str) -> str:
    """Return a code with its dots, also when it came as 2, 4, 6 or 10 digits.

    Raises ValueError for anything else.

    >>> dotted("3402012001"), dotted(" 34.02 ")
    ('34.02.01.2001', '34.02')
    """
    code = text.strip()
    if code.isascii() and code.isdigit() and len(code) in _DIGITS:
        parts, start = [], 0
        for width in _DIGITS[len(code)]:
            parts.append(code[start : start + width])
            start += width
        code = ".".join(parts)
    if not is_region_code(code):
        raise ValueError(f"not a region code: {text!r}")
    return code


def level_of(code: str) -> int:
    """Return 1 province, 2 regency, 3 district, 4 village.

    >>> level_of("34.02.01")
    3
    """
    return {length: level for level, length in LENGTHS.items()}[len(code)]


def parent_of(code: str) -> str | None:
    """Return the code one level up, None above a province.

    >>> parent_of("34.02.01.2001"), parent_of("34")
    ('34.02.01', None)
    """
    return code.rpartition(".")[0] or None


def ancestors_of(code: str) -> list[str]:
    """Return the codes from the province down to the code itself.

    >>> ancestors_of("34.02.01")
    ['34', '34.02', '34.02.01']
    """
    return [code[:length] for length in LENGTHS.values() if length <= len(code)]


def regency_of(code: str) -> int | None:
    """Return the number that leads the worklist indexes, None above a regency.

    >>> regency_of("34.02.01.2001"), regency_of("34")
    (3402, None)
    """
    return int(code[:2] + code[3:5]) if len(code) >= 5 else None


def name_key(name: str) -> str:
    """Return a name as it is compared: letters and digits only, upper case.

    >>> name_key("Kota Baru / II")
    'KOTABARUII'
    """
    return re.sub(r"[^0-9A-Z]", "", name.upper())
