"""Files kept as they were sent, encrypted: each under its own key, which file.key encloses.

Layout: magic, key id, nonce and cipher of the file's own key, then blocks of at most 1 MiB, each
AES-256-GCM with a counting nonce whose last byte says whether it is the last block (the STREAM
construction of Hoang, Reyhanitabar, Rogaway and Vizár, 2015): a block changed, moved, left out or
a cut end is noticed. Memory stays at two blocks whatever the size.
"""

import io
import os
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from registry.common.crypto import KEY_BYTES, NONCE_BYTES, load_keys
from registry.common.errors import DomainError

MAGIC = b"DTSENF1\n"
BLOCK = 1 << 20
TAG = 16
_ENCLOSED = KEY_BYTES + TAG
_HEADER = len(MAGIC) + 1 + NONCE_BYTES + _ENCLOSED


def _nonce(counter: int, *, last: bool) -> bytes:
    # The key is used for one file only, so a counter from 0 never repeats.
    return counter.to_bytes(11, "big") + (b"\x01" if last else b"\x00")


def encrypt_stream(source: BinaryIO, target: BinaryIO) -> int:
    """Write the encrypted form of all that `source` gives; return the number of plain bytes."""
    ring = load_keys("file.key")
    own = AESGCM.generate_key(256)
    nonce = os.urandom(NONCE_BYTES)
    head = MAGIC + bytes([ring.current])
    enclosed = AESGCM(ring.get(ring.current)).encrypt(nonce, own, head)
    header = head + nonce + enclosed
    target.write(header)
    seal = AESGCM(own).encrypt
    size, counter = 0, 0
    block = _read_block(source)
    while True:
        following = _read_block(source) if len(block) == BLOCK else b""
        last = not following
        target.write(seal(_nonce(counter, last=last), block, header if counter == 0 else b""))
        size += len(block)
        if last:
            return size
        block, counter = following, counter + 1


def _read_block(source: BinaryIO, size: int = BLOCK) -> bytes:
    parts, left = [], size
    while left and (part := source.read(left)):
        parts.append(part)
        left -= len(part)
    return b"".join(parts)


def encrypt_file(source: Path, target: Path) -> int:
    """Keep the file encrypted under `target`, whole or not at all; return its plain size."""
    aside = target.with_name(f".{target.name}.{os.getpid()}.part")
    target.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    try:
        handle = os.open(aside, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with source.open("rb") as plain, os.fdopen(handle, "wb") as sealed:
            size = encrypt_stream(plain, sealed)
            sealed.flush()
            os.fsync(sealed.fileno())
        os.replace(aside, target)
    finally:
        aside.unlink(missing_ok=True)
    return size


def decrypt_blocks(sealed: BinaryIO, name: str) -> Iterator[bytes]:
    """Yield the plain blocks of an encrypted file, each checked before it is given out.

    Raises: DomainError `common.file.damaged`; Misconfigured `common.keys.unknown`.
    """
    damaged = DomainError("common.file.damaged", name=name)
    header = _read_block(sealed, _HEADER)
    if len(header) < _HEADER or not header.startswith(MAGIC):
        raise damaged
    head = header[: len(MAGIC) + 1]
    nonce = header[len(head) : len(head) + NONCE_BYTES]
    try:
        own = AESGCM(load_keys("file.key").get(head[-1])).decrypt(nonce, header[-_ENCLOSED:], head)
        unseal = AESGCM(own).decrypt
        counter = 0
        block = _read_block(sealed, BLOCK + TAG)
        while True:
            following = _read_block(sealed, BLOCK + TAG) if len(block) == BLOCK + TAG else b""
            last = not following
            yield unseal(_nonce(counter, last=last), block, header if counter == 0 else b"")
            if last:
                return
            block, counter = following, counter + 1
    except (InvalidTag, ValueError):
        raise damaged from None


class _PlainFile(io.RawIOBase):
    def __init__(self, path: Path) -> None:
        self._file = path.open("rb")
        self._blocks = decrypt_blocks(self._file, path.name)
        self._rest = memoryview(b"")

    def readable(self) -> bool:
        return True

    def readinto(self, buffer) -> int:  # type: ignore[no-untyped-def,override]
        while not self._rest:
            block = next(self._blocks, None)
            if block is None:
                return 0
            self._rest = memoryview(block)
        size = min(len(buffer), len(self._rest))
        buffer[:size] = self._rest[:size]
        self._rest = self._rest[size:]
        return size

    def close(self) -> None:
        self._file.close()
        super().close()


def open_encrypted(path: Path) -> BinaryIO:
    """Open an encrypted file for reading its plain bytes from the start."""
    return io.BufferedReader(_PlainFile(path), BLOCK)


def decrypt_file(source: Path, target: Path) -> int:
    """Write the plain bytes of an encrypted file, readable by the owner only; return the size."""
    handle = os.open(target, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    size = 0
    with source.open("rb") as sealed, os.fdopen(handle, "wb") as plain:
        for block in decrypt_blocks(sealed, source.name):
            plain.write(block)
            size += len(block)
    return size
