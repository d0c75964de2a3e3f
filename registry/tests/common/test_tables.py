"""One installation's memory, shared by a DuckDB that waits and another that works."""

import pytest

from registry.common.tables import lend_memory, open_tables


def _limit(con) -> str:
    return con.execute("SELECT current_setting('memory_limit')").fetchone()[0]


def test_two_databases_together_stay_within_the_memory_of_one(settings, tmp_path):
    settings.DTSEN_DUCKDB_MEMORY = "800MiB"
    con = open_tables(spill=tmp_path / "spill")
    con.execute("CREATE TABLE held AS SELECT i, md5(i::VARCHAR) AS text FROM range(2_000_000) r(i)")
    told = con.execute("SELECT count(*), max(text) FROM held").fetchone()

    with lend_memory(con) as limits:
        assert (_limit(con), limits["memory_limit"]) == ("100.0 MiB", "700MiB")
        held = con.execute("SELECT sum(memory_usage_bytes) FROM duckdb_memory()").fetchone()[0]
        assert held <= 100 << 20

    assert _limit(con) == "800.0 MiB"
    assert con.execute("SELECT count(*), max(text) FROM held").fetchone() == told


def test_memory_comes_back_when_the_other_fails(settings, tmp_path):
    settings.DTSEN_DUCKDB_MEMORY = "1GB"
    con = open_tables(spill=tmp_path / "spill")
    before = _limit(con)

    with pytest.raises(ValueError, match="failed"), lend_memory(con):
        raise ValueError("failed")

    assert _limit(con) == before
