"""Rows as files: CSV and XLSX, written row by row, with nothing in them that a spreadsheet would execute."""

import csv
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any

from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell

FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r", "\n")
MOST_XLSX_ROWS = 1_000_000  # what one sheet holds, less the heading
TYPES = {
    "csv": "text/csv; charset=utf-8",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}

Row = Sequence[Any]


def harmless(value: Any) -> Any:
    """Return the value with a leading apostrophe when a spreadsheet would take it for a formula (OWASP, CSV injection).

    >>> harmless("=1+1"), harmless(-5), harmless("Siti")
    ("'=1+1", -5, 'Siti')
    """
    if isinstance(value, str) and value.startswith(FORMULA_STARTS):
        return f"'{value}"
    return value


class _Line:
    """What `csv` writes to: gives every line back instead of keeping it."""

    def write(self, line: str) -> str:
        return line


def csv_lines(heading: Row, rows: Iterable[Row]) -> Iterator[str]:
    """Yield UTF-8 lines with a mark, so that spreadsheets read the letters right; `;` as Indonesian Excel expects."""
    writer = csv.writer(_Line(), delimiter=";")
    yield "\ufeff" + writer.writerow(heading)
    for row in rows:
        yield writer.writerow([harmless(value) for value in row])


def write_csv(path: Path, heading: Row, rows: Iterable[Row]) -> None:
    """Write a CSV file."""
    with path.open("w", encoding="utf-8", newline="") as file:
        file.writelines(csv_lines(heading, rows))


def write_xlsx(target: Any, heading: Row, rows: Iterable[Row], *, title: str = "DTSEN") -> None:
    """Write one sheet, every text as text, to a path or an open file."""
    book = Workbook(write_only=True)
    sheet = book.create_sheet(title=title[:31])
    sheet.append(list(heading))
    for number, row in enumerate(rows):
        if number >= MOST_XLSX_ROWS:
            break
        cells = []
        for value in row:
            cell = WriteOnlyCell(sheet, value=harmless(value))
            if isinstance(value, str):
                cell.data_type = "s"
                cell.number_format = "@"
            cells.append(cell)
        sheet.append(cells)
    book.save(target)
