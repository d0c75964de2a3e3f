"""Small CSV files that the field sends: every cell as text."""

from __future__ import annotations

from pathlib import Path

import duckdb

from registry.common.errors import BadInput


def read_sheet(path: Path) -> tuple[list[str], list[dict[str, str]]]:
    """Return the headings in small letters, and each row by them, trimmed; the first row is line 2 of the file.

    Raises: BadInput `uji_petik.results.unreadable`.
    """
    try:
        with duckdb.connect(":memory:") as con:
            cursor = con.execute("SELECT * FROM read_csv($1, all_varchar = true, header = true)", [str(path)])
            columns = [column[0].strip().lower() for column in cursor.description or ()]
            rows = cursor.fetchall()
    except duckdb.Error as error:
        raise BadInput("uji_petik.results.unreadable", name=path.name) from error
    return columns, [{name: (value or "").strip() for name, value in zip(columns, row, strict=True)} for row in rows]
