"""Mapping files: how the columns and codes of one source become DTSEN's. Loading and checking.

A new layout is a new YAML file, no code. What the columns mean is in the dictionary of variables.
"""

import json
import re
from collections.abc import Mapping as AnyMapping
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

import jsonschema
import yaml

from registry.common.errors import BadInput
from registry.variables import load_dictionary

FOLDER = Path(__file__).parent / "mappings"
ROLES = ("families", "persons")
# Targets besides the variables of the dictionary.
FAMILY_FIELDS = (
    "kk_number",
    "address",
    "sls",
    "sls_code",
    "head_name",
    "head_nik",
    "survey_date",
    "n_members",
    "padan_dukcapil",
)
EVIDENCE = ("other_number", "address", "place_name", "wider_place")
PERSON_FIELDS = (
    "nik",
    "kk_number",
    "name",
    "sex",
    "birth_date",
    "birth_place",
    "mother_name",
    "survey_date",
    "family_no",
    "padan_dukcapil",
    # What layouts without Indonesian numbers and regions have: evidence for the matching.
    *EVIDENCE,
)
NATURAL_TYPES = {
    "kk_number": "identifier", "nik": "identifier", "head_nik": "identifier", "survey_date": "date",
    "birth_date": "date", "name": "name", "other_number": "text", "luas_lantai_bangunan": "area",
}  # fmt: skip


def plain_name(name: str) -> str:
    """Return a column's name without case, spaces and underscores, to compare headers.

    >>> plain_name(" ID Keluarga_P3KE ")
    'id keluarga p3ke'
    """
    return re.sub(r"[\s_]+", " ", name.strip().strip("\ufeff").casefold()).strip()


@dataclass(frozen=True)
class Column:
    """What one raw column becomes: a target (or none: only checked), its kind and its codes."""

    raw: str
    to: str | None
    kind: str  # code text name integer area date sum identifier
    codes: AnyMapping[str, int | None] = field(default_factory=dict)
    among: AnyMapping[str, tuple[int, ...]] = field(default_factory=dict)
    range: tuple[int, int] | None = None
    parts: tuple[int, ...] = ()
    also: tuple[int, ...] = ()
    formats: tuple[str, ...] = ()
    aliases: tuple[str, ...] = ()
    part: int = 1


@dataclass(frozen=True)
class Layout:
    """One file of a source."""

    role: str
    key: str
    family: str | None
    dwelling: str | None
    mandatory: tuple[str, ...]
    region: tuple[AnyMapping[str, Any], ...]
    columns: tuple[Column, ...]
    derived: tuple[AnyMapping[str, Any], ...]

    @property
    def names(self) -> dict[str, str]:
        """Every column this layout knows, as plain name → name."""
        known = [self.key, *self.mandatory]
        known += [name for name in (self.family, self.dwelling) if name]
        for column in self.columns:
            known.append(column.raw)
        for region in self.region:
            known += [*region["code"], *(region[part] for part in ("village", "district") if part in region)]
        found = {plain_name(name): name for name in known}
        for column in self.columns:
            found |= {plain_name(alias): column.raw for alias in column.aliases}
        return found


@dataclass(frozen=True)
class Mapping:
    """One source: its files, its priority, whether its deliveries are complete."""

    source: str
    version: int
    label: AnyMapping[str, str]
    priority: int
    complete: bool
    separator: str
    decimal: str
    one_file: bool
    may_repeat: bool  # one person may have several rows within a delivery
    oldest_year: int | None  # of a birth, where the list is of people long dead
    layouts: AnyMapping[str, Layout]


def _codes(given: Any) -> tuple[dict[str, int | None], dict[str, tuple[int, ...]]]:
    codes: dict[str, int | None] = {}
    among: dict[str, tuple[int, ...]] = {}
    if isinstance(given, str):
        for part in given.split(","):
            low, _, high = part.partition("-")
            codes |= {str(code): code for code in range(int(low), int(high or low) + 1)}
        return codes, among
    for raw, value in given.items():
        key = str(raw).strip().casefold()
        if isinstance(value, AnyMapping):
            codes[key], among[key] = value["code"], tuple(value["among"])
        else:
            codes[key] = value
    return codes, among


def _column(raw: str, entry: AnyMapping[str, Any]) -> Column:
    variables = load_dictionary().by_name
    to = entry.get("to")
    kind = entry.get("type") or NATURAL_TYPES.get(to or "", "")
    codes, among = _codes(entry["codes"]) if "codes" in entry else ({}, {})
    if not kind:
        variable = variables.get(to or "")
        kind = (
            "code"
            if codes or (variable and variable.codes)
            else "integer"
            if variable and variable.type == "integer"
            else "text"
        )
    limits = entry.get("range")
    if to in variables and variables[to].codes and codes:
        outside = {code for code in codes.values() if code is not None} - set(variables[to].codes)
        if outside:
            raise ValueError(f"{raw}: {sorted(outside)} are no codes of {to}")
    if kind == "code" and not codes:
        codes = {str(code): code for code in variables[str(to)].codes}
    if limits is None and to in variables and variables[to].range:
        limits = variables[to].range
    return Column(
        raw=raw, to=to, kind=kind, codes=codes, among=among,
        range=tuple(limits) if limits else None, parts=tuple(entry.get("of", ())), also=tuple(entry.get("also", ())),
        formats=tuple(entry.get("formats", ("%Y-%m-%d",))), aliases=tuple(entry.get("aliases", ())), part=entry.get("part", 1),
    )  # fmt: skip


def _layout(role: str, content: AnyMapping[str, Any]) -> Layout:
    dictionary = load_dictionary()
    items = dictionary.household_items if role == "families" else dictionary.individual_items
    targets = {item.name for item in items} | set(FAMILY_FIELDS if role == "families" else PERSON_FIELDS)
    columns: list[Column] = []
    for raw, entries in content["columns"].items():
        for entry in entries if isinstance(entries, list) else [entries]:
            column = _column(str(raw), entry or {})
            if column.to and column.to not in targets:
                raise ValueError(f"{raw}: there is no {column.to} in {role}")
            columns.append(column)
    for derived in content.get("set", ()):
        if derived["to"] not in targets:
            raise ValueError(f"set: there is no {derived['to']} in {role}")
    return Layout(
        role=role, key=content["key"], family=content.get("family"), dwelling=content.get("dwelling"),
        mandatory=tuple(content.get("mandatory", (content["key"],))), region=tuple(content.get("region", ())),
        columns=tuple(columns), derived=tuple(content.get("set", ())),
    )  # fmt: skip


def read_mapping(path: Path) -> Mapping:
    """Read one mapping file and check it against its schema and the dictionary.

    Raises: BadInput `sources.mapping.invalid`.
    """
    try:
        content = yaml.safe_load(path.read_text(encoding="utf-8"))
        schema = json.loads((FOLDER / "schema.json").read_text(encoding="utf-8"))
        jsonschema.validate(json.loads(json.dumps(content)), schema)
        layouts = {role: _layout(role, content[role]) for role in ROLES if role in content}
    except jsonschema.ValidationError as error:
        place = "/".join(str(part) for part in error.absolute_path) or "the file"
        raise BadInput("sources.mapping.invalid", name=path.name, why=f"{place}: {error.message[:200]}") from error
    except (OSError, UnicodeDecodeError, yaml.YAMLError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise BadInput("sources.mapping.invalid", name=path.name, why=str(error)[:200]) from error
    source = content["source"]
    return Mapping(
        source=source, version=content["version"], label=content.get("label", {"id": source, "en": source}),
        priority=content.get("priority", 0), complete=content.get("complete", False),
        separator=content.get("separator", ","), decimal=content.get("decimal", "."),
        one_file=content.get("one_file", False), may_repeat=_may_repeat(content, layouts),
        oldest_year=content.get("oldest_year"), layouts=layouts,
    )  # fmt: skip


def _may_repeat(content: AnyMapping[str, Any], layouts: AnyMapping[str, Layout]) -> bool:
    """A list without families, NIK and family cards keeps no order of its own, unless its mapping says so."""
    persons = layouts["persons"]
    ordered = persons.family is not None or any(column.to in ("nik", "kk_number") for column in persons.columns)
    return {"possible": True, "none": False}.get(content.get("duplicates", ""), not ordered)


def get_among(mapping: Mapping) -> dict[str, dict[int, tuple[int, ...]]]:
    """Return, per variable, the codes that stand for several and which; only values marked `coarse` do so."""
    found: dict[str, dict[int, tuple[int, ...]]] = {}
    for layout in mapping.layouts.values():
        for column in layout.columns:
            for raw, several in column.among.items():
                code = column.codes[raw]
                if column.to and code is not None:
                    codes = found.setdefault(column.to, {})
                    codes[code] = tuple(sorted({*codes.get(code, ()), *several}))
    return found


def get_shipped_sources() -> list[str]:
    """Return the names of the sources whose mappings ship with this version."""
    return sorted(path.stem for path in FOLDER.glob("*.yaml"))


@cache
def load_mapping(source: str) -> Mapping:
    """Return the shipped mapping of a source.

    Raises: BadInput `sources.mapping.unknown`.
    """
    if source not in get_shipped_sources():
        raise BadInput("sources.mapping.unknown", source=source, known=", ".join(get_shipped_sources()))
    return read_mapping(FOLDER / f"{source}.yaml")


def find_layout(mapping: Mapping, header: Sequence[str]) -> tuple[Layout | None, float]:
    """Return the layout that a header fits best, and the share of the layout's columns in it."""
    names = {plain_name(name) for name in header}
    best: tuple[Layout | None, float] = (None, 0.0)
    for layout in mapping.layouts.values():
        known = {plain_name(name) for name in layout.names.values()}
        share = len(known & names) / max(len(known), 1)
        # The key column decides between two files that share most columns.
        share += 0.5 if plain_name(layout.key) in names else 0.0
        if share > best[1]:
            best = (layout, share)
    return best
