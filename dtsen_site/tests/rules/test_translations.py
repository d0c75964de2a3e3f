"""No text of the interface lacks Indonesian, and the compiled catalogue is the written one."""

from pathlib import Path

import polib
import pytest

from dtsen_site.translations import CATALOGUE, extract, from_python, from_template, missing

LIBRARIES = ("unfold", "import_export")


def test_every_text_of_ours_has_indonesian():
    lacking = missing(extract().values())

    assert not lacking, "\n".join(f"{m.place}: {m.text}" for m in lacking)


def test_placeholders_are_the_same_in_both_languages():
    import re

    names = re.compile(r"%\((\w+)\)|\{(\w*)\}")

    def of(text: str) -> set[tuple[str, ...]]:
        return set(names.findall(text))

    wrong = [
        entry.msgid
        for entry in polib.pofile(str(CATALOGUE))
        if not of(entry.msgstr or entry.msgstr_plural.get(0, "")) <= of(entry.msgid) | of(entry.msgid_plural or "")
    ]

    assert not wrong


def test_compiled_catalogue_equals_the_written_one():
    written = {(e.msgctxt, e.msgid): e.msgstr or e.msgstr_plural for e in polib.pofile(str(CATALOGUE))}
    compiled = polib.mofile(str(CATALOGUE.with_suffix(".mo")))

    assert {(e.msgctxt, e.msgid): e.msgstr or e.msgstr_plural for e in compiled} == written


@pytest.mark.parametrize("library", LIBRARIES)
def test_library_without_indonesian_is_covered_by_ours(library):
    import importlib

    import django

    folder = Path(importlib.import_module(library).__file__).parent
    theirs = {m.key: m for path in folder.rglob("*.py") for m in from_python(path.read_text("utf-8"), path.name)}
    for path in folder.rglob("*.html"):
        theirs |= {m.key: m for m in from_template(path.read_text("utf-8"), path.name)}
    known = {
        (entry.msgctxt, entry.msgid)
        for catalogue in Path(django.__file__).parent.rglob("locale/id/LC_MESSAGES/django.po")
        for entry in polib.pofile(str(catalogue))
        if entry.translated()
    }

    lacking = [m for m in missing(theirs.values()) if m.key not in known]

    assert not lacking, [m.text for m in lacking]
