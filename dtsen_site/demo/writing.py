"""Columns to files: CSV in a dialect, or a workbook; whole numbers below zero are empty cells."""

from collections.abc import Mapping
from pathlib import Path

import numpy as np
import openpyxl
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv

Columns = Mapping[str, np.ndarray | pa.Array]


def cells(values: np.ndarray | pa.Array) -> pa.Array:
    """Return a column for a file: -1 and None become empty."""
    if isinstance(values, pa.Array | pa.ChunkedArray):
        return values
    if values.dtype.kind in "iu":
        return pa.array(values, mask=values < 0)
    if values.dtype.kind == "b":
        return pa.array(values.astype(np.int8))
    return pa.array(values, type=pa.string()) if values.dtype.kind == "O" else pa.array(values)


def padded(values: np.ndarray, width: int) -> pa.Array:
    """Return whole numbers as texts with leading zeros.

    >>> padded(np.array([7, 12]), 3).to_pylist()
    ['007', '012']
    """
    return pc.utf8_lpad(pc.cast(pa.array(values), pa.string()), width, "0")


def joined(*parts: np.ndarray | pa.Array | str) -> pa.Array:
    """Return the texts of several columns joined row by row."""
    columns = [part if isinstance(part, str) else pc.cast(cells(part), pa.string()) for part in parts]
    return pc.binary_join_element_wise(*columns, "")


def words(table: tuple[str, ...] | list[str] | np.ndarray, index: np.ndarray) -> np.ndarray:
    """Return the text at each index; below zero nothing."""
    found = np.array([*table, None], dtype=object)
    chosen: np.ndarray = found[np.where(index < 0, len(table), index)]
    return chosen


def write_csv(path: Path, columns: Columns, *, separator: str = ",", bom: bool = False) -> int:
    """Write a CSV file and return the number of its rows."""
    table = pa.table({name: cells(values) for name, values in columns.items()})
    plain = not any(_must_quote(column, separator) for column in table.columns)
    options = pa.csv.WriteOptions(
        include_header=False, delimiter=separator, quoting_style="none" if plain else "needed", batch_size=50_000
    )
    with path.open("wb") as file:
        file.write(("\ufeff" if bom else "").encode() + separator.join(columns).encode() + b"\n")
        pa.csv.write_csv(table, file, options)
    return table.num_rows


def _must_quote(column: pa.ChunkedArray, separator: str) -> bool:
    if not pa.types.is_string(column.type):
        return False
    return bool(pc.any(pc.match_substring_regex(column, f'[{separator}"\\n\\r]')).as_py())


def write_workbook(path: Path, columns: Columns) -> int:
    """Write one sheet `Data` of texts and whole numbers and return the number of its rows."""
    book = openpyxl.Workbook(write_only=True)
    sheet = book.create_sheet("Data")
    sheet.append(list(columns))
    lists = [cells(values).to_pylist() for values in columns.values()]
    for row in zip(*lists, strict=True):
        sheet.append(row)
    book.save(path)
    return len(lists[0])


def join_workbooks(path: Path, parts: list[Path]) -> None:
    """Write the rows of several workbooks below each other, under one heading."""
    book = openpyxl.Workbook(write_only=True)
    sheet = book.create_sheet("Data")
    for number, part in enumerate(parts):
        rows = openpyxl.load_workbook(part, read_only=True).worksheets[0].iter_rows(values_only=True)
        for line, row in enumerate(rows):
            if line or not number:
                sheet.append(row)
    book.save(path)
