"""Answers from a file: read, every row looked at, taken whole or refused whole with what was found."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from django.db import transaction

from registry.common.audit import record
from registry.common.errors import BadInput, InvalidMove
from registry.common.privacy import mask_text
from registry.common.reads import record_read
from registry.sources.keeping import hash_file
from registry.uji_petik.lots import judge_lots
from registry.uji_petik.models import CheckResult, Design, Draw, ResultFile
from registry.uji_petik.permissions import check_may_sample
from registry.uji_petik.sheets import read_sheet
from registry.uji_petik.states import DesignState, DrawState
from registry.wilayah.selectors import get_names

Outcome = CheckResult.Outcome
MET = (Outcome.RIGHT, Outcome.WRONG)
MOST_FINDINGS = 200
# What people write, in both languages, with the heading of the file's template first.
COLUMNS = {"id_keluarga": "household_id", "hasil": "outcome", "alasan": "reason"}
WORDS: dict[str, str] = {
    "benar": Outcome.RIGHT, "sesuai": Outcome.RIGHT, "salah": Outcome.WRONG, "tidak_sesuai": Outcome.WRONG,
    "tidak_ditemui": Outcome.NOT_REACHED, "tidak_ditemukan": Outcome.NOT_REACHED, "menolak": Outcome.REFUSED,
} | {value: value for value in Outcome.values}  # fmt: skip


@dataclass
class Reading:
    """What a file says: an outcome and a reason by draw, and the rows that say nothing usable."""

    rows: int = 0
    told: dict[int, tuple[str, str]] = field(default_factory=dict)
    findings: list[tuple[int, str, str]] = field(default_factory=list)


def list_visits(design: Design, *, door: str, by: Any, now: dt.datetime) -> list[list[Any]]:
    """Return the drawn families that have not answered yet: `COLUMNS` to fill in, order and village. The look is kept.

    Raises: NotAllowed `uji_petik.draw.not_allowed`.
    """
    check_may_sample(by, design.region_code)
    waiting = list(
        design.draws.exclude(state=DrawState.ANSWERED)
        .order_by("order")
        .values_list("household_id", "order", "region_code")
    )
    names = get_names(code for _pk, _order, code in waiting)
    record_read(by, door, "sample.visits", households=[pk for pk, _order, _code in waiting], now=now)
    return [[str(pk), "", "", order, names.get(code, code)] for pk, order, code in waiting]


def receive_results(*, design: Design, path: Path, by: Any, now: dt.datetime) -> int:
    """Take the answers of a CSV file (household_id, outcome, perhaps reason); all of them or none. Return how many.

    What a family answered before stays; one that was not met may answer now. The same file again changes nothing.
    Rows without an outcome are families that are still to be visited. A refused file is kept with its findings. Lots
    whose verdict is clear now are decided.

    Raises: NotAllowed `uji_petik.draw.not_allowed`; InvalidMove `uji_petik.design.closed`; BadInput
    `uji_petik.results.columns`, `.refused`, `.empty`, `.unreadable`.
    """
    check_may_sample(by, design.region_code)
    digest = hash_file(path)
    lines = _read(path)
    with transaction.atomic():
        locked = Design.objects.select_for_update().get(pk=design.pk)
        if ResultFile.objects.filter(design=design, sha256=digest, taken=True).exists():
            return 0
        if locked.state == DesignState.CLOSED:
            raise InvalidMove("uji_petik.design.closed")
        draws = {str(household): pk for pk, household in design.draws.values_list("pk", "household_id")}
        reading = _understand(lines, draws)
        if not reading.findings and not reading.told:
            raise BadInput("uji_petik.results.empty", name=path.name)
        file = ResultFile.objects.create(
            design=design,
            name=path.name[:120],
            sha256=digest,
            taken=not reading.findings,
            rows=reading.rows,
            answers=0 if reading.findings else len(reading.told),
            findings=reading.findings[:MOST_FINDINGS],
            received_at=now,
            received_by=by,
        )
        kept = 0 if reading.findings else _keep(file, reading, by=by, now=now)
        if kept and locked.judges_lots:
            judge_lots(design=locked, by=by, now=now)
        record(
            "uji_petik.results.refused" if reading.findings else "uji_petik.results.received",
            by=by,
            obj_type="design",
            obj_id=design.pk,
            regency=design.regency,
            params={"findings": len(reading.findings)} if reading.findings else {"answers": kept},
            now=now,
        )
    if reading.findings:
        raise BadInput(
            "uji_petik.results.refused", name=path.name, findings=len(reading.findings), row=reading.findings[0][0]
        )
    return kept


def _keep(file: ResultFile, reading: Reading, *, by: Any, now: dt.datetime) -> int:
    before: dict[int, bool] = {}
    for draw, outcome in CheckResult.objects.filter(draw__design=file.design_id, blind=False).values_list(
        "draw_id", "outcome"
    ):
        before[draw] = before.get(draw, False) or outcome in MET
    new = [
        CheckResult(
            draw_id=draw, outcome=outcome, reason=reason, source="file", file=file, received_at=now, received_by=by
        )
        for draw, (outcome, reason) in reading.told.items()
        if draw not in before or (outcome in MET and not before[draw])
    ]
    CheckResult.objects.bulk_create(new, batch_size=2000)
    met = [one.draw_id for one in new if one.outcome in MET]
    Draw.objects.filter(pk__in={one.draw_id for one in new} - set(met)).update(state=DrawState.NOT_REACHED)
    Draw.objects.filter(pk__in=met).update(state=DrawState.ANSWERED)
    return len(new)


def _understand(lines: list[tuple[int, str, str, str]], draws: dict[str, int]) -> Reading:
    reading = Reading(rows=len(lines))
    for number, household, word, reason in lines:
        if not word:
            continue
        outcome = WORDS.get(word.replace(" ", "_"))
        draw = draws.get(household)
        if outcome is None:
            reading.findings.append((number, "uji_petik.results.outcome", mask_text(word[:40])))
        elif draw is None:
            reading.findings.append((number, "uji_petik.results.not_drawn", ""))
        elif draw in reading.told and reading.told[draw][0] != outcome:
            reading.findings.append((number, "uji_petik.results.twice", ""))
        else:
            reading.told.setdefault(draw, (outcome, reason))
    return reading


def _read(path: Path) -> list[tuple[int, str, str, str]]:
    names, rows = read_sheet(path)
    if not {"household_id", "outcome"} <= {COLUMNS.get(name, name) for name in names}:
        raise BadInput("uji_petik.results.columns", name=path.name, columns=", ".join(names)[:200])
    found = []
    for number, row in enumerate(rows, start=2):
        told = {COLUMNS.get(name, name): value for name, value in row.items()}
        found.append((number, told["household_id"].lower(), told["outcome"].lower(), told.get("reason", "")[:40]))
    return found
