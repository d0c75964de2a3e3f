"""The files of a run: links with rule, probability and reasons, families, pairs for review, model, figures."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from registry.matching.arrays import groups, mixed, unique
from registry.matching.reasons import LEVEL_REASONS, RULE_NAMES, RULE_REASONS
from registry.matching.rows import read_columns

Array = np.ndarray


def write_outputs(run: Any, found: dict[str, Any]) -> dict[str, Any]:
    """Write every file of the contract into the run's folder."""
    folder: Path = run.out_dir
    _write_links(run, found)
    named = len(run.rows.family_names)
    pq.write_table(
        pa.table({"delivered_family": run.rows.family_names, "family_cluster": run.family_of_fam[:named]}),
        folder / "family_rows.parquet",
    )
    _write_review(run, found)
    found["model"].dump(folder / "model.json")
    run.counts["persons"] = len(unique(found["label"]))
    run.step("write")
    from registry.matching.engine import write_metrics

    metrics = write_metrics(folder / "metrics.json", run)
    return {
        "folder": folder, "links": folder / "links.parquet", "family_rows": folder / "family_rows.parquet",
        "review_pairs": folder / "review_pairs.parquet", "model": folder / "model.json", "metrics": metrics,
    }  # fmt: skip


def _write_links(run: Any, found: dict[str, Any]) -> None:
    """One row per delivered row: by which rule it stands in its cluster, how likely, and why."""
    n, label = run.n, found["label"]
    rule = np.zeros(n, dtype=np.int8)
    probability = np.ones(n)
    pair = np.full(n, -1, dtype=np.int64)
    edges = run.edges
    kept = (label[edges.a] == label[edges.b]) & (run.start[edges.a] == run.start[edges.b])
    for code in (3, 2, 1):  # the strongest that holds a row is written last
        held = kept & (edges.rule == code)
        rule[edges.a[held]] = rule[edges.b[held]] = code
    facts, merges = found["facts"], found["merges"]
    exact = {1: 1.0 - (1.0 - run.settings.wanted_precision) / 2, 2: 0.9999, 3: 0.9995}
    for code in exact:
        probability[rule == code] = 1.0 - (1.0 - run.settings.wanted_precision) / 2
    for column in ("a", "b"):
        rows = facts[column][merges][::-1]
        open_rows = rule[rows] == 0
        pair[rows[open_rows]] = merges[::-1][open_rows]
    weighed = np.flatnonzero(pair >= 0)
    rule[weighed] = 4
    probability[weighed] = found["probability"][pair[weighed]]
    for x, y in run.must:
        rule[[x, y]] = 5
        probability[[x, y]] = 1.0
    codes = np.zeros(len(RULE_NAMES), dtype=np.int8)
    codes[list(RULE_NAMES)] = np.arange(len(RULE_NAMES))
    keys = read_columns(run.input_path, ["record_key"])["record_key"]
    reasons, reason_of = _reasons(facts, pair, weighed, rule)
    links = pa.table({
        "row_id": np.arange(n), "source": run.rows.source, "record_key": keys, "person_cluster": label,
        "family_cluster": run.family_of_person[label],
        "rule": pa.DictionaryArray.from_arrays(codes[rule], list(RULE_NAMES.values())).cast(pa.string()),
        "probability": probability, "reasons": reasons.take(reason_of),
    })  # fmt: skip
    pq.write_table(links, run.out_dir / "links.parquet", use_dictionary=["source", "rule", "reasons.list.element"])


def _codes(facts: dict[str, Array], index: int) -> list[str]:
    """Reason codes of one compared pair."""
    found = [
        LEVEL_REASONS[comparison][level]
        for comparison in LEVEL_REASONS
        if (level := int(facts[comparison][index])) >= 0 and level in LEVEL_REASONS[comparison]
    ]
    if facts["sa"][index] == facts["sb"][index]:
        found.append("source.same")
    if facts["occupied"][index]:
        found.append("company.taken")
    return found


def _reasons(facts: dict[str, Array], pair: Array, weighed: Array, rule: Array) -> tuple[pa.Array, Array]:
    """Return the distinct lists of reasons, and which of them each row has."""
    of_rule = np.zeros(max(RULE_NAMES) + 1, dtype=np.int64)
    texts: dict[tuple[str, ...], int] = {}
    for code, name in RULE_NAMES.items():
        of_rule[code] = texts.setdefault(tuple(RULE_REASONS.get(name, ["alone"])), len(texts))
    reason_of = of_rule[rule]
    shown = weighed[rule[weighed] == 4]
    # Pairs with the same levels have the same reasons: each kind is put into words once.
    seen = [*(facts[comparison][pair[shown]] for comparison in LEVEL_REASONS)]
    seen += [facts["sa"][pair[shown]] == facts["sb"][pair[shown]], facts["occupied"][pair[shown]]]
    order, begins, sizes = groups(mixed(*seen))
    first = pair[shown[order[begins]]]
    told = np.array([texts.setdefault(tuple(_codes(facts, int(p))), len(texts)) for p in first], dtype=np.int64)
    reason_of[shown[order]] = np.repeat(told, sizes)
    return pa.array([list(text) for text in texts], pa.list_(pa.string())), reason_of


def _write_review(run: Any, found: dict[str, Any]) -> None:
    """Pairs a person should look at: uncertain ones, and likely ones that a guard has refused."""
    facts, label, probability = found["facts"], found["label"], found["probability"]
    a, b = facts["a"], facts["b"]
    apart = label[a] != label[b] if len(a) else np.zeros(0, dtype=bool)
    sizes = np.bincount(label, minlength=run.n) if run.n else np.zeros(0, dtype=int)
    decided = {(min(p), max(p)) for p in run.must + run.apart}
    # Uncertainty times consequence: the rows that would move.
    uncertain = 1.0 - np.abs(2.0 * probability - 1.0)
    refused = np.zeros(len(a))
    refused[list(found["refused"])] = 0.5
    moved = np.minimum(sizes[label[a]], sizes[label[b]]) if len(a) else np.zeros(0)
    gain = np.maximum(uncertain, refused) * moved
    merged = np.zeros(len(a), dtype=bool)
    merged[found["merges"]] = True
    wanted = np.flatnonzero((apart | merged) & (gain > 0.02) & (~found["veto"] | (refused > 0)))
    ranked = wanted[np.lexsort((b[wanted], a[wanted], -gain[wanted]))]
    rows: list[tuple[str, int, int, float, float, list[str]]] = []
    seen: set[tuple[int, int]] = set()
    for i in ranked.tolist():
        key = (int(min(label[a[i]], label[b[i]])), int(max(label[a[i]], label[b[i]])))
        if (key in seen and apart[i]) or (int(a[i]), int(b[i])) in decided:
            continue
        seen.add(key)
        reasons = _codes(facts, i) + ([found["refused"][i]] if i in found["refused"] else [])
        rows.append(
            ("person", int(a[i]), int(b[i]), float(probability[i]), float(gain[i]), list(dict.fromkeys(reasons)))
        )
        if len(rows) >= run.settings.review_pairs:
            break
    for cluster_rows in _chunks(run):
        rows.append(("person", cluster_rows[0], cluster_rows[1], 0.5, float(len(cluster_rows)), ["cluster.oversize"]))
    rows += [
        ("person", x, y, 0.5, 1.0, ["nik.equal", "nik.crowded"])
        for x, y in _crowded(run, label)
        if (x, y) not in decided
    ]
    rows += _family_review(run)
    rows.sort(key=lambda row: (-row[4], row[0], row[1], row[2]))
    columns = ("kind", "a_row_id", "b_row_id", "probability", "gain", "reasons")
    types = (pa.string(), pa.int64(), pa.int64(), pa.float64(), pa.float64(), pa.list_(pa.string()))
    arrays = [pa.array([row[place] for row in rows], kind) for place, kind in enumerate(types)]
    pq.write_table(pa.table(arrays, names=columns), run.out_dir / "review_pairs.parquet")
    run.counts["review_pairs"] = len(rows)


def _chunks(run: Any) -> list[list[int]]:
    """Rows of each oversize component that was dissolved."""
    by_nik: dict[int, list[int]] = {}
    for row in run.oversize.tolist():
        by_nik.setdefault(int(run.rows.nik[row]), []).append(row)
    return [rows for rows in by_nik.values() if len(rows) > 1]


def _crowded(run: Any, label: Array) -> list[tuple[int, int]]:
    """Bearers of each NIK that more rows carry than one person can have, each beside the next; some of each NIK."""
    rows = run.rows
    bearers = np.flatnonzero((rows.delivered_nik != 0) & (rows.nik == 0))
    # One row a person, the first.
    order = bearers[np.lexsort((bearers, label[bearers], rows.delivered_nik[bearers]))]
    nik, person = rows.delivered_nik[order], label[order]
    once = np.ones(len(order), dtype=bool)
    once[1:] = (nik[1:] != nik[:-1]) | (person[1:] != person[:-1])
    first = order[once]
    first = first[np.lexsort((first, rows.delivered_nik[first]))]
    nik = rows.delivered_nik[first]
    begins = np.flatnonzero(np.append(True, nik[1:] != nik[:-1])) if len(nik) else nik
    place = np.arange(len(nik)) - np.repeat(begins, np.diff(np.append(begins, len(nik))))
    next_one = np.flatnonzero((nik[1:] == nik[:-1]) & (place[:-1] < run.settings.max_cluster - 1))
    pairs = sorted(zip(first[next_one].tolist(), first[next_one + 1].tolist(), strict=True))
    return pairs[: run.settings.review_pairs]


def _family_review(run: Any) -> list[tuple[str, int, int, float, float, list[str]]]:
    """Families that share as many people as not: who belongs together is a reviewer's answer."""
    edges = run.family_edges
    doubt = np.flatnonzero(~edges["joined"] & (edges["shared"] * 2 > edges["smaller"]) & (edges["shared"] >= 2))
    doubt = doubt[: run.settings.review_pairs]
    if not len(doubt):
        return []
    first = np.zeros(int(run.rows.fam.max()) + 1, dtype=np.int64)
    first[run.rows.fam[::-1]] = np.arange(run.n)[::-1]
    a, b = first[edges["a"][doubt]], first[edges["b"][doubt]]
    share = edges["shared"][doubt] / (2 * edges["smaller"][doubt])
    gain = edges["shared"][doubt] * 0.5
    return [
        ("family", int(x), int(y), float(p), float(g), ["family.people"])
        for x, y, p, g in zip(a, b, share, gain, strict=True)
    ]
