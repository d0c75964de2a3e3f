"""How strict the next lot of a series is inspected, by what the earlier lots of the series showed.

The rules of ISO 2859-1:1999, 9.3 and 9.4: normal → tightened when two of five lots (or fewer) failed; tightened →
normal after five that passed; normal → reduced from a switching score of 30; reduced → normal with the first that
fails; sampling ends when five lots failed under tightened inspection. Only first inspections count.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

STEP = 10 ** (1 / 5)  # the standard's shares and sizes grow by fifths of a decade (R5): 1.0, 1.6, 2.5, 4.0, 6.5, 10
RECENT, FAILED_OF_RECENT = 5, 2
PASSED_TO_NORMAL = 5
FAILED_TO_STOP = 5
SCORE_TO_REDUCE = 30


class Severity(StrEnum):
    """How strictly a lot is inspected; under `halted` every one of it is opened."""

    NORMAL = "normal"
    TIGHTENED = "tightened"
    REDUCED = "reduced"
    HALTED = "halted"


@dataclass(frozen=True, slots=True)
class PastLot:
    """One earlier lot at its first inspection: how strictly, whether it passed, and whether it would have one step
    tighter; `accept` is its acceptance number."""

    severity: Severity
    passed: bool
    passed_stricter: bool
    accept: int


@dataclass(frozen=True, slots=True)
class Standing:
    """What holds for the next lot: its severity, the switching score, and how many lots lie behind it.

    `may_reduce`: reduced inspection is allowed; whether it is used is for the authority to say.
    `failed`: failed lots that count here (of the last five under normal, in all under tightened inspection);
    `passed`: those in a row that passed under tightened inspection.
    """

    severity: Severity
    score: int = 0
    may_reduce: bool = False
    failed: int = 0
    passed: int = 0
    lots: int = 0


def standing(history: Sequence[PastLot]) -> Standing:
    """Return how strictly the next lot is inspected, after the series so far (oldest first).

    >>> good = PastLot(Severity.NORMAL, True, True, 2); bad = PastLot(Severity.NORMAL, False, False, 2)
    >>> standing([good] * 10).may_reduce, standing([good, bad, good, bad]).severity.value
    (True, 'tightened')
    """
    now = Standing(Severity.NORMAL)
    recent: list[bool] = []
    for number, lot in enumerate(history, start=1):
        if now.severity == Severity.NORMAL and now.may_reduce and lot.severity == Severity.REDUCED:
            now = Standing(Severity.REDUCED, now.score, True)
        if now.severity == Severity.NORMAL:
            recent = [*recent, lot.passed][-RECENT:]
            failed = recent.count(False)
            score = _score(now.score, lot)
            now = Standing(Severity.NORMAL, score, score >= SCORE_TO_REDUCE, failed, 0, number)
            if failed >= FAILED_OF_RECENT:
                now, recent = Standing(Severity.TIGHTENED, lots=number), []
        elif now.severity == Severity.TIGHTENED:
            passed = now.passed + 1 if lot.passed else 0
            failed = now.failed + (not lot.passed)
            now = Standing(Severity.TIGHTENED, 0, False, failed, passed, number)
            if passed >= PASSED_TO_NORMAL:
                now = Standing(Severity.NORMAL, lots=number)
            elif failed >= FAILED_TO_STOP:
                now = Standing(Severity.HALTED, failed=failed, lots=number)
        elif now.severity == Severity.REDUCED:
            now = Standing(Severity.REDUCED, now.score, True, 0, 0, number)
            if not lot.passed:
                now, recent = Standing(Severity.NORMAL, lots=number), []
        elif lot.passed:  # a lot that was opened whole and found good shows the improvement that is asked for
            now = Standing(Severity.TIGHTENED, lots=number)
        else:
            now = Standing(Severity.HALTED, failed=now.failed, lots=number)
    return now


def bad_share_for(severity: Severity, bad_share: float) -> float:
    """Return the share of bad ones that a plan of this severity guards against, for the share of the normal plan.

    Tightened: one step of the standard's series stricter; reduced: two steps laxer, which opens about 0.4 as many,
    as the standard's reduced plans do.

    >>> [round(bad_share_for(severity, 0.1), 4) for severity in (Severity.TIGHTENED, Severity.NORMAL, Severity.REDUCED)]
    [0.0631, 0.1, 0.2512]
    """
    steps = {Severity.TIGHTENED: -1, Severity.REDUCED: 2}.get(severity, 0)
    return min(0.99, bad_share * STEP**steps)


def _score(score: int, lot: PastLot) -> int:
    if lot.accept >= 2:
        return score + 3 if lot.passed and lot.passed_stricter else 0
    return score + 2 if lot.passed else 0
