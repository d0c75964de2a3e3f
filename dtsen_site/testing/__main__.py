"""`python -m dtsen_site.testing`: everything `make test` checks, with one closing line of counts.

`--only NAME …` runs some of the steps; what follows `--` goes to pytest.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from dtsen_site.testing import browser

ROOT = Path(__file__).resolve().parents[2]
CODE = ("registry", "complaints", "graduation", "dtsen_site", "benchmarks", "manage.py")
PYTHON = sys.executable
BIN = Path(sys.executable).parent
# About half of the time each: what kills commands takes minutes and goes with the quick ones.
KILLING = tuple(
    str(path.relative_to(ROOT)) for path in sorted((ROOT / "dtsen_site" / "tests").glob("test_killed_*.py"))
)
GROUPS = (
    ("dtsen_site", *(f"--ignore={path}" for path in KILLING)),
    ("registry", "complaints", "graduation", *KILLING),
)
COUNTED = ("passed", "failed", "skipped", "skipped_journeys", "journeys")


@dataclass(frozen=True)
class Step:
    """One check that is a program: its name and its command."""

    name: str
    command: tuple[str, ...]


def list_steps() -> list[Step]:
    """Return the checks before the tests, quickest to tell first."""
    templates = tuple(str(path.relative_to(ROOT)) for path in sorted((ROOT / "templates").rglob("*.html")))
    manage = (PYTHON, "manage.py")
    return [
        Step("lint", (str(BIN / "ruff"), "check", *CODE)),
        Step("format", (str(BIN / "ruff"), "format", "--check", *CODE)),
        Step("templates format", (str(BIN / "djade"), "--check", "--target-version", "5.2", *templates)),
        Step("imports", (str(BIN / "lint-imports"), "--no-cache")),
        Step("types", (str(BIN / "mypy"), *CODE[:4])),
        Step("system check", (*manage, "check", "--fail-level", "ERROR")),
        Step("migrations made", (*manage, "makemigrations", "--check", "--dry-run")),
        Step("translations", (*manage, "compile_translations", "--check")),
        Step("templates compile", (*manage, "compile_templates")),
    ]


def main(arguments: list[str] | None = None) -> int:
    """Run the steps and the tests; say what failed, then the counts."""
    given = list(sys.argv[1:] if arguments is None else arguments)
    mine, passed_on = (given[: given.index("--")], given[given.index("--") + 1 :]) if "--" in given else (given, [])
    parser = argparse.ArgumentParser(prog="python -m dtsen_site.testing", description=__doc__)
    parser.add_argument("--only", nargs="*", help="names of steps; `tests` is the last one")
    parser.add_argument("--list", action="store_true", help="list the steps")
    asked = parser.parse_args(mine)
    steps = list_steps()
    if asked.list:
        print("\n".join([step.name for step in steps] + ["tests"]))
        return 0
    wanted = asked.only or [step.name for step in steps] + ["tests"]

    counts = {"passed": 0, "failed": 0, "skipped": 0}
    failures: list[str] = []
    with tempfile.TemporaryDirectory(prefix="dtsen-checks-") as folder:
        environment = dict(os.environ, PYTHONWARNINGS="ignore", PYTHONDONTWRITEBYTECODE="1")
        # The programs that load the settings need a state folder, but nothing in it.
        environment.setdefault("DTSEN_STATE_DIR", folder)
        for step in steps:
            if step.name in wanted:
                good = _run(step, environment)
                counts["passed" if good else "failed"] += 1
                if not good:
                    failures.append(step.name)
        if "tests" in wanted:
            more = _run_tests(Path(folder), passed_on)
            for name in counts:
                counts[name] += more[name]
            if more["failed"]:
                failures.append("tests")
            if _in_ci() and not passed_on and not more["journeys"]:
                failures.append("no journey was made")
                counts["failed"] += 1
            if more["skipped_journeys"] and _in_ci():
                failures.append(f"{more['skipped_journeys']} journeys were skipped: no browser")
                counts["failed"] += more["skipped_journeys"]
                counts["skipped"] -= more["skipped_journeys"]
    if failures:
        print(f"\nnot well: {', '.join(failures)}")
    print(f"{counts['passed']} passed, {counts['failed']} failed, {counts['skipped']} skipped")
    return 1 if failures else 0


def _run(step: Step, environment: dict[str, str]) -> bool:
    began = time.monotonic()
    if shutil.which(step.command[0]) is None:
        print(f"{step.name}: {step.command[0]} is not installed (make install)")
        return False
    answer = subprocess.run(
        step.command, cwd=ROOT, env=environment, stdin=subprocess.DEVNULL, capture_output=True, text=True
    )
    good = answer.returncode == 0
    print(f"{step.name}: {'well' if good else 'NOT WELL'} ({time.monotonic() - began:.1f} s)", flush=True)
    if not good:
        print("\n".join((answer.stdout + answer.stderr).strip().splitlines()[-60:]), flush=True)
    return good


def _run_tests(folder: Path, passed_on: list[str]) -> dict[str, int]:
    """Run pytest, in two processes at once with servers of their own where nothing stands against it."""
    if not browser.find_chromium():
        browser.install_chromium()
    # On named servers two runs would meet in one test database.
    alone = bool(passed_on or os.environ.get("DATABASE_URL") or os.environ.get("REDIS_URL") or os.cpu_count() == 1)
    began = time.monotonic()
    runs = []
    for number, group in enumerate([()] if alone else GROUPS):
        runs.append(_start_pytest(folder / str(number), [*group, *passed_on], shown=number == 0))
    counts = dict.fromkeys(COUNTED, 0)
    for place, process, log in runs:
        code = process.wait()
        if log is not None:  # what ran beside is shown after the first
            log.close()
            print((place / "log").read_text(errors="replace"), flush=True)
        for name, number in _read_counts(place, code).items():
            counts[name] += number
    print(f"tests: {time.monotonic() - began:.0f} s in {len(runs)} process{'es' if len(runs) > 1 else ''}", flush=True)
    return counts


def _start_pytest(
    place: Path, arguments: list[str], *, shown: bool
) -> tuple[Path, subprocess.Popen[bytes], IO[bytes] | None]:
    place.mkdir()
    environment = dict(os.environ, DTSEN_TEST_COUNTS=str(place / "counts.json"))
    environment.pop("DTSEN_STATE_DIR", None)
    log = None if shown else (place / "log").open("wb")
    process = subprocess.Popen(
        [PYTHON, "-m", "pytest", *arguments], cwd=ROOT, env=environment, stdout=log, stderr=log and subprocess.STDOUT
    )
    return place, process, log


def _read_counts(place: Path, code: int) -> dict[str, int]:
    file = place / "counts.json"
    if not file.exists():
        return {**dict.fromkeys(COUNTED, 0), "failed": 1}
    counts: dict[str, int] = json.loads(file.read_text())
    if code not in (0, 1) and not counts["failed"]:  # nothing collected, or stopped midway
        counts["failed"] = 1
    return counts


def _in_ci() -> bool:
    return os.environ.get("CI", "").lower() in {"1", "true", "yes"}


if __name__ == "__main__":
    sys.exit(main())
