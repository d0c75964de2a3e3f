"""Chromium for the journeys: an installed one, else apt's where we may install, else none."""

from __future__ import annotations

import os
import shutil
import subprocess

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
PLACES = "/usr/bin:/usr/local/bin:/snap/bin:/opt/google/chrome"
INSTALL_SECONDS = 420


def find_chromium() -> str | None:
    """Return the path of an installed Chromium or Chrome."""
    for name in NAMES:
        if path := shutil.which(name) or shutil.which(name, path=PLACES):
            return path
    return None


def install_chromium() -> str | None:
    """Install Debian's Chromium when we are root or sudo asks nothing; return its path, or None."""
    prefix = _rights()
    if prefix is None or shutil.which("apt-get") is None:
        print("No browser is here and none can be installed: the journeys will be skipped.", flush=True)
        return None
    print("Installing Chromium for the journeys (apt-get)…", flush=True)
    environment = dict(os.environ, DEBIAN_FRONTEND="noninteractive")
    for command in (
        ["apt-get", "update", "-q"],
        ["apt-get", "install", "-y", "-q", "--no-install-recommends", "chromium"],
    ):
        try:
            answer = subprocess.run(
                [*prefix, *command], env=environment, capture_output=True, text=True, timeout=INSTALL_SECONDS
            )
        except (OSError, subprocess.TimeoutExpired) as error:
            print(f"apt-get did not come to an end: {type(error).__name__}", flush=True)
            return None
        if answer.returncode and "install" in command:
            print(answer.stderr[-1000:], flush=True)
    return find_chromium()


def _rights() -> list[str] | None:
    if os.geteuid() == 0:
        return []
    if shutil.which("sudo") and subprocess.run(["sudo", "-n", "true"], capture_output=True).returncode == 0:
        return ["sudo", "-n"]
    return None
