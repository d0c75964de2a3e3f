"""Sample sizes, draws that can be repeated, estimators and intervals. Pure: no Django, no clock, no chance of its own.

Everything but the errors is loaded at its first use: a web process that only shows pages does not wait for scipy.
"""

from typing import TYPE_CHECKING, Any

from registry.sampling.errors import SENTENCES, SamplingError

if TYPE_CHECKING:
    from registry.sampling.coverage import (
        Chapman,
        LinkedStratum,
        chapman,
        chapman_linked,
        chapman_strata,
        rogan_gladen,
        rogan_gladen_interval,
    )
    from registry.sampling.draws import (
        Draw,
        Sample,
        Unit,
        draw_by_risk,
        draw_simple,
        draw_two_stage,
        frame_hash,
        pps_systematic,
        proportional,
        shares_by_risk,
    )
    from registry.sampling.estimating import (
        Estimate,
        Result,
        estimate_mean,
        estimate_rate,
        estimate_total,
        kish_deff,
        results_of,
        weights_for_nonresponse,
    )
    from registry.sampling.intervals import (
        INTERVALS,
        agresti_coull,
        clopper_pearson,
        effective_size,
        jeffreys,
        korn_graubard,
        logit_t,
        wilson,
        wilson_cc,
        wilson_clustered,
    )
    from registry.sampling.lots import (
        LotPlan,
        LqasPlan,
        accept_lot,
        accept_one_step_stricter,
        acceptance,
        lot_plan,
        lot_plan_for_both,
        lqas,
        share_accepted_with,
        verdict,
        whole_lot,
    )
    from registry.sampling.planning import Cell, Option, Wish, affordable, narrowest, plan_options
    from registry.sampling.simulating import simulate_coverage, simulate_list_coverage
    from registry.sampling.sizes import Plan, best_cluster_size, cochran, cochran_unrounded, half_width, two_stage
    from registry.sampling.switching import STEP, PastLot, Severity, Standing, bad_share_for, standing

__all__ = [
    "INTERVALS", "SENTENCES", "STEP", "Cell", "Chapman", "Draw", "Estimate", "LinkedStratum", "LotPlan", "LqasPlan", "Option",
    "PastLot", "Plan", "Result", "Sample", "SamplingError", "Severity", "Standing", "Unit", "Wish", "accept_lot",
    "accept_one_step_stricter", "acceptance", "affordable", "agresti_coull", "bad_share_for", "best_cluster_size",
    "chapman", "chapman_linked", "chapman_strata", "clopper_pearson", "cochran", "cochran_unrounded", "draw_by_risk",
    "draw_simple", "draw_two_stage", "effective_size", "estimate_mean", "estimate_rate", "estimate_total",
    "frame_hash", "half_width", "jeffreys", "kish_deff", "korn_graubard", "logit_t", "lot_plan", "lot_plan_for_both",
    "lqas", "narrowest", "plan_options", "pps_systematic", "proportional", "results_of", "rogan_gladen",
    "rogan_gladen_interval", "share_accepted_with", "shares_by_risk", "simulate_coverage", "simulate_list_coverage", "standing", "two_stage",
    "verdict", "weights_for_nonresponse", "whole_lot", "wilson", "wilson_cc", "wilson_clustered",
]  # fmt: skip

_LATER = {
    "Cell": "planning",
    "Chapman": "coverage",
    "Draw": "draws",
    "Estimate": "estimating",
    "INTERVALS": "intervals",
    "LinkedStratum": "coverage",
    "LotPlan": "lots",
    "LqasPlan": "lots",
    "Option": "planning",
    "PastLot": "switching",
    "Plan": "sizes",
    "Result": "estimating",
    "STEP": "switching",
    "Sample": "draws",
    "Severity": "switching",
    "Standing": "switching",
    "Unit": "draws",
    "Wish": "planning",
    "accept_lot": "lots",
    "accept_one_step_stricter": "lots",
    "acceptance": "lots",
    "affordable": "planning",
    "agresti_coull": "intervals",
    "bad_share_for": "switching",
    "best_cluster_size": "sizes",
    "chapman": "coverage",
    "chapman_linked": "coverage",
    "chapman_strata": "coverage",
    "clopper_pearson": "intervals",
    "cochran": "sizes",
    "cochran_unrounded": "sizes",
    "draw_by_risk": "draws",
    "draw_simple": "draws",
    "draw_two_stage": "draws",
    "effective_size": "intervals",
    "estimate_mean": "estimating",
    "estimate_rate": "estimating",
    "estimate_total": "estimating",
    "frame_hash": "draws",
    "half_width": "sizes",
    "jeffreys": "intervals",
    "kish_deff": "estimating",
    "korn_graubard": "intervals",
    "logit_t": "intervals",
    "lot_plan": "lots",
    "lot_plan_for_both": "lots",
    "lqas": "lots",
    "narrowest": "planning",
    "plan_options": "planning",
    "pps_systematic": "draws",
    "proportional": "draws",
    "results_of": "estimating",
    "rogan_gladen": "coverage",
    "rogan_gladen_interval": "coverage",
    "share_accepted_with": "lots",
    "shares_by_risk": "draws",
    "simulate_coverage": "simulating",
    "simulate_list_coverage": "simulating",
    "standing": "switching",
    "two_stage": "sizes",
    "verdict": "lots",
    "weights_for_nonresponse": "estimating",
    "whole_lot": "lots",
    "wilson": "intervals",
    "wilson_cc": "intervals",
    "wilson_clustered": "intervals",
}


def __getattr__(name: str) -> Any:
    if name not in _LATER:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from importlib import import_module

    return getattr(import_module(f"{__name__}.{_LATER[name]}"), name)
