"""Keys, the ciphers of NIK and KK numbers, and their look-up hash, one by one and in DuckDB.

A number is stored as AES-256-GCM (45 bytes for 16 digits: 1 key id, 12 nonce, 16 text, 16 tag)
and found by HMAC-SHA256 cut to 128 bits under another key. A NIK has little entropy: the look-up
key alone protects against trying them all, so it never leaves its file. Files as sent are in
`envelope.py`.
"""

import base64
import functools
import hmac
import os
import stat
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pyarrow as pa
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from django.conf import settings

from registry.common.errors import DomainError, Misconfigured

KEY_NAMES = ("data.key", "lookup.key", "file.key")
KEY_BYTES = 32
NONCE_BYTES = 12
HASH_BYTES = 16
_HEAD_BYTES = 1 + NONCE_BYTES
_TAG_BYTES = 16
_BLOCK_BYTES = 64  # of SHA-256, for the pads of HMAC (RFC 2104)


@dataclass(frozen=True)
class KeyRing:
    """The keys of one file by number; the highest number encrypts, the others still decrypt."""

    name: str
    keys: dict[int, bytes]

    @property
    def current(self) -> int:
        """Return the number of the key that encrypts."""
        return max(self.keys)

    def get(self, key_id: int) -> bytes:
        """Return the key with this number.

        Raises: Misconfigured `common.keys.unknown`.
        """
        try:
            return self.keys[key_id]
        except KeyError:
            raise Misconfigured("common.keys.unknown", name=self.name, key_id=key_id) from None


def get_key_folder() -> Path:
    """Return the folder of the key files: `keys` in the state directory."""
    return Path(settings.DTSEN_STATE_DIR) / "keys"


def load_keys(name: str, folder: Path | None = None) -> KeyRing:
    """Read one key file: lines of `number base64`, anything after # is ignored.

    Raises: Misconfigured `common.keys.missing`, `common.keys.unreadable`.
    """
    place = folder or get_key_folder()
    return _load_keys(name, str(place))


@functools.lru_cache(maxsize=16)
def _load_keys(name: str, folder: str) -> KeyRing:
    path = Path(folder) / name
    try:
        text = path.read_text("ascii")
    except FileNotFoundError:
        raise Misconfigured("common.keys.missing", name=name, folder=folder) from None
    except (OSError, UnicodeDecodeError) as error:
        why = type(error).__name__
        raise Misconfigured("common.keys.unreadable", name=name, why=why) from None
    if path.stat().st_mode & (stat.S_IRWXG | stat.S_IRWXO):
        raise Misconfigured("common.keys.unreadable", name=name, why="mode is not 0600")
    keys: dict[int, bytes] = {}
    for line in text.splitlines():
        words = line.split("#")[0].split()
        if not words:
            continue
        try:
            number, key = int(words[0]), base64.b64decode(words[1], validate=True)
        except (ValueError, IndexError):
            raise Misconfigured("common.keys.unreadable", name=name, why="format") from None
        if len(key) != KEY_BYTES or not 0 < number < 256:
            raise Misconfigured("common.keys.unreadable", name=name, why="length")
        keys[number] = key
    if not keys:
        raise Misconfigured("common.keys.unreadable", name=name, why="empty")
    return KeyRing(name, keys)


def forget_keys() -> None:
    """Drop the keys held in memory, after the files have changed."""
    _load_keys.cache_clear()
    _cipher.cache_clear()
    _lookup_pads.cache_clear()


def make_keys(folder: Path | None = None) -> list[str]:
    """Make the key files that are missing, readable by the owner only; return their names."""
    place = folder or get_key_folder()
    place.mkdir(mode=0o700, parents=True, exist_ok=True)
    made = []
    for name in KEY_NAMES:
        path = place / name
        if path.exists():
            continue
        key = base64.b64encode(os.urandom(KEY_BYTES)).decode()
        # Written aside and linked into place: two installs at once never read half a file.
        aside = place / f".{name}.{os.getpid()}"
        handle = os.open(aside, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(handle, "w") as file:
            file.write(f"# DTSEN {name}: keep a copy apart from the database backup\n1 {key}\n")
            file.flush()
            os.fsync(file.fileno())
        try:
            os.link(aside, path)
            made.append(name)
        except FileExistsError:
            pass
        finally:
            os.unlink(aside)
    if made:
        forget_keys()
    return made


def fingerprint(key: bytes) -> bytes:
    """Return what may be stored to recognise a key without giving it away."""
    return hmac.digest(key, b"dtsen key fingerprint", "sha256")[:HASH_BYTES]


@functools.lru_cache(maxsize=64)
def _cipher(key: bytes) -> AESGCM:
    return AESGCM(key)


def encrypt(value: str) -> bytes:
    """Return the cipher of one number: key id, nonce, text and tag (45 bytes for 16 digits)."""
    (cipher,) = encrypt_many([value])
    assert cipher is not None
    return cipher


def encrypt_many(values: Iterable[str | None]) -> list[bytes | None]:
    """Return the ciphers of many numbers, each under its own nonce; None stays None."""
    texts = list(values)
    ring = load_keys("data.key")
    head = bytes([ring.current])
    seal = _cipher(ring.get(ring.current)).encrypt
    nonces = os.urandom(NONCE_BYTES * len(texts))
    sealed: list[bytes | None] = []
    for i, text in enumerate(texts):
        if text is None:
            sealed.append(None)
            continue
        nonce = nonces[i * NONCE_BYTES : (i + 1) * NONCE_BYTES]
        sealed.append(head + nonce + seal(nonce, text.encode(), head))
    return sealed


def decrypt(cipher: bytes | memoryview | None) -> str:
    """Return the number in a cipher; an empty string for None.

    Raises: DomainError `common.cipher.damaged`; Misconfigured `common.keys.unknown`.
    """
    return decrypt_many([cipher])[0] or ""


def decrypt_many(ciphers: Iterable[bytes | memoryview | None]) -> list[str | None]:
    """Return the numbers in many ciphers; None stays None.

    Raises: DomainError `common.cipher.damaged`; Misconfigured `common.keys.unknown`.
    """
    ring = load_keys("data.key")
    openers = {number: _cipher(key).decrypt for number, key in ring.keys.items()}
    opened: list[str | None] = []
    for cipher in ciphers:
        if cipher is None:
            opened.append(None)
            continue
        sealed = bytes(cipher)
        if len(sealed) < _HEAD_BYTES + _TAG_BYTES:
            raise DomainError("common.cipher.damaged")
        if sealed[0] not in openers:
            ring.get(sealed[0])
        try:
            text = openers[sealed[0]](sealed[1:_HEAD_BYTES], sealed[_HEAD_BYTES:], sealed[:1])
        except InvalidTag:
            raise DomainError("common.cipher.damaged") from None
        opened.append(text.decode())
    return opened


@functools.lru_cache(maxsize=4)
def _lookup_pads(key: bytes) -> tuple[bytes, bytes]:
    padded = key.ljust(_BLOCK_BYTES, b"\0")
    return bytes(b ^ 0x36 for b in padded), bytes(b ^ 0x5C for b in padded)


def _get_lookup_key() -> bytes:
    ring = load_keys("lookup.key")
    return ring.get(ring.current)


def lookup_hash(value: str) -> bytes:
    """Return the 16 bytes under which a NIK or KK number is found."""
    return hmac.digest(_get_lookup_key(), value.encode(), "sha256")[:HASH_BYTES]


def lookup_many(values: Iterable[str | None]) -> list[bytes | None]:
    """Return the look-up hashes of many numbers; None stays None."""
    key = _get_lookup_key()
    return [None if value is None else hmac.digest(key, value.encode(), "sha256")[:HASH_BYTES] for value in values]


def _encrypt_column(column: pa.Array | pa.ChunkedArray) -> pa.Array:
    return pa.array(encrypt_many(column.to_pylist()), type=pa.binary())


def _decrypt_column(column: pa.Array | pa.ChunkedArray) -> pa.Array:
    return pa.array(decrypt_many(column.to_pylist()), type=pa.string())


def register_crypto(con: Any) -> None:
    """Give a DuckDB connection `encrypt_number`, `decrypt_number` and `lookup_number`.

    The first two are vectorised Python functions (VARCHAR to BLOB and back). The third is HMAC
    composed in SQL, so it runs on all of DuckDB's threads; its pads are bound as parameters and
    never stand in SQL text. All keep NULL. `lookup_number` equals `lookup_hash`; `lookup_hex` is its
    hexadecimal form, as COPY takes it.
    """
    for name, function, given, gives in (
        ("encrypt_number", _encrypt_column, "VARCHAR", "BLOB"),
        ("decrypt_number", _decrypt_column, "BLOB", "VARCHAR"),
    ):
        con.create_function(
            name,
            function,
            [given],
            gives,
            type="arrow",
            null_handling="special",
            # Each call gives another nonce, so the planner must not fold or share it.
            side_effects=name == "encrypt_number",
        )
    inner, outer = _lookup_pads(_get_lookup_key())
    con.execute("SET VARIABLE dtsen_inner_pad = $1", [inner]).fetchall()
    con.execute("SET VARIABLE dtsen_outer_pad = $1", [outer]).fetchall()
    for macro in (
        "lookup_hex(number) AS left(sha256(getvariable('dtsen_outer_pad')"
        " || unhex(sha256(getvariable('dtsen_inner_pad') || encode(number)))), 32)",
        "lookup_number(number) AS unhex(lookup_hex(number))",
    ):
        con.execute(f"CREATE OR REPLACE TEMPORARY MACRO {macro}").fetchall()
