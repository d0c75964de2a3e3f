"""Coverage: an independent list of an area, linked to the register, says how many the register lacks.

Pairs are certain by NIK. The others are compared by name, birth date and sex; how often that comparing fails is
measured in the same list (on people whose NIK made them certain), and how often it pairs strangers too (by moving
birth dates by years). Both errors go into the interval.
"""

from __future__ import annotations

import datetime as dt
import hashlib
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa
from django.db import transaction
from django.db.models import Q

from registry import sampling
from registry.common.audit import record
from registry.common.crypto import lookup_many
from registry.common.errors import BadInput, RuleRefused
from registry.households.models import Individual
from registry.linkage.models import MatchRun
from registry.uji_petik.models import Design, ErrorKind, Estimate
from registry.uji_petik.permissions import check_may_sample
from registry.uji_petik.sheets import read_sheet
from registry.uji_petik.states import DesignState
from registry.wilayah.codes import dotted, regency_of
from registry.wilayah.querysets import within

LEVEL = 0.95
LIKE = 0.9  # Jaro–Winkler of the sorted words of two names; what it costs is measured, not assumed
SHIFTS = (-3, -2, -1, 1, 2, 3)  # years by which birth dates are moved to meet strangers
MOST_FINDINGS = 20
NEEDED = ("nama", "tanggal_lahir", "kode_desa")


@dataclass(frozen=True)
class Listed:
    """One person of the independent list."""

    name: str
    born: dt.date
    sex: int | None
    village: str
    nik: bytes | None


def estimate_coverage(*, name: str, region_code: str, path: Path, by: Any, now: dt.datetime) -> Design:
    """Estimate from an independent list (CSV) which share of an area's people the register lacks; keep it.

    Columns: nama, tanggal_lahir (1985-08-27), kode_desa, and where known nik and jenis_kelamin (1, 2). The area are
    the villages of the list, all within `region_code`. Strata are districts by age. The same list again changes
    nothing. Nothing of the list is kept but counts.

    Raises: NotAllowed `uji_petik.draw.not_allowed`; BadInput `uji_petik.canvass.columns`, `.rows`, `.empty`,
    `uji_petik.results.unreadable`, `sampling.…`; RuleRefused `uji_petik.canvass.apart`.
    """
    check_may_sample(by, region_code)
    digest = hashlib.sha256(path.read_bytes()).hexdigest()
    before = Design.objects.filter(error=ErrorKind.COVERAGE, frame_hash=digest, region_code=region_code).first()
    if before is not None:
        return before
    people = _read(path, region_code)
    strata, linkage = _link(people, now.date())
    try:
        found = sampling.chapman_linked(strata, noticed=linkage["noticed"], by_chance=linkage["by_chance"])
    except sampling.SamplingError as problem:
        raise RuleRefused("uji_petik.canvass.apart") from problem
    listed = sum(one.n1 for one in strata)
    rates = [
        max(0.0, 1 - listed / n) if n else 0.0
        for n in (found.population, found.low, found.high, found.band_low, found.band_high)
    ]
    value, low, high, band_low, band_high = rates
    register_run = MatchRun.objects.filter(state=MatchRun.State.PUBLISHED).order_by("-id").first()
    with transaction.atomic():
        design = Design.objects.create(
            name=name,
            error=ErrorKind.COVERAGE,
            method=Design.Method.CANVASS,
            frame=Design.Frame.EVERYONE,
            region_code=region_code,
            regency=regency_of(region_code),
            seed=0,
            register_run=register_run.pk if register_run else 0,
            frame_hash=digest,
            frame_size=listed,
            settings={"canvassed": sum(one.n2 for one in strata), **{key: list(pair) for key, pair in linkage.items()}},
            due_on=now.date(),
            state=DesignState.CLOSED,
            drawn_at=now,
            drawn_by=by,
        )
        Estimate.objects.create(
            design=design,
            value=value,
            low=min(low, value),
            high=max(high, value),
            level=LEVEL,
            n=sum(one.n2 for one in strata),
            response=1.0,
            method="chapman",
            note={
                "band_low": min(band_low, value),
                "band_high": max(band_high, value),
                "odds": list(found.odds),
                "population": round(found.population),
                "listed": listed,
                "strata": len(strata),
            },
            estimated_at=now,
            estimated_by=by,
        )
        record(
            "uji_petik.coverage.estimated",
            by=by,
            obj_type="design",
            obj_id=design.pk,
            regency=design.regency,
            params={"people": design.settings["canvassed"]},
            now=now,
        )
    return design


def _link(people: list[Listed], today: dt.date) -> tuple[list[sampling.LinkedStratum], dict[str, tuple[int, int]]]:
    """Link the list to the register; return its strata and how well comparing worked."""
    villages = sorted({one.village for one in people})
    area = Q()
    for code in villages:
        area |= Q(regency=regency_of(code)) & within(code)
    register = list(
        Individual.objects.active().filter(area).values_list("name", "birth_date", "sex", "region_code", "nik_hash")
    )
    here = {bytes(row[4]): number for number, row in enumerate(register) if row[4]}
    numbers = {one.nik for one in people if one.nik}
    anywhere = {
        bytes(found)
        for found in Individual.objects.active().filter(nik_hash__in=numbers).values_list("nik_hash", flat=True)
    }
    # Registered in another place: neither lacking nor among those of the area.
    inside = [one for one in people if not one.nik or one.nik in here or one.nik not in anywhere]
    certain = {number: here[one.nik] for number, one in enumerate(inside) if one.nik and one.nik in here}
    taken = set(certain.values())
    rest = [number for number in range(len(inside)) if number not in certain]
    compared = _compare(inside, register)
    free = {number: hits - taken for number, hits in compared.items()}
    paired = _pair(rest, free)
    strata: dict[tuple[str, str], Counter[str]] = {}

    def stratum(village: str, born: dt.date | None) -> Counter[str]:
        return strata.setdefault((village[:8], _age(born, today)), Counter())

    for _name, born, _sex, village, _nik in register:
        stratum(village, born)["n1"] += 1
    for number, one in enumerate(inside):
        counts = stratum(one.village, one.born)
        counts["n2"] += 1
        counts["certain"] += number in certain
        counts["looked"] += number not in certain
        counts["found"] += number in paired
    noticed = sum(certain[number] in compared.get(number, ()) for number in certain)
    strangers = sum(len(_compare(inside, register, years=years)) for years in SHIFTS)
    return (
        [
            sampling.LinkedStratum(c["n1"], c["n2"], c["certain"], c["looked"], c["found"])
            for _key, c in sorted(strata.items())
        ],
        {"noticed": (noticed, len(certain)), "by_chance": (strangers, len(SHIFTS) * len(inside))},
    )


def _pair(rest: list[int], hits: dict[int, set[int]]) -> set[int]:
    """Return who of the list is paired, nobody of the register twice."""
    used: set[int] = set()
    paired = set()
    for number in rest:
        open_ones = sorted(hits.get(number, set()) - used)
        if open_ones:
            used.add(open_ones[0])
            paired.add(number)
    return paired


def _compare(people: list[Listed], register: list[Any], *, years: int = 0) -> dict[int, set[int]]:
    """Return the register's rows that look like each person of the list, birth dates moved by some years."""
    listed = [(number, _words(one.name), _moved(one.born, years), one.sex) for number, one in enumerate(people)]
    known = [(number, _words(row[0]), row[1], row[2]) for number, row in enumerate(register) if row[1]]
    with duckdb.connect(":memory:") as con:
        con.register("listed", _as_table(listed))
        con.register("known", _as_table(known))
        pairs = con.execute(
            "SELECT listed.no, known.no FROM listed JOIN known USING (born)"
            " WHERE jaro_winkler_similarity(listed.words, known.words) >= $1"
            " AND coalesce(listed.sex = known.sex, true)",
            [LIKE],
        ).fetchall()
    found: dict[int, set[int]] = {}
    for one, other in pairs:
        found.setdefault(one, set()).add(other)
    return found


def _as_table(rows: list[tuple[int, str, dt.date, int | None]]) -> pa.Table:
    schema = pa.schema([("no", pa.int32()), ("words", pa.string()), ("born", pa.date32()), ("sex", pa.int32())])
    return pa.table([list(column) for column in zip(*rows, strict=True)] or [[], [], [], []], schema=schema)


def _words(name: str) -> str:
    return " ".join(sorted("".join(c if c.isalpha() else " " for c in name.upper()).split()))


def _moved(born: dt.date, years: int) -> dt.date:
    return born.replace(year=born.year + years, day=min(born.day, 28)) if years else born


def _age(born: dt.date | None, today: dt.date) -> str:
    if born is None:
        return "unknown"
    years = today.year - born.year - ((today.month, today.day) < (born.month, born.day))
    return "child" if years < 18 else "adult" if years < 60 else "old"


def _read(path: Path, region_code: str) -> list[Listed]:
    columns, told = read_sheet(path)
    if not set(NEEDED) <= set(columns):
        raise BadInput("uji_petik.canvass.columns", name=path.name, columns=", ".join(columns)[:200])
    hashes = lookup_many([one.get("nik") if _is_number(one.get("nik", "")) else None for one in told])
    people: dict[tuple[Any, ...], Listed] = {}
    wrong: list[int] = []
    for number, (one, nik) in enumerate(zip(told, hashes, strict=True), start=2):
        try:
            village, born = dotted(one["kode_desa"]), dt.date.fromisoformat(one["tanggal_lahir"])
        except ValueError:
            wrong.append(number)
            continue
        there = village == region_code or village.startswith(f"{region_code}.")
        if len(village) != 13 or not there or not one["nama"]:
            wrong.append(number)
        else:
            sex = int(one["jenis_kelamin"]) if one.get("jenis_kelamin") in ("1", "2") else None
            people.setdefault((nik or one["nama"].upper(), born), Listed(one["nama"], born, sex, village, nik))
    if wrong:
        shown = ", ".join(str(number) for number in wrong[:MOST_FINDINGS])
        raise BadInput("uji_petik.canvass.rows", name=path.name, count=len(wrong), rows=shown)
    if not people:
        raise BadInput("uji_petik.canvass.empty", name=path.name)
    return list(people.values())


def _is_number(text: str) -> bool:
    return len(text) == 16 and text.isdigit()
