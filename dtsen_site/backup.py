"""`python -m dtsen_site.backup dump | restore FILE`: the database into one file, and a new database out of it.

For the embedded server and for the one of DATABASE_URL, with client programs that fit its version. Keys, store
and the order of the steps are told in docs/how-to/backup.md.
"""

from __future__ import annotations

import argparse
import contextlib
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import psycopg
from django.core.exceptions import ImproperlyConfigured
from psycopg.conninfo import conninfo_to_dict

from dtsen_site.embedded.places import Places
from dtsen_site.embedded.programs import INSTALLED_POSTGRESQL, NoProgram, find_postgres
from dtsen_site.settings.environment import PROJECT_DIR, read

NAMES = {
    "host": "PGHOST", "port": "PGPORT", "user": "PGUSER", "password": "PGPASSWORD", "dbname": "PGDATABASE",
    "sslmode": "PGSSLMODE", "sslrootcert": "PGSSLROOTCERT",
}  # fmt: skip


class Refused(Exception):
    """The dump or the restore was not begun, or did not come to its end; the text says why."""


def main(arguments: list[str] | None = None) -> int:
    """Dump or restore; 1 with a sentence when it was refused."""
    parser = argparse.ArgumentParser(prog="python -m dtsen_site.backup", description=__doc__)
    parser.add_argument("do", choices=("dump", "restore"))
    parser.add_argument("file", type=Path, metavar="FILE")
    parser.add_argument("--replace", action="store_true", help="empty a database that holds a register already")
    asked = parser.parse_args(arguments)
    try:
        if asked.do == "dump":
            dump(asked.file)
        else:
            restore(asked.file, replace=asked.replace)
    except (Refused, NoProgram, ImproperlyConfigured) as error:
        print(error, file=sys.stderr)
        return 1
    except psycopg.OperationalError as error:
        print(f"The database cannot be reached: {str(error).splitlines()[0]}", file=sys.stderr)
        return 1
    return 0


def dump(file: Path) -> None:
    """Write the whole database into one compressed file that its owner alone reads.

    Raises: Refused.
    """
    os.umask(0o077)
    part = file.with_name(f"{file.name}.part")
    server = _server_major()
    _run([_program("pg_dump", server), "--format=custom", "--no-owner", "--file", str(part)])
    part.replace(file)  # a dump that stopped midway never carries the name of a whole one
    print(f"Dumped into {file} ({file.stat().st_size / 2**20:.1f} MiB). Keys and store are kept apart.")


def restore(file: Path, *, replace: bool) -> None:
    """Put the database of a dump in the place of the present one, then compare keys and walk the record.

    Raises: Refused when the present one holds a register and `replace` is not said, when the file is no
    whole dump, or when keys or record do not fit.
    """
    if not file.is_file():
        raise Refused(f"There is no file {file}.")
    server = _server_major()
    program = _program("pg_restore", server)
    _run([program, "--file", os.devnull, str(file)])  # reads it to its end
    with psycopg.connect(**_access(), autocommit=True) as con:  # type: ignore[arg-type]
        if _holds_register(con) and not replace:
            raise Refused("This database holds a register already. Nothing was changed; --replace puts another there.")
        con.execute("DROP SCHEMA public CASCADE")
        con.execute("CREATE SCHEMA public")
    _run([program, "--no-owner", "--exit-on-error", "--single-transaction", "--dbname", _access()["dbname"], str(file)])
    print("The database is put back.")
    for command in (["migrate", "--verbosity", "0"], ["make_keys"], ["verify_audit"]):
        if subprocess.run([sys.executable, "manage.py", *command], cwd=PROJECT_DIR).returncode:
            raise Refused(f"“{command[0]}” is not content: see above. The site must not be opened like this.")


def _access() -> dict[str, str]:
    url = str(read("DATABASE_URL")) or Places.of(read("DTSEN_STATE_DIR")).database_url
    return {key: str(value) for key, value in conninfo_to_dict(url.replace("pgsql://", "postgres://", 1)).items()}


def _server_major() -> int:
    with psycopg.connect(**_access()) as con:  # type: ignore[arg-type]
        return con.info.server_version // 10000


def _program(name: str, server: int) -> str:
    """Return the program of the oldest version that can read the server's: a newer dump may not go back into it."""
    folders = {Path(found).parent for found in (shutil.which(name),) if found}
    folders |= {folder for pattern in INSTALLED_POSTGRESQL for folder in Path("/").glob(pattern.lstrip("/"))}
    with contextlib.suppress(NoProgram):
        folders.add(find_postgres().folder)
    fitting = sorted((major, str(folder / name)) for folder in folders if (major := _major(folder / name)) >= server)
    if not fitting:
        raise Refused(f"No {name} of version {server} or newer is on this machine. Install postgresql-client-{server}.")
    return fitting[0][1]


def _major(program: Path) -> int:
    try:
        told = subprocess.run([str(program), "--version"], capture_output=True, text=True, timeout=30).stdout
    except (OSError, subprocess.SubprocessError):
        return 0
    found = re.search(r"\) (\d+)", told)
    return int(found.group(1)) if found else 0


def _holds_register(con: psycopg.Connection) -> bool:
    there = con.execute("SELECT to_regclass('public.registry_delivery') IS NOT NULL").fetchone()
    if not there or not there[0]:
        return False
    rows = con.execute("SELECT EXISTS (SELECT 1 FROM registry_delivery) OR EXISTS (SELECT 1 FROM registry_household)")
    held = rows.fetchone()
    return bool(held and held[0])


def _run(command: list[str]) -> None:
    # Through the environment: a command line is seen by everybody on the machine.
    environment = os.environ | {NAMES[key]: value for key, value in _access().items() if key in NAMES}
    answer = subprocess.run(command, env=environment, capture_output=True, text=True)
    if answer.returncode:
        raise Refused(f"{Path(command[0]).name} ended with {answer.returncode}: {answer.stderr.strip()[-1000:]}")


if __name__ == "__main__":
    sys.exit(main())
