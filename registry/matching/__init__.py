"""Record linkage of delivered rows into people and families. Pure: files in, files out; no Django.

`match` is loaded at its first use: whoever only reads reasons does not wait for the libraries of the engine.
"""

from typing import TYPE_CHECKING, Any

from registry.matching.reasons import REASONS, RULES, reason_sentences
from registry.matching.settings import Constraint, Settings

if TYPE_CHECKING:
    from registry.matching.engine import MatchResult, match
    from registry.matching.model import Model

__all__ = ["REASONS", "RULES", "Constraint", "MatchResult", "Model", "Settings", "match", "reason_sentences"]

_LATER = {"MatchResult": "engine", "match": "engine", "Model": "model"}


def __getattr__(name: str) -> Any:
    if name not in _LATER:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from importlib import import_module

    return getattr(import_module(f"{__name__}.{_LATER[name]}"), name)
