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

from dtsen_site.testing import browser

ROOT = Path(__file__).resolve().parents[2]
CODE = ("registry", "complaints", "graduation", "dtsen_site", "benchmarks", "manage.py")
PYTHON = sys.executable
BIN = Path(sys.executable).parent


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
            if _in_ci() and not passed_on and not more.get("journeys", 1):
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
    if not browser.find_chromium():
        browser.install_chromium()
    file = folder / "counts.json"
    environment = dict(os.environ, DTSEN_TEST_COUNTS=str(file))
    environment.pop("DTSEN_STATE_DIR", None)
    code = subprocess.run([PYTHON, "-m", "pytest", *passed_on], cwd=ROOT, env=environment).returncode
    if not file.exists():
        return {"passed": 0, "failed": 1, "skipped": 0, "skipped_journeys": 0, "journeys": 1}
    counts: dict[str, int] = json.loads(file.read_text())
    if code not in (0, 1) and not counts["failed"]:  # nothing collected, or stopped midway
        counts["failed"] = 1
    return counts


def _in_ci() -> bool:
    return os.environ.get("CI", "").lower() in {"1", "true", "yes"}


if __name__ == "__main__":
    sys.exit(main())
