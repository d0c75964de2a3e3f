"""Programme files: the YAML that lists programmes, rules and components, read and checked against its schema."""

import datetime as dt
import json
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import jsonschema
import yaml

from registry.common.errors import BadInput

FOLDER = Path(__file__).parent / "data"
SHIPPED = FOLDER / "programmes.yaml"


@dataclass(frozen=True)
class ProgrammeFile:
    """What a file says, dates parsed; a rule without an end lasts until the next one of its kind begins."""

    version: int
    programmes: tuple[dict[str, Any], ...]


@cache
def _schema() -> dict[str, Any]:
    return json.loads((FOLDER / "schema.json").read_text(encoding="utf-8"))


def read_programmes(path: Path = SHIPPED) -> ProgrammeFile:
    """Return the programmes of a file.

    Raises: BadInput `programmes.load.unreadable` with what is wrong where, `programmes.load.overlap`.
    """
    try:
        content = json.loads(json.dumps(yaml.safe_load(path.read_text(encoding="utf-8")), default=str))
        jsonschema.validate(content, _schema())
    except (OSError, UnicodeDecodeError, yaml.YAMLError) as error:
        raise BadInput("programmes.load.unreadable", name=path.name, why=str(error).split("\n")[0]) from error
    except jsonschema.ValidationError as error:
        place = " › ".join(str(part) for part in error.absolute_path) or "–"
        raise BadInput("programmes.load.unreadable", name=path.name, why=f"{place}: {error.message}") from error
    return ProgrammeFile(
        version=content["version"],
        programmes=tuple(_dated(path, programme) for programme in content["programmes"]),
    )


def _dated(path: Path, programme: dict[str, Any]) -> dict[str, Any]:
    code = programme["code"]
    return programme | {
        "rules": _with_ends(path, code, programme["rules"], lambda _: ""),
        "components": _with_ends(path, code, programme.get("components", []), lambda row: row["need"]),
    }


def _with_ends(path: Path, code: str, rows: list[dict[str, Any]], kind: Any) -> list[dict[str, Any]]:
    """Return the rows in order of kind and day, with `valid` as (first day, day after the last or None)."""
    try:
        dated = sorted(((kind(row), dt.date.fromisoformat(row["from"]), row) for row in rows), key=lambda one: one[:2])
        ends = [dt.date.fromisoformat(row["to"]) if "to" in row else None for _, _, row in dated]
    except ValueError as error:
        raise BadInput("programmes.load.unreadable", name=path.name, why=str(error)) from error
    result = []
    for number, (key, start, row) in enumerate(dated):
        following = dated[number + 1] if number + 1 < len(dated) and dated[number + 1][0] == key else None
        end = ends[number] or (following[1] if following else None)
        if (following and end and end > following[1]) or (end and end <= start):
            raise BadInput("programmes.load.overlap", programme=code, start=start.isoformat())
        result.append({k: v for k, v in row.items() if k not in {"from", "to"}} | {"valid": (start, end)})
    return result
