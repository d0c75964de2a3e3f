"""What the model is measured against on the same folds: one OLS per regency, quantile regression, boosted trees.

They are judged and never published. Boosted trees need LightGBM, the quantile regression statsmodels (both in the
`challengers` group of dependencies); a challenger whose library is not there is reported as not run.
"""

from __future__ import annotations

import importlib.util
import warnings
from collections.abc import Callable

import numpy as np

from registry.ranking.fitting import Design
from registry.ranking.survey import Survey

Array = np.ndarray
POOR_QUANTILE = 0.3
NEEDS = {"regency_ols": None, "quantile": "statsmodels", "boosted": "lightgbm"}
LABELS = {
    "regency_ols": ("Satu OLS untuk tiap kabupaten/kota", "One OLS per regency"),
    "quantile": ("Regresi kuantil (0,3)", "Quantile regression (0.3)"),
    "boosted": ("Pohon keputusan bertahap (LightGBM) dengan tanda tetap", "Boosted trees (LightGBM), signs kept"),
}


def is_available(name: str) -> bool:
    """Return whether the challenger's library is installed."""
    needed = NEEDS[name]
    return needed is None or importlib.util.find_spec(needed) is not None


def challenge(name: str, survey: Survey, design: Design, folds: Array) -> Array:
    """Return the challenger's predictions of each row by a fit that has not seen its PSU."""
    fit = {"regency_ols": _regency_ols, "quantile": _quantile, "boosted": _boosted}[name]
    columns = numeric_columns(design)
    out = np.empty(len(survey))
    for number in range(int(folds.max()) + 1):
        rows, held = np.flatnonzero(folds != number), np.flatnonzero(folds == number)
        out[held] = fit(survey, design, columns, rows, held)
    return out


def numeric_columns(design: Design) -> Array:
    """Return one column an item as the usual regressions take them: the level as a number, dummies for nominal codes."""
    columns = []
    for item in design.items:
        level = design.levels[item.name].astype(float)
        if item.kind == "nominal":
            common = [k for k in range(item.n_levels) if (level == k).mean() >= 0.01][1:]
            columns += [(level == k).astype(float) for k in common]
        else:
            mean = level[level >= 0].mean()
            columns.append(np.where(level < 0, mean, level))
    return np.stack([np.ones(len(columns[0])), *columns], axis=1)


def _least_squares(x: Array, y: Array, weight: Array) -> Array:
    root = np.sqrt(weight)
    return np.linalg.lstsq(x * root[:, None], y * root, rcond=1e-8)[0]


def _regency_ols(survey: Survey, design: Design, columns: Array, rows: Array, held: Array) -> Array:
    """One regression for each regency; one with fewer than three families a column takes the national one."""
    y, weight, region = survey.outcome, survey.weight, survey.region_index
    national = _least_squares(columns[rows], y[rows], weight[rows])
    out = columns[held] @ national
    for number in np.unique(region[held]).tolist():
        mine, theirs = rows[region[rows] == number], region[held] == number
        if len(mine) >= 3 * columns.shape[1]:
            out[theirs] = columns[held][theirs] @ _least_squares(columns[mine], y[mine], weight[mine])
    return np.asarray(out)


def _quantile(survey: Survey, design: Design, columns: Array, rows: Array, held: Array) -> Array:
    """Linear quantile regression with regency levels; the line between poor and not poor is what it looks at."""
    from statsmodels.regression.quantile_regression import QuantReg

    y, weight = survey.outcome, survey.weight
    places = (survey.region_index[:, None] == np.arange(1, len(survey.regions))).astype(float)
    x = np.hstack([columns, places])
    used = np.flatnonzero(x[rows].std(axis=0) > 0)
    x = np.hstack([np.ones((len(x), 1)), x[:, used]])
    # QuantReg takes no weights: rows are scaled, which weighs the absolute errors.
    scale = weight[rows]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        found = QuantReg(y[rows] * scale, x[rows] * scale[:, None]).fit(q=POOR_QUANTILE, max_iter=300)
    return np.asarray(x[held] @ found.params)


def _boosted(survey: Survey, design: Design, columns: Array, rows: Array, held: Array) -> Array:
    """Gradient boosting on the levels; ordered items keep their direction, nominal ones and the regency are categories."""
    import lightgbm

    levels = [np.where(design.levels[i.name] < 0, np.nan, design.levels[i.name].astype(float)) for i in design.items]
    x = np.stack([*levels, survey.region_index.astype(float)], axis=1)
    nominal = [n for n, item in enumerate(design.items) if item.kind == "nominal"] + [len(levels)]
    direction = {(0.0, np.inf): 1, (-np.inf, 0.0): -1}
    signs = [0 if i.kind == "nominal" else direction.get(i.bounds(), 0) for i in design.items] + [0]
    options = {
        "objective": "regression", "num_leaves": 11, "learning_rate": 0.04, "min_data_in_leaf": 40,
        "feature_fraction": 0.4, "bagging_fraction": 0.7, "bagging_freq": 1, "lambda_l2": 5.0, "cat_smooth": 30.0,
        "monotone_constraints": signs, "seed": 1, "deterministic": True, "num_threads": 2, "verbose": -1,
    }  # fmt: skip
    data = lightgbm.Dataset(
        x[rows], survey.outcome[rows], weight=survey.weight[rows], categorical_feature=nominal, free_raw_data=False
    )
    return np.asarray(lightgbm.train(options, data, num_boost_round=350).predict(x[held]))


Challenger = Callable[[Survey, Design, Array, Array, Array], Array]
