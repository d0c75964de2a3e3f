"""Which interval for which cost: designs beside each other, with the interval that each may expect."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

from registry.sampling.draws import shares_by_risk
from registry.sampling.errors import SamplingError, check_between
from registry.sampling.intervals import korn_graubard, wilson
from registry.sampling.sizes import best_cluster_size, cochran_unrounded, round_up


@dataclass(frozen=True, slots=True)
class Cell:
    """Families of one stratum in one village, with their mean risk."""

    stratum: str
    village: str
    families: int
    risk: float = 0.0


@dataclass(frozen=True, slots=True)
class Wish:
    """What is asked for: an expected share within ± half_width, how many answer, what visits cost.

    `rho`: correlation of answers within a village; costs in rupiah, of reaching a village and of one visit there.
    """

    share: float
    half_width: float
    rho: float = 0.05
    response: float = 1.0
    cost_village: int = 0
    cost_family: int = 0
    floor: float = 0.25


@dataclass(frozen=True, slots=True)
class Option:
    """One design: families to draw, villages to reach, cost, and the interval to expect around the share.

    `villages` are those that are reached (expected where families are drawn at random); `first_stage` those that
    are drawn. `reached`: the frame is large enough for what was asked.
    """

    method: str
    per_village: int
    families: int
    first_stage: int
    villages: int
    deff: float
    cost: int
    low: float
    high: float
    reached: bool

    @property
    def half_width(self) -> float:
        """Return half of the interval's length."""
        return (self.high - self.low) / 2


def plan_options(cells: Sequence[Cell], wish: Wish, *, per_village: Sequence[int] = (5, 10, 20)) -> list[Option]:
    """Return the designs that may answer a wish: families at random, by risk, and two stages of several sizes.

    The size that costs least is added to `per_village` where costs are known.

    Raises: sampling.frame.empty, sampling.share.out_of_range.
    """
    for name, value in (("share", wish.share), ("half_width", wish.half_width)):
        check_between(name, value, 0, 1)
    check_between("response", wish.response, 0, 1.0000001)
    if not sum(cell.families for cell in cells):
        raise SamplingError("sampling.frame.empty")
    sizes = {m for m in per_village if m >= 1}
    if wish.cost_village > 0 and wish.cost_family > 0 and 0 < wish.rho < 1:
        sizes.add(min(50, best_cluster_size(wish.cost_village, wish.cost_family, wish.rho)))
    return [_simple(cells, wish), _risky(cells, wish), *(_two_stage(cells, wish, m) for m in sorted(sizes))]


def _cost(wish: Wish, villages: int, families: int) -> int:
    return villages * wish.cost_village + families * wish.cost_family


def _villages_met(cells: Sequence[Cell], shares: dict[str, float]) -> int:
    """Return how many villages a random draw meets on average: Σ 1 − Π(1 − f)^families."""
    missed: dict[str, float] = defaultdict(lambda: 1.0)
    for cell in cells:
        missed[cell.village] *= (1 - min(1.0, shares[cell.stratum])) ** cell.families
    return round_up(sum(1 - chance for chance in missed.values()))


def _simple(cells: Sequence[Cell], wish: Wish) -> Option:
    population = sum(cell.families for cell in cells)
    wanted = round_up(cochran_unrounded(wish.share, wish.half_width, population) / wish.response)
    families = min(population, wanted)
    answered = max(1.0, families * wish.response)
    wide = answered * (population - 1) / (population - answered) if population > answered else answered * population
    low, high = wilson(wish.share * wide, wide)
    villages = _villages_met(cells, dict.fromkeys({cell.stratum for cell in cells}, families / population))
    return Option(
        "srs", 0, families, 0, villages, 1.0, _cost(wish, villages, families), low, high, wanted <= population
    )


def _two_stage(cells: Sequence[Cell], wish: Wish, m: int) -> Option:
    population = sum(cell.families for cell in cells)
    strata = {cell.stratum for cell in cells}
    answers = max(1.0, m * wish.response)
    deff = 1 + (answers - 1) * wish.rho
    n = cochran_unrounded(wish.share, wish.half_width, population) * deff
    wanted = max(round_up(n / (m * wish.response)), 2 * len(strata))
    drawn = min(wanted, len(cells))
    mean = sum(min(m, cell.families) * cell.families for cell in cells) / population
    families = min(population, round_up(drawn * mean))
    answered = max(1.0, families * wish.response)
    variance = wish.share * (1 - wish.share) * deff / answered
    low, high = korn_graubard(wish.share, variance, max(2, round(answered)), max(1, drawn - len(strata)))
    # Several strata of one village are drawn apart; together they may meet it once.
    villages = min(drawn, len({cell.village for cell in cells}))
    return Option(
        "two_stage", m, families, drawn, villages, deff, _cost(wish, villages, families), low, high,
        wanted <= len(cells) and families * wish.response >= n - m,
    )  # fmt: skip


def _risky(cells: Sequence[Cell], wish: Wish) -> Option:
    """Visits by risk with a floor by chance: what unequal weights cost the overall rate (Kish)."""
    sizes: dict[str, int] = defaultdict(int)
    mass: dict[str, float] = defaultdict(float)
    for cell in cells:
        sizes[cell.stratum] += cell.families
        mass[cell.stratum] += cell.families * cell.risk
    population = sum(sizes.values())
    risk = {name: mass[name] / size for name, size in sizes.items()}
    n0 = cochran_unrounded(wish.share, wish.half_width, population)
    deff, wanted, shared = 1.0, 1, dict(sizes)
    for _ in range(6):  # the allocation depends on the size, and the size on what the allocation costs
        wanted = max(round_up(n0 * deff / wish.response), 2 * len(sizes))
        shared = shares_by_risk(min(population, wanted), sizes, risk)
        families = sum(shared.values())
        deff = families * sum((sizes[s] / population) ** 2 / k for s, k in shared.items() if k)
    families = sum(shared.values())
    answered = max(2.0, families * wish.response)
    variance = wish.share * (1 - wish.share) * deff / answered
    low, high = korn_graubard(wish.share, variance, round(answered), max(1, round(answered) - len(sizes)))
    villages = _villages_met(cells, {name: shared[name] / size for name, size in sizes.items()})
    return Option(
        "risk", 0, families, 0, villages, deff, _cost(wish, villages, families), low, high, wanted <= population
    )


def affordable(options: Sequence[Option]) -> Option | None:
    """Return the cheapest design that reaches what was asked; without costs the one with fewest visits."""
    fit = [option for option in options if option.reached]
    return min(fit, key=lambda o: (o.cost, o.families, o.villages)) if fit else None


def narrowest(options: Sequence[Option]) -> Option:
    """Return the design with the shortest interval, for when none reaches what was asked."""
    return min(options, key=lambda o: (math.ceil(1e6 * o.half_width), o.cost, o.families))
