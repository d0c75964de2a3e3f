"""Text without a quotation mark: every line is a record, every separator ends a value. Streams to Parquet.

Most deliveries are such files. Reading them so costs less than half of what the general reader
costs; what is in doubt is left to that one, which decides what a record is.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import pyarrow as pa
import pyarrow.csv
import pyarrow.parquet

from registry.sources.readers.prepared import Prepared

_READ = 4 << 20  # a longer line is left to the general reader
_ROW_GROUP = 122_880


@dataclass(frozen=True)
class Survey:
    """What one pass over the bytes of a file tells about how to read it."""

    null_bytes: bool
    plain: bool


def survey(prepared: Prepared) -> Survey:
    """Say whether zero bytes stand in the file, and whether its lines are its records without any doubt."""
    nulls, quotes, returns, pairs, lines = False, False, 0, 0, 0
    before = b""
    with prepared.path.open("rb") as file:
        header_first = bool(file.readline(_READ).strip())
        file.seek(0)
        while block := file.read(_READ):
            if b"\0" in block:
                return Survey(True, False)
            if not quotes:
                quotes = b'"' in block
                lines += block.count(b"\n")
                if before == b"\r" or b"\r" in block:
                    returns += block.count(b"\r")
                    pairs += block.count(b"\r\n") + (before == b"\r" and block.startswith(b"\n"))
                before = block[-1:]
    # One way of ending lines throughout: a lone carriage return may be a line's end or a value's part.
    same_ends = returns == pairs and pairs in (0, lines)
    one_byte = len(prepared.separator.encode()) == 1
    plain = not quotes and same_ends and one_byte and header_first and prepared.has_header and not prepared.faults
    return Survey(nulls, plain and len(prepared.header) > 1)


def write_plain(prepared: Prepared, names: Sequence[str], target: Path) -> None:
    """Write the values of a plain file as text to a Parquet file with columns of these names; empty is null.

    Raises: pyarrow.ArrowInvalid when a line has other than as many values as the header, or is too long.
    """
    columns = [f"c{number}" for number in range(len(names))]
    reader = pyarrow.csv.open_csv(
        prepared.path,
        read_options=pyarrow.csv.ReadOptions(block_size=_READ, column_names=columns, skip_rows=1),
        parse_options=pyarrow.csv.ParseOptions(
            delimiter=prepared.separator, quote_char=False, double_quote=False, escape_char=False,
            newlines_in_values=False, ignore_empty_lines=True,
        ),
        convert_options=pyarrow.csv.ConvertOptions(
            check_utf8=False, null_values=[""], strings_can_be_null=True,
            column_types={name: pa.string() for name in columns},
        ),
    )  # fmt: skip
    schema = pa.schema([(name, pa.string()) for name in names])
    with pyarrow.parquet.ParquetWriter(
        target, schema, compression="zstd", compression_level=1, store_schema=False
    ) as writer:  # fmt: skip
        waiting: list[pa.RecordBatch] = []
        for batch in reader:
            waiting.append(batch)
            if sum(each.num_rows for each in waiting) >= _ROW_GROUP:
                _write(writer, waiting, schema)
                waiting = []
        if waiting:
            _write(writer, waiting, schema)


def _write(writer: pyarrow.parquet.ParquetWriter, batches: Sequence[pa.RecordBatch], schema: pa.Schema) -> None:
    rows = pa.Table.from_batches(batches)
    writer.write_table(rows.rename_columns(schema.names), row_group_size=max(rows.num_rows, 1))
