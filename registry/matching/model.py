"""The weights of a comparison: learnt once by expectation-maximisation, then frozen as JSON."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from registry.matching import evidence

Array = np.ndarray
Facts = dict[str, Array]

LEVELS = {"name": 6, "dates": 5, "sex": 2, "nik": 5, "mother": 2, "relation": 3, "company": 8}
VERSION = 1

_START = {
    "name": [0.01, 0.01, 0.03, 0.07, 0.07, 0.81],
    "dates": [0.01, 0.01, 0.01, 0.03, 0.94],
    "sex": [0.005, 0.995],
    "nik": [0.003, 0.003, 0.0005, 0.0235, 0.97],
    "mother": [0.1, 0.9],
    "relation": [0.02, 0.08, 0.90],
    "company": [0.01, 0.01, 0.01, 0.03, 0.05, 0.04, 0.15, 0.70],
}


@dataclass(slots=True)
class Model:
    """m and u per comparison and level: how often true and chance pairs reach it."""

    m: dict[str, list[float]] = field(
        default_factory=lambda: {k: list(v) for k, v in (_START | evidence.START).items()}
    )
    u: dict[str, list[float]] = field(default_factory=dict)
    trained_on: dict[str, float] = field(default_factory=dict)
    version: int = VERSION

    def weights(self, facts: Facts) -> Array:
        """Bits of evidence per pair, without the prior. A null comparison says nothing."""
        total = np.zeros(len(facts["name"]))
        same_nik = facts["nik"] == 4
        for comparison in present(facts):
            m, u = np.asarray(self.m[comparison]), np.asarray(self.u[comparison])
            level = facts[comparison]
            bits = np.append(np.log2(m) - np.log2(np.maximum(u, 1e-15)), 0.0)[level]
            if comparison == "name":
                bits = np.where(level == 5, np.log2(m[5]) + np.minimum(facts["key_bits"], 24.0), bits)
                bits = np.where(level == 4, np.log2(m[4]) + np.clip(facts["token_bits"] - 1.0, 0.0, 20.0), bits)
            elif comparison == "dates":
                # An equal NIK contains the birth date: it is not read twice.
                bits = np.where(same_nik & (bits > 0), 0.0, bits)
            elif comparison == "sex":
                bits = np.where(same_nik & (bits > 0), 0.0, bits)
            total += bits
        return total

    def dump(self, path: Path) -> None:
        """Write the model as JSON."""
        content = {"version": self.version, "m": self.m, "u": self.u, "trained_on": self.trained_on}
        path.write_text(json.dumps(content, indent=1, sort_keys=True) + "\n")

    @classmethod
    def load(cls, path: Path) -> Model:
        """Read a frozen model."""
        content = json.loads(path.read_text())
        if content["version"] != VERSION:
            raise ValueError(f"model version {content['version']} is not {VERSION}")
        return cls(m=evidence.START | content["m"], u=content["u"], trained_on=content["trained_on"], version=VERSION)


def present(facts: Facts) -> dict[str, int]:
    """Comparisons that these facts hold, with their levels: those of every source, and what some layouts add."""
    return LEVELS | {comparison: n for comparison, n in evidence.LEVELS.items() if comparison in facts}


def company(facts: Facts) -> Array:
    """One comparison of where and with whom: shared people, family card, place."""
    shared, place, together = facts["shared"], facts["place"], facts["in_company"].astype(bool)
    level = np.select(
        [
            shared >= 2,
            shared == 1,
            place == 3,
            (place == 2) & ~together,
            place == 2,
            (place == 1) & ~together,
            (place == 1) & together,
            place == 0,
        ],
        [7, 6, 5, 4, 3, 2, 1, 0],
        default=-1,
    )
    return level.astype(np.int8)


def shares(level: Array, n_levels: int, weight: Array | None = None, smooth: float = 0.5) -> Array:
    """Smoothed share of each level among the pairs where the comparison speaks."""
    known = level >= 0
    counted = np.bincount(level[known], weights=None if weight is None else weight[known], minlength=n_levels)
    return (counted + smooth) / (counted.sum() + smooth * n_levels)


def learn(model: Model, facts: Facts, prior_bits: Array, sure: Facts, steps: int = 12) -> Model:
    """Fit m by expectation-maximisation over the compared pairs, together with the pairs exact evidence linked."""
    base = {c: np.bincount(sure[c][sure[c] >= 0], minlength=n).astype(float) for c, n in present(facts).items()}
    for _ in range(steps):
        odds = np.clip(model.weights(facts) + prior_bits, -60, 60)
        probability = 1.0 / (1.0 + np.exp2(-odds))
        moved = 0.0
        for comparison, n_levels in present(facts).items():
            level = facts[comparison]
            known = level >= 0
            counted = base[comparison] + np.bincount(level[known], weights=probability[known], minlength=n_levels)
            # Pairs of old beliefs keep a level that was never seen from becoming impossible.
            fitted = counted + 20.0 * np.asarray((_START | evidence.START)[comparison])
            fitted /= fitted.sum()
            moved = max(moved, float(np.abs(fitted - np.asarray(model.m[comparison])).max()))
            model.m[comparison] = [float(x) for x in fitted]
        strangers = (facts["company"] >= 5) & (facts["name"] <= 1) & (facts["nik"] != 4)
        model.u["relation"] = shares(facts["relation"][strangers], LEVELS["relation"], smooth=5.0).tolist()
        if moved < 1e-5:
            break
    return model
