"""The model as a file: canonical JSON with whole numbers only, its hash, and the score of one family.

A family's score, in millionths of log spending per person ("micro"):

    score = base + base_dev[regency] + Σ points[item][level] × multiplier[regency][item] + Σ interactions

Points are thousandths of log spending, measured from the average family of the survey, so a missing item adds 0.
Multipliers are thousandths: 1000 nationally, a shrunken deviation from it in a regency of the survey.
All terms are whole numbers: every machine, in any order, gets the same score.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import jsonschema

from registry.ranking.errors import RankingError
from registry.ranking.items import Condition, Item, item_as_json, item_from_json

MICRO = 1_000_000
ONE = 1000
FORMAT = 1
RawValues = Mapping[str, int | None]

_SCHEMA = {
    "type": "object",
    "required": ["format", "version", "base", "items", "points", "regions", "sigma", "unit", "outcome", "sha256"],
    "properties": {
        "format": {"const": FORMAT},
        "version": {"type": "string", "minLength": 1},
        "parent": {"type": ["string", "null"]},
        "base": {"type": "integer"},
        "sigma": {"type": "integer", "minimum": 1},
        "items": {"type": "array", "minItems": 1, "items": {"type": "object", "required": ["item", "kind"]}},
        "points": {
            "type": "object",
            "additionalProperties": {"type": "array", "minItems": 2, "items": {"type": "integer"}},
        },
        "interactions": {
            "type": "array",
            "items": {"type": "object", "required": ["name", "when", "micro"]},
        },
        "regions": {
            "type": "object",
            "additionalProperties": {
                "type": "object",
                "required": ["base", "sigma"],
                "properties": {
                    "base": {"type": "integer"},
                    "sigma": {"type": "integer", "minimum": 1},
                    "multipliers": {"type": "object", "additionalProperties": {"type": "integer", "minimum": 0}},
                },
            },
        },
    },
}


@dataclass(frozen=True, slots=True)
class RegionTerms:
    """What differs in one regency: level, weight of items (thousandths, 1000 where not named), spread of the errors."""

    base: int = 0
    sigma: int = 0
    multipliers: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class InteractionTerm:
    """A kept interaction: `micro` is added when all conditions hold; with `times`, multiplied by those items' points."""

    name: str
    when: tuple[Condition, ...]
    micro: int
    times: tuple[str, ...] = ()
    label: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Term:
    """One addend of a score: `kind` is base, region, item or interaction; `micro` is what it adds."""

    kind: str
    name: str
    micro: int
    level: int = -1


@dataclass(frozen=True, eq=False)
class RankModel:
    """An immutable model. `to_json` and `from_json` are exact inverses; `sha256` is the hash of all the rest."""

    version: str
    base: int
    sigma: int
    items: tuple[Item, ...]
    points: Mapping[str, tuple[int, ...]]
    regions: Mapping[str, RegionTerms]
    interactions: tuple[InteractionTerm, ...] = ()
    parent: str | None = None
    outcome: str = "log spending per person and month"
    unit: str = "1e-6 log"
    currency: str = "IDR"
    trained_on: Mapping[str, Any] = field(default_factory=dict)
    references: Mapping[str, Mapping[str, int | None]] = field(default_factory=dict)
    fitted_on: str | None = None
    decays_on: str | None = None

    @property
    def by_name(self) -> dict[str, Item]:
        """Items by name."""
        return self._by_name

    @cached_property
    def _by_name(self) -> dict[str, Item]:
        return {item.name: item for item in self.items}

    @cached_property
    def _plan(self) -> list[tuple[Item, tuple[int, ...]]]:
        return [(item, self.points[item.name]) for item in self.items]

    def region(self, code: str | None) -> RegionTerms:
        """Return what differs in a regency; nothing for one that the survey did not visit."""
        return self.regions.get(code or "", RegionTerms(0, self.sigma))

    def columns(self) -> list[str]:
        """Return the items that a score reads, in the model's order."""
        return [item.name for item in self.items]

    def reference(self, region: str | None) -> Mapping[str, int | None]:
        """Return the published reference family of a regency (the survey's median family there), else the nation's."""
        return self.references.get(region or "", self.references.get("", {}))

    def terms(self, values: RawValues, region: str | None) -> list[Term]:
        """Return every addend of a family's score: the national level, the regency, each item, each interaction.

        `values` are whole numbers by item (a code, a count, an amount times its scale), None where not known.
        """
        local = self.region(region)
        multipliers = local.multipliers
        found = [Term("base", "", self.base), Term("region", region or "", local.base)]
        milli: dict[str, int] = {}
        for item, points in self._plan:
            skip = item.not_asked_when
            level = item.level(values.get(item.name), skip is None or not skip.holds_for(values))
            worth = points[level] if level >= 0 else 0
            milli[item.name] = worth
            found.append(Term("item", item.name, worth * multipliers.get(item.name, ONE), level))
        for term in self.interactions:
            on = all(condition.holds_for(values) for condition in term.when)
            amount = (sum(milli[name] for name in term.times) if term.times else 1) if on else 0
            found.append(Term("interaction", term.name, term.micro * amount))
        return found

    def score(self, values: RawValues, region: str | None) -> int:
        """Return a family's score in micro; higher is better off."""
        return sum(term.micro for term in self.terms(values, region))

    def sigma_of(self, region: str | None) -> int:
        """Return the spread (micro) of the model's errors in a regency, out of sample."""
        return self.region(region).sigma or self.sigma

    # -- the file --------------------------------------------------------------------------------------------------

    def as_json(self) -> dict[str, Any]:
        """Return the content of the file without its hash; no fractions in it."""
        return {
            "format": FORMAT,
            "version": self.version,
            "parent": self.parent,
            "outcome": self.outcome,
            "unit": self.unit,
            "currency": self.currency,
            "trained_on": dict(self.trained_on),
            "fitted_on": self.fitted_on,
            "decays_on": self.decays_on,
            "base": self.base,
            "sigma": self.sigma,
            "items": [item_as_json(item) for item in self.items],
            "points": {name: list(points) for name, points in self.points.items()},
            "interactions": [
                {
                    "name": term.name,
                    "when": [condition.as_json() for condition in term.when],
                    "micro": term.micro,
                    "times": list(term.times),
                    "label": dict(term.label),
                }
                for term in self.interactions
            ],
            "regions": {
                code: {"base": terms.base, "sigma": terms.sigma, "multipliers": dict(terms.multipliers)}
                for code, terms in self.regions.items()
            },
            "references": {code: dict(values) for code, values in self.references.items()},
        }

    @cached_property
    def sha256(self) -> str:
        """The fingerprint: of the canonical file without this line."""
        return hashlib.sha256(canonical(self.as_json()).encode()).hexdigest()

    def to_json(self) -> str:
        """Return the canonical file: sorted keys, no blanks, whole numbers, with its hash."""
        return canonical(self.as_json() | {"sha256": self.sha256})

    @classmethod
    def from_json(cls, text: str) -> RankModel:
        """Read a model file.

        Raises: ranking.model.invalid, ranking.model.hash (its content is not what it was hashed as).
        """
        try:
            content = json.loads(text, parse_float=_no_fractions)
            jsonschema.validate(content, _SCHEMA)
            items = tuple(item_from_json(entry) for entry in content["items"])
            points = {name: tuple(row) for name, row in content["points"].items()}
            for item in items:
                if len(points[item.name]) != item.n_levels:
                    raise ValueError(f"{item.name} has {item.n_levels} levels and {len(points[item.name])} points")
            model = cls(
                version=content["version"], base=content["base"], sigma=content["sigma"], items=items, points=points,
                regions={
                    code: RegionTerms(row["base"], row["sigma"], row.get("multipliers", {}))
                    for code, row in content["regions"].items()
                },
                interactions=tuple(
                    InteractionTerm(
                        row["name"], tuple(Condition.from_json(c) for c in row["when"]), row["micro"],
                        tuple(row.get("times", ())), row.get("label", {}),
                    )
                    for row in content.get("interactions", [])
                ),
                parent=content.get("parent"), outcome=content["outcome"], unit=content["unit"],
                currency=content.get("currency", "IDR"), trained_on=content.get("trained_on", {}),
                references=content.get("references", {}), fitted_on=content.get("fitted_on"),
                decays_on=content.get("decays_on"),
            )  # fmt: skip
        except jsonschema.ValidationError as error:
            raise RankingError("ranking.model.invalid", why=error.message[:200]) from error
        except (ValueError, KeyError, TypeError) as error:
            raise RankingError("ranking.model.invalid", why=str(error)[:200]) from error
        if model.sha256 != content["sha256"]:
            raise RankingError("ranking.model.hash")
        return model


def canonical(content: Any) -> str:
    """Return JSON that two machines write alike: sorted keys, no blanks, text as it is."""
    return json.dumps(content, sort_keys=True, separators=(",", ":"), ensure_ascii=False)


def _no_fractions(text: str) -> float:
    raise ValueError(f"a model holds whole numbers only, not {text}")
