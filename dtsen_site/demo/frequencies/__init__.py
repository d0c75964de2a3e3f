"""Frequencies of names, houses, lives and faults: YAML files and their reading."""

import importlib.resources
from typing import Any

import yaml

PROFILES = ("plain", "hard")


def read(name: str) -> dict[str, Any]:
    """Return the content of one file of this folder."""
    text = (importlib.resources.files(__package__) / f"{name}.yaml").read_text("utf-8")
    found: dict[str, Any] = yaml.safe_load(text)
    return found


def faults_of(profile: str) -> dict[str, dict[str, float]]:
    """Return the rates of a profile; what it does not name is as in `plain`.

    Raises: ValueError when there is no such profile.
    """
    if profile not in PROFILES:
        raise ValueError(f"There is no profile {profile}; there are {', '.join(PROFILES)}.")
    rates = read("faults")
    return {part: values | rates[profile].get(part, {}) for part, values in rates["plain"].items()}
