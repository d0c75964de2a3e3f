"""`kill -9` at twenty random moments of receive, build and publish: the next run completes, nobody gets another
id, nothing is lost and nothing doubled. Six at least land while the publish holds its transaction open.

The commands run as programs of their own, on a database and a state folder of their own, as an operator runs them.
"""

from __future__ import annotations

import csv
import json
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
from registry.common.locks import key_of

pytestmark = [pytest.mark.slow, pytest.mark.django_db(transaction=True)]

FAMILIES = 150
KILLS = 20  # that landed: a command that was over before its moment does not count
KILLS_IN_PUBLISH = 6
ROUNDS = 12  # at most; each tries to kill one receive, one build anywhere and one or two builds in their publish
SEED = 20260614
PATIENCE = 240


@dataclass
class Line:
    """The commands on one database, with what they were seen to do."""

    environment: dict[str, str]
    database: dict[str, str]
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

    def kill_in_publish(self, moment: float) -> bool:
        """Build, and kill it `moment` seconds after the publish has begun; say whether it was still publishing."""
        process = subprocess.Popen(
            [sys.executable, "manage.py", "build_registry"],
            cwd=PROJECT_DIR, env=self.environment, start_new_session=True,
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
        )  # fmt: skip
        with psycopg.connect(autocommit=True, **self.database) as con:
            while process.poll() is None and not is_publishing(con):
                time.sleep(0.01)
            time.sleep(moment)
            landed = process.poll() is None and is_publishing(con)
            if process.poll() is None:
                os.killpg(process.pid, signal.SIGKILL)
            process.wait()
        where = "in its publish, killed after" if landed else "had published within"
        self.told.append(f"build_registry {where} {moment:.2f} s")
        return landed

    @property
    def killed_in_publish(self) -> int:
        """How many kills landed while the publish held its transaction open."""
        return sum("in its publish, killed after " in said for said in self.told)

    @property
    def killed(self) -> int:
        """How many kills landed while the command was at work."""
        return sum(" killed after " in said for said in self.told)

    def timed(self, *arguments: str) -> float:
        """Let a command come to its end and return its seconds."""
        began = time.monotonic()
        self.run(*arguments)
        return time.monotonic() - began


def is_publishing(con: psycopg.Connection) -> bool:
    """Say whether a session holds the lock under which the register is published."""
    key = key_of("registry.publish") % 2**64
    row = con.execute(
        "SELECT EXISTS (SELECT 1 FROM pg_locks WHERE locktype = 'advisory' AND granted AND classid = %s AND objid = %s"
        " AND database = (SELECT oid FROM pg_database WHERE datname = current_database()))",
        [key >> 32, key % 2**32],
    ).fetchone()
    return bool(row and row[0])


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
    made = Line(environment, access | {"dbname": name})
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


def registered(line: Line) -> tuple[int, ...]:
    """Return how many people, families, current memberships and former numbers the register holds."""
    with psycopg.connect(autocommit=True, **line.database) as con:
        row = con.execute(
            "SELECT (SELECT count(*) FROM registry_individual WHERE status = 'active'),"
            " (SELECT count(*) FROM registry_household WHERE status = 'active'),"
            " (SELECT count(*) FROM registry_membership WHERE until IS NULL),"
            " (SELECT count(*) FROM registry_formeridentifier)"
        ).fetchone()
    return tuple(row or ())


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
    people = registered(line)
    assert people[0] == people[2] == len({person for person, _family in before.values()})

    # How long a round takes when nobody is killed: the first build also trains the model.
    line.run(*receive("regsosek", write_regsosek(tmp_path / "r99", families, floor_area=35), 1))
    began = time.monotonic()
    seconds_to_publish = json.loads(line.run("build_registry", "--json"))["seconds"]["publish"]
    seconds_to_build = time.monotonic() - began

    for number in range(1, ROUNDS + 1):
        files = write_regsosek(tmp_path / f"r{number}", families, floor_area=36 + number)
        newer = receive("regsosek", files, 1 + number % 12)
        line.kill(chance.uniform(0.3, 0.9) * seconds_to_receive, *newer)
        seconds_to_receive = min(seconds_to_receive, line.timed(*newer))
        if number == 1:
            assert line.run(*newer)  # the same files once more change nothing and say so
        moment = chance.uniform(0.3, 0.95) * seconds_to_build
        if not line.kill(moment, "build_registry"):
            seconds_to_build = moment  # it was over: the machine is quicker now than when it was timed
        moment = chance.uniform(0, 0.9) * seconds_to_publish
        if not line.kill_in_publish(moment):
            seconds_to_publish = max(moment, 0.05)
        line.run("build_registry")
        after = links_of(line, tmp_path)
        story = "\n".join(line.told)
        assert set(after) == set(before), f"rows were lost or doubled\n{story}"
        moved = [key for key in before if before[key] != after[key]]
        assert moved == [], f"other ids for {len(moved)} rows\n{story}"
        assert registered(line) == people, f"people or families were lost or doubled\n{story}"
        if line.killed >= KILLS and line.killed_in_publish >= KILLS_IN_PUBLISH:
            break
    line.run("verify_audit")
    assert line.killed_in_publish >= KILLS_IN_PUBLISH, "too few kills landed in a publish:\n" + "\n".join(line.told)
    assert line.killed >= KILLS, "too few kills landed:\n" + "\n".join(line.told)
