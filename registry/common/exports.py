"""Lists taken out as files: made by a job, with a purpose, on record, kept encrypted for a day for who asked.

A list is registered by whoever can show it (`register_list`); here it is counted, written,
recorded and forgotten. Only the officer who asked may fetch the file.
"""

import datetime as dt
import os
import tempfile
import uuid
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from django.conf import settings
from django.utils import translation

from registry.common.audit import record, register_event_sentences
from registry.common.envelope import encrypt_file, open_encrypted
from registry.common.errors import BadInput, NotAllowed, RuleRefused, register_sentences
from registry.common.job_handle import JobHandle
from registry.common.jobs import queue_job
from registry.common.models import Job
from registry.common.reads import record_read
from registry.common.sheets import MOST_XLSX_ROWS, Row, write_csv, write_xlsx

KIND = "export_list"
DOOR = "office.list"
KEPT = dt.timedelta(days=1)
TELL_EVERY = 2000

Selection = Mapping[str, Any]


@dataclass(frozen=True)
class ListKind:
    """A list that can be taken out: its rows for an officer and a selection, masked."""

    code: str
    may: str  # what a role must be allowed to do besides taking lists out
    heading: Callable[[], Row]
    count: Callable[[Any, Selection], int]
    rows: Callable[[Any, Selection], Iterator[Row]]


LISTS: dict[str, ListKind] = {}


def register_list(kind: ListKind) -> None:
    """Add a list that officers may take out."""
    LISTS[kind.code] = kind


def check_can_export(by: Any, code: str) -> ListKind:
    """Return the list. Raises: BadInput `common.export.unknown`, NotAllowed `common.export.not_allowed`."""
    kind = LISTS.get(code)
    if kind is None:
        raise BadInput("common.export.unknown")
    if not by.may("lists.export") or not by.may(kind.may):
        raise NotAllowed("common.export.not_allowed")
    return kind


def ask_for_list(*, code: str, selection: Selection, purpose: str, fmt: str, by: Any, now: dt.datetime) -> Job:
    """Have a list made for an officer; the job's page leads to the file.

    Raises: what `check_can_export` raises; BadInput `common.export.unknown`.
    """
    check_can_export(by, code)
    if fmt not in ("csv", "xlsx") or not purpose:
        raise BadInput("common.export.unknown")
    params = {
        "list": code,
        "selection": dict(selection),
        "purpose": purpose,
        "format": fmt,
        "language": translation.get_language() or "id",
    }
    return queue_job(KIND, by=by, params=params, now=now)


def make_list(handle: JobHandle, *, now: dt.datetime) -> None:
    """Write the file of a job that was asked for, and record what it holds and what for.

    Raises: what `check_can_export` raises; RuleRefused `common.export.too_many`.
    """
    params, by = handle.job.params, handle.job.created_by
    kind = check_can_export(by, params["list"])
    path = path_of(handle.job.pk)
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    with translation.override(params["language"]):
        total = kind.count(by, params["selection"])
        if params["format"] == "xlsx" and total > MOST_XLSX_ROWS:
            raise RuleRefused("common.export.too_many", rows=total, most=MOST_XLSX_ROWS)
        handle.progress(0, total, step="write")
        rows = _counted(kind.rows(by, params["selection"]), handle, total)
        # Recorded before the file exists: no list leaves without its entry.
        record_read(
            by, DOOR, params["purpose"], selection={**params["selection"], "list": kind.code}, count=total, now=now
        )
        record("common.list.exported", by=by, obj_type="job", obj_id=handle.job.pk, params={"rows": total}, now=now)
        handle_no, plain = tempfile.mkstemp(dir=path.parent, suffix=".part")
        os.close(handle_no)
        try:
            (write_csv if params["format"] == "csv" else write_xlsx)(Path(plain), kind.heading(), rows)
            handle.progress(total, total, step="keep")
            encrypt_file(Path(plain), path)
        finally:
            Path(plain).unlink(missing_ok=True)
    handle.count(rows_listed=total)


def _counted(rows: Iterable[Row], handle: JobHandle, total: int) -> Iterator[Row]:
    for number, row in enumerate(rows, 1):
        if number % TELL_EVERY == 0:
            handle.check_cancelled()
            handle.progress(min(number, total), total, step="write")
        yield row


def path_of(job_id: uuid.UUID) -> Path:
    """Return where the file of a job is kept; its name tells nothing."""
    return Path(settings.DTSEN_STATE_DIR) / "exports" / f"{job_id}.sealed"


def find_file(job: Job, by: Any, *, now: dt.datetime) -> Path | None:
    """Return the kept file of a job that the officer asked for, None when there is none or no longer."""
    if job.kind != KIND or job.created_by_id != by.pk or job.state != Job.State.DONE:
        return None
    path = path_of(job.pk)
    return path if path.is_file() and job.finished_at and job.finished_at > now - KEPT else None


def open_list(*, job: Job, by: Any, now: dt.datetime) -> Any | None:
    """Open the plain bytes of a list for the officer who asked for it, and record it; None when it is gone.

    Raises: what `check_can_export` raises: a right that ended since ends the list too.
    """
    path = find_file(job, by, now=now)
    if path is None:
        return None
    check_can_export(by, job.params["list"])
    record("common.list.fetched", by=by, obj_type="job", obj_id=job.pk, now=now)
    return open_encrypted(path)


def forget_lists(*, now: dt.datetime) -> int:
    """Remove the files that were kept long enough."""
    folder = Path(settings.DTSEN_STATE_DIR) / "exports"
    old = [path for path in folder.glob("*") if path.stat().st_mtime < (now - KEPT).timestamp()]
    for path in old:
        path.unlink(missing_ok=True)
    return len(old)


register_sentences(
    {
        "common.export.unknown": (
            "Daftar itu tidak ada. Buka kembali halaman daftar.",
            "There is no such list. Open the page of the lists again.",
        ),
        "common.export.not_allowed": (
            "Peran Anda tidak mencakup pengunduhan daftar ini.",
            "Your role does not include taking out this list.",
        ),
        "common.export.too_many": (
            "Daftar ini berisi {rows} baris; satu lembar XLSX memuat paling banyak {most}. Pilih CSV, atau persempit.",
            "This list holds {rows} rows; a sheet of XLSX takes {most} at most. Choose CSV, or narrow the list.",
        ),
    }
)
register_event_sentences(
    {
        "common.list.exported": (
            "{actor} membuat daftar untuk diunduh: {rows} baris",
            "{actor} had a list made: {rows} rows",
        ),
        "common.list.fetched": ("{actor} mengunduh daftar yang dimintanya", "{actor} fetched the list asked for"),
    }
)
