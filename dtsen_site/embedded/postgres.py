"""The embedded PostgreSQL: made once, started, stopped; on a unix socket only that its owner may open."""

from __future__ import annotations

import getpass
import os
import signal
import subprocess
import time
from collections.abc import Mapping, Sequence
from pathlib import Path

from dtsen_site.embedded.places import Places, acting_as
from dtsen_site.embedded.programs import PostgresPrograms, find_postgres, make_reachable

START_SECONDS = 60
STOP_SECONDS = 60

# A machine for development and small sites; the deploy guide says what a server gets.
SETTINGS: dict[str, str] = {
    "listen_addresses": "''",
    "unix_socket_permissions": "0700",
    "max_connections": "60",
    "shared_buffers": "256MB",
    "work_mem": "32MB",
    "maintenance_work_mem": "256MB",
    "effective_cache_size": "1GB",
    "max_wal_size": "4GB",
    "checkpoint_timeout": "15min",
    "random_page_cost": "1.1",
    "jit": "off",
    "timezone": "'UTC'",
    "log_timezone": "'UTC'",
    # Statements carry personal data: errors are logged without their text.
    "log_min_error_statement": "panic",
    "log_statement": "none",
    "log_parameter_max_length_on_error": "0",
}
# A throw-away server of a test run.
FAST_AND_FORGETFUL = {
    "fsync": "off",
    "synchronous_commit": "off",
    "full_page_writes": "off",
    "shared_buffers": "128MB",
}


# Parallel queries share memory through /dev/shm, which containers often keep at 64 MB.
ENOUGH_SHARED_MEMORY = 1024**3


class ServerFailed(RuntimeError):
    """The server did not do what was asked; the text holds the end of its log."""


def start(places: Places, *, settings: Mapping[str, str] | None = None) -> PostgresPrograms:
    """Bring the embedded PostgreSQL up, making its data folder and database at the first start.

    Raises: NoProgram, ServerFailed.
    """
    programs = make_reachable(find_postgres(), places)
    if is_running(places):
        return programs
    if not (places.data / "PG_VERSION").exists():
        _make_data_folder(programs, places)
    kept = _version_of(places.data)
    if kept != programs.major:
        raise ServerFailed(
            f"The database in {places.data} was made by PostgreSQL {kept}, but the programs found are of "
            f"version {programs.major} ({programs.folder}). Name the right ones with DTSEN_POSTGRES_BIN."
        )
    with acting_as(places.account):
        _write_settings(places, settings or {})
        _forget_stale_pid(places.data)
    log = places.home / "postgresql.log"
    _run(
        places,
        [programs.path("pg_ctl"), "-D", str(places.data), "-l", str(log), "-w", "-t", str(START_SECONDS), "start"],
        log=log,
    )
    _make_database(places)
    return programs


def stop(places: Places, *, mode: str = "fast") -> bool:
    """Stop the embedded PostgreSQL; return whether it ran."""
    pid = running_pid(places)
    if pid is None:
        return False
    with acting_as(places.account):
        os.kill(pid, {"smart": signal.SIGTERM, "fast": signal.SIGINT, "immediate": signal.SIGQUIT}[mode])
    deadline = time.monotonic() + STOP_SECONDS
    while running_pid(places) is not None:
        if time.monotonic() > deadline:
            raise ServerFailed(f"PostgreSQL (process {pid}) did not stop within {STOP_SECONDS} s.")
        time.sleep(0.05)
    return True


def is_running(places: Places) -> bool:
    """Say whether the server of these places is up and ready."""
    try:
        lines = (places.data / "postmaster.pid").read_text().splitlines()
    except OSError:
        return False
    return running_pid(places) is not None and len(lines) > 7 and lines[7].strip() == "ready"


def running_pid(places: Places) -> int | None:
    """Return the process of the server of these places, None when it is down."""
    try:
        pid = int((places.data / "postmaster.pid").read_text().splitlines()[0])
    except (OSError, ValueError, IndexError):
        return None
    return pid if _is_postgres(pid) else None


def _make_data_folder(programs: PostgresPrograms, places: Places) -> None:
    # Made aside and moved into place: an install that is killed begins anew.
    aside = places.home / "postgresql.new"
    if aside.exists():
        _run(places, ["rm", "-rf", str(aside)])
    log = places.home / "initdb.log"
    _run(
        places,
        [
            programs.path("initdb"),
            "-D", str(aside),
            "-U", "dtsen",
            "-E", "UTF8",
            "--locale=C.UTF-8" if _has_utf8_locale() else "--locale=C",
            "--auth-local=peer",
            "--auth-host=reject",
            "--no-instructions",
        ],
        log=log,
    )  # fmt: skip
    # The socket's folder is private; peer lets in the owner's account (and root) as the role dtsen.
    names = {getpass.getuser(), _own_name(), "root", places.account.name if places.account else ""}
    owners = "".join(f"owner {name} dtsen\n" for name in sorted(names) if name)
    with acting_as(places.account):
        (aside / "pg_hba.conf").write_text("local all dtsen peer map=owner\n")
        (aside / "pg_ident.conf").write_text(owners)
        with (aside / "postgresql.conf").open("a") as file:
            file.write("\ninclude_if_exists = 'dtsen.conf'\n")
        os.rename(aside, places.data)


def _write_settings(places: Places, more: Mapping[str, str]) -> None:
    settings = SETTINGS | {"unix_socket_directories": f"'{places.sockets}'"} | dict(more)
    if _shared_memory_is_small():
        settings["dynamic_shared_memory_type"] = "mmap"
    path = places.data / "dtsen.conf"
    head = "# Written at every start; own settings belong into postgresql.conf, below the include line.\n"
    path.write_text(head + "".join(f"{name} = {value}\n" for name, value in settings.items()))
    path.chmod(0o644)


def _make_database(places: Places) -> None:
    import psycopg

    with psycopg.connect(host=str(places.sockets), user="dtsen", dbname="postgres", autocommit=True) as con:
        if con.execute("SELECT 1 FROM pg_database WHERE datname = 'dtsen'").fetchone() is None:
            con.execute("CREATE DATABASE dtsen")


def _forget_stale_pid(data: Path) -> None:
    """Remove the lock of a server that is gone: after a restart its number may belong to another program."""
    file = data / "postmaster.pid"
    try:
        pid = int(file.read_text().splitlines()[0])
    except (OSError, ValueError, IndexError):
        return
    if not _is_postgres(pid):
        file.unlink(missing_ok=True)


def _is_postgres(pid: int) -> bool:
    if pid <= 0:
        return False
    try:
        return Path(f"/proc/{pid}/comm").read_text().strip() == "postgres"
    except FileNotFoundError:
        if Path("/proc/self").exists():
            return False
    except OSError:
        return False
    try:  # no /proc on this platform
        os.kill(pid, 0)
    except OSError:
        return False
    return True


def _version_of(data: Path) -> int:
    return int((data / "PG_VERSION").read_text().strip().split(".")[0])


def _shared_memory_is_small() -> bool:
    try:
        found = os.statvfs("/dev/shm")  # noqa: S108
    except OSError:
        return False
    return found.f_blocks * found.f_frsize < ENOUGH_SHARED_MEMORY


def _has_utf8_locale() -> bool:
    try:
        names = subprocess.run(["locale", "-a"], capture_output=True, text=True, timeout=10).stdout.lower()
    except (OSError, subprocess.SubprocessError):
        return False
    return "c.utf" in names


def _own_name() -> str:
    import pwd

    try:
        return pwd.getpwuid(os.geteuid()).pw_name
    except KeyError:
        return ""


def _run(places: Places, command: Sequence[str], *, log: Path | None = None) -> None:
    account = places.account
    environment = {
        "PATH": "/usr/bin:/bin",
        "HOME": str(places.home),
        "LC_ALL": "C",
        "TZ": "UTC",
        "PGSYSCONFDIR": str(places.home),
    }
    with (places.state / "launcher.log").open("w+") as out:
        code = subprocess.run(
            command,
            stdin=subprocess.DEVNULL,
            stdout=out,
            stderr=subprocess.STDOUT,
            cwd=places.home,
            env=environment,
            user=account.uid if account else None,
            group=account.gid if account else None,
            extra_groups=[] if account else None,
            umask=0o077,
            # Ctrl-C in the terminal that started it does not stop the server.
            start_new_session=True,
        ).returncode
        if code == 0:
            return
        out.seek(0)
        told = out.read()[-2000:]
    more = log.read_text(errors="replace")[-2000:] if log and log.exists() else ""
    raise ServerFailed(f"{Path(command[0]).name} ended with {code}.\n{told}\n{more}".strip())
