"""What the tests of deliveries share: regions, and the command as a user runs it."""

import json
from io import StringIO
from pathlib import Path

import pytest
from django.core.management import call_command
from django.utils import timezone

from registry.officers.selectors import system_officer
from registry.sources import operations, revalidation
from registry.sources.mapping import get_shipped_sources, load_mapping
from registry.wilayah import export_lookup, files
from registry.wilayah.operations import load_regions


def pytest_generate_tests(metafunc):
    """Give a test that asks for `source` every source that ships."""
    if "shipped_source" in metafunc.fixturenames:
        metafunc.parametrize("shipped_source", get_shipped_sources())


@pytest.fixture(scope="session")
def exported_regions(tmp_path_factory):
    """Return a folder where the first test leaves the regions for the others: loading them takes seconds."""
    return tmp_path_factory.mktemp("regions")


@pytest.fixture
def regions(db, exported_regions, monkeypatch):
    """Give the regions that ship to whoever validates."""
    if not (exported_regions / "bridge.parquet").exists():
        load_regions(
            regions=files.shipped_regions(),
            bridge=files.read_bridge([files.shipped("bps_bridge.csv.gz")]),
            successions=[],
            complete=False,
            on=None,
            by=system_officer(),
            now=timezone.now(),
        )
        export_lookup(exported_regions)
    for module in (operations, revalidation):
        monkeypatch.setattr(module, "export_lookup", lambda path: exported_regions)


@pytest.fixture
def receive(regions, settings, tmp_path):
    """Return the command as a user runs it; the answer is its JSON and its exit code."""
    settings.DTSEN_STORE_DIR = tmp_path / "store"

    def run(source: str, *paths: Path, **options) -> dict:
        out = StringIO()
        code = 0
        try:
            call_command(
                "receive_delivery", source, *map(str, paths), json=True, stdout=out,
                period=options.pop("period", "2022-10"), **options,
            )  # fmt: skip
        except SystemExit as stopped:
            code = int(stopped.code or 0)
        return {**json.loads(out.getvalue()), "exit": code}

    return run


@pytest.fixture
def header_of():
    """Return a layout's columns in the order of its mapping."""

    def names(source: str, role: str) -> list[str]:
        return list(dict.fromkeys(load_mapping(source).layouts[role].names.values()))

    return names
