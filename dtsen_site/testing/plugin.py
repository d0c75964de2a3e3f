"""pytest plugin (`-p dtsen_site.testing.plugin`): throw-away servers before the settings load.

A test run gets a state folder, keys, a PostgreSQL that forgets (fsync off) and a Valkey of its own, or the
servers of DATABASE_URL and REDIS_URL. In a conftest.py this would come too late for pytest-django.
"""

from __future__ import annotations

import json
import os
import shutil
import tempfile
from collections.abc import Generator
from pathlib import Path
from typing import Any

import pytest

from dtsen_site.embedded import postgres, valkey
from dtsen_site.embedded.places import Places, prepare

PREFIX = "dtsen-test-"
_state: list[Path] = []


@pytest.hookimpl(wrapper=True)
def pytest_load_initial_conftests(
    early_config: pytest.Config, parser: Any, args: list[str]
) -> Generator[None, None, None]:
    """Start the servers before pytest-django reads the settings."""
    _sweep()
    state = Path(tempfile.mkdtemp(prefix=f"{PREFIX}{os.getpid()}-"))
    _state.append(state)
    os.environ["DTSEN_STATE_DIR"] = str(state)
    # A test that shows a page must not depend on files that somebody collected.
    os.environ.setdefault("DTSEN_LOG_LEVEL", "WARNING")
    for name in ("DTSEN_STORE", "DTSEN_PRODUCTION", "DTSEN_HOSTS", "DTSEN_DEBUG", "DTSEN_PROXY"):
        os.environ.pop(name, None)
    places = prepare(state)
    if not os.environ.get("DATABASE_URL"):
        postgres.start(places, settings=postgres.FAST_AND_FORGETFUL)
    if not os.environ.get("REDIS_URL"):
        valkey.start(places, keep=False)
    _make_keys(state)
    (state / "static").mkdir()
    return (yield)


def pytest_unconfigure(config: pytest.Config) -> None:
    """Stop the servers and remove everything of the run; leave the counts for `make test`."""
    while _state:
        _remove(_state.pop())


def pytest_terminal_summary(terminalreporter: Any, exitstatus: int, config: pytest.Config) -> None:
    """Write the counts where the caller asked for them."""
    file = os.environ.get("DTSEN_TEST_COUNTS")
    if not file:
        return
    stats = terminalreporter.stats
    counts = {
        "passed": len(stats.get("passed", [])) + len(stats.get("xfailed", [])),
        "failed": len(stats.get("failed", [])) + len(stats.get("error", [])) + len(stats.get("xpassed", [])),
        "skipped": len(stats.get("skipped", [])),
        "skipped_journeys": sum(_is_journey(report) for report in stats.get("skipped", [])),
        "journeys": sum(
            _is_journey(report) for name in ("passed", "failed", "error", "skipped") for report in stats.get(name, [])
        ),
    }
    Path(file).write_text(json.dumps(counts))


def _is_journey(report: Any) -> bool:
    return "journeys/" in report.nodeid


def _make_keys(state: Path) -> None:
    from registry.common import crypto

    crypto.make_keys(state / "keys")
    secret = state / "keys" / "secret.key"
    secret.write_text("only-for-this-test-run-" + os.urandom(16).hex() + "\n")
    secret.chmod(0o600)


def _sweep() -> None:
    """Remove what runs that were killed have left."""
    for state in Path(tempfile.gettempdir()).glob(f"{PREFIX}*-*"):
        try:
            pid = int(state.name.removeprefix(PREFIX).split("-")[0])
            ours = state.stat().st_uid == os.geteuid()
        except (ValueError, OSError):
            continue
        if ours and not _is_alive(pid):
            _remove(state)


def _remove(state: Path) -> None:
    places = Places.of(state)
    postgres.stop(places, mode="immediate")
    valkey.stop(places)
    for folder in (places.home, places.sockets, state):
        shutil.rmtree(folder, ignore_errors=True)


def _is_alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except OSError:
        return True
    return True
