"""The versioned rules of validation: severity, sentence, and checks across columns, in YAML."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from types import MappingProxyType

import jsonschema
import yaml

FOLDER = Path(__file__).parent
CURRENT = 1


@dataclass(frozen=True)
class Rule:
    """One thing that may be wrong; `check` is SQL over canonical columns, true when it is wrong."""

    code: str
    severity: str
    id: str
    en: str
    role: str | None = None
    column: str | None = None
    check: str | None = None

    def sentence(self, language: str = "id") -> str:
        """Return what is wrong and what to do next."""
        return self.en if language.startswith("en") else self.id


@dataclass(frozen=True)
class RuleSet:
    """One version of the rules."""

    version: int
    limits: Mapping[str, int]
    rules: Mapping[str, Rule]


def load_rules(version: int | None = None) -> RuleSet:
    """Return one version of the rules (today's unless named), checked against the schema."""
    return _load(CURRENT if version is None else version)


@cache
def _load(version: int) -> RuleSet:
    content = yaml.safe_load((FOLDER / f"v{version}.yaml").read_text(encoding="utf-8"))
    jsonschema.validate(content, json.loads((FOLDER / "schema.json").read_text(encoding="utf-8")))
    rules = {code: Rule(code=code, **entry) for code, entry in content["rules"].items()}
    return RuleSet(content["version"], MappingProxyType(content["limits"]), MappingProxyType(rules))
