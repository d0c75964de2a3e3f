"""One match run, stage by stage: names, exact evidence, conflicts, the model in rounds, families, files."""

from __future__ import annotations

import json
import resource
import shutil
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import duckdb
import numpy as np
import pyarrow as pa

from registry.matching import evidence
from registry.matching import model as weighing
from registry.matching.arrays import groups, holds, mixed, pairs_within, unique
from registry.matching.candidates import dissolved_pairs, find_candidates
from registry.matching.company import Company, open_pairs
from registry.matching.compare import Comparison, agree
from registry.matching.exact import conflicted, find_edges
from registry.matching.families import place_people
from registry.matching.model import Facts, Model
from registry.matching.names import Names
from registry.matching.output import write_outputs
from registry.matching.resolve import Clusters, accept_until, components, plain_merges
from registry.matching.rows import read_rows
from registry.matching.settings import Constraint, Settings
from registry.matching.statements import read_statements

STEPS = ("load", "names", "exact", "conflicts", "candidates", "compare", "rounds", "families", "write")

Array = np.ndarray
Progress = Callable[[int, int, str], None]


@dataclass(frozen=True, slots=True)
class MatchResult:
    """Where a run's files stand, and its figures."""

    folder: Path
    links: Path
    family_rows: Path
    review_pairs: Path
    model: Path
    metrics: Mapping[str, Any] = field(default_factory=dict)


def match(
    input_path: str | Path,
    out_dir: str | Path,
    *,
    constraints: Iterable[Constraint | Sequence[str]] = (),
    recodings: Iterable[tuple[str, str]] = (),
    model: str | Path | Model | None = None,
    settings: Settings | None = None,
    progress: Progress | None = None,
) -> MatchResult:
    """Match delivered rows into people and families.

    `constraints` are reviewers' decisions and outrank everything; `recodings` are pairs of old and new region codes
    (dots allowed); `model` is a frozen model to reuse, None trains one. The same input gives the same files.
    """
    run = _Run(Path(input_path), Path(out_dir), settings or Settings(), progress)
    try:
        return run.whole(
            constraints=[c if isinstance(c, Constraint) else Constraint(*c) for c in constraints],
            recodings=list(recodings),
            model=model,
        )
    finally:
        run.close()


class _Run:
    """State of one run: the rows, the database connection, the clock and the current clusters."""

    def __init__(self, input_path: Path, out_dir: Path, settings: Settings, progress: Progress | None) -> None:
        self.input_path, self.out_dir, self.settings, self._progress = input_path, out_dir, settings, progress
        out_dir.mkdir(parents=True, exist_ok=True, mode=0o700)
        self._spill = out_dir / "spill"
        self._spill.mkdir(exist_ok=True, mode=0o700)
        self.con = duckdb.connect(":memory:", config={"temp_directory": str(self._spill)})
        self.con.execute("set enable_progress_bar = false")
        if settings.memory_limit:
            self.con.execute("set memory_limit = ?", [settings.memory_limit])
        if settings.threads:
            self.con.execute(f"set threads = {int(settings.threads)}")
        self.times: dict[str, float] = {}
        self.counts: dict[str, float] = {}
        self._started = self._mark = time.perf_counter()

    def close(self) -> None:
        self.con.close()
        shutil.rmtree(self._spill, ignore_errors=True)

    # -- small tools -----------------------------------------------------------------------------------------------

    def sql(self, name: str) -> None:
        """Run one file of statements."""
        self.con.execute(read_statements(name))

    def step(self, name: str) -> None:
        now = time.perf_counter()
        self.times[name] = self.times.get(name, 0.0) + now - self._mark
        self._mark = now
        if self._progress:
            self._progress(STEPS.index(name) + 1, len(STEPS), name)

    def variable(self, name: str, value: object) -> None:
        self.con.execute(f"set variable {name} = ?", [value])

    def arrays(self, query: str) -> dict[str, Array]:
        return {k: np.ma.getdata(v) for k, v in self.con.sql(query).fetchnumpy().items()}

    def table(self, name: str, columns: Mapping[str, Any]) -> None:
        """Make a table of columns."""
        incoming = pa.table(dict(columns))  # noqa: F841 - DuckDB finds it by name
        self.con.execute(f"create or replace table {name} as select * from incoming")  # noqa: S608 - our own names

    # -- stages ----------------------------------------------------------------------------------------------------

    def whole(
        self, *, constraints: list[Constraint], recodings: list[tuple[str, str]], model: str | Path | Model | None
    ) -> MatchResult:
        """Run every stage in order."""
        self.load(recodings)
        self.exact(constraints)
        self.candidates()
        found = self.rounds(model)
        self.step("rounds")
        place_people(self, found["label"], [c for c in constraints if c.kind == "family"])
        self.step("families")
        result = write_outputs(self, found)
        return MatchResult(**result)

    def load(self, recodings: list[tuple[str, str]]) -> None:
        self.variable("input", str(self.input_path))
        for name in ("max_nik_rows", "max_block", "max_cluster"):
            self.variable(name, getattr(self.settings, name))
        self.sql("05_macros")
        self.rows, texts = read_rows(self.input_path, recodings, self.settings.max_nik_rows)
        self.n = self.rows.n
        self.step("load")
        self.names = Names(self.con, self.rows, texts)
        self.pairs = Comparison(self.con, self.rows, self.names)
        evidence.load_evidence(self)
        self.step("names")

    def alike(self, x: int, y: int) -> bool:
        """Two rows of one source with one name and nothing that tells them apart."""
        rows = self.rows
        if min(rows.kid[x], rows.kid[y]) < 0 or self.names.sid[rows.kid[x]] != self.names.sid[rows.kid[y]]:
            return False
        pair = np.array([x]), np.array([y])
        return bool(rows.fam[x] != rows.fam[y]) and not any(agree(rows, c, *pair)[1][0] for c in ("born", "nik"))

    def exact(self, constraints: list[Constraint]) -> None:
        """Exact evidence, reviewers' decisions, and the components they make; two people in one are dissolved."""
        self.edges = edges = find_edges(self.pairs)
        self.must, self.apart = self._decided([c for c in constraints if c.kind == "person"])
        must_a, must_b = _columns(self.must)
        label = components(self.n, np.append(edges.a, must_a), np.append(edges.b, must_b))
        self.step("exact")
        repeating = np.isin(self.rows.src, np.unique(self.rows.src[self.repeats]))
        bad = conflicted(self.pairs, label, repeating, self.settings.max_cluster)
        bad |= {int(label[x]) for x, y in self.apart if label[x] == label[y]}
        # A component that a reviewer has joined is left as joined only in the joined rows.
        mask = np.isin(label, np.array(sorted(bad), dtype=np.int64)) if bad else np.zeros(self.n, dtype=bool)
        sizes = np.bincount(label, minlength=self.n)
        self.oversize = np.flatnonzero(mask & (sizes[label] > self.settings.max_cluster))
        small = np.flatnonzero(mask & (sizes[label] <= self.settings.max_cluster))
        self.dissolved = dissolved_pairs(label, small)
        kept = ~mask[edges.a]
        self.start = components(self.n, np.append(edges.a[kept], must_a), np.append(edges.b[kept], must_b))
        self.counts.update(rows=self.n, exact_edges=len(edges.a), dissolved=len(bad), oversize=len(self.oversize))
        self.step("conflicts")

    def _decided(self, constraints: list[Constraint]) -> tuple[list[tuple[int, int]], list[tuple[int, int]]]:
        if not constraints:
            return [], []
        self.con.execute("create or replace temp table decided (sa text, ka text, sb text, kb text, verdict text)")
        self.con.executemany("insert into decided values (?, ?, ?, ?, ?)", [tuple(c[:5]) for c in constraints])
        rows = self.con.execute(
            "with delivered as (select row_id, source, record_key from read_parquet(getvariable('input'))) "
            "select x.row_id, y.row_id, verdict from decided "
            "join delivered x on x.source = sa and x.record_key = ka "
            "join delivered y on y.source = sb and y.record_key = kb order by 1, 2, 3"
        ).fetchall()
        return [(x, y) for x, y, v in rows if v == "same"], [(x, y) for x, y, v in rows if v == "different"]

    def candidates(self) -> None:
        self.names.weigh(self.rows, self.start)
        pool = find_candidates(self.rows, self.names, self.start, self.settings.max_block)
        self.pool = unique(np.concatenate([pool, self.dissolved, evidence.find_candidates(self)]))
        self.step("candidates")
        a, b = divmod(self.pool, max(self.n, 1))
        kept = holds(evidence.kept_pairs(self), self.pool)[0]
        name = self.pairs.names_of(a, b)
        # Pairs with different names cannot become one: they are compared no further.
        born = self.rows.born
        unborn = np.isnat(born[a]) | np.isnat(born[b])
        near = unborn | (np.abs(born[a] - born[b]) <= np.timedelta64(4000, "D"))
        likely = np.flatnonzero(
            kept | agree(self.rows, "nik", a, b)[0] | (name < 0) | (name >= 2) | ((name == 1) & near)
        )
        facts = self.compared(a[likely], b[likely], name[likely])
        name, nik, dates = facts["name"], facts["nik"], facts["dates"]
        closer = (name == 1) & (dates != 0) & ((dates >= 3) | (nik == 3))
        self.known = chosen(facts, kept[likely] | (nik == 4) | (name >= 2) | (name < 0) | closer)
        self.company = Company(self.rows, self.start)
        self.step("compare")

    def compared(self, a: Array, b: Array, name: Array | None = None) -> Facts:
        """Facts of these pairs apart from their company."""
        return evidence.add_facts(self, self.pairs.facts(a, b, name))

    def with_company(self, facts: Facts, company: Facts | None = None) -> Facts:
        """The same facts with the company of each pair, which changes as rows are linked."""
        facts = facts | (company or self.company.of(facts["a"], facts["b"]))
        facts["company"] = weighing.company(facts)
        # The relation to the head compares only within what may be one family.
        facts["relation"] = np.where(facts["company"] >= 5, facts["own_relation"], -1).astype(np.int8)
        return facts

    def add_open_pairs(self, changed: Array | None) -> None:
        """Compare what the company of linked members brings together, and keep it with what is known."""
        a, b = open_pairs(self.company, changed)
        new = unique(a * self.n + b)
        new = new[~holds(self.pool, new)[0]]
        if not len(new):
            return
        self.pool = np.sort(np.append(self.pool, new))
        facts = self.compared(*divmod(new, self.n))
        facts = chosen(facts, (facts["nik"] == 4) | (facts["name"] >= 1) | (facts["name"] < 0))
        both = {name: np.append(values, facts[name]) for name, values in self.known.items()}
        self.known = chosen(both, np.argsort(both["a"] * self.n + both["b"]))

    def rounds(self, given: str | Path | Model | None) -> dict[str, Any]:
        """Weigh, merge, look at the company again; the last round decides."""
        frozen = given if isinstance(given, Model) or given is None else Model.load(Path(given))
        model = frozen or self.untrained()
        found: dict[str, Any] = {}
        changed: Array | None = None
        facts: Facts | None = None
        for turn in range(max(1, self.settings.rounds)):
            self.add_open_pairs(changed)
            facts = self.with_company(self.known)
            before = found.get("label", self.start)
            evidence.complete(self, model, facts)
            prior = self.prior_bits(facts, before)
            if frozen is None and turn == 0:
                step = max(1, len(facts["a"]) // self.settings.training_pairs)
                sample = {k: v[::step] for k, v in facts.items()}
                model = weighing.learn(model, sample, prior[::step], self.sure_facts(step))
            found = self.weigh_and_merge(model, facts, prior)
            moved = before != found["label"]
            if turn and int(moved.sum()) * 2000 < max(found["merged"], 1):
                break
            changed = np.zeros(self.company.n_fams, dtype=bool)
            changed[self.rows.fam[moved]] = True
            self.company = Company(self.rows, found["label"])
            self.counts[f"merged_round_{turn + 1}"] = found["merged"]
        found["model"] = model
        self.counts.update(compared=len(found["facts"]["a"]), threshold=found["threshold"])
        return found

    def prior_bits(self, facts: Facts, label: Array) -> Array:
        """Log-odds that two random rows of these two sources are one person, from what has been found so far."""
        src = self.rows.src
        k = int(src.max()) + 1 if self.n else 1
        rows = np.bincount(src, minlength=k).astype(float)
        linked = np.zeros((k, k))
        size = np.bincount(label, minlength=self.n)
        together = np.flatnonzero(size[label] > 1)
        order = together[np.argsort(label[together], kind="stable")]
        labels, sources = label[order], src[order]
        for shift in range(1, 4):
            same = np.flatnonzero(labels[shift:] == labels[:-shift]) if len(labels) > shift else np.array([], int)
            np.add.at(linked, (sources[same], sources[same + shift]), 1.0)
        linked = linked + linked.T - np.diag(np.diag(linked))
        # Where nothing is found yet, sources are supposed to overlap in a fifth and to repeat two in a hundred.
        guess = np.full((k, k), 0.2)
        np.fill_diagonal(guess, np.where(np.isin(np.arange(k), src[self.repeats]), 0.2, 0.02))
        guess = np.where(linked.sum() * 100 > self.n, 0.002, guess)
        pairs = np.outer(rows, rows)
        np.fill_diagonal(pairs, rows * (rows - 1) / 2)
        smallest = np.minimum.outer(rows, rows)
        rate = (linked + guess * smallest + 1.0) / np.maximum(pairs, 1.0)
        rate = np.clip(rate, 1e-12, 0.5)
        return np.log2(rate / (1 - rate))[facts["sa"], facts["sb"]]

    def untrained(self) -> Model:
        """u from chance: random pairs for what differs, exact counts for what identifies."""
        model = Model()
        rng = np.random.default_rng(self.settings.seed)
        n_pairs = min(self.settings.training_pairs, self.n * self.n)
        a, b = rng.integers(0, self.n, n_pairs), rng.integers(0, self.n, n_pairs)
        apart = self.start[a] != self.start[b]
        drawn = unique((np.minimum(a, b) * self.n + np.maximum(a, b))[apart])
        chance = evidence.leave_out_likely(self, self.with_company(self.compared(*divmod(drawn, max(self.n, 1)))))
        for comparison, n_levels in weighing.present(chance).items():
            model.u[comparison] = weighing.shares(chance[comparison], n_levels).tolist()
        rows = self.rows
        # Rows of one source are different people, nearly all: what they share, they share by chance.
        own = sharing(rows.src)
        born, carded = np.flatnonzero(~np.isnat(rows.born)), np.flatnonzero(rows.kk != 0)
        dates = sharing(rows.born[born].astype(np.int64) * 128 + rows.src[born]) / (own + 1)
        kk = sharing(mixed(rows.kk[carded], rows.src[carded])) / (own + 1)
        one, two = self.company.links
        together = self.company.size[one].astype(float) * self.company.size[two]
        every = self.n * (self.n - 1) / 2 + 1
        floor = 1.0 / (self.n * self.n + 1.0)
        shared, well = together.sum() / every, together[self.company.shared >= 3].sum() / every
        dates, kk, shared, well = (max(float(x), floor) for x in (dates, kk, shared, well))
        evidence.pin_chances(self, model.u)
        model.u["dates"] = _pin(model.u["dates"], {4: evidence.date_chance(self, dates)})
        model.u["company"] = _pin(
            model.u["company"], {5: kk, 6: max(shared - well, shared / 4), 7: max(well, shared / 4)}
        )
        model.u["nik"] = self._nik_chance()
        model.trained_on = {"rows": float(self.n), "random_pairs": float(len(drawn))}
        return model

    def _nik_chance(self) -> list[float]:
        """u of NIK levels: equal ones from strangers found sharing one; the others among neighbours born on one day."""
        rows = self.rows
        told = (rows.nik != 0) & ~np.isnat(rows.born)
        born = rows.born.astype(np.int64)
        some = np.flatnonzero(told & (mixed(born) % np.uint64(max(self.n // 50_000, 1)) == 0))
        a, b = pairs_within(mixed(born[some], rows.district[some]), some, most=self.settings.max_block)
        other = agree(rows, "nik", a, b)[1]
        a, b = divmod(np.sort((a * self.n + b)[other])[:50_000], max(self.n, 1))
        u = np.array([0.3, 0.6, 0.01, 0.002])
        if len(a) > 50:
            facts = self.compared(a, b)
            unlike = (facts["name"] <= 1) & (facts["nik"] >= 0) & (facts["nik"] < 4)
            if unlike.sum() > 20:
                u = weighing.shares(facts["nik"][unlike], 4, smooth=1.0)
        equal = max(float(self.edges.strangers), 1.0) / max(self.n * (self.n - 1) / 2, 1.0)
        return [*(u * (1 - equal)).tolist(), equal]

    def sure_facts(self, thin: int) -> Facts:
        """Facts of pairs that exact evidence has linked, each once, for what true pairs look like."""
        edges = self.edges
        pairs = edges.a * max(self.n, 1) + edges.b  # in order
        once = np.append(True, pairs[1:] != pairs[:-1]) if len(pairs) else np.zeros(0, dtype=bool)
        same = pairs[once & (self.start[edges.a] == self.start[edges.b])]
        step = max(thin, len(same) * 4 // self.settings.training_pairs, 1)
        return self.with_company(self.compared(*divmod(same[::step], max(self.n, 1))))

    def weigh_and_merge(self, model: Model, facts: Facts, prior: Array) -> dict[str, Any]:
        """Probabilities, the threshold that follows from the wanted precision, and the merges it allows."""
        odds = np.clip(model.weights(facts) + prior, -60, 60)
        probability = 1.0 / (1.0 + np.exp2(-odds))
        veto = self.vetoes(facts)
        open_pairs = ~veto
        threshold = accept_until(probability[open_pairs], len(self.edges.a), self.settings.wanted_precision)
        accepted = np.flatnonzero(open_pairs & (probability >= threshold))
        ranked = accepted[np.lexsort((facts["b"][accepted], facts["a"][accepted], -odds[accepted]))]
        a, b = facts["a"], facts["b"]
        twice = accepted[facts["sa"][accepted] == facts["sb"][accepted]]
        # Where one person has many rows, two of them may well look unlike: only what they say of themselves counts.
        loose = self.repeats[a] & self.repeats[b] & (facts["nik"] == -1)
        hard = np.flatnonzero(veto & ~loose)
        apart = [np.concatenate(part) for part in zip((a[hard], b[hard]), _columns(self.apart), strict=True)]
        label, merged, left = plain_merges(
            self.start, a[ranked], b[ranked], src=self.rows.src, nik=self.rows.nik, repeats=self.repeats,
            apart=(apart[0], apart[1]),
        )  # fmt: skip
        # Only a veto between clusters that may merge is ever asked for.
        touched = np.zeros(self.n, dtype=bool)
        touched[label[a[ranked[left]]]] = touched[label[b[ranked[left]]]] = True
        hard = hard[touched[label[a[hard]]] & touched[label[b[hard]]]]
        clusters = Clusters(
            label, self.rows.src, self.rows.nik,
            np.concatenate([a[ranked[left]], b[ranked[left]], *(_columns(self.must + self.apart))]),
            apart=self.apart,
            vetoed=zip(a[hard].tolist(), b[hard].tolist(), strict=True),
            alike=self.alike,
            repeats=self.repeats,
            twice=zip(a[twice].tolist(), b[twice].tolist(), strict=True),
        )  # fmt: skip
        refused: dict[int, str] = {}
        also: list[int] = []
        for place, x, y in zip(left.tolist(), a[ranked[left]].tolist(), b[ranked[left]].tolist(), strict=True):
            before = clusters.label[x] != clusters.label[y]
            why = clusters.merge(x, y)
            if why:
                refused[int(ranked[place])] = why
            elif before:
                also.append(place)
        merged = ranked[np.sort(np.append(merged, np.array(also, dtype=np.int64)))]
        return {
            "label": clusters.label, "facts": facts, "probability": probability, "odds": odds, "refused": refused,
            "merged": len(merged), "merges": merged, "threshold": threshold, "veto": veto,
        }  # fmt: skip

    @staticmethod
    def vetoes(facts: Facts) -> Array:
        """Pairs no score may join: two good NIK under two names, one delivered family's two members, no common name."""
        name, nik, dates = facts["name"], facts["nik"], facts["dates"]
        both_fit, known = facts["both_fit"].astype(bool), facts["company"] >= 5
        slip = facts["district_slip"].astype(bool) & known & (name >= 2) & (facts["sex"] != 0)
        contradicting = both_fit & (nik >= 0) & (nik <= 2) & ((name < 4) | (dates != 4)) & ~slip
        # A slip of the pen is no other name where the others of the family are the same.
        lent = (nik == 4) & (
            ((dates == 0) & (name < np.where(facts["shared"] > 0, 3, 4))) | ((dates == 1) & (name < 3))
        )
        renamed = (nik == 4) & (dates == 4) & (facts["shared"] > 0) | evidence.one_number(facts)
        other_name = lent | (name == 0) & ~renamed
        agree = (facts["sex"] != 0) & (
            ((nik == 4) & ((name == 5) | ((name == 4) & (dates >= 1)) | ((name == 3) & (dates >= 3))))
            | ((nik != 4) & ((nik != 1) | facts["serial_slip"]) & ~both_fit & (name == 5) & (dates == 4))
            | ((nik == 3) & (name >= 3) & (dates == 4))
        )
        in_family = (facts["same_family"] | facts["occupied"]).astype(bool) & ~agree
        return contradicting | other_name | in_family


def _pin(shares: list[float], exact: dict[int, float]) -> list[float]:
    """Put exactly counted levels in and let the others share what is left."""
    rest = sum(v for i, v in enumerate(shares) if i not in exact)
    left = max(1.0 - sum(exact.values()), 1e-9)
    return [exact[i] if i in exact else v / rest * left for i, v in enumerate(shares)]


def sharing(keys: Array) -> float:
    """How many pairs of rows share a key."""
    sizes = groups(keys)[2].astype(float)
    return float((sizes * (sizes - 1)).sum() / 2)


def chosen(facts: Facts, which: Array) -> Facts:
    """Some of the facts, in the order asked for."""
    return {name: values[which] for name, values in facts.items()}


def _columns(pairs: list[tuple[int, int]]) -> tuple[Array, Array]:
    return np.array([p[0] for p in pairs], dtype=np.int64), np.array([p[1] for p in pairs], dtype=np.int64)


def write_metrics(path: Path, run: _Run) -> dict[str, Any]:
    """Times per stage, peak memory and counts of a run."""
    metrics = {
        "seconds": {k: round(v, 3) for k, v in run.times.items()},
        "total_seconds": round(time.perf_counter() - run._started, 3),
        "peak_memory_mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024,
        "counts": run.counts,
    }
    path.write_text(json.dumps(metrics, indent=1, sort_keys=True) + "\n")
    return metrics
