"""Cut lines between desil, the provisional standing of one family against them, and the chance of lying below each.

A cut is the smallest score with which at least d tenths of the mass (persons or families of the scope) lie at or
below it; who stands exactly on it belongs to the poorer side, tied families together.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from typing import Any

import numpy as np
from scipy.stats import norm

from registry.ranking.errors import RankingError
from registry.ranking.model import RankModel, RawValues, canonical

Array = np.ndarray
UNITS = ("person", "family")
SCOPES = ("nation", "province", "regency")
LINES = tuple(range(1, 10))
NEAR = (300, 700)  # a chance of 0.3–0.7 of lying below a line is "near" it
_Z_STEPS, _Z_SPAN = 100, 4


@cache
def chance_table() -> tuple[int, ...]:
    """Return Φ(z) in thousandths for z = −4.00, −3.99 … 4.00, which makes chances whole numbers everywhere."""
    z = np.arange(-_Z_SPAN * _Z_STEPS, _Z_SPAN * _Z_STEPS + 1) / _Z_STEPS
    return tuple(int(n) for n in np.floor(norm.cdf(z) * 1000 + 0.5))


def chance_below(score: int, cut: int, sigma: int) -> int:
    """Return Φ((cut − score)/sigma) in thousandths, as the bulk scoring does.

    >>> chance_below(0, 0, 300_000), chance_below(150_000, 0, 300_000)
    (500, 309)
    """
    place = max(0, (cut - score) * _Z_STEPS + _Z_SPAN * _Z_STEPS * sigma) // sigma
    return chance_table()[min(place, 2 * _Z_SPAN * _Z_STEPS)]


@dataclass(frozen=True, eq=False)
class Cuts:
    """The nine cut scores of each scope: `values[scope code] = (cut of desil 1, …, 9)`; the nation's code is ""."""

    unit: str
    scope: str
    values: Mapping[str, tuple[int, ...]]

    def code(self, region: str | None) -> str:
        """Return the scope code of a dotted regency.

        >>> Cuts("person", "province", {}).code("35.14")
        '35'
        """
        return {"nation": "", "province": (region or "")[:2], "regency": region or ""}[self.scope]

    def of(self, region: str | None) -> tuple[int, ...]:
        """Return the nine cuts that hold in a regency.

        Raises: ranking.options.invalid when the run ranked nobody there.
        """
        try:
            return self.values[self.code(region)]
        except KeyError:
            raise RankingError(
                "ranking.options.invalid",
                option="region",
                value=region or "",
                known=", ".join(sorted(self.values)[:20]),
            ) from None

    def line(self, region: str | None, desil: int) -> int:
        """Return the highest score that still lies in `desil` or below (desil 1 … 9)."""
        return self.of(region)[desil - 1]

    def desil(self, score: int, region: str | None) -> int:
        """Return the desil of a score: 1 poorest … 10."""
        return 1 + sum(score > cut for cut in self.of(region))

    def as_json(self) -> dict[str, Any]:
        """Return what `from_json` reads."""
        return {
            "unit": self.unit,
            "scope": self.scope,
            "values": {code: list(row) for code, row in sorted(self.values.items())},
        }

    @classmethod
    def from_json(cls, content: Mapping[str, Any]) -> Cuts:
        """Read cuts back."""
        return cls(content["unit"], content["scope"], {k: tuple(v) for k, v in content["values"].items()})

    @property
    def sha256(self) -> str:
        """The fingerprint of the cuts."""
        return hashlib.sha256(canonical(self.as_json()).encode()).hexdigest()


@dataclass(frozen=True, slots=True)
class Provisional:
    """Where one family stands against frozen cuts: valid until the next run, which moves the cuts too."""

    score: int
    desil: int
    chances: tuple[int, ...]  # thousandths of lying at or below the cut of desil 1 … 9
    near_line: bool
    distance: Mapping[int, int] = field(default_factory=dict)  # line → score − cut, micro


def score_one(
    model: RankModel, values: RawValues, region: str | None, cuts: Cuts, *, near_lines: tuple[int, ...] = (4,)
) -> Provisional:
    """Score one family against frozen cuts; the same whole numbers as a run gives.

    `values` as in `RankModel.terms`. Raises: ranking.options.invalid for a region without cuts.
    """
    score = model.score(values, region)
    sigma = model.sigma_of(region)
    lines = cuts.of(region)
    chances = tuple(chance_below(score, cut, sigma) for cut in lines)
    return Provisional(
        score=score,
        desil=1 + sum(score > cut for cut in lines),
        chances=chances,
        near_line=any(NEAR[0] <= chances[line - 1] <= NEAR[1] for line in near_lines),
        distance={line: score - lines[line - 1] for line in LINES},
    )
