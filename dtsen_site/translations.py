"""Our translations without GNU gettext: which words the code uses, which the catalogue lacks, and its compilation.

`extract` reads templates and Python as Django's makemessages does; polib reads and writes the catalogue.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

import polib
from django.utils.translation.template import templatize

ROOT = Path(__file__).resolve().parent.parent
CATALOGUE = ROOT / "locale" / "id" / "LC_MESSAGES" / "django.po"
ROOMS = ("registry", "complaints", "graduation", "dtsen_site")
CALLS = {
    "gettext": 1,
    "gettext_lazy": 1,
    "gettext_noop": 1,
    "_": 1,
    "ngettext": 2,
    "ngettext_lazy": 2,
    "pgettext": 2,
    "pgettext_lazy": 2,
    "npgettext": 3,
}


@dataclass(frozen=True)
class Message:
    """One text to translate."""

    text: str
    plural: str = ""
    context: str | None = None
    place: str = ""

    @property
    def key(self) -> tuple[str | None, str]:
        return self.context, self.text


def extract(root: Path = ROOT) -> dict[tuple[str | None, str], Message]:
    """Every text that our code and templates mark for translation, by context and text."""
    found: dict[tuple[str | None, str], Message] = {}
    for message in _walk(root):
        known = found.get(message.key)
        if known is None or (message.plural and not known.plural):
            found[message.key] = message
    return found


def _walk(root: Path) -> Iterator[Message]:
    for folder in ROOMS:
        for path in sorted((root / folder).rglob("*.py")):
            if not {"tests", "migrations"} & set(path.parts):
                yield from from_python(path.read_text(encoding="utf-8"), str(path.relative_to(root)))
    for path in sorted((root / "templates").rglob("*.*")):
        if path.suffix in {".html", ".txt"}:
            yield from from_template(path.read_text(encoding="utf-8"), str(path.relative_to(root)))


def from_python(source: str, place: str) -> Iterator[Message]:
    """The literal texts in calls of gettext and its relatives.

    >>> [m.text for m in from_python('_("Sign in")', "x")]
    ['Sign in']
    """
    for node in ast.walk(ast.parse(source)):
        if not isinstance(node, ast.Call):
            continue
        name = node.func.id if isinstance(node.func, ast.Name) else getattr(node.func, "attr", "")
        wanted = CALLS.get(name)
        if wanted is None or len(node.args) < wanted:
            continue
        texts = [_literal(argument) for argument in node.args[:wanted]]
        if any(text is None for text in texts):
            continue
        words = [text for text in texts if text is not None]
        where = f"{place}:{node.lineno}"
        if name.startswith("npgettext"):
            yield Message(words[1], words[2], words[0], where)
        elif name.startswith("pgettext"):
            yield Message(words[1], "", words[0], where)
        elif name.startswith("ngettext"):
            yield Message(words[0], words[1], None, where)
        else:
            yield Message(words[0], "", None, where)


def _literal(node: ast.expr) -> str | None:
    return node.value if isinstance(node, ast.Constant) and isinstance(node.value, str) else None


_CALL = re.compile(r"\b(npgettext|pgettext|ngettext|gettext|_)\((?=\s*u?['\"])")


def from_template(source: str, place: str) -> Iterator[Message]:
    """The texts of translate and blocktranslate, by way of Django's own templatize.

    >>> [m.text for m in from_template('{% load i18n %}{% translate "Sign in" %}', "x")]
    ['Sign in']
    """
    code = templatize(source)
    for match in _CALL.finditer(code):
        call = _balanced(code, match.start())
        try:
            yield from from_python(call, place)
        except SyntaxError:
            continue


def _balanced(code: str, start: int) -> str:
    """The call that starts here, up to its closing bracket, respecting strings."""
    depth, quote, position = 0, "", start
    while position < len(code):
        letter = code[position]
        if quote:
            if letter == "\\":
                position += 1
            elif letter == quote:
                quote = ""
        elif letter in "'\"":
            quote = letter
        elif letter == "(":
            depth += 1
        elif letter == ")":
            depth -= 1
            if depth == 0:
                return code[start : position + 1]
        position += 1
    return code[start:]


def missing(messages: Iterable[Message], catalogue: Path = CATALOGUE) -> list[Message]:
    """The messages that the Indonesian catalogue lacks or leaves empty or fuzzy."""
    entries = {(e.msgctxt, e.msgid): e for e in polib.pofile(str(catalogue), encoding="utf-8")}

    def is_there(message: Message) -> bool:
        entry = entries.get(message.key)
        if entry is None or entry.fuzzy:
            return False
        if message.plural:
            return bool(entry.msgstr_plural) and all(entry.msgstr_plural.values())
        return bool(entry.msgstr) or (bool(entry.msgstr_plural) and all(entry.msgstr_plural.values()))

    return [message for message in messages if not is_there(message)]


def compile_catalogue(catalogue: Path = CATALOGUE) -> Path:
    """Write the .mo beside the .po; return its path."""
    target = catalogue.with_suffix(".mo")
    polib.pofile(str(catalogue), encoding="utf-8").save_as_mofile(str(target))
    return target
