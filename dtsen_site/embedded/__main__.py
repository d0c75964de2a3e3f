"""`python -m dtsen_site.embedded start | stop | status | url`."""

from __future__ import annotations

import argparse
import contextlib
import fcntl
import os
import sys
import time
from collections.abc import Iterator
from pathlib import Path

from dtsen_site.embedded import postgres, valkey
from dtsen_site.embedded.places import Places, prepare
from dtsen_site.embedded.postgres import ServerFailed
from dtsen_site.embedded.programs import NoProgram

ORIGINS = {
    "bundled": "bundled",
    "installed": "installed on this machine; the bundled one does not run here",
    "named": "named by the environment",
}


def main(arguments: list[str] | None = None) -> int:
    """Do what is asked for the servers that no environment variable replaces."""
    parser = argparse.ArgumentParser(prog="python -m dtsen_site.embedded", description=__doc__)
    parser.add_argument("do", choices=("start", "stop", "restart", "status", "url"))
    asked = parser.parse_args(arguments)
    state = _state_folder()
    try:
        if asked.do == "url":
            print(os.environ.get("DATABASE_URL") or Places.of(state).database_url)
            return 0
        if asked.do == "status":
            return _tell(Places.of(state))
        with _one_at_a_time(state):
            if asked.do in ("stop", "restart"):
                _stop(Places.of(state))
            if asked.do in ("start", "restart"):
                _start(state)
    except (NoProgram, ServerFailed, PermissionError, LookupError) as error:
        print(error, file=sys.stderr)
        return 1
    return 0


def _start(state: Path) -> None:
    places = prepare(state)
    if os.environ.get("DATABASE_URL"):
        print("PostgreSQL: the server of DATABASE_URL")
    else:
        began = time.monotonic()
        programs = postgres.start(places)
        print(
            f"PostgreSQL {programs.major} ({ORIGINS[programs.origin]}): up in "
            f"{time.monotonic() - began:.1f} s on {places.sockets}{_as_account(places)}"
        )
    if os.environ.get("REDIS_URL"):
        print("Queue: the server of REDIS_URL")
    else:
        began = time.monotonic()
        program = valkey.start(places)
        print(
            f"{program.path.name} ({ORIGINS[program.origin]}): up in {time.monotonic() - began:.1f} s on "
            f"{places.valkey_socket}{_as_account(places)}"
        )


def _stop(places: Places) -> None:
    for name, stopped in (("PostgreSQL", postgres.stop(places)), ("Valkey", valkey.stop(places))):
        print(f"{name}: {'stopped' if stopped else 'was not running'}")


def _tell(places: Places) -> int:
    up = {"PostgreSQL": postgres.is_running(places), "Valkey": valkey.is_running(places)}
    needed = {"PostgreSQL": not os.environ.get("DATABASE_URL"), "Valkey": not os.environ.get("REDIS_URL")}
    for name, running in up.items():
        print(f"{name}: {'up' if running else 'down'}{'' if needed[name] else ' (not used: a server is named)'}")
    print(f"data: {places.home}")
    print(f"sockets: {places.sockets}")
    return 0 if all(up[name] or not needed[name] for name in up) else 3


def _as_account(places: Places) -> str:
    return f", as account {places.account.name}" if places.account else ""


def _state_folder() -> Path:
    folder = Path(os.environ.get("DTSEN_STATE_DIR", "").strip() or "var").expanduser()
    return folder if folder.is_absolute() else Path(__file__).resolve().parents[2] / folder


@contextlib.contextmanager
def _one_at_a_time(state: Path) -> Iterator[None]:
    state.mkdir(mode=0o700, parents=True, exist_ok=True)
    with (state / "servers.lock").open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


if __name__ == "__main__":
    sys.exit(main())
