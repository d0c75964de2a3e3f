"""Sample sizes, draws that can be repeated, estimators and intervals. Pure: no Django, no clock, no chance of its own."""

from registry.sampling.coverage import Chapman, chapman, chapman_strata, rogan_gladen, rogan_gladen_interval
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
)
from registry.sampling.errors import SENTENCES, SamplingError
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
from registry.sampling.lots import LotPlan, LqasPlan, accept_lot, acceptance, lot_plan, lqas, share_accepted_with
from registry.sampling.simulating import simulate_coverage
from registry.sampling.sizes import Plan, best_cluster_size, cochran, cochran_unrounded, half_width, two_stage

__all__ = [
    "INTERVALS", "SENTENCES", "Chapman", "Draw", "Estimate", "LotPlan", "LqasPlan", "Plan", "Result", "Sample",
    "SamplingError", "Unit", "accept_lot", "acceptance", "agresti_coull", "best_cluster_size", "chapman",
    "chapman_strata", "clopper_pearson", "cochran", "cochran_unrounded", "draw_by_risk", "draw_simple",
    "draw_two_stage", "effective_size", "estimate_mean", "estimate_rate", "estimate_total", "frame_hash", "half_width",
    "jeffreys", "kish_deff", "korn_graubard", "logit_t", "lot_plan", "lqas", "pps_systematic", "proportional", "results_of",
    "rogan_gladen", "rogan_gladen_interval", "share_accepted_with", "simulate_coverage", "two_stage", "weights_for_nonresponse", "wilson",
    "wilson_cc", "wilson_clustered",
]  # fmt: skip
