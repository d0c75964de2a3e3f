"""What a reader hands on, and how it says that a file cannot be read at all."""

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

MAX_COLUMNS = 500
MAX_HEADER = 1 << 20


class Refused(Exception):
    """The file is refused whole; `code` has its sentence in `errors.py`."""

    def __init__(self, code: str, **facts: Any) -> None:
        super().__init__(code)
        self.code = code
        self.facts = facts


@dataclass
class Prepared:
    """A file ready for DuckDB.

    `path` is UTF-8 without byte order mark trouble; with `faults` its last column names what is
    wrong with the row (empty: nothing). `notes` are findings about the whole file.
    """

    path: Path
    name: str
    header: list[str]
    separator: str
    faults: bool = False
    has_header: bool = True
    from_workbook: bool = False
    notes: list[str] = field(default_factory=list)
