"""The line on a small scale for tests across rooms: deliveries in, register out, as the commands do it."""

from __future__ import annotations

import contextlib
import datetime as dt
import io
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from django.core.management import call_command
from django.db import transaction

from dtsen_site.tests.deliveries import Family, make_families, write_p3ke, write_regsosek
from registry.common import jobs, outbox
from registry.desil.fitting import fit_model
from registry.desil.models import RankModel
from registry.officers.selectors import system_officer
from registry.tests.ranking.worlds import QUICK, write_survey


def receive(source: str, paths: list[Path], period: str = "2026-06") -> None:
    """Receive a delivery as an operator does."""
    call_command("receive_delivery", source, *map(str, paths), "--period", period, stdout=io.StringIO())


def build() -> None:
    """Build the register as an operator does."""
    call_command("build_registry", stdout=io.StringIO())


def build_small_register(folder: Path, count: int = 12) -> list[Family]:
    """Receive Regsosek and P3KE of a few families in Jatisari, build, and return the families."""
    families = make_families(count)
    receive("regsosek", write_regsosek(folder, families))
    receive("p3ke", write_p3ke(folder, families))
    build()
    return families


@contextlib.contextmanager
def kept_for_a_module(blocker: Any) -> Iterator[None]:
    """Let what is made inside stand for all tests of a module: each of them rolls back to it, the end to nothing.

    For tests in a transaction (`db`) only.
    """
    with blocker.unblock():
        outer = transaction.atomic()
        outer.__enter__()
        try:
            yield
        finally:
            transaction.set_rollback(True)
            outer.__exit__(None, None, None)


def let_workers_work(limit: int = 200) -> None:
    """Do at once what waits for the background workers, at most so many messages."""
    kept = jobs._hand_over[:]
    jobs._hand_over[:] = [jobs.run_job]
    try:
        outbox.sweep(limit=limit)
    finally:
        jobs._hand_over[:] = kept


def fit_small_model(folder: Path, *, now: dt.datetime) -> RankModel:
    """Fit a model to a made-up survey, quickly; nobody has signed it."""
    return fit_model(
        survey=write_survey(folder / "survey.csv"), outcome="spending", weight="weight", psu="psu", stratum="stratum",
        region="regency", settings=QUICK, by=system_officer(), now=now,
    )  # fmt: skip
