"""`kill -9` in the middle of a ranking: nothing half written is seen, and the repeat gives the same hash.

The command runs as a program of its own, on a database and a state folder of its own, as an operator runs it.
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time

import psycopg
import pytest

from dtsen_site.settings.environment import PROJECT_DIR
from dtsen_site.tests.deliveries import make_families, write_p3ke, write_regsosek
from dtsen_site.tests.test_killed_runs import Line, line, receive  # noqa: F401 - the fixture of killed commands
from registry.tests.ranking.worlds import write_survey

pytestmark = [pytest.mark.slow, pytest.mark.django_db(transaction=True)]

PATIENCE = 240
# The moment of each kill: as soon as this can be read of the run (its row, its families, its scores kept aside).
MOMENTS = ("row", "families", "ranks")


def kill_at(line: Line, moment: str) -> bool:  # noqa: F811
    """Start a ranking and kill it with all it started at a moment of its work; say whether it was still unfinished."""
    ranks = f"{line.environment['DTSEN_STATE_DIR']}/store/ranks"
    process = subprocess.Popen(
        [sys.executable, "manage.py", "rank_households", "--as-of", "2026-11-24"],
        cwd=PROJECT_DIR, env=line.environment, start_new_session=True,
        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
    )  # fmt: skip
    with psycopg.connect(autocommit=True, **line.database) as con:
        until = time.monotonic() + PATIENCE
        while process.poll() is None and time.monotonic() < until:
            row = con.execute("SELECT id FROM registry_rankrun WHERE state = 'running'").fetchone()
            if row and (moment == "row" or os.path.exists(f"{ranks}/{row[0]:05d}/{moment}.parquet")):
                break
            time.sleep(0.002)
        if process.poll() is None:
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()
        return process.returncode == -signal.SIGKILL and bool(
            con.execute("SELECT 1 FROM registry_rankrun WHERE state = 'running'").fetchone()
        )


def test_a_killed_ranking_leaves_nothing_half_and_comes_out_the_same(line, tmp_path):  # noqa: F811
    families = make_families(60)
    line.run(*receive("regsosek", write_regsosek(tmp_path / "r", families), 1))
    line.run(*receive("p3ke", write_p3ke(tmp_path / "p", families), 1))
    line.run("build_registry")
    survey = write_survey(tmp_path / "survey.csv")
    line.run(
        "fit_ranking", str(survey), "--outcome", "spending", "--weight", "weight", "--psu", "psu", "--stratum", "stratum",
        "--region", "regency", "--challengers",
    )  # fmt: skip

    landed = 0
    for moment in MOMENTS:
        landed += kill_at(line, moment)
        with psycopg.connect(autocommit=True, **line.database) as con:
            half = con.execute(
                "SELECT count(*) FROM registry_householdrank h JOIN registry_rankrun r ON r.id = h.run"
                " WHERE r.state = 'running'"
            ).fetchone()
            assert half == (0,)
    assert landed >= 2, "the kills came too late to land"
    repeated = json.loads(line.run("rank_households", "--as-of", "2026-11-24", "--json").strip().splitlines()[-1])
    clean = json.loads(line.run("rank_households", "--as-of", "2026-11-24", "--json").strip().splitlines()[-1])

    assert repeated["hash"] == clean["hash"] and repeated["families"] == clean["families"] == len(families)
    with psycopg.connect(autocommit=True, **line.database) as con:
        rows = con.execute(
            "SELECT run, count(*), count(DISTINCT household_id) FROM registry_householdrank GROUP BY run"
        ).fetchall()
        assert sorted(rows) == sorted((told["run"], 60, 60) for told in (repeated, clean))
        assert con.execute("SELECT count(*) FROM registry_rankrun WHERE state = 'running'").fetchone() == (0,)
