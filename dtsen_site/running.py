"""`python -m dtsen_site.running`: web server, background tasks and schedule together, until Ctrl-C.

For one machine. On servers each is a unit of its own (docs/how-to/deploy.md). Long work and short
housekeeping have workers of their own, so that two builds never hold up sealing or the outbox.
"""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path
from types import FrameType

from dtsen_site.settings.environment import PROJECT_DIR, read, read_address, read_site_url

STOP_SECONDS = 30
# A build leaves its memory with the process: above this many KiB the next task gets a new one.
LARGEST_WORKER = 400_000


def main() -> int:
    """Start the parts and keep them together: when one ends, all end."""
    host, port = read_address()
    if _is_taken(host, port):
        # Granian shares a port silently with a server that was left over.
        print(f"Something listens on {host}:{port} already. Stop it, or set DTSEN_ADDRESS.", file=sys.stderr)
        return 1
    commands = list_commands(host, port)
    stopping: list[int] = []

    def stop(number: int, frame: FrameType | None) -> None:
        stopping.append(number)

    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, stop)
    # Own sessions: Ctrl-C reaches us, and we end them in order.
    running = {
        name: subprocess.Popen(command, cwd=PROJECT_DIR, start_new_session=True, env=dict(os.environ))
        for name, command in commands.items()
    }
    print(f"DTSEN is open at {read_site_url()}/ (Ctrl-C stops it)", flush=True)
    fallen = ""
    while not stopping and not fallen:
        time.sleep(0.3)
        fallen = next((name for name, process in running.items() if process.poll() is not None), "")
    if fallen:
        print(f"“{fallen}” has ended; stopping the others.", file=sys.stderr)
    for process in running.values():
        if process.poll() is None:
            process.terminate()
    deadline = time.monotonic() + STOP_SECONDS
    for process in running.values():
        try:
            process.wait(max(0.1, deadline - time.monotonic()))
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()
    return 1 if fallen else 0


def list_commands(host: str, port: int) -> dict[str, list[str]]:
    """Return the command of each part that runs, under its name."""
    python = sys.executable
    state: Path = read("DTSEN_STATE_DIR")
    celery = [python, "-m", "celery", "--quiet", "-A", "dtsen_site.celery"]
    worker = [*celery, "worker", "--pool", "prefork", "--loglevel", "WARNING", "--without-gossip", "--without-mingle"]
    return {
        "web": [
            str(Path(python).parent / "granian"), "--interface", "wsgi", "--host", host, "--port", str(port),
            "--workers", str(read("DTSEN_WEB_WORKERS")), "--blocking-threads", "2", "--no-ws",
            "--respawn-failed-workers", "dtsen_site.wsgi:application",
        ],
        "tasks": [
            *worker, "--queues", "dtsen", "--hostname", "tasks@%h", "--concurrency", str(read("DTSEN_TASK_WORKERS")),
            "--max-tasks-per-child", "100", "--max-memory-per-child", str(LARGEST_WORKER),
        ],
        # Two: one sweep that takes long does not hold up the sealing.
        "house": [
            *worker, "--queues", "dtsen.house", "--hostname", "house@%h", "--concurrency", "2",
            "--max-tasks-per-child", "5000",
        ],
        "schedule": [
            *celery, "beat", "--loglevel", "WARNING", "--schedule", str(state / "schedule"), "--pidfile", "",
        ],
    }  # fmt: skip


def _is_taken(host: str, port: int) -> bool:
    with socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET) as probe:
        probe.settimeout(1)
        return probe.connect_ex(("127.0.0.1" if host == "0.0.0.0" else host, port)) == 0  # noqa: S104


if __name__ == "__main__":
    sys.exit(main())
