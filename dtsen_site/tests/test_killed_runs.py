"""`kill -9` at twenty random moments of receive, build and publish: the next run completes, nobody gets another
id, nothing is lost and nothing doubled.

The commands run as programs of their own, on a database and a state folder of their own, as an operator runs them.
"""

from __future__ import annotations

import csv
import os
import signal
import subprocess
import sys
import time
import uuid
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from random import Random
from urllib.parse import quote

import psycopg
import pytest
from django.conf import settings
from django.db import connections

from dtsen_site.settings.environment import PROJECT_DIR
from dtsen_site.tests.deliveries import Family, make_families, write_p3ke, write_regsosek

pytestmark = [pytest.mark.slow, pytest.mark.django_db(transaction=True)]

FAMILIES = 150
KILLS = 20  # that landed: a command that was over before its moment does not count
ROUNDS = 16  # at most; each tries to kill one receive and two builds
SEED = 20260614
PATIENCE = 240


@dataclass
class Line:
    """The commands on one database, with what they were seen to do."""

    environment: dict[str, str]
    told: list[str] = field(default_factory=list)

    def run(self, *arguments: str, expect: int = 0) -> str:
        """Let a command come to its end."""
        answer = subprocess.run(
            [sys.executable, "manage.py", *arguments],
            cwd=PROJECT_DIR, env=self.environment, capture_output=True, text=True, timeout=PATIENCE,
        )  # fmt: skip
        story = "\n".join(self.told)
        assert answer.returncode == expect, f"{arguments}\n{story}\n{answer.stdout[-2000:]}\n{answer.stderr[-3000:]}"
        return answer.stdout

    def kill(self, moment: float, *arguments: str) -> bool:
        """Start a command and kill it, with everything it started, after `moment` seconds; say whether it lived."""
        process = subprocess.Popen(
            [sys.executable, "manage.py", *arguments],
            cwd=PROJECT_DIR, env=self.environment, start_new_session=True,
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
        )  # fmt: skip
        try:
            process.wait(moment)
            self.told.append(f"{arguments[0]} was over before {moment:.2f} s")
            return False
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()
            self.told.append(f"{arguments[0]} killed after {moment:.2f} s")
            return True

    @property
    def killed(self) -> int:
        """How many kills landed while the command was at work."""
        return sum(" killed after " in said for said in self.told)

    def timed(self, *arguments: str) -> float:
        """Let a command come to its end and return its seconds."""
        began = time.monotonic()
        self.run(*arguments)
        return time.monotonic() - began


@pytest.fixture
def line(tmp_path: Path) -> Iterator[Line]:
    """Return the commands on a new, installed database; it is dropped afterwards."""
    server = connections["default"].settings_dict
    name = f"dtsen_killed_{uuid.uuid4().hex[:8]}"
    host = server["HOST"] or server.get("OPTIONS", {}).get("host", "")
    access = {"host": host, "user": server["USER"], "password": server["PASSWORD"], "port": server["PORT"] or None}
    access = {key: value for key, value in access.items() if value}
    with psycopg.connect(dbname="postgres", autocommit=True, **access) as con:
        con.execute(f"CREATE DATABASE {name}")
    secret = f":{quote(server['PASSWORD'])}" if server["PASSWORD"] else ""
    port = f"&port={server['PORT']}" if server["PORT"] else ""
    environment = os.environ | {
        "DATABASE_URL": f"postgres://{server['USER']}{secret}@/{name}?host={quote(str(host), safe='')}{port}",
        "REDIS_URL": settings.REDIS_URL,
        "DTSEN_STATE_DIR": str(tmp_path / "state"),
        "DTSEN_LOG_LEVEL": "WARNING",
    }
    made = Line(environment)
    made.run("migrate", "--verbosity", "0")
    made.run("make_keys")
    made.run("load_wilayah")
    yield made
    with psycopg.connect(dbname="postgres", autocommit=True, **access) as con:
        con.execute(f"DROP DATABASE {name} WITH (FORCE)")


def links_of(line: Line, folder: Path) -> dict[tuple[str, str], tuple[str, str]]:
    """Return person and family of every source row; no row may stand there twice."""
    path = folder / f"links-{uuid.uuid4().hex}.csv"
    line.run("export_links", str(path))
    links: dict[tuple[str, str], tuple[str, str]] = {}
    with path.open(newline="") as file:
        for row in csv.DictReader(file):
            key = (row["source"], row["record_key"])
            assert key not in links, f"{key} stands twice"
            links[key] = (row["individual_id"], row["household_id"])
    return links


def receive(source: str, paths: list[Path], month: int) -> list[str]:
    return ["receive_delivery", source, *map(str, paths), "--period", f"2026-{month:02d}"]


def expected_keys(families: list[Family]) -> set[tuple[str, str]]:
    people = [(family.number, person.number) for family in families for person in family.members]
    return {("regsosek", f"R{f:07d}-{p:02d}") for f, p in people} | {("p3ke", f"P3KE{f:09d}{p:02d}") for f, p in people}


def test_killed_runs_lose_nothing_double_nothing_and_keep_every_id(line, tmp_path):
    chance = Random(SEED)
    families = make_families(FAMILIES)
    line.run(*receive("p3ke", write_p3ke(tmp_path / "p3ke", families), 1))
    first = receive("regsosek", write_regsosek(tmp_path / "r0", families), 1)
    seconds_to_receive = line.timed(*first)

    line.kill(chance.uniform(1.5, 4), "build_registry")
    line.kill(chance.uniform(1.5, 8), "build_registry")
    line.run("build_registry")
    before = links_of(line, tmp_path)
    assert set(before) == expected_keys(families)

    # How long a round takes when nobody is killed: the first build also trains the model.
    line.run(*receive("regsosek", write_regsosek(tmp_path / "r99", families, floor_area=35), 1))
    seconds_to_build = line.timed("build_registry")

    for number in range(1, ROUNDS + 1):
        files = write_regsosek(tmp_path / f"r{number}", families, floor_area=36 + number)
        newer = receive("regsosek", files, 1 + number % 12)
        line.kill(chance.uniform(0.3, 0.9) * seconds_to_receive, *newer)
        seconds_to_receive = min(seconds_to_receive, line.timed(*newer))
        if number == 1:
            assert line.run(*newer)  # the same files once more change nothing and say so
        for _attempt in range(2):
            moment = chance.uniform(0.3, 0.95) * seconds_to_build
            if not line.kill(moment, "build_registry"):
                seconds_to_build = moment  # it was over: the machine is quicker now than when it was timed
        line.run("build_registry")
        after = links_of(line, tmp_path)
        story = "\n".join(line.told)
        assert set(after) == set(before), f"rows were lost or doubled\n{story}"
        moved = [key for key in before if before[key] != after[key]]
        assert moved == [], f"other ids for {len(moved)} rows\n{story}"
        if line.killed >= KILLS:
            break
    line.run("verify_audit")
    assert line.killed >= KILLS, "too few kills landed:\n" + "\n".join(line.told)
