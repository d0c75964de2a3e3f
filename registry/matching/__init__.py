"""Record linkage of delivered rows into people and families. Pure: files in, files out; no Django."""

from registry.matching.engine import MatchResult, match
from registry.matching.model import Model
from registry.matching.reasons import REASONS, RULES, reason_sentences
from registry.matching.settings import Constraint, Settings

__all__ = ["REASONS", "RULES", "Constraint", "MatchResult", "Model", "Settings", "match", "reason_sentences"]
