"""Coverage: an independent list of an area, linked to the register, says how many the register lacks.

Pairs are certain by NIK; the others are found by the register's matching model (`linking.py`), which measures on the
same list how often it fails and how often it pairs strangers. Both errors go into the interval.
"""

from __future__ import annotations

import datetime as dt
from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from django.db import transaction
from django.db.models import Q

from registry import sampling
from registry.common.audit import record
from registry.common.calendar import age_on
from registry.common.crypto import lookup_many
from registry.common.errors import BadInput, RuleRefused
from registry.households.models import Individual
from registry.linkage.models import MatchRun
from registry.sources.keeping import hash_file
from registry.uji_petik.estimating import FAMILIES
from registry.uji_petik.linking import Person, link
from registry.uji_petik.models import Design, ErrorKind, Estimate
from registry.uji_petik.permissions import check_may_sample
from registry.uji_petik.sheets import read_sheet
from registry.uji_petik.states import DesignState
from registry.wilayah.codes import dotted, regency_of
from registry.wilayah.querysets import within

LEVEL = 0.95
MOST_FINDINGS = 20
NEEDED = ("nama", "tanggal_lahir", "kode_desa")


def estimate_coverage(*, name: str, region_code: str, path: Path, by: Any, now: dt.datetime) -> Design:
    """Estimate from an independent list (CSV) which share of an area's people the register lacks; keep it.

    Columns: nama, tanggal_lahir (1985-08-27), kode_desa, and where known nik, jenis_kelamin (1, 2) and keluarga (any
    mark that the members of a family share). The area are the villages of the list, all within `region_code`. Strata
    of persons are districts by age, of families districts; a family is lacking when none of its members is found. The
    same list again changes nothing. Nothing of the list is kept but counts.

    Raises: NotAllowed `uji_petik.draw.not_allowed`; BadInput `uji_petik.canvass.columns`, `.rows`, `.empty`,
    `uji_petik.results.unreadable`, `sampling.…`; RuleRefused `uji_petik.canvass.apart`.
    """
    check_may_sample(by, region_code)
    digest = hash_file(path)
    before = Design.objects.filter(error=ErrorKind.COVERAGE, frame_hash=digest, region_code=region_code).first()
    if before is not None:
        return before
    persons, families = _link(_read(path, region_code), now.date())
    rates = {"": _rate(persons, "person")}
    if families is not None:
        rates[FAMILIES] = _rate(families, "family")
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
            frame_size=persons.listed,
            settings={
                "canvassed": persons.canvassed,
                "noticed": list(persons.noticed),
                "by_chance": list(persons.by_chance),
                "families": families.canvassed if families else None,
            },
            due_on=now.date(),
            state=DesignState.CLOSED,
            drawn_at=now,
            drawn_by=by,
        )
        for domain, rate in rates.items():
            Estimate.objects.create(
                design=design, domain=domain, level=LEVEL, response=1.0, method="chapman", estimated_at=now, estimated_by=by,
                **rate,
            )  # fmt: skip
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


def _rate(counted: Counted, unit: str) -> dict[str, Any]:
    """Return what is kept of the share that the register lacks, with its interval and band."""
    try:
        found = sampling.chapman_linked(counted.strata, noticed=counted.noticed, by_chance=counted.by_chance)
    except sampling.SamplingError as problem:
        raise RuleRefused("uji_petik.canvass.apart") from problem
    value, low, high, band_low, band_high = (
        max(0.0, 1 - counted.listed / n) if n else 0.0
        for n in (found.population, found.low, found.high, found.band_low, found.band_high)
    )
    return {
        "value": value,
        "low": min(low, value),
        "high": max(high, value),
        "n": counted.canvassed,
        "note": {
            "unit": unit,
            "band_low": min(band_low, value),
            "band_high": max(band_high, value),
            "odds": list(found.odds),
            "population": round(found.population),
            "listed": counted.listed,
            "strata": len(counted.strata),
            "noticed": list(counted.noticed),
            "by_chance": list(counted.by_chance),
        },
    }


@dataclass(frozen=True)
class Counted:
    """The strata of one unit (persons or families) and how well comparing worked for it."""

    strata: list[sampling.LinkedStratum]
    noticed: tuple[int, int]
    by_chance: tuple[int, int]

    @property
    def listed(self) -> int:
        """How many the register has in the area."""
        return sum(one.n1 for one in self.strata)

    @property
    def canvassed(self) -> int:
        """How many the independent list has there, without those registered in another place."""
        return sum(one.n2 for one in self.strata)


def _link(people: list[Person], today: dt.date) -> tuple[Counted, Counted | None]:
    """Link the list to the register; return what that says of persons, and of families where the list tells them."""
    area = Q()
    for code in sorted({one.village for one in people}):
        area |= Q(regency=regency_of(code)) & within(code)
    register = [
        Person(name, born, sex, village, str(family or ""), bytes(nik) if nik else None)
        for name, born, sex, village, family, nik in Individual.objects.active()
        .filter(area)
        .values_list("name", "birth_date", "sex", "region_code", "household_id", "nik_hash")
        .iterator()
    ]
    here = {one.nik for one in register if one.nik}
    numbers = {one.nik for one in people if one.nik} - here
    elsewhere = {
        bytes(found)
        for found in Individual.objects.active().filter(nik_hash__in=numbers).values_list("nik_hash", flat=True)
    }
    # Registered in another place: neither lacking nor among those of the area.
    inside = [one for one in people if one.nik not in elsewhere]
    told = link(inside, register)
    persons = Counted(
        _strata(
            ((one.village[:8], _age(one.born, today)) for one in register),
            (
                ((one.village[:8], _age(one.born, today)), n in told.partner, n in told.found)
                for n, one in enumerate(inside)
            ),
        ),
        told.noticed,
        told.by_chance,
    )
    if not all(one.family for one in inside):
        return persons, None
    homes: dict[str, tuple[str, bool, bool]] = {}
    for n, one in enumerate(inside):
        district, certain, found = homes.get(one.family, (one.village[:8], False, False))
        homes[one.family] = (district, certain or n in told.partner, found or n in told.found)
    registered = {one.family: one.village[:8] for one in register if one.family}
    families = Counted(
        _strata(
            ((district, "") for district in registered.values()),
            (((district, ""), certain, found) for district, certain, found in homes.values()),
        ),
        told.families_noticed,
        told.families_by_chance,
    )
    return persons, families


def _strata(
    registered: Iterable[tuple[str, str]], canvassed: Iterable[tuple[tuple[str, str], bool, bool]]
) -> list[sampling.LinkedStratum]:
    counts: dict[tuple[str, str], Counter[str]] = defaultdict(Counter)
    for key in registered:
        counts[key]["n1"] += 1
    for key, certain, found in canvassed:
        counts[key]["n2"] += 1
        counts[key]["certain"] += certain
        counts[key]["looked"] += not certain
        counts[key]["found"] += found and not certain
    return [
        sampling.LinkedStratum(c["n1"], c["n2"], c["certain"], c["looked"], c["found"])
        for _key, c in sorted(counts.items())
    ]


def _age(born: dt.date | None, today: dt.date) -> str:
    if born is None:
        return "unknown"
    years = age_on(born, today)
    return "child" if years < 18 else "adult" if years < 60 else "old"


def _read(path: Path, region_code: str) -> list[Person]:
    columns, told = read_sheet(path)
    if not set(NEEDED) <= set(columns):
        raise BadInput("uji_petik.canvass.columns", name=path.name, columns=", ".join(columns)[:200])
    hashes = lookup_many([one.get("nik") if _is_number(one.get("nik", "")) else None for one in told])
    people: dict[tuple[Any, ...], Person] = {}
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
            people.setdefault(
                (nik or one["nama"].upper(), born),
                Person(one["nama"], born, sex, village, one.get("keluarga", ""), nik),
            )
    if wrong:
        shown = ", ".join(str(number) for number in wrong[:MOST_FINDINGS])
        raise BadInput("uji_petik.canvass.rows", name=path.name, count=len(wrong), rows=shown)
    if not people:
        raise BadInput("uji_petik.canvass.empty", name=path.name)
    return list(people.values())


def _is_number(text: str) -> bool:
    return len(text) == 16 and text.isdigit()
