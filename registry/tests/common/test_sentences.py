"""Every error code and audit event that stands in the code has its sentence in both languages."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.apps import apps

from registry.common import errors
from registry.common.audit import EVENT_SENTENCES
from registry.common.errors import SENTENCES

ROOMS = ("registry", "complaints", "graduation", "dtsen_site")
ERROR_NAMES = {
    name for name, value in vars(errors).items() if isinstance(value, type) and issubclass(value, errors.DomainError)
}


def walk_calls() -> Iterator[tuple[str, str, ast.Call]]:
    """Yield the place, the called name and the call, of all code but tests."""
    for room in ROOMS:
        for path in sorted(Path(apps.get_app_config("registry").path).parent.glob(f"{room}/**/*.py")):
            if "tests" in path.parts or "migrations" in path.parts:
                continue
            for node in ast.walk(ast.parse(path.read_text())):
                if isinstance(node, ast.Call):
                    name = getattr(node.func, "attr", None) or getattr(node.func, "id", "")
                    yield f"{path.name}:{node.lineno}", name, node


def literals(node: ast.expr) -> list[str]:
    """Return the texts an argument may be: a literal, or either side of a choice."""
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        return [node.value]
    if isinstance(node, ast.IfExp):
        return literals(node.body) + literals(node.orelse)
    return []


@pytest.mark.parametrize(
    ("names", "sentences"),
    [(ERROR_NAMES, SENTENCES), ({"record"}, EVENT_SENTENCES)],
    ids=["errors", "audit"],
)
def test_every_code_in_the_code_has_its_sentence(names, sentences):
    missing = [
        f"{place} {code}"
        for place, name, call in walk_calls()
        if name in names and call.args
        for code in literals(call.args[0])
        if code not in sentences
    ]
    assert missing == []


@pytest.mark.parametrize("sentences", [SENTENCES, EVENT_SENTENCES], ids=["errors", "audit"])
def test_every_sentence_is_there_in_both_languages(sentences):
    assert [code for code, pair in sentences.items() if not all(text.strip() for text in pair)] == []
    assert [code for code in sentences if code.count(".") < 1 or code != code.lower()] == []
