"""Reading of region files: the shipped ones and any CSV with a code and a name.

Plain or gzipped, comma, semicolon or pipe. What is read is checked; nothing is repaired.
"""

import csv
import datetime as dt
import gzip
import importlib.resources
import io
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from registry.common.errors import BadInput
from registry.wilayah import errors as _sentences  # noqa: F401  (registers them)
from registry.wilayah.codes import dotted, name_key, parent_of

SHIPPED = ("provinces.csv.gz", "regencies.csv.gz", "districts.csv.gz", "villages.csv.gz")


@dataclass(frozen=True, slots=True)
class RegionRow:
    """A region as a file gives it; a date that is None is not known."""

    code: str
    name: str
    since: dt.date | None = None
    until: dt.date | None = None
    successor: str | None = None


@dataclass(frozen=True, slots=True)
class BridgeRow:
    """A BPS code and the Kemendagri code it stands for, with the names of both."""

    bps_code: str
    bps_name: str
    code: str
    name: str


@dataclass(frozen=True, slots=True)
class SuccessionRow:
    """A code that another one took over from a day on."""

    old: str
    new: str
    since: dt.date
    kind: str
    source: str


def shipped(name: str) -> Path:
    """Return the path of a shipped file."""
    return Path(str(importlib.resources.files("registry.wilayah") / "data" / name))


def shipped_regions() -> list[RegionRow]:
    """Return all regions of the shipped files."""
    return read_regions([shipped(name) for name in SHIPPED])


def read_regions(paths: Iterable[Path], *, columns: dict[str, str] | None = None) -> list[RegionRow]:
    """Return the regions of CSV files; a folder stands for the CSV files in it.

    `columns` says what the file calls `code`, `name`, `valid_from`, `valid_to`, `successor`;
    only the first two must be there. Codes may come with or without dots.

    Raises: BadInput `wilayah.file.*`.
    """
    names = {"code": "code", "name": "name"} | (columns or {})
    rows: dict[str, RegionRow] = {}
    for path in _files(paths):
        for line, record in _read(path, [names["code"], names["name"]]):
            code = _code(record[names["code"]], path, line)
            name = record[names["name"]].strip()
            if not name:
                raise BadInput("wilayah.file.no_name", file=path.name, line=line, value=code)
            if code in rows:
                raise BadInput("wilayah.file.twice", file=path.name, line=line, value=code)
            successor = (record.get(names.get("successor", "successor")) or "").strip()
            rows[code] = RegionRow(
                code,
                name,
                _date(record.get(names.get("valid_from", "valid_from")), path, line),
                _date(record.get(names.get("valid_to", "valid_to")), path, line),
                _code(successor, path, line) if successor else None,
            )
    return list(rows.values())


def read_bridge(paths: Iterable[Path]) -> list[BridgeRow]:
    """Return the rows of BPS bridges: `bps_code,bps_name,code,name` or `kode_bps,…,nama_dagri`.

    Raises: BadInput `wilayah.file.*`.
    """
    rows: dict[str, BridgeRow] = {}
    old_names = {
        "kode_bps": "bps_code",
        "nama_bps": "bps_name",
        "kode_dagri": "code",
        "nama_dagri": "name",
    }
    for path in _files(paths):
        for line, raw in _read(path, []):
            record = {old_names.get(column, column): value for column, value in raw.items()}
            needed = list(old_names.values())
            if line == 2:
                _need(path, needed, record)
            bps_code = record["bps_code"].strip()
            if not (bps_code.isascii() and bps_code.isdigit() and len(bps_code) in (2, 4, 7)):
                raise BadInput("wilayah.file.bad_code", file=path.name, line=line, value=bps_code)
            if bps_code in rows:
                raise BadInput("wilayah.file.twice", file=path.name, line=line, value=bps_code)
            rows[bps_code] = BridgeRow(
                bps_code,
                record["bps_name"].strip(),
                _code(record["code"], path, line),
                record["name"].strip(),
            )
    return list(rows.values())


def read_successions(path: Path) -> list[SuccessionRow]:
    """Return the rows of a list `old,new,since,kind,source`.

    Raises: BadInput `wilayah.file.*`.
    """
    rows = []
    for line, record in _read(path, ["old", "new", "since", "kind", "source"]):
        since = _date(record["since"], path, line)
        if since is None:
            raise BadInput("wilayah.file.bad_date", file=path.name, line=line, value="")
        rows.append(
            SuccessionRow(
                _code(record["old"], path, line),
                _code(record["new"], path, line),
                since,
                record["kind"].strip(),
                record["source"].strip(),
            )
        )
    return rows


def historic_regions(
    regions: list[RegionRow], bridge: list[BridgeRow], successions: list[SuccessionRow]
) -> list[RegionRow]:
    """Return the regions under codes that are no longer in force, with their successors.

    A recoded regency is followed by name: its districts under the old code, known from the
    bridge, are succeeded by the district of exactly that name in the new regency. A district
    whose name is not found there, or twice, has no successor: it is never guessed.
    """
    current = {row.code: row for row in regions}
    taken_over = {row.old: row for row in successions if row.old not in current}
    by_name: dict[tuple[str, str], list[str]] = {}
    for row in regions:
        by_name.setdefault((parent_of(row.code) or "", name_key(row.name)), []).append(row.code)
    historic = {
        old: RegionRow(old, current[row.new].name, None, row.since, row.new)
        for old, row in taken_over.items()
        if row.new in current
    }
    for link in bridge:
        above = parent_of(link.code) or ""
        if link.code in current or link.code in historic or above not in historic:
            continue
        regency = taken_over[above]
        found = by_name.get((regency.new, name_key(link.name)), [])
        historic[link.code] = RegionRow(
            link.code, link.name, None, regency.since, found[0] if len(found) == 1 else None
        )
    return list(historic.values())


def dated_by_succession(regions: list[RegionRow], successions: list[SuccessionRow]) -> list[RegionRow]:
    """Return the regions with the day their code came into force, where a succession tells it."""
    starts = {row.new: row.since for row in successions}
    starts |= {new[:2]: since for new, since in starts.items() if _is_new_province(new, starts)}
    return [
        row
        if row.since
        else RegionRow(
            row.code,
            row.name,
            starts.get(row.code[:5]) or starts.get(row.code[:2]),
            row.until,
            row.successor,
        )
        for row in regions
    ]


def _is_new_province(code: str, starts: dict[str, dt.date]) -> bool:
    # A province is new when its first regency (number 01) took over from another province.
    return f"{code[:2]}.01" in starts


def _files(paths: Iterable[Path]) -> Iterator[Path]:
    for path in paths:
        if path.is_dir():
            yield from sorted(p for p in path.iterdir() if p.name.endswith((".csv", ".csv.gz")))
        else:
            yield path


def _read(path: Path, needed: list[str]) -> Iterator[tuple[int, dict[str, str]]]:
    try:
        content = path.read_bytes()
        if content[:2] == b"\x1f\x8b":
            content = gzip.decompress(content)
        text = content.decode("utf-8-sig")
    except (OSError, EOFError, UnicodeDecodeError) as error:
        raise BadInput("wilayah.file.unreadable", file=path.name, why=str(error)) from error
    header = text.partition("\n")[0]
    separator = max(",;|\t", key=header.count)
    reader = csv.DictReader(io.StringIO(text), delimiter=separator, restval="")
    reader.fieldnames = [name.strip() for name in reader.fieldnames or []]
    _need(path, needed, reader.fieldnames)
    yield from enumerate(reader, start=2)


def _need(path: Path, needed: list[str], found: Iterable[str]) -> None:
    if not set(needed) <= set(found):
        raise BadInput(
            "wilayah.file.columns",
            file=path.name,
            needed=", ".join(needed),
            found=", ".join(found),
        )


def _code(value: str, path: Path, line: int) -> str:
    try:
        return dotted(value)
    except ValueError as error:
        raise BadInput("wilayah.file.bad_code", file=path.name, line=line, value=value) from error


def _date(value: str | None, path: Path, line: int) -> dt.date | None:
    if not value or not value.strip():
        return None
    try:
        return dt.date.fromisoformat(value.strip())
    except ValueError as error:
        raise BadInput("wilayah.file.bad_date", file=path.name, line=line, value=value) from error
