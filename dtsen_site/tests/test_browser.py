"""The browser of the journeys: found, installed where it is missing, and never passed over in silence by CI."""

from __future__ import annotations

import json
import os
import subprocess
from pathlib import Path

import pytest

from dtsen_site.testing import __main__ as checks
from dtsen_site.testing import browser


@pytest.fixture
def bare_machine(tmp_path, monkeypatch) -> Path:
    """Return the only folder on PATH of a machine without a browser; Playwright has none either."""
    folder = tmp_path / "bin"
    folder.mkdir()
    monkeypatch.setenv("PATH", f"{folder}:/bin:/usr/bin")
    monkeypatch.setattr(browser, "PLACES", str(folder))
    monkeypatch.setattr(browser, "NAMES", ("chromium-of-this-test",))
    monkeypatch.setattr(browser, "_playwrights_own", lambda: None)
    monkeypatch.setattr(browser, "_rights", list)
    monkeypatch.setattr(browser, "PLAYWRIGHT", (str(folder / "playwright"), "install"))
    return folder


def program(folder: Path, name: str, script: str) -> Path:
    path = folder / name
    path.write_text(f"#!/bin/sh\n{script}\n")
    path.chmod(0o755)
    return path


def test_browser_that_does_not_run_is_none(bare_machine):
    program(bare_machine, "chromium-of-this-test", "echo install the snap; exit 1")
    assert browser.find_chromium() is None
    path = program(bare_machine, "chromium-of-this-test", "echo Chromium 150")
    assert browser.find_chromium() == str(path)


def test_missing_browser_is_installed_by_apt(bare_machine):
    made = bare_machine / "chromium-of-this-test"
    program(bare_machine, "apt-get", f'[ "$1" = update ] || {{ printf "#!/bin/sh\\n" > {made}; chmod 755 {made}; }}')
    assert browser.install_chromium() == str(made)


def test_missing_browser_is_installed_by_playwright_where_apt_cannot(bare_machine):
    made = bare_machine / "chromium-of-this-test"
    program(bare_machine, "apt-get", "exit 100")
    program(bare_machine, "playwright", f'printf "#!/bin/sh\\n" > {made}; chmod 755 {made}')
    assert browser.install_chromium() == str(made)


def test_browser_that_cannot_be_installed_is_told_with_what_was_tried(bare_machine, capsys):
    program(bare_machine, "apt-get", "echo no such package >&2; exit 100")
    program(bare_machine, "playwright", "echo no network >&2; exit 1")
    assert browser.install_chromium() is None
    told = capsys.readouterr().out
    assert "no such package" in told and "no network" in told


@pytest.mark.parametrize(("ci", "code", "line"), [("true", 1, "5 passed, 2 failed, 0 skipped"),
                                                  ("", 0, "5 passed, 0 failed, 2 skipped")])  # fmt: skip
def test_skipped_journey_fails_under_ci_only(monkeypatch, capsys, ci, code, line):
    monkeypatch.setenv("CI", ci)
    monkeypatch.setattr(
        checks,
        "_run_tests",
        lambda folder, more: {"passed": 5, "failed": 0, "skipped": 2, "skipped_journeys": 2, "journeys": 2},
    )
    assert checks.main(["--only", "tests"]) == code
    assert capsys.readouterr().out.splitlines()[-1] == line


def test_run_without_any_journey_fails_under_ci(monkeypatch, capsys):
    """Not collecting the journeys at all is skipping them too."""
    monkeypatch.setenv("CI", "true")
    counts = {"passed": 5, "failed": 0, "skipped": 0, "skipped_journeys": 0, "journeys": 0}
    monkeypatch.setattr(checks, "_run_tests", lambda folder, more: dict(counts))
    assert checks.main(["--only", "tests"]) == 1
    assert checks.main(["--only", "tests", "--", "registry/tests/common"]) == 0


def test_counts_of_a_run_tell_the_skipped_journeys(tmp_path):
    journeys = tmp_path / "journeys"
    journeys.mkdir()
    (journeys / "test_one.py").write_text(
        "import pytest\n\n@pytest.fixture\ndef browser():\n    pytest.skip('no browser')\n\n"
        "def test_a(browser):\n    pass\n\ndef test_b():\n    pass\n"
    )
    file = tmp_path / "counts.json"
    script = (
        "import sys, pytest\nfrom dtsen_site.testing import plugin\n"
        "class Counts:\n    pytest_terminal_summary = staticmethod(plugin.pytest_terminal_summary)\n"
        f"pytest.main(['-c', '/dev/null', '--rootdir', {str(tmp_path)!r}, {str(journeys)!r}, '-p', 'no:cacheprovider'],"
        " plugins=[Counts()])"
    )
    environment = {**os.environ, "DTSEN_TEST_COUNTS": str(file)}
    answer = subprocess.run(
        [checks.PYTHON, "-c", script], cwd=checks.ROOT, env=environment, capture_output=True, text=True
    )
    assert answer.returncode == 0, answer.stderr
    assert json.loads(file.read_text()) == {
        "passed": 1, "failed": 0, "skipped": 1, "skipped_journeys": 1, "journeys": 2,
    }  # fmt: skip
