"""Every public operation takes keywords only, the actor and the moment, and leaves an audit event."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

from dtsen_site.settings.environment import PROJECT_DIR

ROOMS = ("registry", "complaints", "graduation")
RECORDING = {"record", "_record", "record_read"}


def walk_operations() -> Iterator[tuple[Path, ast.FunctionDef, ast.Module]]:
    for room in ROOMS:
        for path in sorted(PROJECT_DIR.glob(f"{room}/*/operations.py")) + sorted(
            PROJECT_DIR.glob(f"{room}/*/operations/*.py")
        ):
            tree = ast.parse(path.read_text())
            exported = _exported(tree)
            for node in tree.body:
                if not isinstance(node, ast.FunctionDef) or node.name.startswith("_"):
                    continue
                if exported is None or node.name in exported:
                    yield path, node, tree


def _exported(tree: ast.Module) -> set[str] | None:
    for node in tree.body:
        if isinstance(node, ast.Assign) and getattr(node.targets[0], "id", "") == "__all__":
            return set(ast.literal_eval(node.value))
    return None


def test_every_operation_takes_keywords_the_actor_and_the_moment():
    wrong = []
    for path, node, _ in walk_operations():
        names = {argument.arg for argument in node.args.kwonlyargs}
        if node.args.args or not {"by", "now"} <= names:
            wrong.append(f"{path.relative_to(PROJECT_DIR)}:{node.lineno} {node.name}")
    assert wrong == []


def test_every_operation_says_what_becomes_true():
    wrong = [f"{path.parent.name}.{node.name}" for path, node, _ in walk_operations() if not ast.get_docstring(node)]
    assert wrong == []


def test_every_operation_leaves_an_audit_event():
    wrong = []
    for path, node, tree in walk_operations():
        functions = {f.name: f for f in ast.walk(tree) if isinstance(f, ast.FunctionDef)}
        if not _records(node, functions, set()):
            wrong.append(f"{path.relative_to(PROJECT_DIR)}:{node.lineno} {node.name}")
    assert wrong == []


def _records(node: ast.FunctionDef, functions: dict[str, ast.FunctionDef], seen: set[str]) -> bool:
    seen.add(node.name)
    for call in ast.walk(node):
        if not isinstance(call, ast.Call):
            continue
        name = getattr(call.func, "attr", None) or getattr(call.func, "id", "")
        if name in RECORDING:
            return True
        if name in functions and name not in seen and _records(functions[name], functions, seen):
            return True
    return False
