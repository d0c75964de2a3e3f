"""Draws that anyone can repeat: a seed and a frame's fingerprint give the same families, each with its probability.

The order of draws comes from SHA-256 of seed and unit, not from a generator whose algorithm may change.
"""

from __future__ import annotations

import hashlib
import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from registry.sampling.errors import SamplingError, check_between


@dataclass(frozen=True, slots=True)
class Unit:
    """One family of the frame: its public id, stratum, village and risk (0–1; 0 where no signal is known)."""

    id: str
    stratum: str = ""
    village: str = ""
    risk: float = 0.0


@dataclass(frozen=True, slots=True)
class Draw:
    """One drawn family, immutable: where, in which order, and the probability with which it was drawn.

    `psu_probability` × `within_probability` = `probability`; `certain`: its village was taken for sure and counts as
    a stratum of its own; `random_floor`: drawn by chance alone, not by risk.
    """

    id: str
    stratum: str
    village: str
    order: int
    probability: float
    psu_probability: float = 1.0
    within_probability: float = 1.0
    certain: bool = False
    random_floor: bool = True
    by_risk: bool = False
    stratum_units: int = 0
    village_units: int = 0
    stratum_villages: int = 0


@dataclass(frozen=True, eq=False)
class Sample:
    """A drawn sample: its draws in order, seed, the frame's fingerprint and how it was designed."""

    draws: tuple[Draw, ...]
    seed: str
    frame_hash: str
    design: Mapping[str, object] = field(default_factory=dict)


def frame_hash(frame: Iterable[Unit]) -> str:
    """Return the fingerprint of a frame, whatever its order: id, stratum, village and risk of every unit."""
    lines = sorted(f"{u.id}\t{u.stratum}\t{u.village}\t{u.risk:.6f}" for u in frame)
    return hashlib.sha256("\n".join(lines).encode()).hexdigest()


def chance(seed: str, *names: str) -> float:
    """Return a number in [0, 1) that belongs to a seed and a name, everywhere and for ever.

    >>> chance("a", "x") == chance("a", "x"), 0 <= chance("a", "x") < 1
    (True, True)
    """
    digest = hashlib.sha256("\x1f".join((seed, *names)).encode()).digest()
    return int.from_bytes(digest[:8], "big") / 2**64


def draw_simple(frame: Sequence[Unit], n: int | Mapping[str, int], *, seed: str) -> Sample:
    """Draw at random within strata: `n` in all when there is one stratum, else a number per stratum.

    A stratum smaller than its number is taken whole. Raises: sampling.frame.empty, sampling.frame.twice.
    """
    strata = _strata(frame)
    sizes = n if isinstance(n, Mapping) else proportional(n, {name: len(units) for name, units in strata.items()})
    draws: list[Draw] = []
    for name, units in strata.items():
        wanted = min(sizes.get(name, 0), len(units))
        ranked = sorted(units, key=lambda u: (chance(seed, "family", u.id), u.id))[:wanted]
        for unit in ranked:
            p = wanted / len(units)
            draws.append(Draw(unit.id, name, unit.village, 0, p, 1.0, p, stratum_units=len(units)))
    return _sample(draws, seed, frame, {"kind": "simple", "sizes": dict(sizes)})


def draw_two_stage(frame: Sequence[Unit], villages: int | Mapping[str, int], per_village: int, *, seed: str) -> Sample:
    """Draw villages with probability proportional to their families, systematically, then families at random in each.

    Villages lie in a random order on the line, so that the start decides nothing that a place could know. A village
    as large as the step is taken for sure (and counts as its own stratum in the variance); the others fill up.
    A village with fewer families than `per_village` is taken whole. Every probability is exact:
    P = min(1, step share of the village) × families drawn / families there.
    """
    strata = _strata(frame)
    if isinstance(villages, Mapping):
        wanted = dict(villages)
    else:
        wanted = proportional(villages, {name: len(units) for name, units in strata.items()}, least=min(2, villages))
    draws: list[Draw] = []
    for name, units in strata.items():
        homes: dict[str, list[Unit]] = {}
        for unit in units:
            homes.setdefault(unit.village, []).append(unit)
        sizes = {village: len(inside) for village, inside in homes.items()}
        chosen = pps_systematic(sizes, min(wanted.get(name, 0), len(sizes)), seed=f"{seed}|{name}")
        for village, p_village in chosen.items():
            inside = sorted(homes[village], key=lambda u: (chance(seed, "family", u.id), u.id))
            taken = inside[:per_village]
            p_within = len(taken) / len(inside)
            draws += [
                Draw(
                    unit.id, name, village, 0, p_village * p_within, p_village, p_within, p_village >= 1.0, True, False,
                    len(units), len(inside), len(sizes),
                )
                for unit in taken
            ]  # fmt: skip
    return _sample(draws, seed, frame, {"kind": "two_stage", "villages": wanted, "per_village": per_village})


def pps_systematic(sizes: Mapping[str, int], n: int, *, seed: str) -> dict[str, float]:
    """Return n units drawn with probability proportional to size without replacement, with their probabilities.

    >>> drawn = pps_systematic({"a": 90, "b": 5, "c": 5}, 2, seed="1"); drawn["a"], len(drawn)
    (1.0, 2)
    """
    left = {name: size for name, size in sizes.items() if size > 0}
    n = min(n, len(left))
    found: dict[str, float] = {}
    while n > len(found):
        rest = {name: size for name, size in left.items() if name not in found}
        step = sum(rest.values()) / (n - len(found))
        certain = [name for name, size in rest.items() if size >= step]
        if not certain:
            break
        found.update(dict.fromkeys(certain, 1.0))
    if n > len(found):
        rest = {name: size for name, size in left.items() if name not in found}
        count = n - len(found)
        step = sum(rest.values()) / count
        at, upto, hits = chance(seed, "start") * step, 0.0, 0
        for name in sorted(rest, key=lambda village: (chance(seed, "village", village), village)):
            upto += rest[name]
            if hits < count and upto > at:
                found[name] = rest[name] / step
                hits += 1
                at += step
    return found


def proportional(n: int, sizes: Mapping[str, int], least: int = 0) -> dict[str, int]:
    """Share n over strata in proportion to their sizes (largest remainders), at least `least` each, never above a size.

    >>> proportional(10, {"a": 50, "b": 30, "c": 20})
    {'a': 5, 'b': 3, 'c': 2}
    """
    total = sum(sizes.values())
    if not total:
        raise SamplingError("sampling.frame.empty")
    exact = {name: n * size / total for name, size in sizes.items()}
    found = {name: min(sizes[name], max(least, math.floor(share))) for name, share in exact.items()}
    by_rest = sorted(sizes, key=lambda name: (-(exact[name] - math.floor(exact[name])), name))
    while sum(found.values()) < min(n, total):
        open_ones = [name for name in by_rest if found[name] < sizes[name]]
        for name in open_ones[: min(n, total) - sum(found.values())]:
            found[name] += 1
    return found


def draw_by_risk(
    frame: Sequence[Unit],
    n: int,
    *,
    seed: str,
    floor: float = 0.25,
    consequence: Mapping[str, float] | None = None,
    cost: Mapping[str, float] | None = None,
) -> Sample:
    """Draw n families, most where error is likely and costly, and a share `floor` of each stratum's draws by chance alone.

    Strata get visits in proportion to families × √(p̄(1−p̄)) × consequence / √cost (Neyman), p̄ the mean risk kept
    within 0.02–0.5; inside a stratum a family's probability is floor/N + (1−floor) × its own √(p(1−p)) share. All
    probabilities are kept, so rates stay unbiased although risky families are drawn more often.
    Poisson draws at fixed size: systematic on the line of probabilities in random order.

    Raises: sampling.share.out_of_range when floor is below 0.2: honest areas must still be seen.
    """
    check_between("floor", floor, 0.1999999, 1.0000001)
    strata = _strata(frame)
    counts = {name: len(units) for name, units in strata.items()}
    risks = {name: sum(u.risk for u in units) / len(units) for name, units in strata.items()}
    sizes = shares_by_risk(n, counts, risks, consequence=consequence, cost=cost)
    draws: list[Draw] = []
    for name, units in strata.items():
        k = sizes[name]
        if not k:
            continue
        own = [math.sqrt(p * (1 - p)) for p in (min(0.5, max(0.02, u.risk)) for u in units)]
        whole = sum(own)
        wanted = {u.id: k * (floor / len(units) + (1 - floor) * o / whole) for u, o in zip(units, own, strict=True)}
        p_all = _at_most_one(wanted, k)
        by_id = {u.id: u for u in units}
        order = sorted(p_all, key=lambda unit: (chance(seed, "family", unit), unit))
        at, upto = chance(seed, "start", name), 0.0
        for unit in order:
            upto += p_all[unit]
            if upto > at + 1e-12:
                at += 1.0
                by_chance = chance(seed, "floor", unit) < k * floor / len(units) / p_all[unit]
                p = p_all[unit]
                draws.append(
                    Draw(
                        unit,
                        name,
                        by_id[unit].village,
                        0,
                        p,
                        within_probability=p,
                        certain=p >= 1.0,
                        random_floor=by_chance,
                        by_risk=True,
                        stratum_units=len(units),
                    )  # fmt: skip
                )
    return _sample(draws, seed, frame, {"kind": "risk", "floor": floor, "sizes": sizes})


def shares_by_risk(
    n: int,
    sizes: Mapping[str, int],
    risks: Mapping[str, float],
    *,
    consequence: Mapping[str, float] | None = None,
    cost: Mapping[str, float] | None = None,
) -> dict[str, int]:
    """Share n visits over strata in proportion to families × √(p(1−p)) × consequence / √cost, p the mean risk.

    >>> shares_by_risk(20, {"near": 100, "far": 100}, {"near": 0.4, "far": 0.1})
    {'near': 12, 'far': 8}
    """
    weight = {}
    for name, size in sizes.items():
        mean = min(0.5, max(0.02, risks[name]))
        worth = (consequence or {}).get(name, 1.0) / math.sqrt((cost or {}).get(name, 1.0))
        weight[name] = size * math.sqrt(mean * (1 - mean)) * worth
    return _capped(n, weight, sizes)


def _capped(n: int, weight: Mapping[str, float], sizes: Mapping[str, int]) -> dict[str, int]:
    """Share n in proportion to weights with at least 2 a stratum, never above its size; rounding by largest remainders."""
    found = {name: min(2, size) for name, size in sizes.items()}
    while sum(found.values()) < min(n, sum(sizes.values())):
        total = sum(weight[name] for name in sizes if found[name] < sizes[name])
        name = max(
            (name for name in sizes if found[name] < sizes[name]),
            key=lambda s: (weight[s] / total * n - found[s], s),
        )
        found[name] += 1
    return found


def _at_most_one(wanted: Mapping[str, float], k: int) -> dict[str, float]:
    """Return probabilities that sum to k with none above 1, the others raised in proportion."""
    found = dict(wanted)
    sure: set[str] = set()
    while True:
        over = {unit for unit, p in found.items() if unit not in sure and p >= 1.0}
        if not over:
            return found
        sure |= over
        rest = sum(wanted[unit] for unit in wanted if unit not in sure)
        left = k - len(sure)
        for unit in wanted:
            found[unit] = 1.0 if unit in sure else (wanted[unit] / rest * left if rest > 0 else 0.0)


def _strata(frame: Sequence[Unit]) -> dict[str, list[Unit]]:
    if not frame:
        raise SamplingError("sampling.frame.empty")
    seen: set[str] = set()
    strata: dict[str, list[Unit]] = {}
    for unit in sorted(frame, key=lambda u: (u.stratum, u.id)):
        if unit.id in seen:
            raise SamplingError("sampling.frame.twice", unit=unit.id)
        seen.add(unit.id)
        strata.setdefault(unit.stratum, []).append(unit)
    return strata


def _sample(draws: list[Draw], seed: str, frame: Sequence[Unit], design: Mapping[str, object]) -> Sample:
    fields = Draw.__dataclass_fields__
    ordered = sorted(draws, key=lambda d: (d.stratum, d.village, chance(seed, "order", d.id), d.id))
    numbered = tuple(
        Draw(**{**{name: getattr(draw, name) for name in fields}, "order": k})
        for k, draw in enumerate(ordered, start=1)
    )
    return Sample(numbered, seed, frame_hash(frame), design)
