"""Fitting: national points under sign constraints, shrunken regency deviations, penalties by folds of whole PSUs.

National step: bounded weighted ridge of log spending on the levels of all items, with a ridge-penalised intercept for
each regency so that differences between places are not taken for differences between floors. Regency step: each
regency's level and the weight of each item there, ridge-shrunken to the national ones, never of the wrong sign.
The penalties are chosen on one partition of the PSUs into folds and judged on another.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

import numpy as np

from registry.ranking.errors import RankingError
from registry.ranking.items import Interaction, Item
from registry.ranking.survey import Survey

Array = np.ndarray
Progress = Callable[[int, int, str], None]
NEVER = float("inf")


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """What a fit may be told. Penalties count in families: 20 weighs as much as 20 families that say *average*."""

    folds: int = 10
    seed: int = 1
    national_penalties: tuple[float, ...] = (5.0, 15.0, 50.0, 150.0, 450.0)
    level_penalties: tuple[float, ...] = (1.0, 5.0, 20.0, 80.0)
    slope_penalties: tuple[float, ...] = (1.0, 4.0, 16.0, NEVER)
    max_interactions: int = 4
    replicates: int = 200
    challengers: tuple[str, ...] = ("regency_ols", "quantile", "boosted")
    years_valid: int = 2


@dataclass(frozen=True, eq=False)
class Design:
    """The survey as matrices: levels per item, centred basis columns and their bounds."""

    items: tuple[Item, ...]
    levels: dict[str, Array]
    bases: dict[str, Array]
    means: dict[str, Array]
    columns: dict[str, slice]
    matrix: Array
    low: Array
    high: Array
    interactions: dict[str, Array]


@dataclass(frozen=True, eq=False)
class Choice:
    """The penalties and interactions that the folds chose, and how much each tried one helped."""

    national: float
    level: float
    slope: float
    interactions: tuple[str, ...]
    tried: dict[str, float] = field(default_factory=dict)


@dataclass(frozen=True, eq=False)
class Coefficients:
    """Fitted numbers before rounding."""

    base: float
    beta: Array
    interactions: dict[str, float]
    levels: Array
    multipliers: dict[int, Array]


def make_design(survey: Survey) -> Design:
    """Build the design; items that take one level only are left out, as nothing can be learnt about them."""
    levels: dict[str, Array] = {}
    bases: dict[str, Array] = {}
    means: dict[str, Array] = {}
    columns: dict[str, slice] = {}
    blocks: list[Array] = []
    low: list[float] = []
    high: list[float] = []
    kept: list[Item] = []
    at = 0
    for item in survey.items.items:
        level = item.level_array(survey.values)
        known = level >= 0
        if len(np.unique(level[known])) < 2:
            continue
        basis = item.basis()
        weight = survey.weight * known
        mean = (weight @ basis[level]) / weight.sum()
        block = (basis[level] - mean) * known[:, None]
        levels[item.name], bases[item.name], means[item.name] = level, basis, mean
        columns[item.name] = slice(at, at + block.shape[1])
        at += block.shape[1]
        lower, upper = item.bounds()
        low += [lower] * block.shape[1]
        high += [upper] * block.shape[1]
        blocks.append(block)
        kept.append(item)
    if not kept:
        raise RankingError("ranking.survey.no_items", name=survey.name)
    if len(survey) < 3 * at:
        raise RankingError("ranking.survey.too_few_rows", name=survey.name, rows=len(survey), parameters=at)
    flags = {
        i.name: np.logical_and.reduce([c.holds(survey.values) for c in i.when])
        for i in survey.items.interactions
    }  # fmt: skip
    return Design(
        tuple(kept), levels, bases, means, columns, np.hstack(blocks), np.array(low), np.array(high),
        {name: flag.astype(float) for name, flag in flags.items() if 0 < flag.mean() < 1},
    )  # fmt: skip


class Sums:
    """Weighted sums of a set of rows: what a ridge needs, addable over folds, extendable by columns."""

    def __init__(self, survey: Survey, x: Array, rows: Array) -> None:
        y, weight, region = survey.outcome[rows], survey.weight[rows], survey.region_index[rows]
        x = x[rows]
        weighted = x * weight[:, None]
        self.xx, self.xy = x.T @ weighted, weighted.T @ y
        self.x, self.y, self.n = weighted.sum(axis=0), float(weight @ y), float(weight.sum())
        regions = len(survey.regions)
        self.rx = np.stack([np.bincount(region, column, regions) for column in weighted.T], axis=1)
        self.ry = np.bincount(region, weight * y, regions)
        self.rn = np.bincount(region, weight, regions)

    def minus(self, other: Sums) -> Sums:
        """Return the sums of the rows that are not in `other`."""
        rest = object.__new__(Sums)
        for name in ("xx", "xy", "x", "y", "n", "rx", "ry", "rn"):
            setattr(rest, name, getattr(self, name) - getattr(other, name))
        return rest

    def extended(self, survey: Survey, x: Array, extra: Array, rows: Array) -> Sums:
        """Return the sums with more columns, for the rows that made these."""
        alone = Sums(survey, extra, rows)
        cross = x[rows].T @ (extra[rows] * survey.weight[rows][:, None])
        wide = object.__new__(Sums)
        wide.xx = np.block([[self.xx, cross], [cross.T, alone.xx]])
        for name in ("xy", "x"):
            setattr(wide, name, np.concatenate([getattr(self, name), getattr(alone, name)]))
        wide.rx = np.hstack([self.rx, alone.rx])
        wide.y, wide.n, wide.ry, wide.rn = self.y, self.n, self.ry, self.rn
        return wide


class Folds:
    """A partition of whole PSUs, with the sums of each training part made once."""

    def __init__(self, survey: Survey, design: Design, folds: int, seed: int) -> None:
        number = make_folds(survey.psu, folds, seed)
        self.held = [np.flatnonzero(number == k) for k in range(folds)]
        self.rows = [np.flatnonzero(number != k) for k in range(folds)]
        self.number = number
        parts = [Sums(survey, design.matrix, held) for held in self.held]
        whole = Sums(survey, design.matrix, np.arange(len(survey)))
        self.sums = [whole.minus(part) for part in parts]


def _solve_national(sums: Sums, penalty: float, level: float, low: Array, high: Array) -> tuple[float, Array]:
    """Return intercept and coefficients; the regencies' penalised intercepts are eliminated exactly."""
    shrink = 1.0 / (sums.rn + level)
    # Columns: the constant, then the basis.
    a = np.empty((len(sums.x) + 1,) * 2)
    a[0, 0], a[0, 1:], a[1:, 0], a[1:, 1:] = sums.n, sums.x, sums.x, sums.xx
    b = np.concatenate([[sums.y], sums.xy])
    rows = np.hstack([sums.rn[:, None], sums.rx])
    a -= rows.T @ (rows * shrink[:, None])
    b -= rows.T @ (sums.ry * shrink)
    a[np.arange(1, len(a)), np.arange(1, len(a))] += penalty
    found = bounded(a, b, np.concatenate([[-np.inf], low]), np.concatenate([[np.inf], high]))
    return float(found[0]), found[1:]


def bounded(a: Array, b: Array, low: Array, high: Array) -> Array:
    """Return argmin ½ x'ax − b'x within bounds, for a positive definite `a`: Newton steps projected into the bounds.

    The method of Bertsekas (1982), SIAM J. Control 20: bounds that hold against the gradient are kept, the rest is solved.

    >>> bounded(np.eye(2), np.array([1.0, -1.0]), np.array([0.0, 0.0]), np.array([np.inf, np.inf])).tolist()
    [1.0, 0.0]
    """
    a = (a + a.T) / 2
    x = np.clip(np.linalg.solve(a, b), low, high)
    value = 0.5 * x @ a @ x - b @ x
    for _ in range(200):
        gradient = a @ x - b
        free = ~(((x <= low) & (gradient > 0)) | ((x >= high) & (gradient < 0)))
        step = np.zeros(len(x))
        step[free] = np.linalg.solve(a[np.ix_(free, free)], -gradient[free])
        length, best = 1.0, None
        while length > 1e-6:
            tried = np.clip(x + length * step, low, high)
            worth = 0.5 * tried @ a @ tried - b @ tried
            if worth <= value:
                best = (tried, worth)
                break
            length /= 2
        if best is None or value - best[1] <= 1e-12 * max(1.0, abs(value)):
            return np.asarray(best[0] if best else x)
        x, value = best
    return np.asarray(x)


def _item_worth(design: Design, beta: Array, rows: Array | slice) -> Array:
    """Return rows × items: what each item adds nationally."""
    return np.stack([design.matrix[rows, part] @ beta[part] for part in design.columns.values()], axis=1)


def solve(
    survey: Survey, design: Design, rows: Array, choice: Choice, *, sums: Sums | None = None, extra: Array | None = None
) -> Coefficients:
    """Fit on some rows under given penalties; `sums` are those rows' sums of the design, when they are known."""
    names = choice.interactions
    sums = sums or Sums(survey, design.matrix, rows)
    x = design.matrix[rows]
    if extra is not None:
        sums = sums.extended(survey, design.matrix, extra, rows)
        x = np.hstack([x, extra[rows]])
    low = np.concatenate([design.low, np.full(len(names), -np.inf)])
    high = np.concatenate([design.high, np.full(len(names), np.inf)])
    base, beta = _solve_national(sums, choice.national, choice.level, low, high)
    own, crossed = beta[: design.matrix.shape[1]], beta[design.matrix.shape[1] :]
    levels = (sums.ry - sums.rn * base - sums.rx @ beta) / (sums.rn + choice.level)
    multipliers: dict[int, Array] = {}
    n_regions = len(survey.regions)
    if np.isfinite(choice.slope) and n_regions > 1:
        y, weight, region = survey.outcome[rows], survey.weight[rows], survey.region_index[rows]
        rest = y - base - x @ beta
        worth = _item_worth(design, own, rows)
        spread = np.average(worth**2, axis=0, weights=weight)
        for number in np.flatnonzero(np.bincount(region, minlength=n_regions) > 0).tolist():
            here = region == number
            multipliers[number], levels[number] = _solve_region(worth[here], rest[here], weight[here], spread, choice)
    return Coefficients(base, own, dict(zip(names, crossed.tolist(), strict=True)), levels, multipliers)


def _solve_region(worth: Array, rest: Array, weight: Array, spread: Array, choice: Choice) -> tuple[Array, float]:
    """Return a regency's deviations of the items' weights (0 = as nationally, never below −1) and its level.

    An item's deviation is penalised by how much the item tells nationally: a weak item needs as much evidence
    per unit of effect as a strong one.
    """
    x = np.hstack([np.ones((len(rest), 1)), worth])
    weighted = x * weight[:, None]
    a, b = x.T @ weighted, weighted.T @ rest
    scale = float(spread.mean()) or 1.0
    a[np.arange(len(a)), np.arange(len(a))] += np.concatenate(
        [[choice.level], choice.slope * 100.0 * np.maximum(spread, scale * 0.05)]
    )
    low = np.concatenate([[-np.inf], np.full(worth.shape[1], -1.0)])
    found = bounded(a, b, low, np.full(len(low), np.inf))
    return found[1:], float(found[0])


def predict(survey: Survey, design: Design, fitted: Coefficients, rows: Array, extra: dict[str, Array]) -> Array:
    """Return predicted log spending of some rows."""
    region = survey.region_index[rows]
    worth = _item_worth(design, fitted.beta, rows)
    total = fitted.base + fitted.levels[region] + worth.sum(axis=1)
    for number, deviation in fitted.multipliers.items():
        here = region == number
        total[here] += worth[here] @ deviation
    for name, value in fitted.interactions.items():
        total = total + value * extra[name][rows]
    return np.asarray(total)


def make_folds(psu: Array, folds: int, seed: int) -> Array:
    """Return a fold number per row; a PSU is never parted."""
    rng = np.random.default_rng(seed)
    n_psus = int(psu.max()) + 1
    return np.asarray((rng.permutation(n_psus) % folds)[psu])


def interaction_columns(survey: Survey, design: Design, rows: Array | slice, beta: Array) -> dict[str, Array]:
    """Return the products that may be tried; those with a group of items use the points fitted on `rows`' beta."""
    found: dict[str, Array] = {}
    for interaction in survey.items.interactions:
        flag = design.interactions.get(interaction.name)
        if flag is None:
            continue
        if interaction.times:
            parts = [design.columns[name] for name in times_of(interaction, design)]
            if not parts:
                continue
            found[interaction.name] = flag * sum(design.matrix[:, part] @ beta[part] for part in parts)
        else:
            found[interaction.name] = flag
    return found


def times_of(interaction: Interaction, design: Design) -> tuple[str, ...]:
    """Return the items whose points an interaction multiplies."""
    return tuple(item.name for item in design.items if interaction.times and item.group == interaction.times)


def fit_rows(
    survey: Survey, design: Design, rows: Array, choice: Choice, sums: Sums | None = None
) -> tuple[Coefficients, dict[str, Array]]:
    """Fit with the chosen interactions: first without them, for the points that they multiply; then together."""
    sums = sums or Sums(survey, design.matrix, rows)
    if not choice.interactions:
        return solve(survey, design, rows, choice, sums=sums), {}
    first = solve(survey, design, rows, Choice(choice.national, choice.level, NEVER, ()), sums=sums)
    extra = interaction_columns(survey, design, rows, first.beta)
    stacked = np.stack([extra[name] for name in choice.interactions], axis=1)
    return solve(survey, design, rows, choice, sums=sums, extra=stacked), extra


def cross_validate(survey: Survey, design: Design, choice: Choice, folds: Folds) -> Array:
    """Return predictions of each row by a fit that has not seen its PSU."""
    out = np.empty(len(survey))
    for rows, held, sums in zip(folds.rows, folds.held, folds.sums, strict=True):
        fitted, extra = fit_rows(survey, design, rows, choice, sums)
        out[held] = predict(survey, design, fitted, held, extra)
    return out


def choose(survey: Survey, design: Design, settings: Settings) -> Choice:
    """Choose penalties by the weighted squared error on folds of PSUs, then interactions that help beyond noise."""
    folds = Folds(survey, design, settings.folds, settings.seed)
    levels = settings.level_penalties[:1] if len(survey.regions) == 1 else settings.level_penalties
    grid = [(a, b) for a in settings.national_penalties for b in levels]
    loss = dict.fromkeys(grid, 0.0)
    for held, sums in zip(folds.held, folds.sums, strict=True):
        for a, b in grid:
            base, beta = _solve_national(sums, a, b, design.low, design.high)
            level = (sums.ry - sums.rn * base - sums.rx @ beta) / (sums.rn + b)
            guess = base + design.matrix[held] @ beta + level[survey.region_index[held]]
            loss[a, b] += float((survey.weight[held] * (survey.outcome[held] - guess) ** 2).sum())
    national, level_penalty = min(grid, key=lambda pair: (loss[pair], pair))
    choice = Choice(national, level_penalty, NEVER, ())
    choice = _choose_slopes(survey, design, settings, choice, folds)
    return _choose_interactions(survey, design, settings, choice, folds)


def _choose_slopes(survey: Survey, design: Design, settings: Settings, choice: Choice, folds: Folds) -> Choice:
    if len(survey.regions) == 1:
        return choice
    tried = {}
    for slope in settings.slope_penalties:
        variant = Choice(choice.national, choice.level, slope, ())
        guess = cross_validate(survey, design, variant, folds)
        tried[slope] = float(np.average((survey.outcome - guess) ** 2, weights=survey.weight))
    best = min(settings.slope_penalties, key=lambda slope: (tried[slope], -slope))
    return Choice(choice.national, choice.level, best, ())


def _choose_interactions(survey: Survey, design: Design, settings: Settings, choice: Choice, folds: Folds) -> Choice:
    """Forward: keep the one that lowers the squared error most, while the gain exceeds its standard error over PSUs."""
    candidates = [i.name for i in survey.items.interactions if i.name in design.interactions]
    kept: tuple[str, ...] = ()
    gains: dict[str, float] = {}
    before = (survey.outcome - cross_validate(survey, design, choice, folds)) ** 2
    while candidates and len(kept) < settings.max_interactions:
        best: tuple[float, float, str, Array] | None = None
        for name in candidates:
            variant = Choice(choice.national, choice.level, choice.slope, (*kept, name))
            after = (survey.outcome - cross_validate(survey, design, variant, folds)) ** 2
            gain, noise = _gain(survey, before - after)
            gains[name] = gain
            if best is None or gain > best[0]:
                best = (gain, noise, name, after)
        if best is None or best[0] <= best[1]:
            break
        kept, before = (*kept, best[2]), best[3]
        candidates.remove(best[2])
    return Choice(choice.national, choice.level, choice.slope, kept, gains)


def _gain(survey: Survey, difference: Array) -> tuple[float, float]:
    """Return the weighted mean gain per family and its standard error over PSUs."""
    per_psu = np.bincount(survey.psu, survey.weight * difference)
    mass = np.bincount(survey.psu, survey.weight)
    mean = per_psu.sum() / mass.sum()
    n = len(per_psu)
    return float(mean), float(np.sqrt(n / (n - 1) * ((per_psu - mean * mass) ** 2).sum()) / mass.sum())


def spreads(survey: Survey, errors: Array, prior: float = 50.0) -> tuple[float, Array]:
    """Return the spread of out-of-sample errors nationally and per regency, the latter shrunken by `prior` families."""
    national = float(np.average(errors**2, weights=survey.weight))
    n = len(survey.regions)
    count = np.bincount(survey.region_index, minlength=n)
    mass = np.bincount(survey.region_index, survey.weight, n)
    local = np.bincount(survey.region_index, survey.weight * errors**2, n) / np.maximum(mass, 1e-12)
    return float(np.sqrt(national)), np.sqrt((count * local + prior * national) / (count + prior))


def times_names(survey: Survey, design: Design, names: Sequence[str]) -> dict[str, tuple[str, ...]]:
    """Return, for each kept interaction, the items it multiplies."""
    by_name = {i.name: i for i in survey.items.interactions}
    return {name: times_of(by_name[name], design) for name in names}
