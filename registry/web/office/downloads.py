"""Lists as files: XLSX or CSV, streamed row by row, with nothing in them that a spreadsheet would execute."""

from __future__ import annotations

import csv
import tempfile
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from django.http import FileResponse, HttpResponseBase, StreamingHttpResponse
from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell

FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r", "\n")
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
MOST_XLSX_ROWS = 1_000_000  # what one sheet holds, less the heading


def harmless(value: Any) -> Any:
    """The value with a leading apostrophe when a spreadsheet would take it for a formula (OWASP, CSV injection).

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


def as_csv(name: str, heading: Sequence[str], rows: Iterable[Sequence[Any]]) -> HttpResponseBase:
    """UTF-8 with a mark, so that spreadsheets read the letters right; `;` as Indonesian Excel expects."""
    writer = csv.writer(_Line(), delimiter=";")

    def lines() -> Iterator[str]:
        yield "\ufeff" + writer.writerow(heading)
        for row in rows:
            yield writer.writerow([harmless(value) for value in row])

    response = StreamingHttpResponse(lines(), content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="{name}.csv"'
    return response


def as_xlsx(name: str, heading: Sequence[str], rows: Iterable[Sequence[Any]]) -> HttpResponseBase:
    """One sheet, every text as text."""
    book = Workbook(write_only=True)
    sheet = book.create_sheet(title=name[:31])
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
    target = tempfile.TemporaryFile()  # noqa: SIM115 - FileResponse closes it
    book.save(target)
    target.seek(0)
    return FileResponse(target, as_attachment=True, filename=f"{name}.xlsx", content_type=XLSX)


FORMATS = {"csv": as_csv, "xlsx": as_xlsx}
