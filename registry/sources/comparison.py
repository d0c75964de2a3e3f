"""What a delivery holds per regency, and what changed against the rows of its source before it. DuckDB only."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import duckdb

from registry.sources.expressions import literal

REGENCY = "coalesce(region_code[1:5], '')"  # 33.01 of 33.01.05.2003
# What a person's row says; keys, dates of survey and flags are no change of the person.
PERSON_VALUES = (
    "family_key", "family_no", "kk_number", "nik", "name", "sex", "birth_date", "birth_place", "mother_name", "relation",
    "region_code", "id_status_perkawinan", "id_partisipasi_sekolah", "id_jenjang_pendidikan", "id_ijazah_tertinggi",
    "bekerja", "id_lapangan_usaha", "id_status_kedudukan_pekerjaan", "status_hamil", "disabilitas_berat",
    "id_penyakit_menahun", "status_keberadaan",
)  # fmt: skip


@dataclass(frozen=True)
class Previous:
    """An earlier delivery of the source, without the regencies that a later one replaced."""

    folder: Path
    replaced: frozenset[str] = frozenset()


@dataclass
class RegencyCount:
    """Accepted rows of one regency; '' when no row names a region. Persons against the rows before, null at first."""

    regency: str
    families: int = 0
    persons: int = 0
    persons_before: int | None = None
    persons_new: int | None = None
    persons_gone: int | None = None
    persons_changed: int | None = None


def count_regencies(con: duckdb.DuckDBPyConnection, out: Path) -> list[RegencyCount]:
    """Return the regencies of the delivery in the folder, by code."""
    found: dict[str, RegencyCount] = {}
    for role in ("families", "persons"):
        rows = con.execute(
            f"SELECT {REGENCY}, count(*) FROM read_parquet({_file(out, role)}) WHERE accepted GROUP BY 1"
        ).fetchall()
        for regency, n in rows:
            setattr(found.setdefault(regency, RegencyCount(regency)), role, n)
    if len(found) > 1:  # rows whose region is not known make no regency of their own
        found.pop("", None)
    return [found[regency] for regency in sorted(found)] or [RegencyCount("")]


def compare(
    con: duckdb.DuckDBPyConnection, out: Path, regencies: Sequence[RegencyCount], previous: Sequence[Previous], *, complete: bool
) -> None:  # fmt: skip
    """Fill in what changed per regency; a source that is not complete loses nobody by not naming him."""
    if not previous:
        return
    listed = ", ".join(literal(each.regency) for each in regencies)
    con.execute(f"CREATE OR REPLACE TABLE rows_now AS {_prints(out, f'{REGENCY} IN ({listed})')}")
    parts = []
    for number, one in enumerate(previous):
        if (one.folder / "persons.parquet").is_file():
            gone = ", ".join(literal(each) for each in sorted(one.replaced))
            where = f"{REGENCY} NOT IN ({gone})" if gone else "true"
            parts.append(f"SELECT {number} AS place, * FROM ({_prints(one.folder, where)})")
    if not parts:
        return
    con.execute(
        f"CREATE OR REPLACE TABLE rows_before AS SELECT * FROM ({' UNION ALL '.join(parts)})"
        " QUALIFY row_number() OVER (PARTITION BY key ORDER BY place DESC) = 1"
    )
    rows = con.execute(
        f"""SELECT regency, sum(was), sum(is_new), sum(gone), sum(changed) FROM (
                SELECT n.regency, 0 AS was, (b.key IS NULL)::INT AS is_new, 0 AS gone,
                       (b.key IS NOT NULL AND n.print <> b.print)::INT AS changed
                FROM rows_now n LEFT JOIN rows_before b USING (key)
                UNION ALL
                SELECT b.regency, 1, 0, (n.key IS NULL)::INT, 0
                FROM rows_before b LEFT JOIN rows_now n USING (key) WHERE b.regency IN ({listed}))
            GROUP BY 1"""
    ).fetchall()
    counts = {regency: numbers for regency, *numbers in rows}
    for each in regencies:
        was, new, gone, changed = counts.get(each.regency, (0, 0, 0, 0))
        each.persons_before, each.persons_new, each.persons_changed = int(was), int(new), int(changed)
        each.persons_gone = int(gone) if complete else None


def _file(folder: Path, role: str) -> str:
    return literal(str(folder / f"{role}.parquet"))


def _prints(folder: Path, where: str) -> str:
    return (
        f"SELECT record_key AS key, any_value({REGENCY}) AS regency, any_value(hash({', '.join(PERSON_VALUES)})) AS print"
        f" FROM read_parquet({_file(folder, 'persons')}) WHERE accepted AND record_key IS NOT NULL AND {where} GROUP BY 1"
    )
