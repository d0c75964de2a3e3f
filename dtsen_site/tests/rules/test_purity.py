"""The pure packages run anywhere: importing all of them loads no Django, no queue, no ORM."""

import subprocess
import sys

from dtsen_site.settings.environment import PROJECT_DIR

PURE = ("identifiers", "variables", "matching", "ranking", "sampling")
FOREIGN = ("django", "rest_framework", "celery", "redis", "pghistory")

PROGRAM = f"""
import importlib, pkgutil, sys
for name in {PURE!r}:
    package = importlib.import_module("registry." + name)
    for found in pkgutil.walk_packages(package.__path__, package.__name__ + "."):
        if ".tests" not in found.name:
            importlib.import_module(found.name)
loaded = sorted({{name.split(".")[0] for name in sys.modules}} & set({FOREIGN!r}))
print(",".join(loaded))
"""


def test_pure_packages_load_no_framework():
    answer = subprocess.run([sys.executable, "-c", PROGRAM], cwd=PROJECT_DIR, capture_output=True, text=True)
    assert answer.returncode == 0, answer.stderr[-2000:]
    assert answer.stdout.strip() == ""
