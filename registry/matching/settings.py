"""What a match run may be told: wanted precision, limits of groups, memory and threads."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, NamedTuple

Verdict = Literal["same", "different"]


class Constraint(NamedTuple):
    """A decision that outranks every other evidence: two delivered rows (or families) are the same or different."""

    source_a: str
    key_a: str
    source_b: str
    key_b: str
    verdict: Verdict
    kind: Literal["person", "family"] = "person"


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """Settings of one match run. Thresholds follow from `wanted_precision`; no score is a setting."""

    wanted_precision: float = 0.9995
    rounds: int = 3
    max_nik_rows: int = 12
    max_block: int = 60
    max_cluster: int = 15
    review_pairs: int = 5_000
    training_pairs: int = 100_000
    memory_limit: str | None = None
    threads: int | None = None
    seed: int = 1
