"""The table of items: how each is read, what its levels are, and the direction it may count in.

An item's value is a whole number (a code, a count, or an amount times its scale). Its *level* is the row of the
item's printed table of points that the value falls into; a missing value has the level -1.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

import jsonschema
import numpy as np
import yaml

from registry.ranking.errors import RankingError
from registry.variables import load_dictionary

FOLDER = Path(__file__).parent
MISSING = -(2**31)
NOT_ASKED = "not_asked"
Array = np.ndarray
Values = Mapping[str, Array]
Words = Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Condition:
    """Something that is true of a family or not; a missing value makes it false."""

    item: str
    codes: tuple[int, ...] = ()
    least: int | None = None
    most: int | None = None
    equals_item: str | None = None

    def holds(self, values: Values) -> Array:
        """Return one boolean per family."""
        value = values[self.item]
        held = value != MISSING
        if self.codes:
            held = held & np.isin(value, self.codes)
        if self.least is not None:
            held = held & (value >= self.least)
        if self.most is not None:
            held = held & (value <= self.most)
        if self.equals_item is not None:
            held = held & (value == values[self.equals_item])
        return np.asarray(held)

    def holds_for(self, values: Mapping[str, int | None]) -> bool:
        """Return whether it holds for one family."""
        value = values.get(self.item)
        if value is None or value == MISSING:
            return False
        if self.codes and value not in self.codes:
            return False
        if self.least is not None and value < self.least or self.most is not None and value > self.most:
            return False
        return self.equals_item is None or value == values.get(self.equals_item)

    @property
    def items(self) -> tuple[str, ...]:
        """The names it reads."""
        return (self.item,) if self.equals_item is None else (self.item, self.equals_item)

    def as_json(self) -> dict[str, Any]:
        """Return it as the model file and the table write it."""
        given = {"codes": list(self.codes) or None, "least": self.least, "most": self.most}
        given["equals_item"] = self.equals_item
        return {"item": self.item} | {name: value for name, value in given.items() if value is not None}

    @classmethod
    def from_json(cls, entry: Mapping[str, Any]) -> Condition:
        """Read it back."""
        return cls(**{**entry, "codes": tuple(entry.get("codes", ()))})


@dataclass(frozen=True, eq=False)
class Item:
    """One item. `levels` maps codes to levels (ordered, nominal, flag); counts and amounts compute theirs."""

    name: str
    kind: str
    sign: str = "any"
    column: str | None = None
    n_levels: int = 0
    levels: Mapping[int, int] = field(default_factory=dict)
    not_asked_level: int | None = None
    not_asked_when: Condition | None = None
    start: int = 0
    step: int = 1
    scale: int = 1
    knots: tuple[int, ...] = ()
    missing: tuple[float, ...] = ()
    texts: Mapping[str, int] = field(default_factory=dict)
    group: str = "other"
    disputable: bool = True
    label: Words = field(default_factory=dict)
    words: Mapping[int, Words] = field(default_factory=dict)
    like: str | None = None

    @property
    def is_coded(self) -> bool:
        """Whether its values are codes rather than numbers."""
        return self.kind in ("ordered", "nominal", "flag")

    def level(self, value: int | None, asked: bool = True) -> int:
        """Return the level of one value, -1 when it is missing.

        >>> load_items()["jml_sapi"].level(9), load_items()["jml_sapi"].level(None)
        (5, -1)
        """
        if not asked and self.not_asked_level is not None:
            return self.not_asked_level
        if value is None or value == MISSING or value in self.missing:
            return -1
        if self.is_coded:
            return self.levels.get(value, -1)
        if value < 0:
            return -1
        return min(max((value - self.start) // self.step, 0), self.n_levels - 1)

    def level_array(self, values: Values) -> Array:
        """Return the levels of all families as int16."""
        value = values[self.name]
        known = (value != MISSING) & ~np.isin(value, self.missing)
        if self.is_coded:
            codes = np.array(sorted(self.levels), dtype=np.int64)
            where = np.searchsorted(codes, value).clip(0, len(codes) - 1)
            known &= codes[where] == value
            level = np.array([self.levels[int(code)] for code in codes])[where]
        else:
            known &= value >= 0
            level = ((value - self.start) // self.step).clip(0, self.n_levels - 1)
        level = np.where(known, level, -1)
        if self.not_asked_when is not None and self.not_asked_level is not None:
            level = np.where(self.not_asked_when.holds(values), self.not_asked_level, level)
        return level.astype(np.int16)

    def basis(self) -> Array:
        """Return levels × parameters: what each level says about the outcome before it is fitted.

        Ordered, flag and count: one step between neighbouring levels. Nominal: one parameter a level.
        Amount: one straight piece between two knots, taken at the middle of the step.
        """
        n = self.n_levels
        if self.kind == "nominal":
            return np.eye(n)
        if self.kind == "amount":
            middle = self.start + self.step * (np.arange(n) + 0.5)
            pieces = [np.clip(middle - a, 0, b - a) / (b - a) for a, b in zip(self.knots, self.knots[1:], strict=False)]
            return np.stack(pieces, axis=1)
        return np.tri(n, n - 1, -1)

    def bounds(self) -> tuple[float, float]:
        """Return the lowest and highest value a parameter may take."""
        if self.kind in ("ordered", "flag") or (self.kind in ("count", "amount") and self.sign == "positive"):
            return 0.0, np.inf
        return (-np.inf, 0.0) if self.sign == "negative" and self.kind != "nominal" else (-np.inf, np.inf)

    def text(self, value: int | None, language: str = "id") -> str:
        """Return a value in words for people."""
        if value is None or value == MISSING or value in self.missing:
            return "tidak diketahui" if language == "id" else "not known"
        if value in self.words:
            return self.words[value][language]
        variable = load_dictionary().by_name.get(self.like or self.name)
        if variable is not None:
            return variable.text(int(value), language)
        shown = f"{value / self.scale:g}" if self.scale != 1 else str(value)
        return shown.replace(".", ",") if language == "id" else shown

    def title(self, language: str = "id") -> str:
        """Return the item's name in words for people."""
        if self.label:
            return self.label[language]
        variable = load_dictionary().by_name.get(self.name)
        return variable.label[language] if variable is not None else self.name

    def level_text(self, level: int, language: str = "id") -> str:
        """Return what one row of the table of points stands for."""
        if level == self.not_asked_level:
            return "tidak ditanyakan" if language == "id" else "not asked"
        if self.is_coded:
            return " / ".join(self.text(code, language) for code, at in self.levels.items() if at == level)
        low = self.start + level * self.step
        last = level == self.n_levels - 1
        if self.step == 1:
            return f"{self.text(low, language)}{'+' if last else ''}"
        return f"{self.text(low, language)}{'+' if last else '–' + self.text(low + self.step, language)}"


@dataclass(frozen=True, slots=True)
class Interaction:
    """A published product: all conditions hold, times 1 or the points of a group of items."""

    name: str
    when: tuple[Condition, ...]
    times: str | None = None
    label: Words = field(default_factory=dict)

    @property
    def items(self) -> set[str]:
        """The names it needs."""
        return {name for condition in self.when for name in condition.items}


@dataclass(frozen=True, slots=True)
class Part:
    """One part of a group of families, for example rural ones."""

    name: str
    when: tuple[Condition, ...]
    label: Words


@dataclass(frozen=True, slots=True)
class Grouping:
    """A way to part families into groups; in a protected one no group's exclusion may quietly grow."""

    name: str
    parts: tuple[Part, ...]
    protected: bool
    label: Words


@dataclass(frozen=True, eq=False)
class Items:
    """The whole table: items in order, interactions that may be tried, groups to report."""

    items: tuple[Item, ...]
    interactions: tuple[Interaction, ...] = ()
    groups: tuple[Grouping, ...] = ()
    survey: str = ""
    currency: str = "IDR"
    size: str = "jumlah_anggota_keluarga"
    outcome_is: str = "per_person"
    separator: str | None = None
    encoding: str | None = None

    def __getitem__(self, name: str) -> Item:
        return self.by_name[name]

    @property
    def by_name(self) -> dict[str, Item]:
        """Items by name."""
        return {item.name: item for item in self.items}

    def only(self, names: Sequence[str]) -> Items:
        """Return the table with these items alone, and the interactions and groups that they allow."""
        kept = set(names)
        return Items(
            tuple(item for item in self.items if item.name in kept),
            tuple(i for i in self.interactions if i.items <= kept),
            tuple(
                g
                for g in self.groups
                if all(n in kept for part in g.parts for c in part.when for n in c.items)
            ),
            self.survey, self.currency, self.size, self.outcome_is, self.separator, self.encoding,
        )  # fmt: skip


def item_from_json(entry: Mapping[str, Any]) -> Item:
    """Return an item of the YAML table or of a model file; raises ValueError saying what does not fit."""
    kind, name = entry["kind"], entry["item"]
    levels: dict[int, int] = {}
    not_asked = None
    n_levels, start, step = 0, int(entry.get("from", 0)), int(entry.get("step", 1))
    knots = tuple(entry.get("knots", ()))
    if kind in ("ordered", "nominal", "flag"):
        tiers = entry.get("tiers") or [[code] for code in entry.get("codes", [])]
        if kind == "flag" and not tiers:
            tiers = [[2], [1]]
        if kind == "flag" and len(tiers) != 2 or len(tiers) < 2:
            raise ValueError(f"{name}: tiers or codes are missing")
        for level, tier in enumerate(tiers):
            for code in tier:
                if code == NOT_ASKED:
                    not_asked = level
                elif code in levels:
                    raise ValueError(f"{name}: code {code} stands in two tiers")
                else:
                    levels[int(code)] = level
        n_levels = len(tiers)
    elif kind == "count":
        if "cap" not in entry:
            raise ValueError(f"{name}: a count needs a cap")
        n_levels = int(entry["cap"]) - start + 1
        if n_levels < 2:
            raise ValueError(f"{name}: the cap lies below the start")
    else:
        if len(knots) < 2 or list(knots) != sorted(set(knots)):
            raise ValueError(f"{name}: an amount needs rising knots")
        start = knots[0]
        n_levels = max(2, -(-(knots[-1] - start) // step))
        if n_levels > 500:
            raise ValueError(f"{name}: more than 500 steps")
    if (not_asked is None) != ("not_asked_when" not in entry):
        raise ValueError(f"{name}: not_asked needs a tier and a condition")
    when = entry.get("not_asked_when")
    return Item(
        name=name, kind=kind, sign=entry.get("sign", "positive" if kind in ("ordered", "flag") else "any"),
        column=entry.get("column"), n_levels=n_levels, levels=levels, not_asked_level=not_asked,
        not_asked_when=Condition(when["item"], tuple(when["codes"])) if when else None,
        start=start, step=step, scale=int(entry.get("scale", 1)), knots=knots, missing=tuple(entry.get("missing", ())),
        texts={str(k): int(v) for k, v in entry.get("texts", {}).items()}, group=entry.get("group", "other"),
        disputable=entry.get("dispute", True), label=entry.get("label", {}),
        words={int(k): v for k, v in entry.get("words", {}).items()}, like=entry.get("like"),
    )  # fmt: skip


def item_as_json(item: Item) -> dict[str, Any]:
    """Return an item as `item_from_json` reads it, without what a score does not need (columns, texts)."""
    entry: dict[str, Any] = {"item": item.name, "kind": item.kind, "sign": item.sign, "group": item.group}
    entry["dispute"] = item.disputable
    if item.is_coded:
        tiers: list[list[Any]] = [[] for _ in range(item.n_levels)]
        for code, level in sorted(item.levels.items()):
            tiers[level].append(code)
        if item.not_asked_level is not None:
            tiers[item.not_asked_level].append(NOT_ASKED)
        entry["tiers"] = tiers
    if item.kind == "count":
        entry |= {"from": item.start, "cap": item.start + item.n_levels - 1}
    if item.kind == "amount":
        entry |= {"knots": list(item.knots), "step": item.step}
    if item.not_asked_when is not None:
        entry["not_asked_when"] = item.not_asked_when.as_json()
    entry |= {"scale": item.scale} if item.scale != 1 else {}
    entry |= {"missing": list(item.missing)} if item.missing else {}
    entry |= {"label": dict(item.label)} if item.label else {}
    entry |= {"words": {str(k): dict(v) for k, v in item.words.items()}} if item.words else {}
    return entry | ({"like": item.like} if item.like else {})


def read_items(content: Any, name: str) -> Items:
    """Return a table of items from parsed YAML.

    Raises: `ranking.mapping.invalid`.
    """
    try:
        jsonschema.validate(
            json.loads(json.dumps(content)), json.loads((FOLDER / "schema.json").read_text(encoding="utf-8"))
        )
    except (jsonschema.ValidationError, TypeError) as error:
        where = "/".join(str(part) for part in getattr(error, "absolute_path", ()))
        raise RankingError("ranking.mapping.invalid", name=name, why=f"{where} {_first(error)}".strip()) from error
    try:
        items = tuple(item_from_json(entry) for entry in content["items"])
    except ValueError as error:
        raise RankingError("ranking.mapping.invalid", name=name, why=str(error)) from error
    names = [item.name for item in items]
    if len(names) != len(set(names)):
        raise RankingError("ranking.mapping.invalid", name=name, why="an item is named twice")

    def conditions(entries: Sequence[Mapping[str, Any]]) -> tuple[Condition, ...]:
        made = tuple(Condition.from_json(entry) for entry in entries)
        unknown = sorted({n for c in made for n in c.items} - set(names))
        if unknown:
            raise RankingError("ranking.mapping.invalid", name=name, why=f"no item is named {', '.join(unknown)}")
        return made

    conditions([item.not_asked_when.as_json() for item in items if item.not_asked_when is not None])
    interactions = tuple(
        Interaction(e["name"], conditions(e["when"]), e.get("times"), e.get("label", {}))
        for e in content.get("interactions", [])
    )
    groups = tuple(
        Grouping(
            e["name"],
            tuple(Part(p["name"], conditions(p["when"]), p.get("label", {})) for p in e["parts"]),
            e.get("protected", False),
            e.get("label", {}),
        )
        for e in content.get("groups", [])
    )
    options = {
        k: content[k] for k in ("survey", "currency", "size", "outcome_is", "separator", "encoding") if k in content
    }
    return Items(items, interactions, groups, **options)


def _first(error: Exception) -> str:
    return (getattr(error, "message", None) or str(error)).splitlines()[0][:200]


@cache
def load_items() -> Items:
    """Return the published table that ships with this version."""
    return read_items(yaml.safe_load((FOLDER / "items.yaml").read_text(encoding="utf-8")), "items.yaml")


def load_mapping(path: Path) -> Items:
    """Return the table of a foreign survey.

    Raises: `ranking.mapping.invalid`.
    """
    try:
        content = yaml.safe_load(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, yaml.YAMLError) as error:
        raise RankingError("ranking.mapping.invalid", name=path.name, why=_first(error)) from error
    return read_items(content, path.name)
