"""Small lists as files within the request; large ones are jobs (`registry.common.exports`)."""

from __future__ import annotations

import tempfile
from collections.abc import Iterable

from django.http import FileResponse, HttpResponseBase, StreamingHttpResponse

from registry.common.sheets import TYPES, Row, csv_lines, harmless, write_xlsx

__all__ = ["FORMATS", "MOST_AT_ONCE", "as_csv", "as_xlsx", "harmless"]

MOST_AT_ONCE = 20_000


def as_csv(name: str, heading: Row, rows: Iterable[Row]) -> HttpResponseBase:
    """A CSV file, streamed."""
    response = StreamingHttpResponse(csv_lines(heading, rows), content_type=TYPES["csv"])
    response["Content-Disposition"] = f'attachment; filename="{name}.csv"'
    return response


def as_xlsx(name: str, heading: Row, rows: Iterable[Row]) -> HttpResponseBase:
    """One sheet, every text as text."""
    target = tempfile.TemporaryFile()  # noqa: SIM115 - FileResponse closes it
    write_xlsx(target, heading, rows, title=name)
    target.seek(0)
    return FileResponse(target, as_attachment=True, filename=f"{name}.xlsx", content_type=TYPES["xlsx"])


FORMATS = {"csv": as_csv, "xlsx": as_xlsx}
