"""SQL expressions of one layout: how a raw column becomes its canonical value, and what is wrong.

Only text that is built from mapping files is quoted here; nothing of a delivery enters the SQL.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from registry.sources.mapping import Column

EMPTY = "trim({raw}) = ''"


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


def code_value(raw: str, column: Column, number: str) -> str:
    """Return the expression of a code; `number` is the raw value as a whole number."""
    codes = column.codes
    if all(key.isdigit() for key in codes):
        numbers = {int(key): value for key, value in codes.items()}
        same = all(number == value for number, value in numbers.items())
        if same and sorted(numbers) == list(range(min(numbers), max(numbers) + 1)):
            low, high = min(numbers), max(numbers)
            return f"CASE WHEN ({number}) BETWEEN {low} AND {high} THEN ({number}) END"
        return f"CASE {number} {_whens(numbers)} END"
    return f"CASE lower(trim({raw})) {_whens({literal(key): value for key, value in codes.items()})} END"


def _whens(values: dict) -> str:
    return " ".join(f"WHEN {key} THEN {'NULL' if value is None else value}" for key, value in values.items())


def known_code(raw: str, column: Column, number: str) -> str:
    """Return the condition that a raw value is in the code list."""
    if all(key.isdigit() for key in column.codes):
        numbers = ", ".join(str(int(key)) for key in column.codes)
        return f"coalesce({number} IN ({numbers}), false)"
    return f"lower(trim({raw})) IN ({', '.join(literal(key) for key in column.codes)})"


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


def area_value(raw: str, decimal: str) -> str:
    """Return the expression of square metres in tenths."""
    number = f"replace({raw}, ',', '.')" if decimal == "," else raw
    return f"round(TRY_CAST({number} AS DOUBLE) * 10)::INTEGER"


def sum_condition(number: str, column: Column) -> str:
    """Return the condition that a value is a sum of distinct option codes, or one of `also`."""
    total = sum(column.parts)
    return f"coalesce(({number}) BETWEEN 0 AND {total} OR ({number}) IN ({', '.join(map(str, column.also)) or '-1'}), false)"
