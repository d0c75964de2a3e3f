"""Programme files: the YAML that lists programmes, rules and components, read and checked against its schema."""

import datetime as dt
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from registry.common.errors import BadInput
from registry.common.written_files import check_content, read_yaml

FOLDER = Path(__file__).parent / "data"
SHIPPED = FOLDER / "programmes.yaml"
SCHEMA = FOLDER / "schema.json"
REFUSAL = "programmes.load.unreadable"


@dataclass(frozen=True)
class ProgrammeFile:
    """What a file says, dates parsed; a rule without an end lasts until the next one of its kind begins."""

    version: int
    programmes: tuple[dict[str, Any], ...]


def read_programmes(path: Path = SHIPPED) -> ProgrammeFile:
    """Return the programmes of a file.

    Raises: BadInput `programmes.load.unreadable` with what is wrong where, `programmes.load.overlap`.
    """
    return _as_file(read_yaml(path, schema=SCHEMA, refusal=REFUSAL), path.name)


def check_programmes(content: dict[str, Any], *, name: str) -> ProgrammeFile:
    """Return programmes that another kind of file told in the words of ours; `name` is that file's.

    Raises: as `read_programmes`.
    """
    return _as_file(check_content(content, schema=SCHEMA, refusal=REFUSAL, name=name), name)


def _as_file(content: dict[str, Any], name: str) -> ProgrammeFile:
    return ProgrammeFile(
        version=content["version"],
        programmes=tuple(_dated(name, programme) for programme in content["programmes"]),
    )


def _dated(name: str, programme: dict[str, Any]) -> dict[str, Any]:
    code = programme["code"]
    return programme | {
        "rules": _with_ends(name, code, programme.get("rules", []), lambda _: ""),
        "components": _with_ends(name, code, programme.get("components", []), lambda row: row["need"]),
    }


def _with_ends(name: str, code: str, rows: list[dict[str, Any]], kind: Any) -> list[dict[str, Any]]:
    """Return the rows in order of kind and day, with `valid` as (first day, day after the last or None)."""
    try:
        dated = sorted(((kind(row), dt.date.fromisoformat(row["from"]), row) for row in rows), key=lambda one: one[:2])
        ends = [dt.date.fromisoformat(row["to"]) if "to" in row else None for _, _, row in dated]
    except ValueError as error:
        raise BadInput(REFUSAL, name=name, why=str(error)) from error
    result = []
    for number, (key, start, row) in enumerate(dated):
        following = dated[number + 1] if number + 1 < len(dated) and dated[number + 1][0] == key else None
        end = ends[number] or (following[1] if following else None)
        if (following and end and end > following[1]) or (end and end <= start):
            raise BadInput("programmes.load.overlap", programme=code, start=start.isoformat())
        result.append({k: v for k, v in row.items() if k not in {"from", "to"}} | {"valid": (start, end)})
    return result
