"""The door of the registry for other rooms: what they may ask and order. Nothing else of the registry is theirs."""

from registry.desil.explanations import explain_family
from registry.desil.provisional import ProvisionalStanding, score_today
from registry.desil.selectors import Standing, find_published_run, find_standing

__all__ = [
    "ProvisionalStanding",
    "Standing",
    "explain_family",
    "find_published_run",
    "find_standing",
    "score_today",
]
