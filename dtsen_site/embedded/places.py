"""Where the embedded servers of a state folder keep their data and sockets.

A normal user's servers live in the state folder. PostgreSQL refuses to run as root; root's servers run
under an existing account (`postgres`, else `nobody`) and live in a system folder of that account, which
the file `server-id` in the state folder names: no parent folder is ever opened to others.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import pwd
import secrets
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

SERVER_ACCOUNTS = ("postgres", "nobody")
SYSTEM_FOLDERS = (Path("/var/lib/dtsen"), Path("/var/tmp/dtsen"))  # noqa: S108  ours, 0700 inside
# sun_path holds 108 bytes with its closing zero; the longest name inside is PostgreSQL's lock.
LONGEST_SOCKET = 107
SOCKET_NAMES = (".s.PGSQL.5432.lock", "valkey.sock")


@dataclass(frozen=True)
class Account:
    """The account the servers run under when we are root; None keeps the caller's."""

    name: str
    uid: int
    gid: int


@dataclass(frozen=True)
class Places:
    """Folders of the embedded servers that belong to one state folder."""

    state: Path
    home: Path
    sockets: Path
    account: Account | None

    @classmethod
    def of(cls, state: Path) -> Places:
        """Return the places of a state folder; makes nothing."""
        state = state.resolve()
        if os.geteuid() != 0:
            home = state / "servers"
            return cls(state, home, _socket_folder(home, state), None)
        name = _read_server_id(state) or f"not-installed-{_digest(state)}"
        for base in SYSTEM_FOLDERS:
            if (base / name).is_dir():
                break
        else:
            base = SYSTEM_FOLDERS[0]
        home = base / name
        return cls(state, home, _socket_folder(home, state), find_account())

    @property
    def data(self) -> Path:
        """PostgreSQL's data folder."""
        return self.home / "postgresql"

    @property
    def valkey(self) -> Path:
        """Valkey's folder."""
        return self.home / "valkey"

    @property
    def valkey_socket(self) -> Path:
        """Valkey's socket."""
        return self.sockets / "valkey.sock"

    @property
    def database_url(self) -> str:
        """The address of the embedded database for other programs."""
        return f"postgres://dtsen@/dtsen?host={self.sockets}"


def prepare(state: Path) -> Places:
    """Make the folders of the embedded servers and return them."""
    state.mkdir(mode=0o700, parents=True, exist_ok=True)
    if os.geteuid() == 0 and not _read_server_id(state):
        # The name stays with the state folder, so that a new one never meets an old database.
        file = state / "server-id"
        file.write_text(secrets.token_hex(6) + "\n", encoding="ascii")
        for base in SYSTEM_FOLDERS:
            try:
                base.mkdir(mode=0o711, parents=True, exist_ok=True)
                (base / file.read_text("ascii").strip()).mkdir(mode=0o700)
                break
            except OSError:
                continue
    places = Places.of(state)
    for folder in (places.home, places.sockets, places.valkey):
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        if places.account:
            os.chown(folder, places.account.uid, places.account.gid)
    _refuse_foreign(places.sockets, places.account)
    return places


@contextlib.contextmanager
def acting_as(account: Account | None) -> Iterator[None]:
    """Touch files and processes with the rights of the server account: root follows no link of its making."""
    if account is None:
        yield
        return
    os.setegid(account.gid)
    os.seteuid(account.uid)
    try:
        yield
    finally:
        os.seteuid(0)
        os.setegid(0)


def find_account() -> Account:
    """Return the existing account that root's servers run under.

    Raises: LookupError when there is none (none is made).
    """
    for name in SERVER_ACCOUNTS:
        try:
            found = pwd.getpwnam(name)
        except KeyError:
            continue
        return Account(name, found.pw_uid, found.pw_gid)
    raise LookupError(
        "PostgreSQL does not run as root, and there is neither an account postgres nor nobody. "
        "Run this as a normal user, or set DATABASE_URL."
    )


def _socket_folder(home: Path, state: Path) -> Path:
    folder = home / "run"
    if max(len(os.fsencode(folder / name)) for name in SOCKET_NAMES) <= LONGEST_SOCKET:
        return folder
    # A deep state folder: a short folder of ours in the temporary one, the same at every start.
    return Path(tempfile.gettempdir()) / f"dtsen-{os.geteuid()}-{_digest(state)}"


def _refuse_foreign(folder: Path, account: Account | None) -> None:
    owner = account.uid if account else os.geteuid()
    found = folder.lstat()
    if folder.is_symlink() or found.st_uid != owner or found.st_mode & 0o077:
        raise PermissionError(f"{folder} is not a private folder of ours; remove it and start again.")


def _digest(state: Path) -> str:
    return hashlib.sha256(os.fsencode(state)).hexdigest()[:12]


def _read_server_id(state: Path) -> str:
    try:
        return (state / "server-id").read_text("ascii").strip()
    except OSError:
        return ""
