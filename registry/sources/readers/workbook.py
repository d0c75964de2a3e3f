"""Excel workbooks: first sheet with content; formulas are found in the sheet's XML, never evaluated."""

import csv
import datetime as dt
import re
import zipfile
import zlib
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import python_calamine

from registry.sources.readers.prepared import MAX_COLUMNS, Prepared, Refused

MAX_UNPACKED = 4 << 30
# A sheet is held in memory while it is read, about three times its XML; larger ones are for CSV.
MAX_SHEET = 256 << 20
EXACT = 1 << 53  # whole numbers below are exact as floats
BOMB_RATIO = 200
BOMB_FREE = 256 << 20
_FORMULA = re.compile(rb'<c\s[^>]*?r="([A-Z]+)([0-9]+)"[^>]*>\s*<f[\s/>]')
BLOCK = 4 << 20


def rewrite_workbook(path: Path, folder: Path) -> Prepared:
    """Write the first sheet with content as text, one record per row, with a last column for faults.

    Raises: Refused when the zip is cut or too large, or there is no table.
    """
    formulas = _find_formulas(path)
    try:
        book = python_calamine.CalamineWorkbook.from_path(str(path))
        places = [
            number
            for number, meta in enumerate(book.sheets_metadata)
            if meta.typ == python_calamine.SheetTypeEnum.WorkSheet
        ]
        sheet, place = None, 0
        for place in places:
            sheet = book.get_sheet_by_index(place)
            if sheet.total_height:
                break
    except Exception as error:  # calamine raises many kinds, some of them Rust panics
        raise Refused("sources.file.unreadable", name=path.name) from error
    if sheet is None or not any(any(row) for row in sheet.iter_rows()):
        raise Refused("sources.file.empty", name=path.name)
    left = sheet.start[1] if sheet.start else 0
    whole = _columns_with_all_digits(sheet)
    own = formulas.get(place, set())
    target = folder / f"{path.name}.text"
    header: list[str] = []
    with target.open("w", encoding="utf-8", newline="") as out:
        writer = csv.writer(out, lineterminator="\n")
        for line, row in enumerate(sheet.iter_rows(), start=1):
            if not header:
                header = _header(row, path.name)
                continue
            fields = [_text(value, all_digits=n in whole) for n, value in enumerate(row[: len(header)])]
            columns = [n for n in range(len(header)) if (line, n + left) in own]
            if not columns and not any(field.strip() for field in fields):
                continue
            fault = "formula:" + ",".join(f"{n}" for n in columns) if columns else ""
            if "\0" in "".join(fields):
                fields, fault = [field.replace("\0", "") for field in fields], "null_bytes"
            writer.writerow([*fields, *[""] * (len(header) - len(fields)), fault])
    return Prepared(target, path.name, header, ",", True, False, True)


def _header(row: Sequence[Any], name: str) -> list[str]:
    """Return the column names when the row is the first that is not empty, else none."""
    header = [_text(value) for value in row]
    while header and not header[-1]:
        header.pop()
    if len(header) > MAX_COLUMNS:
        raise Refused("sources.file.too_many_columns", name=name, columns=len(header), limit=MAX_COLUMNS)
    return header


def _is_long(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and 1e15 <= abs(value) < 1e17


def _columns_with_all_digits(sheet: Any) -> set[int]:
    """Return the columns whose numbers of 16 digits were written whole.

    Excel keeps 15 digits of a number and puts 0 for the rest; other programs write all of them.
    One such number with another last digit shows that the column's writer kept them.
    """
    found: set[int] = set()
    for row in sheet.iter_rows():
        found |= {n for n, value in enumerate(row) if _is_long(value) and abs(value) < EXACT and int(value) % 10}
    return found


def _text(value: Any, *, all_digits: bool = False) -> str:
    if value is None or isinstance(value, str):
        return (value or "").replace("\r\n", " ").replace("\n", " ").replace("\r", " ").strip(" \t")
    if isinstance(value, bool):
        return "1" if value else "0"
    if _is_long(value) and not (all_digits and abs(value) < EXACT):
        return f"{value:.14E}"  # the 16th digit is lost: say so rather than show a 0
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
            content = sum(info.file_size for info in infos if info.filename.startswith("xl/"))
            limit = max(BOMB_FREE, path.stat().st_size * BOMB_RATIO)
            if sum(info.file_size for info in infos) > min(limit, MAX_UNPACKED):
                raise Refused("sources.file.bomb", name=path.name, ratio=BOMB_RATIO)
            if content > MAX_SHEET:
                raise Refused("sources.file.workbook_too_large", name=path.name, limit=MAX_SHEET >> 20)
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
