"""Whom of an independent list the register knows: certain by NIK, else by the register's own matching model.

The model never sees a number here: how often it then finds the people whose NIK makes them certain, and how often it
pairs somebody although the right person was taken away, is measured on the list itself.
"""

from __future__ import annotations

import datetime as dt
import tempfile
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq

from registry import matching
from registry.linkage.runs import find_last_run, get_run_folder

LIST, REGISTER = "lapangan", "dtks"  # as whose rows the two are shown to the matching
LIKE = 0.9  # Jaro–Winkler of the sorted words of two names; what it costs is measured, not assumed
ALIKE = pa.schema([("no", pa.int32()), ("words", pa.string()), ("born", pa.date32()), ("sex", pa.int32())])
SCHEMA = pa.schema(
    [
        ("row_id", pa.int64()), ("source", pa.string()), ("record_key", pa.string()), ("delivered_family", pa.string()),
        ("dwelling_key", pa.string()), ("kk_number", pa.string()), ("nik", pa.string()), ("nik_flags", pa.int32()),
        ("name", pa.string()), ("sex", pa.int16()), ("birth_date", pa.date32()), ("mother_name", pa.string()),
        ("relation", pa.int16()), ("marital", pa.int16()), ("presence", pa.int16()), ("region_code", pa.string()),
        ("survey_date", pa.date32()), ("padan_dukcapil", pa.bool_()),
    ]
)  # fmt: skip


@dataclass(frozen=True)
class Person:
    """One person of either list; `family` is what its list calls the family, "" where it does not say."""

    name: str
    born: dt.date | None
    sex: int | None
    village: str
    family: str = ""
    nik: bytes | None = None


@dataclass(frozen=True)
class Linkage:
    """Who of the list is in the register: certain and found by comparing, with how well comparing worked.

    `partner`: the register's person of each of the list that is certain; `found`: who else was paired, and with whom.
    `noticed`, `by_chance`: of the certain ones, how many comparing finds too, and how many it pairs with somebody else
    once the right person is taken out of the register; (hits, tried) for persons and for families.
    """

    partner: dict[int, int]
    found: dict[int, int]
    noticed: tuple[int, int]
    by_chance: tuple[int, int]
    families_noticed: tuple[int, int] = (0, 0)
    families_by_chance: tuple[int, int] = (0, 0)


def link(listed: Sequence[Person], register: Sequence[Person]) -> Linkage:
    """Link a list to the register; nobody of the register twice."""
    here = {one.nik: number for number, one in enumerate(register) if one.nik}
    partner = {number: here[one.nik] for number, one in enumerate(listed) if one.nik and one.nik in here}
    every = set(range(len(register)))
    families = {one.family for number, one in enumerate(listed) if number in partner and one.family}
    sure = [number for number, one in enumerate(listed) if number in partner or one.family in families]
    gone = {register[one].family for one in partner.values() if register[one].family}
    taken = set(partner.values())
    again = compare(listed, sure, register, every) if partner else {}
    away = every - taken - {number for number in every if register[number].family in gone}
    strangers = compare(listed, sure, register, away) if partner else {}
    rest = [number for number in range(len(listed)) if number not in partner]
    found = compare(listed, rest, register, every - taken)
    noticed = sum(again.get(number) == other for number, other in partner.items())
    by_chance = sum(number in strangers for number in partner)
    homes: dict[str, set[str]] = {}
    for number, other in partner.items():
        homes.setdefault(listed[number].family, set()).add(register[other].family)
    homes.pop("", None)
    seen = {listed[n].family for n, other in again.items() if register[other].family in homes.get(listed[n].family, ())}
    false = {listed[n].family for n in strangers if listed[n].family in homes}
    return Linkage(
        partner, found, (noticed, len(partner)), (by_chance, len(partner)), (len(seen), len(homes)), (len(false), len(homes))
    )  # fmt: skip


def compare(
    listed: Sequence[Person], some: Sequence[int], register: Sequence[Person], others: set[int]
) -> dict[int, int]:
    """Pair `some` of the list with `others` of the register by the matching model of the published build, without numbers.

    A register that was built without a model of its own has one trained on the rows at hand. A build must not merge
    strangers and leaves what is doubtful to reviewers; here both errors are measured and corrected for, so whom the
    model leaves is paired by the same birth date and a like name.
    """
    if not some or not others:
        return {}
    rows = [(LIST, number, listed[number]) for number in some] + [(REGISTER, n, register[n]) for n in sorted(others)]
    run = find_last_run()
    model = get_run_folder(run.pk) / "match" / "model.json" if run else None
    with tempfile.TemporaryDirectory() as folder:  # made for its owner alone; nothing of it stays
        given = Path(folder) / "rows.parquet"
        pq.write_table(_as_table(rows), given)
        told = matching.match(given, Path(folder) / "match", model=model if model and model.exists() else None)
        with duckdb.connect(":memory:") as con:
            pairs = con.execute(
                "SELECT a.row_id, b.row_id FROM read_parquet($1) a JOIN read_parquet($1) b USING (person_cluster)"
                " WHERE a.source = $2 AND b.source = $3 ORDER BY ALL",
                [str(told.links), LIST, REGISTER],
            ).fetchall()
    found: dict[int, int] = {}
    used: set[int] = set()

    def take(pairs: Iterable[tuple[int, int]]) -> None:
        for one, other in pairs:
            if one not in found and other not in used:
                found[one] = other
                used.add(other)

    take((rows[a][1], rows[b][1]) for a, b in pairs)
    take(_alike([(n, listed[n]) for n in some if n not in found], [(n, register[n]) for n in sorted(others - used)]))
    return found


def _alike(listed: Sequence[tuple[int, Person]], register: Sequence[tuple[int, Person]]) -> list[tuple[int, int]]:
    """Return pairs born on the same day, of the same sex where both are told, and of like names; the likest first."""
    with duckdb.connect(":memory:") as con:
        for name, people in (("listed", listed), ("known", register)):
            columns: dict[str, list[object]] = {"no": [], "words": [], "born": [], "sex": []}
            for number, one in people:
                for key, value in zip(columns, (number, _words(one.name), one.born, one.sex), strict=True):
                    columns[key].append(value)
            con.register(name, pa.table(columns, schema=ALIKE))
        return con.execute(
            "SELECT listed.no, known.no FROM listed JOIN known USING (born)"
            " WHERE jaro_winkler_similarity(listed.words, known.words) >= $1"
            " AND coalesce(listed.sex = known.sex, true)"
            " ORDER BY jaro_winkler_similarity(listed.words, known.words) DESC, listed.no, known.no",
            [LIKE],
        ).fetchall()


def _words(name: str) -> str:
    return " ".join(sorted("".join(c if c.isalpha() else " " for c in name.upper()).split()))


def _as_table(rows: Sequence[tuple[str, int, Person]]) -> pa.Table:
    made = []
    for row_id, (source, number, one) in enumerate(rows):
        made.append(
            {
                "row_id": row_id,
                "source": source,
                "record_key": str(number),
                "delivered_family": f"{source}|{one.family or f'alone {number}'}|1",
                "nik_flags": 0,
                "name": one.name.upper(),
                "sex": one.sex,
                "birth_date": one.born,
                "presence": 1,
                "region_code": one.village,
            }
        )
    return pa.Table.from_pylist(made, schema=SCHEMA)
