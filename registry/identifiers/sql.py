"""The Python rules of this package once more, as DuckDB expressions over whole columns.

A property test holds both forms equal. Arguments are SQL expressions, never user text.
"""

from registry.identifiers.cleaning import DROPPED, FLOAT_TAIL, WRAPPER
from registry.identifiers.flags import UNUSABLE, Flag

_SIXTEEN = "'[0-9]{16}'"


def _literal(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"


def sixteen_sql(raw: str, number: str) -> str:
    """Return the number of a text of exactly 16 digits, null for any other; `number` is it cast to BIGINT.

    Comparing with the number written out is several times cheaper than a pattern. A text with a
    leading zero takes the slow way of `clean_sql`.
    """
    return (
        f"CASE WHEN {number} BETWEEN 1000000000000000 AND 9999999999999999"
        f" AND {number}::VARCHAR = {raw} THEN {number} END"
    )


def clean_sql(raw: str) -> str:
    """Return the expression of `clean_identifier`; '' for null."""
    dropped = f"translate({raw}, {_literal(DROPPED)}, '')"
    unwrapped = f"regexp_replace({dropped}, {_literal(WRAPPER)}, '\\1')"
    return (
        f"CASE WHEN {raw} IS NULL THEN '' WHEN regexp_full_match({raw}, {_SIXTEEN}) THEN {raw}"
        f" ELSE regexp_replace({unwrapped}, {_literal(FLOAT_TAIL)}, '\\1') END"
    )


def _form(clean: str, raw: str) -> str:
    return f"""CASE WHEN {clean} = '' THEN {Flag.MISSING.value} ELSE
      CASE WHEN regexp_full_match({clean}, {_SIXTEEN}) THEN
        CASE WHEN {clean} = repeat({clean}[1:1], 16) OR {clean}[7:16] = '0000000000'
               OR {clean} = '1234567890123456' THEN {Flag.PLACEHOLDER.value} ELSE 0 END
      ELSE CASE WHEN length({clean}) <> 16 THEN {Flag.LENGTH.value} ELSE 0 END
        + CASE WHEN regexp_full_match({clean}, '[0-9]+') THEN
            CASE WHEN {clean} = repeat({clean}[1:1], length({clean}))
                   OR {clean}[7:] = '0000000000' THEN {Flag.PLACEHOLDER.value} ELSE 0 END
          ELSE {Flag.NON_DIGIT.value}
            + CASE WHEN regexp_full_match({clean}, '[0-9]+([.,][0-9]+)?[eE][+]?[0-9]+')
                   THEN {Flag.SCIENTIFIC.value}
                   WHEN regexp_matches({clean}, '[oO]') THEN {Flag.LETTER_O.value} ELSE 0 END END
      END
      + CASE WHEN {clean} <> {raw} THEN {Flag.CLEANED.value} ELSE 0 END END"""


def _days(month: str, year: str) -> str:
    return (
        f"CASE WHEN {month} IN (4, 6, 9, 11) THEN 30"
        f" WHEN {month} = 2 THEN 28 + ({year} % 4 = 0)::INT WHEN {month} BETWEEN 1 AND 12 THEN 31"
        " ELSE 0 END"
    )


def _content(number: str, date: str, region_state: str | None, *, women: bool) -> tuple[str, str]:
    first = f"({date} // 10000)"
    day = f"(CASE WHEN {first} > 40 THEN {first} - 40 ELSE {first} END)" if women else first
    possible = f"{day} BETWEEN 1 AND {_days(f'({date} // 100 % 100)', f'({date} % 100)')}"
    region = (
        f" + CASE WHEN {region_state} IS NULL THEN {Flag.REGION_UNKNOWN.value}"
        f" WHEN {region_state} = 'historic' THEN {Flag.REGION_HISTORIC.value} ELSE 0 END"
        if region_state
        else ""
    )
    serial = f"CASE WHEN {number} % 10000 = 0 THEN {Flag.SERIAL_ZERO.value} ELSE 0 END"
    return possible, serial + region


def form_flags_sql(clean: str, raw: str, *, sixteen: str | None = None) -> str:
    """Return the flags that the form alone gives; a query over many rows computes them in a layer of its own.

    `sixteen` is a column made with `sixteen_sql`, when there is one.
    """
    if sixteen is None:
        return _form(clean, raw)
    placeholder = f"{sixteen} % 1111111111111111 = 0 OR {sixteen} % 10000000000 = 0 OR {sixteen} = 1234567890123456"
    return (
        f"CASE WHEN {sixteen} IS NOT NULL THEN CASE WHEN {placeholder} THEN {Flag.PLACEHOLDER.value} ELSE 0 END"
        f" ELSE {_form(clean, raw)} END"
    )


def date_part_sql(number: str) -> str:
    """Return digits 7 to 12 of a number (cast to BIGINT), its date, as an integer."""
    return f"({number} // 10000 % 1000000)::INTEGER"


def nik_flags_sql(
    clean: str, raw: str, *, sex: str, birth_date: str, region_state: str | None,
    form: str | None = None, number: str | None = None, date: str | None = None,
) -> str:  # fmt: skip
    """Return the expression of `parse_nik(...).flags`.

    `clean` is a column made with `clean_sql`; `region_state` a column that is 'current',
    'historic' or null, joined on the first six digits. `form` (`form_flags_sql`), `number`
    (`clean` cast to BIGINT) and `date` (`date_part_sql`) are columns that hold them already.
    """
    form = form or _form(clean, raw)
    number = number or f"TRY_CAST({clean} AS BIGINT)"
    date = date or date_part_sql(number)
    possible, rest = _content(number, date, region_state, women=True)
    woman = f"{date} > 409999"
    return f"""(CASE WHEN ({form}) & {UNUSABLE.value} <> 0 THEN ({form}) ELSE ({form}) + {rest}
      + CASE WHEN NOT ({possible}) THEN {Flag.IMPOSSIBLE_DATE.value} ELSE
          CASE WHEN {sex} IN (1, 2) AND ({sex} = 2) <> ({woman}) THEN {Flag.SEX_DIFFERS.value} ELSE 0 END
        + CASE WHEN {birth_date} IS NOT NULL AND
            (day({birth_date}) * 10000 + month({birth_date}) * 100 + year({birth_date}) % 100)
            <> {date} - CASE WHEN {woman} THEN 400000 ELSE 0 END
          THEN {Flag.BIRTH_DATE_DIFFERS.value} ELSE 0 END
        END END)::INT"""


def kk_flags_sql(
    clean: str, raw: str, *, region_state: str | None = None,
    form: str | None = None, number: str | None = None, date: str | None = None,
) -> str:  # fmt: skip
    """Return the expression of `parse_kk(...).flags`; the columns are those of `nik_flags_sql`."""
    form = form or _form(clean, raw)
    number = number or f"TRY_CAST({clean} AS BIGINT)"
    date = date or date_part_sql(number)
    possible, rest = _content(number, date, region_state, women=False)
    return f"""(CASE WHEN ({form}) & {UNUSABLE.value} <> 0 THEN ({form}) ELSE ({form}) + {rest}
      + CASE WHEN NOT ({possible}) THEN {Flag.IMPOSSIBLE_DATE.value} ELSE 0 END END)::INT"""


def usable_sql(flags: str) -> str:
    """Return the expression of `is_usable`."""
    return f"({flags} & {UNUSABLE.value} = 0)"
