"""From a survey to a model file and its card: choose, judge out of sample, fit on all, round to whole numbers."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from registry.ranking import challengers
from registry.ranking.card import CalibrationLine, Challenge, GroupError, ModelCard, QuotaError, SignLine
from registry.ranking.fitting import (
    Choice,
    Coefficients,
    Design,
    Folds,
    Settings,
    choose,
    cross_validate,
    fit_rows,
    make_design,
    spreads,
    times_names,
)
from registry.ranking.items import MISSING, Grouping, Item, Items, Part
from registry.ranking.measures import (
    QUOTAS,
    Interval,
    Quotas,
    best_possible,
    bootstrap,
    calibration,
    exclusion,
    interval,
    psu_weights,
    r_squared,
    spearman,
)
from registry.ranking.model import MICRO, ONE, InteractionTerm, RankModel, RegionTerms
from registry.ranking.survey import NO_REGION, Survey

Array = np.ndarray
Progress = Callable[[int, int, str], None]
STEPS = ("choose", "judge", "challengers", "intervals", "fit", "card")
FEWEST_IN_GROUP = 30


@dataclass(frozen=True, eq=False)
class Fitted:
    """A model, its card, and the out-of-sample predictions (log) behind the card, one a survey family."""

    model: RankModel
    card: ModelCard
    out_of_sample: Array


def fit(
    survey: Survey,
    *,
    items: Items | None = None,
    settings: Settings | None = None,
    unit: str = "person",
    version: str = "1",
    predecessor: RankModel | None = None,
    fitted_on: str | None = None,
    decays_on: str | None = None,
    progress: Progress | None = None,
) -> Fitted:
    """Fit a model to a survey and judge it honestly.

    `items` narrows the table (for example to what a register holds) and must be a part of `survey.items`.
    `fitted_on` and `decays_on` are ISO dates given by the caller. The same survey, table and settings give the same
    model, hash included. Penalties come from one partition of the PSUs into folds (`settings.seed`), every figure
    of the card from another one that played no part in the choice.

    Raises: ranking.survey.no_items, ranking.survey.too_few_rows.
    """
    settings = settings or Settings()
    if items is not None:
        survey = _narrowed(survey, items)
    tell = _Telling(progress)
    tell("choose")
    design = make_design(survey)
    choice = choose(survey, design, settings)
    tell("judge")
    folds = Folds(survey, design, settings.folds, settings.seed + 1)
    guess = cross_validate(survey, design, choice, folds)
    tell("challengers")
    rivals = {
        name: challengers.challenge(name, survey, design, folds.number) if challengers.is_available(name) else None
        for name in settings.challengers
    }
    tell("fit")
    rows = np.arange(len(survey))
    coefficients, _ = fit_rows(survey, design, rows, choice)
    sigma, local_sigma = spreads(survey, survey.outcome - guess)
    model = _as_model(
        survey, design, choice, coefficients, sigma, local_sigma,
        version=version, parent=predecessor.version if predecessor else None, fitted_on=fitted_on, decays_on=decays_on,
    )  # fmt: skip
    tell("intervals")
    card = _make_card(survey, design, choice, model, guess, rivals, settings, unit, sigma, predecessor)
    tell("card")
    return Fitted(model, card, guess)


class _Telling:
    def __init__(self, progress: Progress | None) -> None:
        self._progress, self._done = progress, 0

    def __call__(self, step: str) -> None:
        self._done += 1
        if self._progress:
            self._progress(self._done, len(STEPS), step)


def _narrowed(survey: Survey, items: Items) -> Survey:
    # What the model may not use still tells the groups of the card apart.
    narrowed = replace(survey.items.only([item.name for item in items.items]), groups=survey.items.groups)
    fields = {name: getattr(survey, name) for name in survey.__dataclass_fields__}
    return Survey(**{**fields, "items": narrowed})


# -- the file ----------------------------------------------------------------------------------------------------------


def _as_model(
    survey: Survey, design: Design, choice: Choice, fitted: Coefficients, sigma: float, local_sigma: Array,
    **labels: str | None,
) -> RankModel:  # fmt: skip
    points: dict[str, tuple[int, ...]] = {}
    for item in design.items:
        beta = fitted.beta[design.columns[item.name]]
        worth = design.bases[item.name] @ beta - float(design.means[item.name] @ beta)
        points[item.name] = tuple(_whole(ONE * worth))
    by_name = {i.name: i for i in survey.items.interactions}
    multiplied = times_names(survey, design, choice.interactions)
    interactions = tuple(
        InteractionTerm(
            name=name,
            when=by_name[name].when,
            micro=int(_whole([value * (MICRO / ONE if multiplied[name] else MICRO)])[0]),
            times=multiplied[name],
            label=by_name[name].label,
        )
        for name, value in fitted.interactions.items()
    )
    regions: dict[str, RegionTerms] = {}
    for number, code in enumerate(survey.regions):
        if code == NO_REGION:
            continue
        deviation = fitted.multipliers.get(number)
        changed: dict[str, int] = {}
        if deviation is not None:
            rounded = _whole(ONE * (1.0 + deviation))
            changed = {
                item.name: max(0, value)
                for item, value in zip(design.items, rounded, strict=True)
                if value != ONE and any(points[item.name])
            }
        regions[code] = RegionTerms(
            _whole([MICRO * fitted.levels[number]])[0], max(1, _whole([MICRO * local_sigma[number]])[0]), changed
        )
    base = fitted.base + (fitted.levels[0] if survey.regions == (NO_REGION,) else 0.0)
    return RankModel(
        version=labels["version"] or "1", parent=labels["parent"], base=_whole([MICRO * base])[0],
        sigma=max(1, _whole([MICRO * sigma])[0]), items=design.items, points=points, regions=regions,
        interactions=interactions, currency=survey.items.currency,
        trained_on={
            "survey": survey.name, "file": survey.notes["file"], "sha256": survey.sha256,
            "households": len(survey), "psus": survey.n_psus,
        },
        references=reference_values(survey, design.items), fitted_on=labels["fitted_on"], decays_on=labels["decays_on"],
    )  # fmt: skip


def _whole(numbers: Any) -> list[int]:
    return [int(n) for n in np.floor(np.asarray(numbers, dtype=float) + 0.5)]


def reference_values(survey: Survey, items: tuple[Item, ...]) -> dict[str, dict[str, int | None]]:
    """Return the reference family of each regency and of the nation (""): weighted median of numbers and ordered
    items, most frequent code of nominal ones."""
    found: dict[str, dict[str, int | None]] = {}
    every = np.ones(len(survey), dtype=bool)
    places = [(code, survey.region_index == n) for n, code in enumerate(survey.regions) if code != NO_REGION]
    for code, here in [("", every), *places]:
        if here.any():
            found[code] = {
                item.name: typical(item, survey.values[item.name][here], survey.weight[here]) for item in items
            }
    return found


def typical(item: Item, value: Array, weight: Array) -> int | None:
    known = (value != MISSING) & ~np.isin(value, item.missing)
    if item.is_coded:
        known &= np.isin(value, list(item.levels))
    if not known.any():
        return None
    value, weight = value[known], weight[known]
    if item.kind in ("nominal", "flag"):
        codes, where = np.unique(value, return_inverse=True)
        return int(codes[np.argmax(np.bincount(where, weight))])
    rank = np.array([item.levels[int(v)] for v in value]) if item.is_coded else value
    order = np.lexsort((value, rank))
    upto = np.cumsum(weight[order])
    return int(value[order][np.searchsorted(upto, upto[-1] / 2)])


# -- the card ----------------------------------------------------------------------------------------------------------


def _make_card(
    survey: Survey, design: Design, choice: Choice, model: RankModel, guess: Array, rivals: dict[str, Array | None],
    settings: Settings, unit: str, sigma: float, predecessor: RankModel | None,
) -> ModelCard:  # fmt: skip
    masses = {"person": survey.weight * survey.size, "family": survey.weight}
    mass = masses[unit]
    truth = survey.outcome
    drawn = psu_weights(survey.psu, survey.stratum, settings.replicates, settings.seed)
    r2 = _r2(survey, guess, drawn)
    errors = {}
    for name, one in masses.items():
        quotas = Quotas(truth, guess)
        here, draws = bootstrap(
            quotas.errors, survey.psu, survey.stratum, one, replicates=settings.replicates, seed=settings.seed
        )
        limit = r_squared(truth, guess, one)
        lines = []
        for k, quota in enumerate(QUOTAS):
            figure = interval(float(here[k]), draws[:, k], len(survey))
            lines.append(QuotaError(quota, figure, figure, best_possible(limit, quota / 100)))
        errors[name] = tuple(lines)
    intercept, slope = calibration(truth, guess, mass)
    parent_scores = _score_all(predecessor, survey) if predecessor else None
    return ModelCard(
        version=model.version, sha256=model.sha256, parent=model.parent,
        parent_sha256=predecessor.sha256 if predecessor else None,
        survey=dict(survey.notes) | {"name": survey.name, "sha256": survey.sha256}, unit=unit,
        r2=r2[""], r2_regions={code: value for code, value in r2.items() if code}, errors=errors,
        spearman=spearman(truth, guess), calibration_intercept=intercept, calibration_slope=slope,
        calibration=_tenths(truth, guess, mass), groups=_groups(survey, guess, mass, drawn),
        signs=tuple(_sign_line(item, model.points[item.name]) for item in design.items),
        challengers=tuple(_challenge(survey, guess, name, rival, mass, drawn) for name, rival in rivals.items()),
        choice={
            "national_penalty": choice.national, "level_penalty": choice.level,
            "slope_penalty": None if choice.slope == float("inf") else choice.slope,
            "interactions": list(choice.interactions), "tried": choice.tried, "folds": settings.folds,
            "seed": settings.seed, "items": len(design.items), "parameters": design.matrix.shape[1],
        },
        sigma=sigma, churn=_churn(survey, _score_all(model, survey), parent_scores, mass),
        fitted_on=model.fitted_on, decays_on=model.decays_on,
    )  # fmt: skip


def _r2(survey: Survey, guess: Array, drawn: Array) -> dict[str, Interval]:
    """R² nationally and per regency, each against the mean of its own area; families weighted."""
    found: dict[str, Interval] = {}
    areas = [("", np.ones(len(survey), dtype=bool))]
    areas += [(code, survey.region_index == n) for n, code in enumerate(survey.regions) if code]
    for code, here in areas:
        truth, score, weight = survey.outcome[here], guess[here], survey.weight[here]
        multiplicity = drawn[:, survey.psu[here]]
        draws = np.array([r_squared(truth, score, weight * row) for row in multiplicity if (row > 0).any()])
        found[code] = interval(r_squared(truth, score, weight), draws, int(here.sum()))
    return found


def _groups(survey: Survey, guess: Array, mass: Array, drawn: Array) -> tuple[GroupError, ...]:
    provinces = sorted({code for code in survey.provinces.tolist() if code})
    groupings = list(survey.items.groups)
    members: list[tuple[Grouping, Part, Array]] = []
    place = Grouping("province", (), True, {"id": "Provinsi", "en": "Province"})
    for code in provinces:
        members.append((place, Part(code, (), {}), survey.provinces == code))
    for grouping in groupings:
        taken = np.zeros(len(survey), dtype=bool)
        for part in grouping.parts:
            here = np.logical_and.reduce([c.holds(survey.values) for c in part.when]) & ~taken
            taken |= here
            members.append((grouping, part, here))
    quotas = Quotas(survey.outcome, guess)
    figures = _group_figures(quotas, members, mass)
    draws = np.array([_group_figures(quotas, members, mass * row[survey.psu]) for row in drawn])
    found = []
    for k, (grouping, part, here) in enumerate(members):
        n = int(here.sum())
        if not n:
            continue

        def lines(side: int, k: int = k, n: int = n) -> dict[int, Interval | None]:
            given: dict[int, Interval | None] = {}
            for j, quota in enumerate(QUOTAS):
                value = float(figures[k, side, j])
                enough = n >= FEWEST_IN_GROUP and np.isfinite(value)
                given[quota] = interval(value, draws[:, k, side, j], n) if enough else None
            return given

        error = float(np.average((survey.outcome - guess)[here], weights=mass[here]))
        found.append(
            GroupError(
                grouping.name,
                part.name,
                grouping.protected,
                n,
                float(mass[here].sum() / mass.sum()),
                lines(0),
                lines(1),
                error,
                part.label,
            )  # fmt: skip
        )
    return tuple(found)


def _group_figures(quotas: Quotas, members: list[tuple[Grouping, Part, Array]], mass: Array) -> Array:
    """Return groups × (exclusion, inclusion) × quotas; the lines are the nation's, the shares the group's."""
    should, served = quotas.shares(mass)
    out = np.empty((len(members), 2, len(quotas.quotas)))
    for k, (_, _, here) in enumerate(members):
        for j, (a, b) in enumerate(zip(should, served, strict=True)):
            out[k, 0, j] = exclusion(a[here], b[here], mass[here])
            out[k, 1, j] = exclusion(b[here], a[here], mass[here])
    return out


def _challenge(survey: Survey, guess: Array, name: str, rival: Array | None, mass: Array, drawn: Array) -> Challenge:
    if rival is None:
        return Challenge(name, False)
    ours, theirs = Quotas(survey.outcome, guess), Quotas(survey.outcome, rival)
    here = np.array(ours.errors(mass)) - np.array(theirs.errors(mass))
    draws = np.array([
        np.array(ours.errors(mass * row[survey.psu])) - np.array(theirs.errors(mass * row[survey.psu])) for row in drawn
    ])  # fmt: skip
    return Challenge(
        name,
        True,
        r_squared(survey.outcome, rival, survey.weight),
        dict(zip(QUOTAS, theirs.errors(mass), strict=True)),
        {quota: interval(float(here[k]), draws[:, k], len(survey)) for k, quota in enumerate(QUOTAS)},
    )


def _tenths(truth: Array, score: Array, mass: Array) -> tuple[CalibrationLine, ...]:
    order = np.argsort(score, kind="stable")
    upto = np.cumsum(mass[order]) / mass.sum()
    tenth = np.empty(len(score), dtype=int)
    tenth[order] = np.minimum((upto * 10).astype(int), 9)
    lines = []
    for k in range(10):
        here = tenth == k
        if here.any():
            predicted, observed = (float(np.average(v[here], weights=mass[here])) for v in (score, truth))
            lines.append(CalibrationLine(k + 1, predicted, observed, int(here.sum())))
    return tuple(lines)


def _sign_line(item: Item, points: tuple[int, ...]) -> SignLine:
    steps = np.diff(points)
    low, _ = item.bounds()
    free = item.kind == "nominal" or (item.kind in ("count", "amount") and item.sign == "any")
    holds = free or bool((steps >= 0).all() if low == 0.0 else (steps <= 0).all())
    return SignLine(item.name, item.kind, "any" if free else item.sign, min(points), max(points), holds)


def _score_all(model: RankModel, survey: Survey) -> Array:
    """Return the published integer scores of the survey's own families."""
    names = [item.name for item in model.items]
    columns = {name: survey.values[name].tolist() if name in survey.values else [None] * len(survey) for name in names}
    regions = [survey.regions[n] for n in survey.region_index.tolist()]
    return np.array([
        model.score({name: columns[name][row] for name in names}, regions[row]) for row in range(len(survey))
    ])  # fmt: skip


def _churn(survey: Survey, now: Array, before: Array | None, mass: Array) -> dict[str, float] | None:
    if before is None:
        return None

    def decile(score: Array) -> Array:
        order = np.argsort(score, kind="stable")
        out = np.empty(len(score), dtype=int)
        out[order] = np.minimum((np.cumsum(mass[order]) / mass.sum() * 10 - 1e-9).astype(int), 9) + 1
        return out

    a, b = decile(before), decile(now)
    whole = mass.sum()
    return {
        "moved": float(mass[a != b].sum() / whole),
        "moved_by_two_or_more": float(mass[np.abs(a - b) > 1].sum() / whole),
        "over_line_4": float(mass[(a <= 4) != (b <= 4)].sum() / whole),
    }
