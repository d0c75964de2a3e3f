"""Files that people write for us in YAML (layouts, programmes, mappings): read, and checked against their JSON schema."""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path
from typing import Any

import jsonschema
import yaml

from registry.common.errors import BadInput

LONGEST = 200  # of what is said about a fault: a schema's complaint may quote the whole file


def read_yaml(path: Path, *, schema: Path, refusal: str) -> Any:
    """Return what a YAML file says once it fits its schema, days as texts.

    Raises: BadInput with the code `refusal`, the file's `name` and `why`.
    """
    try:
        content = yaml.safe_load(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, yaml.YAMLError) as error:
        raise BadInput(refusal, name=path.name, why=str(error).split("\n")[0][:LONGEST]) from error
    return check_content(content, schema=schema, refusal=refusal, name=path.name)


def check_content(content: Any, *, schema: Path, refusal: str, name: str) -> Any:
    """Return content as JSON would hold it, once it fits a schema.

    Raises: BadInput as `read_yaml` does; `why` begins with the place of the fault.
    """
    try:
        plain = json.loads(json.dumps(content, default=str))
        jsonschema.validate(plain, _schema(schema))
    except (TypeError, ValueError) as error:
        raise BadInput(refusal, name=name, why=str(error)[:LONGEST]) from error
    except jsonschema.ValidationError as error:
        place = " › ".join(str(part) for part in error.absolute_path) or "–"
        raise BadInput(refusal, name=name, why=f"{place}: {error.message[:LONGEST]}") from error
    return plain


@cache
def _schema(path: Path) -> Any:
    return json.loads(path.read_text(encoding="utf-8"))
