"""Numbers: 45 bytes, found by hash, same in Python and DuckDB. Files: whole or refused."""

import hmac
import io
import os

import duckdb
import pytest
from hypothesis import given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from registry.common import crypto, envelope
from registry.common.errors import DomainError, Misconfigured
from registry.common.key_check import check_keys, ensure_keys

NIK = "3402011704900003"


def test_encrypt_sixteen_digits_is_45_bytes_with_a_fresh_nonce(keys):
    one, other = crypto.encrypt_many([NIK, NIK])
    assert len(one) == 45
    assert one != other
    assert crypto.decrypt(one) == crypto.decrypt(memoryview(other)) == NIK


def test_encrypt_many_none_stays_none(keys):
    assert crypto.encrypt_many([None]) == [None]
    assert crypto.decrypt_many([None, crypto.encrypt("1")]) == [None, "1"]


@pytest.mark.parametrize("place", [0, 5, 20, 44])
def test_decrypt_changed_byte_is_refused(keys, place):
    cipher = bytearray(crypto.encrypt(NIK))
    cipher[place] ^= 1
    with pytest.raises(DomainError) as caught:
        crypto.decrypt(bytes(cipher))
    assert caught.value.code in ("common.cipher.damaged", "common.keys.unknown")


def test_decrypt_value_of_an_older_key_still_works(keys):
    old = crypto.encrypt(NIK)
    path = keys / "data.key"
    path.write_text(path.read_text() + "2 " + "A" * 43 + "=\n")
    crypto.forget_keys()
    assert crypto.encrypt(NIK)[0] == 2
    assert crypto.decrypt(old) == NIK


def test_lookup_hash_is_hmac_sha256_cut_to_128_bits(keys):
    key = crypto.load_keys("lookup.key").get(1)
    assert crypto.lookup_hash(NIK) == hmac.new(key, NIK.encode(), "sha256").digest()[:16]
    assert crypto.lookup_many([None, NIK]) == [None, crypto.lookup_hash(NIK)]


def test_duckdb_functions_equal_python(keys):
    con = duckdb.connect()
    crypto.register_crypto(con)
    rows = con.execute(
        "SELECT n, lookup_number(n), encrypt_number(n), decrypt_number(encrypt_number(n))"
        " FROM (VALUES ($1), ($2), ('é'), (NULL)) AS t(n)",
        [NIK, "3402011704900003" * 10],
    ).fetchall()
    assert [row[1] for row in rows] == crypto.lookup_many([row[0] for row in rows])
    assert [crypto.decrypt(row[2]) or None for row in rows] == [row[0] for row in rows]
    assert [row[3] for row in rows] == [row[0] for row in rows]


def test_duckdb_encrypt_same_value_gets_its_own_nonce(keys):
    con = duckdb.connect()
    crypto.register_crypto(con)
    (n,) = con.execute("SELECT count(DISTINCT encrypt_number('3402011704900003')) FROM range(5000)").fetchone()
    assert n == 5000


def test_keys_missing_file_is_told_with_its_name(keys):
    (keys / "lookup.key").unlink()
    crypto.forget_keys()
    with pytest.raises(Misconfigured) as caught:
        crypto.lookup_hash(NIK)
    assert caught.value.code == "common.keys.missing"
    assert "lookup.key" in caught.value.sentence("en")


def test_keys_readable_by_others_are_refused(keys):
    (keys / "data.key").chmod(0o644)
    crypto.forget_keys()
    with pytest.raises(Misconfigured, match="0600"):
        crypto.encrypt(NIK)


def test_make_keys_again_changes_nothing(keys):
    before = {path.name: path.read_bytes() for path in keys.iterdir()}
    assert crypto.make_keys() == []
    assert {path.name: path.read_bytes() for path in keys.iterdir()} == before
    assert sorted(before) == sorted(crypto.KEY_NAMES)
    assert all(path.stat().st_mode & 0o777 == 0o600 for path in keys.iterdir())


def test_ensure_keys_lost_key_of_a_used_database_is_not_made_again(officer, keys, now):
    ensure_keys(now=now)
    (keys / "data.key").unlink()
    crypto.forget_keys()
    with pytest.raises(Misconfigured) as caught:
        ensure_keys(now=now)
    assert caught.value.code == "common.keys.missing"
    assert not (keys / "data.key").exists()


def test_check_keys_of_another_installation_are_refused(officer, keys, now):
    ensure_keys(now=now)
    for path in keys.iterdir():
        path.unlink()
    crypto.make_keys()
    with pytest.raises(Misconfigured) as caught:
        check_keys()
    assert caught.value.code == "common.keys.other"


@pytest.mark.parametrize("size", [0, 1, 15, envelope.BLOCK, envelope.BLOCK + 1, 3 * envelope.BLOCK])
def test_envelope_any_size_comes_back(keys, tmp_path, size):
    plain, sealed = tmp_path / "plain", tmp_path / "store" / "sealed"
    plain.write_bytes(os.urandom(size))
    assert envelope.encrypt_file(plain, sealed) == size
    assert sealed.stat().st_mode & 0o777 == 0o600
    with envelope.open_encrypted(sealed) as file:
        assert file.read() == plain.read_bytes()
    envelope.decrypt_file(sealed, tmp_path / "again")
    assert (tmp_path / "again").read_bytes() == plain.read_bytes()
    assert sorted(path.name for path in sealed.parent.iterdir()) == ["sealed"]


def damage(kind, sealed):
    content = bytearray(sealed)
    head, block = envelope._HEADER, envelope.BLOCK + envelope.TAG
    if kind == "flip":
        content[head + 100] ^= 1
    elif kind == "header":
        content[20] ^= 1
    elif kind == "cut":
        del content[head + block :]
    elif kind == "swap":
        first, second = content[head : head + block], content[head + block : head + 2 * block]
        content[head : head + 2 * block] = second + first
    elif kind == "longer":
        content += b"x"
    elif kind == "other":
        content = bytearray(b"a,b,c\n1,2,3\n")
    return bytes(content)


@pytest.mark.parametrize("kind", ["flip", "header", "cut", "swap", "longer", "other"])
def test_envelope_damaged_file_is_refused(keys, kind):
    target = io.BytesIO()
    envelope.encrypt_stream(io.BytesIO(bytes(2 * envelope.BLOCK + 7)), target)
    sealed = io.BytesIO(damage(kind, target.getvalue()))
    with pytest.raises(DomainError) as caught:
        list(envelope.decrypt_blocks(sealed, "x"))
    assert caught.value.code == "common.file.damaged"


@given(st.lists(st.one_of(st.none(), st.text(min_size=1, max_size=40)), max_size=20))
@hypothesis_settings(max_examples=30, deadline=None)
def test_encrypt_many_any_text_comes_back(values):
    ring = crypto.KeyRing("data.key", {1: bytes(32)})
    original, crypto.load_keys = crypto.load_keys, lambda name, folder=None: ring
    try:
        assert crypto.decrypt_many(crypto.encrypt_many(values)) == values
    finally:
        crypto.load_keys = original
