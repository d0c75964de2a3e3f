"""The model card: what is known of a model's errors, with intervals, per group; and the gate before a release."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

from registry.ranking.measures import Interval

# The printed meaning of each figure; a page shows it beside the number.
DEFINITIONS: dict[str, tuple[str, str]] = {
    "exclusion": (
        "Dari yang benar-benar termasuk q% termiskin menurut pengeluaran per kapita, bagian yang tidak termasuk q% termiskin menurut skor.",
        "Of those who truly are the poorest q % by spending per person, the share that is not among the poorest q % by score.",
    ),
    "inclusion": (
        "Dari yang termasuk q% termiskin menurut skor, bagian yang sebenarnya tidak termasuk q% termiskin.",
        "Of those who are the poorest q % by score, the share that truly is not among the poorest q %.",
    ),
    "best_possible": (
        "Kesalahan terkecil yang mungkin pada R² ini, bila pengeluaran dan skor berdistribusi normal bersama.",
        "The smallest error possible at this R², were spending and score jointly normal.",
    ),
    "r2": (
        "Bagian ragam log pengeluaran per kapita yang dijelaskan, pada keluarga dari PSU yang tidak dipakai untuk melatih.",
        "Share of the variance of log spending per person explained, in families of PSUs that the fit had not seen.",
    ),
    "interval": (
        "Selang 95% dari pengambilan ulang PSU di dalam strata (bootstrap Rao–Wu).",
        "95 % interval from resampling PSUs within strata (Rao–Wu bootstrap).",
    ),
    "unit": (
        "Bagian dihitung atas orang (penimbang × jumlah anggota) atau keluarga (penimbang), seperti tertulis.",
        "Shares are of persons (weight × members) or of families (weight), as stated.",
    ),
    "churn": (
        "Bagian orang dalam survei yang desilnya berbeda antara model ini dan pendahulunya.",
        "Share of the persons in the survey whose decile differs between this model and its predecessor.",
    ),
    "calibration": (
        "Kemiringan log pengeluaran terhadap skor: 1 berarti selisih skor sama dengan selisih pengeluaran.",
        "Slope of log spending on the score: 1 means that a difference in score is a difference in spending.",
    ),
}


@dataclass(frozen=True, slots=True)
class QuotaError:
    """Errors when the poorest `quota` % are served."""

    quota: int
    exclusion: Interval
    inclusion: Interval
    best_possible: float


@dataclass(frozen=True, slots=True)
class GroupError:
    """Errors inside one part of a group; None where the survey holds too few to say (under 30 families)."""

    group: str
    part: str
    protected: bool
    n: int
    mass_share: float
    exclusion: Mapping[int, Interval | None]
    inclusion: Mapping[int, Interval | None]
    mean_error: float
    label: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class SignLine:
    """One line of the sign table: the rule, the points from the poorest to the richest level, whether the rule holds."""

    item: str
    kind: str
    sign: str
    lowest: int
    highest: int
    holds: bool


@dataclass(frozen=True, slots=True)
class Challenge:
    """A challenger on the same folds: its figures, and the model's error minus its error with the standard error."""

    name: str
    ran: bool
    r2: float | None = None
    errors: Mapping[int, float] = field(default_factory=dict)
    difference: Mapping[int, Interval] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class CalibrationLine:
    """One tenth of the survey by score: mean predicted and mean true log spending."""

    tenth: int
    predicted: float
    observed: float
    n: int


@dataclass(frozen=True, eq=False)
class ModelCard:
    """Everything that is published about a model besides its coefficients; who approved it is added by the stage."""

    version: str
    sha256: str
    parent: str | None
    parent_sha256: str | None
    survey: Mapping[str, Any]
    unit: str
    r2: Interval
    r2_regions: Mapping[str, Interval]
    errors: Mapping[str, tuple[QuotaError, ...]]
    spearman: float
    calibration_intercept: float
    calibration_slope: float
    calibration: tuple[CalibrationLine, ...]
    groups: tuple[GroupError, ...]
    signs: tuple[SignLine, ...]
    challengers: tuple[Challenge, ...]
    choice: Mapping[str, Any]
    sigma: float
    churn: Mapping[str, float] | None = None
    fitted_on: str | None = None
    decays_on: str | None = None
    definitions: Mapping[str, tuple[str, str]] = field(default_factory=lambda: DEFINITIONS)

    def error(self, quota: int, unit: str | None = None) -> QuotaError:
        """Return the errors at one quota, in the card's unit unless told."""
        return next(line for line in self.errors[unit or self.unit] if line.quota == quota)

    def to_json(self) -> str:
        """Return the card as JSON with sorted keys."""
        return json.dumps(asdict(self), sort_keys=True, ensure_ascii=False)

    @classmethod
    def from_json(cls, text: str) -> ModelCard:
        """Read a card back."""
        content = json.loads(text)

        def one(entry: Mapping[str, Any] | None) -> Interval | None:
            return None if entry is None else Interval(**entry)

        def by_quota(entries: Mapping[str, Any]) -> dict[int, Any]:
            return {int(quota): one(entry) for quota, entry in entries.items()}

        return cls(
            **{
                **content,
                "r2": Interval(**content["r2"]),
                "r2_regions": {code: Interval(**entry) for code, entry in content["r2_regions"].items()},
                "errors": {
                    unit: tuple(
                        QuotaError(
                            e["quota"], Interval(**e["exclusion"]), Interval(**e["inclusion"]), e["best_possible"]
                        )
                        for e in lines
                    )
                    for unit, lines in content["errors"].items()
                },
                "calibration": tuple(CalibrationLine(**entry) for entry in content["calibration"]),
                "groups": tuple(
                    GroupError(**{**e, "exclusion": by_quota(e["exclusion"]), "inclusion": by_quota(e["inclusion"])})
                    for e in content["groups"]
                ),
                "signs": tuple(SignLine(**entry) for entry in content["signs"]),
                "challengers": tuple(
                    Challenge(
                        e["name"],
                        e["ran"],
                        e["r2"],
                        {int(k): v for k, v in e["errors"].items()},
                        {int(k): Interval(**v) for k, v in e["difference"].items()},
                    )
                    for e in content["challengers"]
                ),
                "definitions": {k: tuple(v) for k, v in content["definitions"].items()},
            }
        )


@dataclass(frozen=True, slots=True)
class Worsened:
    """A protected group whose exclusion a new model would raise beyond noise."""

    group: str
    part: str
    quota: int
    before: float
    after: float
    noise: float

    @property
    def by(self) -> float:
        """How much the exclusion error rises."""
        return self.after - self.before


GATE_QUOTAS = (10, 20, 40)


def release_gate(new: ModelCard, old: ModelCard, *, z: float = 1.96) -> list[Worsened]:
    """Return the protected groups whose exclusion rises by more than `z` standard errors of the difference.

    The noise is √(se²new + se²old), as if the two cards rested on independent samples: where both rest on one survey
    the true noise is smaller and the gate errs on the quiet side. Provinces count as protected. A group that one card
    lacks is not compared. An empty list: the release needs no signed reason.
    """
    before = {(g.group, g.part): g for g in old.groups}
    found = []
    for group in new.groups:
        was = before.get((group.group, group.part))
        if was is None or not group.protected:
            continue
        for quota in GATE_QUOTAS:
            now, then = group.exclusion.get(quota), was.exclusion.get(quota)
            if now is None or then is None:
                continue
            noise = z * (now.se**2 + then.se**2) ** 0.5
            if now.value - then.value > noise:
                found.append(Worsened(group.group, group.part, quota, then.value, now.value, noise))
    return found
