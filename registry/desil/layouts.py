"""The layout of an official ranking: which column says what. A new layout is a file (`--mapping`), not code."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from registry.common.written_files import read_yaml

FOLDER = Path(__file__).parent / "data"
SHIPPED = FOLDER / "official.yaml"


@dataclass(frozen=True)
class Layout:
    """Names of columns for each thing a ranking tells, in order of preference."""

    columns: Mapping[str, tuple[str, ...]]
    separator: str
    inactive: tuple[str, ...]

    def places(self, header: Sequence[str]) -> dict[str, int]:
        """Return where in a header each thing stands; what the file does not have is left out.

        >>> read_layout().places(["No. KK", "Desil Nasional"])
        {'kk_number': 0, 'desil': 1}
        """
        at = {plain_name(name): number for number, name in reversed(list(enumerate(header)))}
        found = {}
        for thing, names in self.columns.items():
            place = next((at[plain_name(name)] for name in names if plain_name(name) in at), None)
            if place is not None:
                found[thing] = place
        return found

    def fit(self, header: Sequence[str]) -> float:
        """Say how well a header suits: the share of the things it has (the readers choose the separator by it)."""
        return len(self.places(header)) / len(self.columns)

    @property
    def hash(self) -> str:
        """The fingerprint of what it says."""
        told = [{name: list(names) for name, names in self.columns.items()}, list(self.inactive)]
        return hashlib.sha256(json.dumps(told, sort_keys=True).encode()).hexdigest()


def plain_name(name: str) -> str:
    """Return a column's name without case, marks and spaces.

    >>> plain_name(" No. KK ")
    'no_kk'
    """
    return re.sub(r"[^a-z0-9]+", "_", name.casefold()).strip("_")


def read_layout(path: Path = SHIPPED) -> Layout:
    """Return the layout of a file.

    Raises: BadInput `desil.official.layout` with what is wrong where.
    """
    content = read_yaml(path, schema=FOLDER / "schema.json", refusal="desil.official.layout")
    return Layout(
        columns={thing: tuple(names) for thing, names in content["columns"].items()},
        separator=content.get("separator", ";"),
        inactive=tuple(" ".join(word.split()).casefold() for word in content.get("inactive", [])),
    )
