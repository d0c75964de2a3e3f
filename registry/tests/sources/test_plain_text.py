"""The reader of plain files gives what the general reader gives, and leaves to it what is in doubt."""

import random

import duckdb
import pyarrow as pa
import pytest

from registry.sources.readers import Prepared
from registry.sources.readers.plain import survey, write_plain

HEADER = ["nik", "nama", "kode"]


def _prepared(path, content: bytes, *, header=HEADER, separator=";") -> Prepared:
    path.write_bytes(content)
    return Prepared(path, path.name, header, separator)


@pytest.mark.parametrize(
    "content",
    [
        b'nik;nama;kode\n1;"A";2\n',  # a quotation mark
        b"nik;nama;kode\r1;A;2\r",  # lines that end in a carriage return alone
        b"nik;nama;kode\r\n1;A;2\n",  # two ways of ending lines
        b"nik;nama;kode\n1;A\rB;2\n",
        b"\nnik;nama;kode\n1;A;2\n",  # the header is not the first line
    ],
)
def test_survey_of_text_in_doubt_leaves_it_to_the_general_reader(tmp_path, content):
    assert survey(_prepared(tmp_path / "a.csv", content)).plain is False


def test_survey_finds_a_zero_byte_behind_a_quotation_mark(tmp_path):
    found = survey(_prepared(tmp_path / "a.csv", b'nik;nama;kode\n1;"A";2\n1;B\0;2\n'))

    assert found.null_bytes and not found.plain


def test_survey_of_carriage_returns_split_over_two_reads_still_sees_whole_ends(tmp_path, monkeypatch):
    monkeypatch.setattr("registry.sources.readers.plain._READ", 14)  # cuts the header's end in two

    assert survey(_prepared(tmp_path / "a.csv", b"nik;nama;kode\r\n1;A;2\r\n")).plain is True


def test_plain_reader_gives_every_value_that_the_general_reader_gives(tmp_path):
    chance = random.Random(20)
    values = ["", " ", "  x ", "NULL", "nan", "0", "007", "1e5", "'", "#", "\\", "ü", "ADI\tB", "=1+1", "-", "\ufeff", "a,b"]  # fmt: skip
    lines = [";".join(chance.choices(values, k=3)) if chance.random() > 0.1 else "" for _ in range(3000)]
    for end in ("\n", "\r\n"):
        text = end.join([";".join(HEADER), *lines])
        prepared = _prepared(tmp_path / "a.csv", text.encode("utf-8-sig"))
        assert survey(prepared).plain is True
        write_plain(prepared, HEADER, tmp_path / "plain.parquet")
        con = duckdb.connect()
        general = con.execute(
            f"SELECT * FROM read_csv('{prepared.path}', delim = ';', quote = '\"', escape = '\"', header = true,"
            " auto_detect = false, columns = {'nik': 'VARCHAR', 'nama': 'VARCHAR', 'kode': 'VARCHAR'})"
        ).fetchall()
        assert con.execute(f"SELECT * FROM '{tmp_path}/plain.parquet'").fetchall() == general
        assert len(general) > 2000


@pytest.mark.parametrize("line", ["1;A", "1;A;2;3", " "])
def test_plain_reader_refuses_a_line_that_is_no_record(tmp_path, line):
    prepared = _prepared(tmp_path / "a.csv", f"nik;nama;kode\n1;A;2\n{line}\n".encode())

    with pytest.raises(pa.ArrowInvalid):
        write_plain(prepared, HEADER, tmp_path / "plain.parquet")
