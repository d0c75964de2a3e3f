"""The worked examples in the docstrings are right."""

import doctest
import importlib
import pkgutil

import pytest

from registry import sampling


@pytest.mark.parametrize("name", sorted(found.name for found in pkgutil.iter_modules(sampling.__path__)))
def test_worked_examples_are_right(name: str) -> None:
    module = importlib.import_module(f"registry.sampling.{name}")
    assert doctest.testmod(module).failed == 0
