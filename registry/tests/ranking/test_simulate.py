"""The cube answers as the families themselves do; two rankings compared count every family once."""

from __future__ import annotations

from pathlib import Path

import duckdb
import pytest

from registry import ranking


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path, Path]:
    """Families, their ranks, and other ranks of nearly the same families."""
    folder = tmp_path_factory.mktemp("cube")
    families, ranks, later = folder / "families.parquet", folder / "ranks.parquet", folder / "later.parquet"
    with duckdb.connect() as con:
        con.execute("SELECT setseed(0.5)").fetchall()
        con.execute(f"""
            COPY (SELECT i AS household_id, ['35.14', '35.15', '34.02'][1 + i % 3] AS regency, (1 + i % 8)::INTEGER AS persons,
                  (1 + i % 8)::SMALLINT AS jumlah_anggota_keluarga, (i % 5 = 0)::SMALLINT AS kepala_perempuan,
                  (i % 4)::SMALLINT AS jml_lansia, (i % 9 = 0)::SMALLINT AS jml_disabilitas_berat FROM range(3000) r(i))
            TO '{families}' (FORMAT parquet)""")
        for path, where in ((ranks, "true"), (later, "household_id >= 100")):
            con.execute(f"""
                COPY (SELECT household_id, regency, persons, (1 + floor(random() * 10))::UTINYINT AS desil,
                      {", ".join(f"floor(random() * 1001)::USMALLINT AS p{line}" for line in range(1, 10))}
                      FROM read_parquet('{families}') WHERE {where}) TO '{path}' (FORMAT parquet)""")
    return families, ranks, later


@pytest.mark.parametrize("region", ["", "35", "34.02"])
def test_the_cube_gives_the_totals_of_the_families(files: tuple[Path, Path, Path], region: str) -> None:
    families, ranks, _later = files
    cube = families.with_name("cube.parquet")
    ranking.write_cube(families, ranks, cube)

    found = ranking.simulate(cube, before=4, after=3, regions=(region,), rupiah_per_family=600_000)
    direct = ranking.what_if(ranks, before=4, after=3, region=region, rupiah_per_family=600_000)

    assert found.shifts.regions == direct.regions
    total, expected = found.shifts.total, direct.total
    assert (total.families_before, total.persons_after, total.rupiah_after) == (
        expected.families_before, expected.persons_after, expected.rupiah_after,
    )  # fmt: skip
    falling = expected.families_before - expected.families_after
    for name in ("female_head", "elderly_only", "disability", "size"):
        assert sum(group.families for group in found.groups if group.group == name) == falling
    with duckdb.connect() as con:
        near = con.execute(
            f"SELECT count(*) FROM read_parquet('{ranks}') WHERE starts_with(regency, ?) AND p3 BETWEEN 300 AND 700",
            [region],
        ).fetchall()[0][0]
    assert found.near == near


def test_a_comparison_counts_every_family_once(files: tuple[Path, Path, Path]) -> None:
    families, ranks, later = files
    found = ranking.compare(ranks, later, families=families)
    assert (found.in_both, found.only_before, found.only_after) == (2900, 100, 0)
    assert found.up + found.down == found.moved(1) > found.moved(2)
    sizes = [group for group in found.groups if group.group == "size"]
    assert sum(group.families for group in sizes) == 2900 and sum(group.far for group in sizes) == found.moved(2)
    assert sum(group.into for group in sizes) == found.into and sum(group.out for group in sizes) == found.out
    for name in ("elderly_only", "disability"):  # the part that is left holds nobody of the parts before it
        assert sum(group.families for group in found.groups if group.group == name) == 2900
    assert abs(found.agreement) < 0.1  # drawn by chance
    assert ranking.Comparison.from_json(found.as_json()).families == found.families


def test_a_ranking_agrees_with_itself(files: tuple[Path, Path, Path]) -> None:
    _families, ranks, _later = files
    found = ranking.compare(ranks, ranks)
    assert found.moved(1) == 0 and found.agreement == 1.0


def test_causes_part_the_families_that_moved(tmp_path: Path) -> None:
    rows = {"before": (1, 1, 1, 1, 5), "between": (1, 2, 1, 2, 6), "after": (1, 2, 2, 3, 5)}
    for name, tenths in rows.items():
        with duckdb.connect() as con:
            con.execute(
                f"COPY (SELECT unnest(range(5)) AS household_id, unnest({list(tenths)}) AS desil)"
                f" TO '{tmp_path / name}.parquet' (FORMAT parquet)"
            )
    paths = [tmp_path / f"{name}.parquet" for name in rows]
    assert ranking.find_causes(*paths) == ranking.Causes(items=1, line=1, both=1, stayed=1)
