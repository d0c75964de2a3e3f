"""Chromium for the journeys: an installed one, Playwright's, else one is installed where we may.

Debian's package is tried first, because it brings the libraries; Playwright's own download needs no rights, but a
machine that has the libraries. Only a browser that runs counts: Ubuntu's package may be an empty hull.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
PLACES = "/usr/bin:/usr/local/bin:/snap/bin:/opt/google/chrome"
INSTALL_SECONDS = 420
PLAYWRIGHT = (sys.executable, "-m", "playwright", "install", "--only-shell", "chromium")


def find_chromium() -> str | None:
    """Return the path of a Chromium or Chrome that runs."""
    for name in NAMES:
        for path in dict.fromkeys((shutil.which(name), shutil.which(name, path=PLACES))):
            if path and _runs(path):
                return path
    path = _playwrights_own()
    return path if path and _runs(path) else None


def install_chromium() -> str | None:
    """Install a Chromium by apt or by Playwright; return its path, or None with what was tried."""
    prefix = _rights()
    tried = []
    if prefix is not None and shutil.which("apt-get"):
        print("Installing Chromium for the journeys (apt-get)…", flush=True)
        _call([*prefix, "apt-get", "update", "-q"])
        tried.append(_call([*prefix, "apt-get", "install", "-y", "-q", "--no-install-recommends", "chromium"]))
        if path := find_chromium():
            return path
    print("Installing Chromium for the journeys (playwright)…", flush=True)
    libraries = ["--with-deps"] if prefix == [] and shutil.which("apt-get") else []
    tried.append(_call([*PLAYWRIGHT, *libraries]))
    if path := find_chromium():
        return path
    print("No browser is here and none could be installed: the journeys will be skipped.", flush=True)
    print("\n".join(told for told in tried if told), flush=True)
    return None


def _call(command: list[str]) -> str:
    """Run an installer and return what went wrong, empty when it went well."""
    name = next(word for word in command if word not in {"sudo", "-n"})
    try:
        answer = subprocess.run(
            command, env=dict(os.environ, DEBIAN_FRONTEND="noninteractive"), stdin=subprocess.DEVNULL,
            capture_output=True, text=True, timeout=INSTALL_SECONDS,
        )  # fmt: skip
    except (OSError, subprocess.TimeoutExpired) as error:
        return f"{name} did not come to an end: {type(error).__name__}"
    return f"{name}: {(answer.stderr or answer.stdout).strip()[-600:]}" if answer.returncode else ""


def _playwrights_own() -> str | None:
    """Return where Playwright keeps its Chromium, whether it is there or not."""
    from playwright.sync_api import Error, sync_playwright

    try:
        with sync_playwright() as driver:
            shell = driver.chromium.executable_path
    except (Error, OSError):
        return None
    if os.path.exists(shell):
        return shell
    # `--only-shell` brings the headless program alone; its folder stands beside the whole one's.
    dry = subprocess.run([*PLAYWRIGHT, "--dry-run"], capture_output=True, text=True).stdout
    for line in dry.splitlines():
        folder = line.partition("Install location:")[2].strip()
        if "headless" in folder:
            for root, _, files in os.walk(folder):
                for name in files:
                    if name in {"chrome-headless-shell", "headless_shell"}:
                        return os.path.join(root, name)
    return None


def _runs(path: str) -> bool:
    try:
        return subprocess.run([path, "--version"], capture_output=True, timeout=60).returncode == 0
    except (OSError, subprocess.SubprocessError):
        return False


def _rights() -> list[str] | None:
    if os.geteuid() == 0:
        return []
    if shutil.which("sudo") and subprocess.run(["sudo", "-n", "true"], capture_output=True).returncode == 0:
        return ["sudo", "-n"]
    return None
