"""The embedded Valkey (or Redis): started and stopped; on a unix socket only that its owner may open."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import time
from pathlib import Path

from dtsen_site.embedded.places import Places, acting_as
from dtsen_site.embedded.postgres import ServerFailed
from dtsen_site.embedded.programs import ValkeyProgram, find_valkey, make_valkey_reachable

START_SECONDS = 15
STOP_SECONDS = 15


def start(places: Places, *, keep: bool = True) -> ValkeyProgram:
    """Bring the embedded Valkey up; `keep` appends the queue to a file so that it survives a restart.

    Raises: NoProgram, ServerFailed.
    """
    program = make_valkey_reachable(find_valkey(), places)
    if is_running(places):
        return program
    log = places.valkey / "server.log"
    account = places.account
    answer = subprocess.run(
        [
            str(program.path),
            "--port", "0",
            "--unixsocket", str(places.valkey_socket),
            "--unixsocketperm", "700",
            "--dir", str(places.valkey),
            "--pidfile", str(_pid_file(places)),
            "--logfile", str(log),
            "--daemonize", "yes",
            "--appendonly", "yes" if keep else "no",
            "--save", "",
            "--maxmemory-policy", "noeviction",
        ],
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        cwd=places.valkey,
        env={"PATH": "/usr/bin:/bin", "LC_ALL": "C"},
        user=account.uid if account else None,
        group=account.gid if account else None,
        extra_groups=[] if account else None,
        umask=0o077,
        start_new_session=True,
    )  # fmt: skip
    deadline = time.monotonic() + START_SECONDS
    while answer.returncode == 0 and time.monotonic() < deadline:
        if is_running(places):
            return program
        time.sleep(0.02)
    told = log.read_text(errors="replace")[-2000:] if log.exists() else ""
    raise ServerFailed(f"{program.path.name} did not start.\n{answer.stderr}{answer.stdout}{told}".strip())


def stop(places: Places) -> bool:
    """Stop the embedded Valkey; return whether it ran."""
    pid = running_pid(places)
    if pid is None:
        return False
    with acting_as(places.account):
        os.kill(pid, signal.SIGTERM)
    deadline = time.monotonic() + STOP_SECONDS
    while running_pid(places) is not None:
        if time.monotonic() > deadline:
            raise ServerFailed(f"Valkey (process {pid}) did not stop within {STOP_SECONDS} s.")
        time.sleep(0.02)
    return True


def is_running(places: Places) -> bool:
    """Say whether the server answers on its socket."""
    import redis
    from redis.backoff import NoBackoff
    from redis.retry import Retry

    if not places.valkey_socket.exists():
        return False
    client = redis.Redis(unix_socket_path=str(places.valkey_socket), socket_timeout=2, retry=Retry(NoBackoff(), 0))
    with contextlib.closing(client):
        try:
            return bool(client.ping())
        except redis.RedisError:
            return False


def running_pid(places: Places) -> int | None:
    """Return the process of the server of these places, None when it is down."""
    try:
        pid = int(_pid_file(places).read_text())
        if Path("/proc/self").exists():
            name = Path(f"/proc/{pid}/comm").read_text().strip()
            return pid if "valkey" in name or "redis" in name else None
        os.kill(pid, 0)
    except (OSError, ValueError):
        return None
    return pid


def _pid_file(places: Places) -> Path:
    return places.valkey / "server.pid"
