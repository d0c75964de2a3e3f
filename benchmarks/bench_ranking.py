"""The ranking's errors beside its challengers and the theory, and its scoring beside a bare scan.

python -m benchmarks.bench_ranking [survey.csv --outcome C] [--weight C --psu C --stratum C --region C] [--mapping FILE]
    [--region-system bps] [--families 10000000] [--ranks ranks.csv --links links.csv --truth DIR] [--no-challengers]

Without a survey, one is made up by the demo's generator. `--families` scores that many made-up families. `--ranks` and `--links` are what
`export_ranks` and `export_links` write, `--truth` the truth of the deliveries (records.csv, families.csv): Spearman and
the error at 40 % of the published score are printed.
"""

from __future__ import annotations

import argparse
import resource
import sys
import tempfile
import time
from pathlib import Path

import duckdb
import numpy as np
from scipy.stats import norm

sys.path.insert(0, str(Path(__file__).parent.parent))

from dtsen_site.demo.frequencies import faults_of
from dtsen_site.demo.survey import write as write_survey
from registry.ranking import Fitted, RankModel, Settings, Survey, fit, read_survey, score
from registry.ranking.measures import QUOTAS, best_possible, error_at, poorest, spearman
from registry.ranking.packing import score_query

NATION = 93_000_000
DESIGN = {
    "outcome": "pengeluaran_per_kapita", "weight": "penimbang", "psu": "psu", "stratum": "strata",
    "region": "kode_kabupaten_kota",
}  # fmt: skip


def made_up_survey() -> Survey:
    """Return the survey that the demo's generator makes of one province."""
    with tempfile.TemporaryDirectory(prefix="bench-ranking-") as folder:
        path = Path(folder) / "susenas.csv"
        write_survey(np.random.default_rng(7), path, "35", faults_of("plain")["lives"])
        return read_survey(path, **DESIGN)


def print_errors(fitted: Fitted, survey: Survey) -> None:
    """Print the card's figures: families and persons, the limit that R² sets, the challengers on the same folds."""
    card = fitted.card
    print(f"{card.survey['households']} households, {card.survey['psus']} PSUs, {card.choice['parameters']} parameters")
    print(
        f"R² out of sample {card.r2.value:.4f} ({card.r2.low:.4f}–{card.r2.high:.4f}), families; choice {card.choice}"
    )
    print("R² per regency " + "  ".join(f"{code} {r.value:.3f}" for code, r in card.r2_regions.items()))
    print(f"Spearman {card.spearman:.4f}  calibration slope {card.calibration_slope:.3f}")
    for unit, lines in card.errors.items():
        for line in lines:
            e = line.exclusion
            print(
                f"{unit:7} {line.quota:3} %  error {e.value:.4f} ({e.low:.4f}–{e.high:.4f})  "
                f"best at this R² {line.best_possible:.4f}  above it {e.value - line.best_possible:+.4f}"
            )
    for rival in card.challengers:
        if not rival.ran:
            print(f"{rival.name:12} not run: its library is not installed")
            continue
        told = "  ".join(
            f"{q} %: {rival.errors[q]:.4f} (ours {rival.difference[q].value:+.4f}, se {rival.difference[q].se:.4f})"
            for q in QUOTAS
        )
        print(f"{rival.name:12} R² {rival.r2:.4f}  {told}")
    for quota in (0.1, 0.2, 0.4):
        print(
            f"below the {quota:.0%} line true spending lies {depth(survey.outcome, survey.weight, quota):.2f} standard deviations "
            f"deep on average, a normal distribution {normal_depth(quota):.2f}; score {depth(fitted.out_of_sample, survey.weight, quota):.2f}"
        )
    print(
        "Where the truth is shallower than the normal, more of the poor stand close above and below the line than the theory supposes."
    )


def depth(value: np.ndarray, weight: np.ndarray, quota: float) -> float:
    """Return the mean distance below the quota's line, in standard deviations."""
    inside = poorest(value, weight, quota) > 0
    line = value[inside].max()
    spread = np.sqrt(np.average((value - np.average(value, weights=weight)) ** 2, weights=weight))
    return float(np.average(line - value[inside], weights=weight[inside]) / spread)


def normal_depth(quota: float) -> float:
    """Return the same of a normal distribution: φ(c)/q + c."""
    c = float(norm.ppf(quota))
    return float(norm.pdf(c)) / quota + c


def make_families(con: duckdb.DuckDBPyConnection, model: RankModel, n: int, path: Path) -> None:
    """Write n made-up families, 2 % of the values not known, spread over 514 regencies."""
    rng = np.random.default_rng(1)
    base = min(n, 200_000)
    columns: dict[str, np.ndarray] = {}
    for item in model.items:
        if item.is_coded:
            value = rng.choice(np.array(sorted(item.levels)), base)
        else:
            value = rng.integers(item.start, item.start + item.n_levels * item.step, base)
        columns[item.name] = np.where(rng.random(base) < 0.02, -(2**15), value).astype(np.int16)
    incoming = columns  # noqa: F841 - DuckDB finds it by name
    con.execute("CREATE OR REPLACE TABLE made AS SELECT *, row_number() OVER () - 1 AS row FROM incoming")
    items = ", ".join(f"nullif(any_column_{k}, -32768) AS {name}" for k, name in enumerate(columns))
    source = ", ".join(f"m.{name} AS any_column_{k}" for k, name in enumerate(columns))
    con.execute(f"""
        COPY (
            SELECT ('00000000-0000-7000-8000-' || printf('%012x', g.row * {base} + r))::UUID AS household_id,
                   (1101 + (g.row * {base} + r) * 514 // {n})::SMALLINT AS regency, (1 + r % 7)::SMALLINT AS persons, {items}
            FROM (SELECT m.row AS r, {source} FROM made m) CROSS JOIN (SELECT unnest(range({-(-n // base)})) AS row) g
            WHERE g.row * {base} + r < {n} ORDER BY household_id
        ) TO '{path}' (FORMAT parquet, COMPRESSION zstd)
    """)


def _spent() -> float:
    used = resource.getrusage(resource.RUSAGE_SELF)
    return used.ru_utime + used.ru_stime


def print_scoring(model: RankModel, n: int, threads: int) -> None:
    """Print the scan, the score, and the whole run; seconds on the clock and on the cores (which other work disturbs less)."""
    with tempfile.TemporaryDirectory(prefix="bench-ranking-") as name:
        folder = Path(name)
        path = folder / "families.parquet"
        con = duckdb.connect(config={"threads": threads})
        con.execute("SET enable_progress_bar = false")
        make_families(con, model, n, path)
        con.execute("DROP TABLE made")
        source = f"read_parquet('{path}')"
        kinds = {name: kind for name, kind, *_ in con.execute(f"DESCRIBE SELECT * FROM {source}").fetchall()}

        def timed(query: str) -> tuple[float, float]:
            best = (float("inf"), float("inf"))
            for _ in range(2):
                clock, cores = time.perf_counter(), _spent()
                con.execute(query).fetchall()
                best = min(best, (time.perf_counter() - clock, _spent() - cores))
            return best

        scan = timed(f"SELECT {', '.join(f'max({name})' for name in kinds)} FROM {source}")
        query = score_query(con, model, source, kinds)
        scored = timed(f"SELECT sum(score), max(household_id), max(persons), max(regency) FROM ({query})")
        print(f"{n:,} families, {len(model.items)} items, {path.stat().st_size / 1e6:.0f} MB, {threads} threads")
        print(f"scan of the same columns {scan[0]:.2f} s ({scan[1]:.2f} core s)")
        print(
            f"score                    {scored[0]:.2f} s ({scored[1]:.2f} core s)  {scored[0] / scan[0]:.2f}× ({scored[1] / scan[1]:.2f}×)"
        )
        print(f"for {NATION:,}: scan {scan[0] * NATION / n:.0f} s, score {scored[0] * NATION / n:.0f} s (linear)")
        hashes = []
        for cores in (1, threads):
            marks = [time.perf_counter()]
            steps: list[str] = []

            def tell(done: int, total: int, step: str, marks: list[float] = marks, steps: list[str] = steps) -> None:
                marks.append(time.perf_counter())
                steps.append(f"{step} {marks[-1] - marks[-2]:.1f} s")

            run = score(model, path, folder / "ranks.parquet", threads=cores, progress=tell)
            hashes.append(run.sha256)
            print(f"run on {cores} threads {marks[-1] - marks[0]:.1f} s: {', '.join(steps)}; hash {run.sha256[:16]}")
        print(
            f"same hash: {len(set(hashes)) == 1}; peak memory {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024:,} MB"
        )


def print_published(ranks: Path, links: Path, truth: Path) -> None:
    """Print how well the published score orders true welfare; a household is the true family most of its rows belong to."""
    with duckdb.connect() as con:
        found = con.execute(
            f"""
            WITH row AS (
                SELECT l.household_id, t.family_id, count(*) AS n
                FROM read_csv('{links}', all_varchar = true) l
                JOIN read_csv('{truth / "records.csv"}', all_varchar = true) t USING (source, record_key)
                GROUP BY ALL
            ), home AS (SELECT household_id, arg_max(family_id, (n, family_id)) AS family_id FROM row GROUP BY ALL)
            SELECT r.score::DOUBLE AS score, f.welfare::DOUBLE AS welfare, f.jumlah_anggota::DOUBLE AS persons
            FROM read_csv('{ranks}', all_varchar = true) r JOIN home USING (household_id)
            JOIN read_csv('{truth / "families.csv"}', all_varchar = true) f USING (family_id)
            ORDER BY r.household_id
            """
        ).fetchnumpy()
    s, w, persons = found["score"], found["welfare"], found["persons"]
    r2 = float(np.corrcoef(s, w)[0, 1] ** 2)
    print(f"published: {len(s)} families, Spearman with true welfare {spearman(s, w):.4f}")
    for name, mass in (("family", np.ones(len(s))), ("person", persons)):
        error = error_at(w, s, mass, 0.4)
        print(f"{name:7} error at 40 % {error:.4f}, best at correlation² {r2:.3f}: {best_possible(r2, 0.4):.4f}")


def main() -> None:
    """Fit, print, score."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("survey", type=Path, nargs="?")
    parser.add_argument("--outcome", default=DESIGN["outcome"])
    for name in ("weight", "psu", "stratum", "region", "mapping"):
        parser.add_argument(f"--{name}")
    parser.add_argument("--region-system", default="kemendagri")
    parser.add_argument("--families", type=int, default=0)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--ranks", type=Path)
    parser.add_argument("--links", type=Path)
    parser.add_argument("--truth", type=Path, metavar="DIR")
    parser.add_argument("--no-challengers", action="store_true")
    o = parser.parse_args()
    if o.survey is None:
        survey = made_up_survey()
        o.families = o.families or 1_000_000
    else:
        survey = read_survey(
            o.survey, outcome=o.outcome, weight=o.weight, psu=o.psu, stratum=o.stratum, region=o.region,
            mapping=o.mapping, region_system=o.region_system,
        )  # fmt: skip
    started = time.perf_counter()
    fitted = fit(survey, settings=Settings(challengers=()) if o.no_challengers else Settings())
    print(f"fitted and judged in {time.perf_counter() - started:.0f} s; model {fitted.model.sha256[:16]}")
    print_errors(fitted, survey)
    if o.families:
        print_scoring(fitted.model, o.families, o.threads)
    if o.ranks and o.links and o.truth:
        print_published(o.ranks, o.links, o.truth)


if __name__ == "__main__":
    main()
