"""One fitted model and one scored register for all tests of the ranking."""

from __future__ import annotations

from pathlib import Path

import pytest

from registry.ranking import Fitted, Scored, score
from registry.tests.ranking.worlds import a_fitted_model, write_families


@pytest.fixture(scope="session")
def fitted(tmp_path_factory: pytest.TempPathFactory) -> Fitted:
    return a_fitted_model(tmp_path_factory.mktemp("ranking"), fitted_on="2026-01-01", decays_on="2028-01-01")


@pytest.fixture(scope="session")
def register(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_families(tmp_path_factory.mktemp("register") / "families.parquet")


@pytest.fixture(scope="session")
def scored(fitted: Fitted, register: Path) -> Scored:
    return score(fitted.model, register, register.parent / "ranks.parquet", threads=1)
