"""`kill -9` at random moments of validating deliveries again: a build reads former results or new ones, never both.

In the shape of `test_killed_runs.py`, whose programs and database of their own it uses.
"""

from __future__ import annotations

import json
import time
from pathlib import Path
from random import Random

import duckdb
import psycopg
import pytest

from dtsen_site.tests.deliveries import make_families, write_p3ke, write_regsosek
from dtsen_site.tests.test_killed_runs import Line, line, links_of, receive, registered
from registry.sources.keeping import NEXT, RESULTS

__all__ = ["line"]  # a fixture
pytestmark = [pytest.mark.slow, pytest.mark.django_db(transaction=True)]

FAMILIES = 40
KILLS = 4  # that landed while the command was at work
ROUNDS = 8
SEED = 20261124
REVALIDATE = (
    "from django.utils import timezone; from registry.officers.selectors import system_officer;"
    " from registry.sources.revalidation import revalidate_deliveries;"
    " print(len(revalidate_deliveries(by=system_officer(), now=timezone.now())))"
)


def outdate(line: Line, store: Path) -> None:
    """Let every delivery look as if it was validated with rules that are no longer those of today."""
    with psycopg.connect(autocommit=True, **line.database) as con:
        con.execute("UPDATE registry_delivery SET rule_version = 0")
    for path in store.glob("*/manifest.json"):
        content = json.loads(path.read_text(encoding="utf-8"))
        path.write_text(json.dumps(content | {"rule_version": 0}), encoding="utf-8")


def results(store: Path) -> dict[str, list[tuple]]:
    """Return the rows of every result of every delivery."""
    con = duckdb.connect()
    return {
        f"{folder.name}/{name}": con.execute(f"SELECT * FROM '{folder}/{name}'").fetchall()
        for folder in sorted(store.iterdir())
        for name in RESULTS
        if name.endswith(".parquet")
    }


def versions(line: Line, store: Path) -> tuple[list[int], list[int]]:
    """Return the rule versions that the rows and that the manifests name, by delivery."""
    with psycopg.connect(autocommit=True, **line.database) as con:
        rows = con.execute("SELECT content_hash, rule_version FROM registry_delivery ORDER BY content_hash").fetchall()
    manifests = [json.loads((store / name / "manifest.json").read_text(encoding="utf-8")) for name, _ in rows]
    return [version for _, version in rows], [one["rule_version"] for one in manifests]


def test_killed_validations_again_leave_deliveries_whole_and_the_register_as_it_was(line, tmp_path):
    chance = Random(SEED)
    families = make_families(FAMILIES)
    line.run(*receive("p3ke", write_p3ke(tmp_path / "p3ke", families), 1))
    line.run(*receive("regsosek", write_regsosek(tmp_path / "r", families), 1))
    line.run("build_registry")
    store = Path(line.environment["DTSEN_STATE_DIR"]) / "store" / "deliveries"
    links, people, former = links_of(line, tmp_path), registered(line), results(store)
    outdate(line, store)
    began = time.monotonic()
    assert line.run("shell", "--no-imports", "-v", "0", "-c", REVALIDATE).split()[-1] == "2"
    seconds = time.monotonic() - began

    for number in range(ROUNDS):
        outdate(line, store)
        line.kill(chance.uniform(0.5, 1.0) * seconds, "shell", "--no-imports", "-v", "0", "-c", REVALIDATE)
        if number % 2 == 0:  # a build right after a kill settles what it left
            line.run("build_registry")
            assert links_of(line, tmp_path) == links, "\n".join(line.told)
            rows, manifests = versions(line, store)
            assert rows == manifests, "\n".join(line.told)
            assert not list(store.glob(f"*/{NEXT}")), "\n".join(line.told)
        if line.killed >= KILLS:
            break
    line.run("shell", "--no-imports", "-v", "0", "-c", REVALIDATE)
    line.run("build_registry")

    rows, manifests = versions(line, store)
    assert rows == manifests and 0 not in rows, "\n".join(line.told)
    assert results(store) == former
    assert not list(store.glob(f"*/{NEXT}"))
    assert (links_of(line, tmp_path), registered(line)) == (links, people)
    assert line.killed >= KILLS, "too few kills landed:\n" + "\n".join(line.told)
    line.run("verify_audit")
