"""Environment variables: declared once, told about in the deploy guide, helpful when wrong."""

import ast
import re

import pytest
from django.core.exceptions import ImproperlyConfigured

from dtsen_site.settings.environment import BY_NAME, PROJECT_DIR, VARIABLES, read, read_site_url

GUIDE = PROJECT_DIR / "docs" / "how-to" / "deploy.md"
# Named by others, read where they belong.
ROOMS = ("registry", "complaints", "graduation", "dtsen_site")
FOREIGN = {"DJANGO_SETTINGS_MODULE", "CI", "DTSEN_TEST_COUNTS", "PATH", "HOME"}


def test_deploy_guide_lists_every_variable_and_no_other():
    told = set(re.findall(r"^\| `([A-Z_]+)` \|", GUIDE.read_text(), flags=re.MULTILINE))
    assert told == set(BY_NAME)


def test_every_variable_has_meaning_and_advice():
    for variable in VARIABLES:
        assert len(variable.meaning) > 20, variable.name
        assert variable.advice.endswith("."), variable.name


def test_code_reads_no_variable_that_is_not_declared():
    unknown = set()
    for room in ROOMS:
        for path in (PROJECT_DIR / room).rglob("*.py"):
            if "tests" in path.parts or "testing" in path.parts:
                continue
            for node in ast.walk(ast.parse(path.read_text())):
                names = _environment_names(node)
                unknown |= {f"{path.name}: {name}" for name in names - set(BY_NAME) - FOREIGN}
    assert unknown == set()


# The launcher starts servers before there are settings, the tests name theirs; both read declared names only.
BEFORE_THE_SETTINGS = ("dtsen_site/embedded/", "dtsen_site/testing/", "dtsen_site/settings/environment.py")


def test_environment_is_read_in_the_settings_and_before_them_only():
    elsewhere = set()
    for path in [PROJECT_DIR / "manage.py", *(file for room in ROOMS for file in (PROJECT_DIR / room).rglob("*.py"))]:
        place = path.relative_to(PROJECT_DIR).as_posix()
        if "/tests/" in place or place.startswith(BEFORE_THE_SETTINGS):
            continue
        for node in ast.walk(ast.parse(path.read_text())):
            elsewhere |= {f"{place}: {name}" for name in _environment_names(node) - {"DJANGO_SETTINGS_MODULE"}}
    assert elsewhere == set()


def test_deploy_guide_tells_meaning_and_default_as_declared():
    rows = re.findall(r"^\| `([A-Z_]+)` \| (.*?) \| (.*?) \|$", GUIDE.read_text(), flags=re.MULTILINE)
    for name, default, meaning in rows:
        declared = BY_NAME[name]
        assert (default, meaning) == (f"`{declared.default}`" if declared.default else "empty", declared.meaning), name


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("DTSEN_PRODUCTION", "maybe"),
        ("DTSEN_WEB_WORKERS", "0"),
        ("DTSEN_WEB_WORKERS", "two"),
        ("DATABASE_URL", "mysql://root:rahasia@db/x"),
        ("DATABASE_URL", "rahasia"),
        ("REDIS_URL", "amqp://guest:rahasia@mq"),
        ("DTSEN_STATE_DIR", __file__),
        ("DTSEN_SITE_URL", "dtsen.example.go.id"),
        ("DTSEN_SITE_URL", "https://dtsen.example.go.id/masuk/"),
    ],
)
def test_wrong_value_is_refused_with_what_to_write(name, text):
    with pytest.raises(ImproperlyConfigured) as caught:
        read(name, {name: text})
    told = str(caught.value)
    assert told.startswith(f"{name}: ")
    assert BY_NAME[name].advice in told
    assert "rahasia" not in told


def test_missing_value_falls_back_to_the_default():
    assert read("DTSEN_WEB_WORKERS", {}) == 2
    assert read("DTSEN_PRODUCTION", {}) is False
    assert read("DTSEN_STATE_DIR", {}) == PROJECT_DIR / "var"


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ({}, "http://127.0.0.1:8000"),
        ({"DTSEN_ADDRESS": "0.0.0.0:8100"}, "http://127.0.0.1:8100"),
        ({"DTSEN_ADDRESS": "[::1]:8100"}, "http://[::1]:8100"),
        ({"DTSEN_PRODUCTION": "yes", "DTSEN_HOSTS": "dtsen.go.id,10.0.0.5"}, "https://dtsen.go.id"),
        ({"DTSEN_SITE_URL": "https://dtsen.go.id/", "DTSEN_PRODUCTION": "yes"}, "https://dtsen.go.id"),
    ],
)
def test_links_begin_with_what_is_named_or_else_with_where_the_site_is(monkeypatch, given, expected):
    for name in ("DTSEN_ADDRESS", "DTSEN_PRODUCTION", "DTSEN_HOSTS", "DTSEN_SITE_URL"):
        monkeypatch.setenv(name, given.get(name, ""))
    assert read_site_url() == expected


def _environment_names(node: ast.AST) -> set[str]:
    # os.environ["X"], os.environ.get("X"), os.getenv("X"), read("X")
    if isinstance(node, ast.Subscript) and getattr(node.value, "attr", "") == "environ":
        found = node.slice
    elif isinstance(node, ast.Call) and node.args and _reads(node.func):
        found = node.args[0]
    else:
        return set()
    return {found.value} if isinstance(found, ast.Constant) and isinstance(found.value, str) else set()


def _reads(function: ast.expr) -> bool:
    if isinstance(function, ast.Attribute):
        of_environment = getattr(function.value, "attr", "") == "environ"
        return (function.attr == "get" and of_environment) or function.attr == "getenv"
    return False
