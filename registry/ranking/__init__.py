"""The proxy means test: fit from a survey, score, cut into desil, explain. Pure: no Django, no clock."""

from registry.ranking.building import Fitted, fit
from registry.ranking.card import DEFINITIONS, ModelCard, Worsened, release_gate
from registry.ranking.cuts import Cuts, Provisional, chance_below, score_one
from registry.ranking.deriving import MEMBER_COLUMNS, families_query, items_of_register, write_families
from registry.ranking.errors import SENTENCES, RankingError
from registry.ranking.explaining import Change, Contribution, Explanation, Standing, explain, why_changed
from registry.ranking.fitting import Settings
from registry.ranking.items import Item, Items, load_items, load_mapping
from registry.ranking.model import RankModel
from registry.ranking.scoring import Scored, WhatIf, reference_families, score, what_if
from registry.ranking.survey import Survey, read_survey

__all__ = [
    "DEFINITIONS", "MEMBER_COLUMNS", "SENTENCES", "Change", "Contribution", "Cuts", "Explanation", "Fitted", "Item", "Items", "ModelCard",
    "Provisional", "RankModel", "RankingError", "Scored", "Settings", "Standing", "Survey", "WhatIf", "Worsened",
    "chance_below", "explain", "families_query", "fit", "items_of_register", "load_items", "load_mapping", "read_survey", "reference_families",
    "release_gate", "score", "score_one", "what_if", "why_changed", "write_families",
]  # fmt: skip
