"""SQL expressions of one layout: how a raw column becomes its canonical value, and what is wrong.

Only text that is built from mapping files is quoted here; nothing of a delivery enters the SQL.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from registry.sources.mapping import Column

NO_CODE = -1  # a code that is known and says nothing
SMALLINT = (-32767, 32767)


def quoted(name: str) -> str:
    """Return a name as an SQL identifier."""
    return '"' + name.replace('"', '""') + '"'


def literal(text: str) -> str:
    """Return a text as an SQL literal."""
    return "'" + text.replace("'", "''") + "'"


@dataclass(frozen=True)
class Fault:
    """One way in which a row can be wrong: its rule, column, condition, and the value shown masked."""

    rule: str
    column: str
    condition: str
    raw: str | None = None
    kind: str = "plain"
    certain: bool = False  # the condition is never null


def masked_sql(raw: str | None, kind: str) -> str:
    """Return the expression of a value as findings may show it."""
    if raw is None:
        return "NULL::VARCHAR"
    if kind == "identifier":
        return (
            f"CASE WHEN length({raw}) < 12 THEN repeat('•', least(length({raw}), 12)) ELSE"
            f" {raw}[1:4] || repeat('•', least(length({raw}) - 8, 12)) || right({raw}, 4) END"
        )
    if kind == "name":
        return f"left({raw}, 1) || '•••'"
    if kind == "date":
        # A birth date's form helps, its digits are nobody's business: the year stays.
        return f"regexp_replace(left({raw}, 24), '\\b[0-9]{{1,2}}\\b', '••', 'g')"
    return f"regexp_replace(left({raw}, 40), '[0-9]{{8,}}', '••••', 'g')"


def whole_number(raw: str) -> str:
    """Return the expression of a whole number (also written 3.0), null for anything else."""
    return (
        f"CASE WHEN length({raw}) < 3 AND {raw} NOT LIKE '%.%' THEN TRY_CAST({raw} AS INTEGER)"
        f" WHEN regexp_full_match({raw}, '\\s*-?[0-9]{{1,9}}([.,]0*)?\\s*')"
        f" THEN TRY_CAST(regexp_extract({raw}, '-?[0-9]+') AS INTEGER) END"
    )


def plain_number(raw: str, number: str) -> str:
    """Return the expression of a whole number; `number` is the text cast to INTEGER.

    The cast also takes 1.5, 1e3 and 0x1F for whole numbers; only what is written back the same is one.
    """
    return f"CASE WHEN {number}::VARCHAR = {raw} OR {raw} IS NULL THEN {number} ELSE {whole_number(raw)} END"


def unless_read(raw: str, read: str, slow: str, otherwise: str | None = None) -> str:
    """Return `read` (or `otherwise`), and where it is null although the cell is filled, the slower expression."""
    return f"CASE WHEN {read} IS NOT NULL OR {raw} IS NULL THEN {otherwise or read} ELSE {slow} END"


def code_table(column: Column) -> str:
    """Return an SQL map from the usual writings of each code to its value, `NO_CODE` for a known one without."""
    table: dict[str, int] = {}
    for key, value in column.codes.items():
        number = NO_CODE if value is None else value
        texts = (key, str(int(key)), f"{int(key):02d}", f"{int(key)}.0") if key.isdigit() else (key,)
        table |= {text: number for text in texts}
    return f"MAP {{{', '.join(f'{literal(text)}: ({value})::SMALLINT' for text, value in table.items())}}}"


def coarse_table(column: Column) -> str:
    """Return an SQL map of the writings that stand for several codes (`among`)."""
    texts: list[str] = []
    for key in column.among:
        texts += (key, str(int(key)), f"{int(key):02d}", f"{int(key)}.0") if key.isdigit() else (key,)
    return f"MAP {{{', '.join(f'{literal(text)}: true' for text in dict.fromkeys(texts))}}}"


def other_code(raw: str, column: Column) -> str:
    """Return the expression of a numeric code in an unusual writing."""
    whens = " ".join(f"WHEN {int(key)} THEN {NO_CODE if v is None else v}" for key, v in column.codes.items())
    return f"(CASE {whole_number(raw)} {whens} END)::SMALLINT"


def usual_date(raw: str, formats: Sequence[str]) -> str:
    """Return the expression of a date as most rows write it: one column, no pattern; null for any other."""
    if formats[0] == "%Y-%m-%d":
        return f"CASE WHEN length({raw}) = 10 AND {raw}[5] = '-' THEN TRY_CAST({raw} AS DATE) END"
    if not re.search(r"[-/ ]", formats[0]):  # may be a day number as well
        return "NULL::DATE"
    return f"try_strptime({raw}, {literal(formats[0])})::DATE"


def date_value(raw: str, formats: Sequence[str]) -> str:
    """Return the expression of a date in any of the formats, or an Excel day number (1900 system)."""
    formats = [*formats, *(each for each in ("%Y-%m-%d", "%Y-%m-%d %H:%M:%S") if each not in formats)]
    listed = ", ".join(literal(each) for each in formats)
    first = f"TRY_CAST({raw} AS DATE)" if formats[0] == "%Y-%m-%d" else f"try_strptime({raw}, [{listed}])::DATE"
    if formats[0] == "%Y-%m-%d":
        first = (
            f"CASE WHEN length({raw}) = 10 AND {raw}[5] = '-' THEN {first}"
            f" ELSE try_strptime(trim({raw}), [{listed}])::DATE END"
        )
    serial = f"DATE '1899-12-30' + trim({raw})::DECIMAL(12,6)::INTEGER"
    return f"CASE WHEN {is_serial(raw)} THEN {serial} ELSE {first} END"


def is_serial(raw: str) -> str:
    """Return the condition that a date is an Excel day number between 1900 and 2064."""
    return f"(length({raw}) < 12 AND regexp_full_match({raw}, '\\s*[1-5]?[0-9]{{3,4}}([.]0+)?\\s*'))"


def one_space(text: str) -> str:
    """Return the expression of a text whose runs of white space are one space; most need no pattern."""
    marks = " OR ".join(f"contains({text}, {mark})" for mark in ("'  '", "chr(9)", "chr(10)", "chr(12)", "chr(13)"))
    return f"CASE WHEN {marks} THEN regexp_replace({text}, '\\s+', ' ', 'g') ELSE {text} END"


def area_value(raw: str, decimal: str) -> str:
    """Return the expression of square metres in tenths."""
    number = f"replace({raw}, ',', '.')" if decimal == "," else raw
    return f"TRY_CAST(round(TRY_CAST({number} AS DOUBLE) * 10) AS INTEGER)"


def sum_condition(number: str, column: Column) -> str:
    """Return the condition that a value is a sum of distinct option codes, or one of `also`."""
    total = sum(column.parts)
    return f"coalesce(({number}) BETWEEN 0 AND {total} OR ({number}) IN ({', '.join(map(str, column.also)) or '-1'}), false)"
