"""The proxy means test: fit from a survey, score, cut into desil, explain. Pure: no Django, no clock.

Everything but the errors is loaded at its first use: a web process that only shows pages does not wait for scipy.
"""

from typing import TYPE_CHECKING, Any

from registry.ranking.errors import SENTENCES, RankingError

if TYPE_CHECKING:
    from registry.ranking.building import Fitted, fit
    from registry.ranking.card import DEFINITIONS, ModelCard, Worsened, release_gate
    from registry.ranking.comparing import Causes, Comparison, GroupMoves, compare, find_causes
    from registry.ranking.cuts import Cuts, Provisional, chance_below, score_one
    from registry.ranking.deriving import MEMBER_COLUMNS, families_query, items_of_register, write_families
    from registry.ranking.explaining import Change, Contribution, Explanation, Standing, explain, why_changed
    from registry.ranking.fitting import Settings
    from registry.ranking.items import Item, Items, load_items, load_mapping
    from registry.ranking.model import RankModel
    from registry.ranking.scoring import Scored, Shift, WhatIf, reference_families, score, score_frozen, what_if
    from registry.ranking.simulating import GroupShift, Simulation, simulate, write_cube
    from registry.ranking.survey import Survey, read_survey

__all__ = [
    "DEFINITIONS", "MEMBER_COLUMNS", "SENTENCES", "Causes", "Change", "Comparison", "Contribution", "Cuts", "Explanation", "Fitted", "GroupMoves", "GroupShift", "Item", "Items", "ModelCard",
    "Provisional", "RankModel", "RankingError", "Scored", "Settings", "Shift", "Simulation", "Standing", "Survey", "WhatIf", "Worsened",
    "chance_below", "compare", "explain", "families_query", "find_causes", "fit", "items_of_register", "load_items", "load_mapping", "read_survey", "reference_families",
    "release_gate", "score", "score_frozen", "score_one", "simulate", "what_if", "why_changed", "write_cube", "write_families",
]  # fmt: skip

_LATER = {
    "Causes": "comparing",
    "Change": "explaining",
    "Comparison": "comparing",
    "Contribution": "explaining",
    "Cuts": "cuts",
    "DEFINITIONS": "card",
    "Explanation": "explaining",
    "Fitted": "building",
    "GroupMoves": "comparing",
    "GroupShift": "simulating",
    "Item": "items",
    "Items": "items",
    "MEMBER_COLUMNS": "deriving",
    "ModelCard": "card",
    "Provisional": "cuts",
    "RankModel": "model",
    "Scored": "scoring",
    "Settings": "fitting",
    "Shift": "scoring",
    "Simulation": "simulating",
    "Standing": "explaining",
    "Survey": "survey",
    "WhatIf": "scoring",
    "Worsened": "card",
    "chance_below": "cuts",
    "compare": "comparing",
    "explain": "explaining",
    "families_query": "deriving",
    "find_causes": "comparing",
    "fit": "building",
    "items_of_register": "deriving",
    "load_items": "items",
    "load_mapping": "items",
    "read_survey": "survey",
    "reference_families": "scoring",
    "release_gate": "card",
    "score": "scoring",
    "score_frozen": "scoring",
    "score_one": "cuts",
    "simulate": "simulating",
    "what_if": "scoring",
    "why_changed": "explaining",
    "write_cube": "simulating",
    "write_families": "deriving",
}


def __getattr__(name: str) -> Any:
    if name not in _LATER:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from importlib import import_module

    return getattr(import_module(f"{__name__}.{_LATER[name]}"), name)
