"""Excel workbooks: first sheet with content; formulas are found in the sheet's XML, never evaluated."""

import csv
import datetime as dt
import re
import zipfile
import zlib
from pathlib import Path
from typing import Any

import python_calamine

from registry.sources.readers.prepared import MAX_COLUMNS, Prepared, Refused

MAX_UNPACKED = 4 << 30
BOMB_RATIO = 200
BOMB_FREE = 256 << 20
_FORMULA = re.compile(rb'<c\s[^>]*?r="([A-Z]+)([0-9]+)"[^>]*>\s*<f[\s/>]')
BLOCK = 4 << 20


def rewrite_workbook(path: Path, folder: Path) -> Prepared:
    """Write the sheet as text, one record per row, with a last column for faults.

    Raises: Refused when the zip is cut or too large, or there is no table.
    """
    formulas = _find_formulas(path)
    try:
        book = python_calamine.CalamineWorkbook.from_path(str(path))
        sheets = [
            (meta.name, number)
            for number, meta in enumerate(book.sheets_metadata)
            if meta.typ == python_calamine.SheetTypeEnum.WorkSheet
        ]
        rows: list[list[Any]] = []
        number = 0
        for name, place in sheets:
            number = place
            rows = book.get_sheet_by_name(name).to_python(skip_empty_area=False)
            if rows:
                break
    except Refused:
        raise
    except Exception as error:  # calamine raises many kinds, some of them Rust panics
        raise Refused("sources.file.unreadable", name=path.name) from error
    while rows and not any(rows[0]):
        rows.pop(0)
    if not rows:
        raise Refused("sources.file.empty", name=path.name)
    header = [_text(value) for value in rows[0]]
    while header and not header[-1]:
        header.pop()
    if len(header) > MAX_COLUMNS:
        raise Refused("sources.file.too_many_columns", name=path.name, columns=len(header), limit=MAX_COLUMNS)
    own = formulas.get(number, set())
    target = folder / f"{path.name}.text"
    width = len(header)
    first = len(book.get_sheet_by_index(number).to_python(skip_empty_area=False)) - len(rows) + 2 if own else 2
    with target.open("w", encoding="utf-8", newline="") as out:
        writer = csv.writer(out, lineterminator="\n")
        for line, row in enumerate(rows[1:], start=first):
            fields = [_text(value) for value in row[:width]]
            columns = [place for place in range(width) if (line, place) in own]
            if not columns and not any(field.strip() for field in fields):
                continue
            fault = "formula:" + ",".join(f"{place}" for place in columns) if columns else ""
            if "\0" in "".join(fields):
                fields, fault = [field.replace("\0", "") for field in fields], "null_bytes"
            writer.writerow([*fields, *[""] * (width - len(fields)), fault])
    return Prepared(target, path.name, header, ",", True, False, True)


def _text(value: Any) -> str:
    if value is None or isinstance(value, str):
        return (value or "").replace("\r\n", " ").replace("\n", " ").replace("\r", " ").strip(" \t")
    if isinstance(value, bool):
        return "1" if value else "0"
    if isinstance(value, float):
        return str(int(value)) if value.is_integer() and abs(value) < 1e16 else repr(value)
    if isinstance(value, dt.datetime):
        return value.date().isoformat() if value.time() == dt.time() else value.isoformat(" ")
    if isinstance(value, dt.date):
        return value.isoformat()
    return str(value)


def _column_number(letters: bytes) -> int:
    number = 0
    for letter in letters:
        number = number * 26 + letter - 64
    return number - 1


def _find_formulas(path: Path) -> dict[int, set[tuple[int, int]]]:
    """Return the cells with formulas per sheet as (row from 1, column from 0)."""
    found: dict[int, set[tuple[int, int]]] = {}
    try:
        with zipfile.ZipFile(path) as archive:
            infos = archive.infolist()
            limit = max(BOMB_FREE, path.stat().st_size * BOMB_RATIO)
            if sum(info.file_size for info in infos) > min(limit, MAX_UNPACKED):
                raise Refused("sources.file.bomb", name=path.name, ratio=BOMB_RATIO)
            names = sorted(
                (info.filename for info in infos if re.fullmatch(r"xl/worksheets/sheet\d+\.xml", info.filename)),
                key=lambda name: int(re.findall(r"\d+", name)[-1]),
            )
            if not names:
                raise Refused("sources.file.unreadable", name=path.name)
            for number, name in enumerate(names):
                cells: set[tuple[int, int]] = set()
                with archive.open(name) as sheet:
                    rest, size = b"", 0
                    while block := sheet.read(BLOCK):
                        size += len(block)
                        if size > MAX_UNPACKED:
                            raise Refused("sources.file.bomb", name=path.name, ratio=BOMB_RATIO)
                        text = rest + block
                        if b"<f" in text:
                            cells |= {(int(row), _column_number(col)) for col, row in _FORMULA.findall(text)}
                        rest = text[-512:]
                found[number] = cells
    except Refused:
        raise
    except (zipfile.BadZipFile, zlib.error, OSError, EOFError, NotImplementedError, RuntimeError) as error:
        raise Refused("sources.file.unreadable", name=path.name) from error
    return found
