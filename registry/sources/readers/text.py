"""Delimited text: encoding, separator, header, broken lines. Streams; memory stays small.

A file without faults is read by DuckDB where it lies. Only a file that DuckDB's strict reader
refuses is rewritten line by line (`rewrite_carefully`), so that a faulty line is named and the
lines after it are kept.
"""

import codecs
import csv
import gzip
import zlib
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import BinaryIO

from registry.sources.readers.prepared import MAX_COLUMNS, MAX_HEADER, Prepared, Refused
from registry.sources.readers.workbook import rewrite_workbook

BLOCK = 4 << 20
SEPARATORS = (",", ";", "|", "\t")
SEPARATOR_NAMES = {",": "comma (,)", ";": "semicolon (;)", "|": "bar (|)", "\t": "tab"}
# Text of lists packs 5 to 30 times; a file that unpacks to a hundred times its size is no list.
BOMB_RATIO = 100
BOMB_FREE = 64 << 20
MAX_UNPACKED = 200 << 30
# A quoted value may span lines; one that is longer is an unclosed quote.
MAX_VALUE_LINES = 20

Fit = Callable[[Sequence[str]], float]
ENCODINGS = {
    "utf-8": "utf-8", "utf8": "utf-8", "utf-8-sig": "utf-8", "latin-1": "latin-1", "latin1": "latin-1",
    "iso-8859-1": "latin-1", "cp1252": "cp1252", "windows-1252": "cp1252", "utf-16": "utf-16",
    "utf16": "utf-16", "utf-16-le": "utf-16", "utf-16-be": "utf-16", "ascii": "utf-8",
}  # fmt: skip


def prepare_file(
    path: Path, *, folder: Path, fit: Fit, usual: str, separator: str | None, encoding: str | None
) -> Prepared:
    """Make one file readable.

    `fit` says how well a header suits any layout known (0: not at all), `usual` is the source's
    own separator, `separator` and `encoding` are what was announced, None to find out.

    Raises: Refused with the reason.
    """
    if path.stat().st_size == 0:
        raise Refused("sources.file.empty", name=path.name)
    with path.open("rb") as file:
        magic = file.read(8)
    if magic.startswith(b"PK"):
        return rewrite_workbook(path, folder)
    if magic.startswith(b"\xd0\xcf\x11\xe0"):
        raise Refused("sources.file.old_excel", name=path.name)
    name = path.name
    if magic.startswith(b"\x1f\x8b"):
        path = _unpack(path, folder)
        if path.stat().st_size == 0:
            raise Refused("sources.file.empty", name=name)
    plain, notes = _as_utf8(path, name, folder, encoding)
    with plain.open("rb") as file:
        first = _header_line(file)
    if first is None:
        raise Refused("sources.file.no_header", name=name)
    text = first.decode("utf-8", "replace").lstrip("\ufeff")
    chosen = _choose_separator(text, name, fit, usual, separator)
    header = _split(text, chosen) or []
    check_header(header, name)
    return Prepared(plain, name, header, chosen, notes=notes)


def check_header(header: Sequence[str], name: str) -> None:
    """Refuse a header that no layout can have.

    Raises: Refused `sources.file.too_many_columns`, `sources.file.column_twice`.
    """
    if len(header) > MAX_COLUMNS:
        raise Refused("sources.file.too_many_columns", name=name, columns=len(header), limit=MAX_COLUMNS)
    seen: set[str] = set()
    for column in (" ".join(name.split()).casefold() for name in header):
        if column and column in seen:
            raise Refused("sources.file.column_twice", name=name, column=column)
        seen.add(column)


def _unpack(path: Path, folder: Path) -> Path:
    target = folder / f"{path.name}.unpacked"
    packed, size = path.stat().st_size, 0
    limit = max(BOMB_FREE, packed * BOMB_RATIO)
    try:
        with gzip.open(path, "rb") as source, target.open("wb") as out:
            while block := source.read(BLOCK):
                size += len(block)
                if size > limit or size > MAX_UNPACKED:
                    raise Refused("sources.file.bomb", name=path.name, ratio=BOMB_RATIO)
                out.write(block)
    except Refused:
        target.unlink(missing_ok=True)
        raise
    except (OSError, EOFError, zlib.error) as error:
        target.unlink(missing_ok=True)
        raise Refused("sources.file.unreadable", name=path.name) from error
    return target


def _sniff(start: bytes) -> str | None:
    if start.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return "utf-16"
    if start.startswith(codecs.BOM_UTF8):
        return "utf-8"
    even, odd = start[0::2].count(0), start[1::2].count(0)
    if odd > len(start) // 4 > even:
        return "utf-16-le"
    if even > len(start) // 4 > odd:
        return "utf-16-be"
    return None


def _is_utf8(path: Path) -> bool:
    decoder = codecs.getincrementaldecoder("utf-8")()
    with path.open("rb") as file:
        try:
            while block := file.read(BLOCK):
                if not block.isascii() or decoder.getstate()[0]:
                    decoder.decode(block)
            decoder.decode(b"", final=True)
        except UnicodeDecodeError:
            return False
    return True


def _as_utf8(path: Path, name: str, folder: Path, announced: str | None) -> tuple[Path, list[str]]:
    with path.open("rb") as file:
        found = _sniff(file.read(65536))
    wanted = ENCODINGS.get((announced or "").strip().lower().replace("_", "-"))
    if announced and wanted is None:
        raise Refused("sources.file.encoding_unknown", name=name, encoding=announced)
    family = "utf-16" if (found or "").startswith("utf-16") else found
    if wanted and family and wanted != family:
        raise Refused("sources.file.encoding", name=name, announced=announced, found=family)
    notes: list[str] = []
    if family == "utf-16":
        if not wanted:
            notes.append("file.encoding_converted")
        encoding = found or "utf-16"
    elif wanted in (None, "utf-8"):
        if _is_utf8(path):
            return path, notes
        if wanted:
            raise Refused("sources.file.encoding", name=name, announced=announced, found="latin-1")
        encoding = "cp1252"
        notes.append("file.encoding_converted")
    else:
        encoding = str(wanted)
    target = folder / f"{path.name}.utf8"
    reader = codecs.getincrementaldecoder(encoding)("replace" if encoding == "cp1252" else "strict")
    try:
        with path.open("rb") as source, target.open("wb") as out:
            while block := source.read(BLOCK):
                out.write(reader.decode(block).encode())
            out.write(reader.decode(b"", final=True).encode())
    except UnicodeDecodeError as error:
        raise Refused("sources.file.unreadable", name=name) from error
    return target, notes


def _header_line(file: BinaryIO) -> bytes | None:
    for _ in range(1000):
        line = file.readline(MAX_HEADER)
        if not line or len(line) >= MAX_HEADER:
            return None
        if line.strip():
            return line
    return None


def _split(line: str, separator: str) -> list[str] | None:
    try:
        rows = list(csv.reader([line.rstrip("\r\n")], delimiter=separator, strict=True))
    except csv.Error:
        return None
    return [field.strip() for field in rows[0]] if rows else None


def _choose_separator(text: str, name: str, fit: Fit, usual: str, announced: str | None) -> str:
    scores = {each: fit(header) for each in SEPARATORS if (header := _split(text, each))}
    order = sorted(scores, key=lambda each: (scores[each], text.count(each), each == usual), reverse=True)
    best = order[0] if order else usual
    if not announced:
        return best
    announced = "\t" if announced in ("\\t", "tab", "TAB") else announced
    if announced not in scores:
        scores[announced] = fit(_split(text, announced) or []) if len(announced) == 1 else 0.0
    if best != announced and scores[best] > scores[announced]:
        raise Refused("sources.file.separator", name=name, announced=announced, found=SEPARATOR_NAMES[best])
    return announced


def _records(file: BinaryIO, separator: str, width: int) -> Iterator[tuple[list[str], str]]:
    """Yield each record's fields and its fault; a broken line is a record of its own."""
    mark = separator.encode()
    pending: list[bytes] = []

    def next_line() -> bytes:
        return pending.pop(0) if pending else file.readline(MAX_HEADER)

    while line := next_line():
        if not line.strip(b" \r\n\t" + mark + b'"'):
            continue
        text = line.decode("utf-8", "replace").rstrip("\r\n")
        if "\0" in text:
            yield _fit_width(text.replace("\0", "").split(separator), width), "null_bytes"
            continue
        if '"' not in text:
            fields = text.split(separator)
            yield _fit_width(fields, width), "" if len(fields) == width else "columns"
            continue
        fields = _parse(text, separator)
        if fields is None and line.count(b'"') % 2:
            # Perhaps a value over several lines: look ahead until the quotes close.
            ahead: list[bytes] = []
            while len(ahead) < MAX_VALUE_LINES and (following := next_line()):
                ahead.append(following)
                if following.count(mark) == width - 1 and following.count(b'"') % 2 == 0:
                    break
                if sum(part.count(b'"') for part in (line, *ahead)) % 2 == 0:
                    whole = _parse(b"".join([line, *ahead]).decode("utf-8", "replace").rstrip("\r\n"), separator)
                    if whole is not None and len(whole) == width:
                        fields, ahead = whole, []
                    break
            pending[:0] = ahead
        if fields is None:
            yield _fit_width(text.split(separator), width), "broken_quote"
        else:
            yield _fit_width(fields, width), "" if len(fields) == width else "columns"


def _parse(text: str, separator: str) -> list[str] | None:
    try:
        rows = list(csv.reader(text.splitlines(keepends=True), delimiter=separator, strict=True))
    except csv.Error:
        return None
    return rows[0] if len(rows) == 1 else None


def _fit_width(fields: list[str], width: int) -> list[str]:
    return (fields + [""] * width)[:width]


def rewrite_carefully(prepared: Prepared, folder: Path) -> Prepared:
    """Rewrite the file record by record with a last column that names each faulty record."""
    target = folder / f"{prepared.name}.careful"
    width = len(prepared.header)
    with prepared.path.open("rb") as source, target.open("w", encoding="utf-8", newline="") as out:
        _header_line(source)
        writer = csv.writer(out, delimiter=",", lineterminator="\n")
        for fields, fault in _records(source, prepared.separator, width):
            writer.writerow([*fields, fault])
    return Prepared(target, prepared.name, prepared.header, ",", True, False, notes=prepared.notes)
