"""Two values side by side: which letters differ, and in a word how much."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, field
from difflib import SequenceMatcher
from typing import Any

from django.utils.translation import gettext as _

from registry.common.privacy import mask_nik


@dataclass(frozen=True)
class Piece:
    """A part of a value; `differs` is marked on the page."""

    text: str
    differs: bool = False


@dataclass(frozen=True)
class Compared:
    """One line of the comparison."""

    label: str
    left: list[Piece] = field(default_factory=list)
    right: list[Piece] = field(default_factory=list)
    tone: str = ""
    word: str = ""
    mono: bool = False


def pieces(one: str, other: str) -> tuple[list[Piece], list[Piece]]:
    """Both texts cut where they differ; capitals do not count.

    >>> [p.text for p in pieces("AMINAH", "AMINNAH")[1] if p.differs]
    ['N']
    """
    left: list[Piece] = []
    right: list[Piece] = []
    for tag, a, b, c, d in SequenceMatcher(None, one.upper(), other.upper(), autojunk=False).get_opcodes():
        differs = tag != "equal"
        if b > a:
            left.append(Piece(one[a:b], differs))
        if d > c:
            right.append(Piece(other[c:d], differs))
    return left, right


def compare_text(label: str, one: str | None, other: str | None) -> Compared:
    """Names, addresses: the same, similar (four fifths of the letters agree) or different."""
    if not one or not other:
        return unjudged(label, one, other)
    left, right = pieces(one, other)
    if plain(one) == plain(other):
        word = _("the same") if one == other else _("the same once tidied")
        return Compared(label, [Piece(one)], [Piece(other)], "ok", word)
    if SequenceMatcher(None, plain(one), plain(other), autojunk=False).ratio() >= 0.8:
        return Compared(label, left, right, "wait", _("similar"))
    if SequenceMatcher(None, plain(one), plain(other), autojunk=False).ratio() < 0.5:
        left, right = [Piece(one, True)], [Piece(other, True)]
    return Compared(label, left, right, "late", _("different"))


def compare_place(label: str, one: str | None, other: str | None) -> Compared:
    """Places by their names: from the village outwards, whatever differs is marked whole."""
    if not one or not other:
        return unjudged(label, one, other)
    if one == other:
        return Compared(label, [Piece(one)], [Piece(other)], "ok", _("the same"))
    mine, theirs = one.split(", "), other.split(", ")

    def marked(parts: list[str], others: list[str]) -> list[Piece]:
        shown = []
        for number, part in enumerate(parts):
            shown.append(Piece(part, part not in others))
            if number + 1 < len(parts):
                shown.append(Piece(", "))
        return shown

    word = _("same district") if mine[1:] == theirs[1:] and len(mine) > 2 else _("different")
    tone = "wait" if word != _("different") else "late"
    return Compared(label, marked(mine, theirs), marked(theirs, mine), tone, word)


def plain(text: str) -> str:
    """Letters and figures only, in capitals."""
    return "".join(letter for letter in text.upper() if letter.isalnum())


def compare_day(label: str, one: dt.date | None, other: dt.date | None) -> Compared:
    """Birth dates part by part: day, month and year."""
    if one is None or other is None:
        return unjudged(label, show_day(one), show_day(other))
    if one == other:
        return Compared(label, [Piece(show_day(one))], [Piece(show_day(other))], "ok", _("the same"))
    parts = [(one.day, other.day), (one.month, other.month), (one.year, other.year)]
    wrong = [number for number, (a, b) in enumerate(parts) if a != b]
    left, right = [], []
    for number, (a, b) in enumerate(parts):
        width = 4 if number == 2 else 2
        dash = "-" if number < 2 else ""
        left += [Piece(f"{a:0{width}d}", a != b), Piece(dash)]
        right += [Piece(f"{b:0{width}d}", a != b), Piece(dash)]
    words = {0: _("other day"), 1: _("other month"), 2: _("other year")}
    if len(wrong) == 1:
        return Compared(label, left, right, "wait", words[wrong[0]])
    if (one.day, one.month) == (other.month, other.day) and one.year == other.year:
        return Compared(label, left, right, "wait", _("day and month swapped"))
    return Compared(label, left, right, "late", _("different"))


def show_day(day: dt.date | None) -> str:
    return f"{day:%d-%m-%Y}" if day else ""


def compare_number(label: str, one: str | None, other: str | None) -> Compared:
    """NIK and KK numbers, masked; where figures differ they are marked even behind the mask."""
    if not one or not other:
        return unjudged(label, shown(one), shown(other), mono=True)
    if one == other:
        return Compared(label, [Piece(shown(one))], [Piece(shown(other))], "ok", _("the same"), mono=True)
    if len(one) != len(other):
        return Compared(label, [Piece(shown(one))], [Piece(shown(other))], "late", _("different"), mono=True)
    wrong = [number for number, (a, b) in enumerate(zip(one, other, strict=True)) if a != b]

    def marked(number: str) -> list[Piece]:
        masked = shown(number)
        return [Piece(letter, place in wrong) for place, letter in enumerate(masked)]

    word = _("%(n)s figures differ") % {"n": len(wrong)} if len(wrong) > 1 else _("one figure differs")
    return Compared(label, marked(one), marked(other), "wait" if len(wrong) <= 2 else "late", word, mono=True)


def shown(number: str | None) -> str:
    return mask_nik(number).replace("*", "•") if number else ""


def compare_code(label: str, one: Any, other: Any, words: Any) -> Compared:
    """Coded values by their words: the same or different."""
    if one is None or other is None:
        return unjudged(label, words(one), words(other))
    same = one == other
    left, right = [Piece(words(one), not same)], [Piece(words(other), not same)]
    return Compared(label, left, right, "ok" if same else "late", _("the same") if same else _("different"))


def unjudged(label: str, one: str | None, other: str | None, *, mono: bool = False) -> Compared:
    """A line of which one side is missing."""
    return Compared(
        label, [Piece(one)] if one else [], [Piece(other)] if other else [], "", _("not compared"), mono=mono
    )
