"""Text that is not what it should be, on small files made here: UTF-16, zero bytes, another source's file."""

import csv

import duckdb
import pytest

pytestmark = pytest.mark.django_db

FAMILY = {"id_keluarga": "K-1", "kode_kemendagri": "3514012009", "r108": "ANI", "r112": "1", "r114": "3514010101180001"}
PERSON = {"id_anggota": "A-1", "id_keluarga": "K-1", "r402": "ANI", "r403": "3514015206960001", "r405": "2",
          "r406": "1996-06-12", "r409": "1"}  # fmt: skip


@pytest.fixture
def lines(header_of):
    """Return the text lines of a file of Regsosek: its header and one line for each set of changed cells."""

    def make(role: str, *changes: dict) -> list[str]:
        header = header_of("regsosek", role)
        own = FAMILY if role == "families" else PERSON
        return [";".join(header), *(";".join((own | one).get(name, "") for name in header) for one in changes)]

    return make


def _names(settings, answer) -> list[str]:
    path = settings.DTSEN_STORE_DIR / "deliveries" / answer["delivery"] / "persons.parquet"
    return [row[0] for row in duckdb.sql(f"SELECT name FROM '{path}' WHERE accepted ORDER BY row_no").fetchall()]


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-le", "utf-16-be"])
@pytest.mark.parametrize("announced", [None, "utf-16"])
def test_utf16_is_read_and_says_so_unless_it_was_announced(receive, settings, lines, tmp_path, encoding, announced):
    text = "\ufeff" * (encoding != "utf-16") + "\r\n".join(
        lines("persons", {"r402": "ANDRÉ"}, {"id_anggota": "A-2", "r402": "NI WAYAN"})
    )
    file = tmp_path / "anggota.csv"
    file.write_bytes(text.encode(encoding))

    answer = receive("regsosek", file, **({"encoding": announced} if announced else {}))

    assert answer["refused"] is None, answer["refused"]
    assert _names(settings, answer) == ["ANDRÉ", "NI WAYAN"]
    path = settings.DTSEN_STORE_DIR / "deliveries" / answer["delivery"] / "findings.parquet"
    rules = {row[0] for row in duckdb.sql(f"SELECT rule FROM '{path}'").fetchall()}
    assert ("file.encoding_converted" in rules) == (announced is None)


def test_utf16_announced_as_utf8_is_refused_with_the_right_name(receive, lines, tmp_path):
    file = tmp_path / "anggota.csv"
    file.write_bytes("\r\n".join(lines("persons", {})).encode("utf-16"))

    answer = receive("regsosek", file, encoding="utf-8")

    assert answer["exit"] == 2 and "utf-16" in answer["refused"]


def test_zero_bytes_reject_their_row_and_no_other(receive, settings, lines, tmp_path):
    file = tmp_path / "anggota.csv"
    text = "\n".join(
        lines("persons", {}, {"id_anggota": "A-2", "r402": "BU\0DI"}, {"id_anggota": "A-3", "r402": "CICI"})
    )
    file.write_bytes(text.encode())

    answer = receive("regsosek", file)

    assert (answer["files"][0]["accepted"], answer["files"][0]["rejected"]) == (2, 1)
    assert _names(settings, answer) == ["ANI", "CICI"]
    folder = settings.DTSEN_STORE_DIR / "deliveries" / answer["delivery"]
    found = duckdb.sql(f"SELECT row_no, rule FROM '{folder}/findings.parquet' WHERE severity = 'error'").fetchall()
    assert found == [(2, "row.null_bytes")]


@pytest.mark.parametrize(("announced", "sent"), [("p3ke", "regsosek"), ("dtks", "p3ke"), ("regsosek", "dtks")])
def test_file_of_another_source_is_refused_and_named(receive, header_of, tmp_path, announced, sent):
    file = tmp_path / "kiriman.csv"
    header = header_of(sent, "persons")
    with file.open("w", newline="", encoding="utf-8") as out:
        csv.writer(out, delimiter=";").writerows([header, ["x"] * len(header)])

    answer = receive(announced, file)

    assert answer["exit"] == 2
    assert announced in answer["refused"] and sent in answer["refused"]
    assert answer["delivery"] is None
