"""The engine's rules and reasons in words."""

from __future__ import annotations

from collections.abc import Iterable

from django.utils.translation import get_language
from django.utils.translation import gettext as _

from registry.matching.reasons import REASONS, RULES


def place() -> int:
    """0 for Indonesian, 1 for English: where a language stands in a pair of sentences."""
    return 1 if (get_language() or "id").startswith("en") else 0


def rule_in_words(rule: str) -> str:
    """The rule that made a link; a rule that is no longer known is just evidence."""
    pair = RULES.get(rule)
    return pair[place()] if pair else _("Evidence of an earlier version")


def reasons_in_words(codes: Iterable[str]) -> list[str]:
    """The reasons of a link or a pair, each once; codes that are no longer known are left out."""
    return [REASONS[code][place()] for code in dict.fromkeys(codes) if code in REASONS]


def why_in_words(rule: str, codes: Iterable[str]) -> str:
    """Why a row became that person: the exact rule says it all, the model needs its reasons."""
    if rule != "model":
        return rule_in_words(rule)
    reasons = [text[:1].lower() + text[1:] if not text.startswith("NIK") else text for text in reasons_in_words(codes)]
    return f"{rule_in_words(rule)}: {', '.join(reasons)}" if reasons else rule_in_words(rule)
