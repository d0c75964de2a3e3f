"""Loading and checking the dictionary."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from types import MappingProxyType

import jsonschema
import yaml

FOLDER = Path(__file__).parent
Label = Mapping[str, str]
Code = Mapping[str, str]


@dataclass(frozen=True, eq=False)
class Variable:
    """One variable. Values are stored as integers divided by `scale` where they are numbers."""

    name: str
    type: str
    label: Label
    privacy: str
    survivorship: tuple[str, ...]
    codes: Mapping[int, Code] = field(default_factory=dict)
    unit: str | None = None
    scale: int = 1
    range: tuple[int, int] | None = None
    grain: Mapping[str, str] = field(default_factory=dict)

    def is_coarse(self, source: str) -> bool:
        """Return whether the source only knows groups of this variable's codes."""
        return self.grain.get(source) == "coarse"

    def text(self, value: int | None, language: str = "id") -> str:
        """Return a value in words: the code's label, or the number with its unit."""
        if value is None:
            return ""
        if self.codes:
            code = self.codes.get(int(value))
            return code[language] if code else str(value)
        shown = f"{value / self.scale:g}" if self.scale != 1 else str(value)
        if language == "id":
            shown = shown.replace(".", ",")
        return f"{shown} {self.unit}" if self.unit == "m2" else shown


@dataclass(frozen=True, eq=False)
class Dictionary:
    """All variables, in the order in which forms and tables show them."""

    version: int
    household_items: tuple[Variable, ...]
    individual_items: tuple[Variable, ...]
    identity: tuple[Variable, ...]

    def __getitem__(self, name: str) -> Variable:
        return self.by_name[name]

    @property
    def by_name(self) -> Mapping[str, Variable]:
        """Variables by their name."""
        return _index(self)


@cache
def _index(dictionary: Dictionary) -> Mapping[str, Variable]:
    every = (*dictionary.household_items, *dictionary.individual_items, *dictionary.identity)
    return MappingProxyType({variable.name: variable for variable in every})


def _read(name: str) -> tuple[int, tuple[Variable, ...]]:
    content = yaml.safe_load((FOLDER / f"{name}.yaml").read_text(encoding="utf-8"))
    schema = json.loads((FOLDER / "schema.json").read_text(encoding="utf-8"))
    # Codes are integers in YAML; JSON schema knows only text as names of properties.
    as_json = json.loads(json.dumps(content))
    jsonschema.validate(as_json, schema)
    variables = []
    for entry in content["variables"]:
        entry = dict(entry)
        entry["survivorship"] = tuple(entry["survivorship"])
        if "range" in entry:
            entry["range"] = tuple(entry["range"])
        for key in ("codes", "grain", "label"):
            if key in entry:
                entry[key] = MappingProxyType(entry[key])
        variables.append(Variable(**entry))
    names = [variable.name for variable in variables]
    if len(names) != len(set(names)):
        raise ValueError(f"{name}.yaml names a variable twice")
    return content["version"], tuple(variables)


@cache
def load_dictionary() -> Dictionary:
    """Return the dictionary that ships with this version, checked against its schema."""
    parts = {name: _read(name) for name in ("household", "individual", "identity")}
    return Dictionary(
        version=max(version for version, _ in parts.values()),
        household_items=parts["household"][1],
        individual_items=parts["individual"][1],
        identity=parts["identity"][1],
    )
