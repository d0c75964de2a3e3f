"""The files of a run: links with rule, probability and reasons, families, pairs for review, model, figures."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np

from registry.matching.reasons import LEVEL_REASONS, RULE_NAMES, RULE_REASONS

Array = np.ndarray


def write_outputs(run: Any, found: dict[str, Any]) -> dict[str, Any]:
    """Write every file of the contract into the run's folder."""
    folder: Path = run.out_dir
    _write_links(run, found)
    run.con.execute(
        f"""copy (select d.delivered_family, g.family as family_cluster from delivered_families d
        join family_group g using (fam) order by d.delivered_family) to '{folder / "family_rows.parquet"}' (format parquet)"""
    )
    _write_review(run, found)
    found["model"].dump(folder / "model.json")
    run.counts["persons"] = int(len(np.unique(found["label"])))
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
    same = label[edges["a"]] == label[edges["b"]]
    for column in ("a", "b"):
        rows, rules = edges[column][same][::-1], edges["rule"][same][::-1]
        kept = run.start[edges["a"]][same][::-1] == run.start[edges["b"]][same][::-1]
        order = np.argsort(-rules[kept], kind="stable")
        rule[rows[kept][order]] = rules[kept][order]
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
    run.table(
        "rule_names",
        {"rule": np.array(list(RULE_NAMES), dtype=np.int8), "name": np.array(list(RULE_NAMES.values()), dtype=object)},
    )
    run.table("rows_out", {"row_id": np.arange(n), "cluster": label, "rule": rule, "probability": probability})
    _reasons_table(run, facts, pair[weighed], weighed)
    exact_reasons = " ".join(
        f"when '{name}' then [{', '.join(repr(c) for c in codes)}]" for name, codes in RULE_REASONS.items()
    )
    run.con.execute(
        f"""copy (
        select d.row_id, d.source, d.record_key, o.cluster as person_cluster, f.family as family_cluster,
               n.name as rule, o.probability, coalesce(r.reasons, case n.name {exact_reasons} else ['alone'] end) as reasons
        from rows_out o join delivered d using (row_id) join person_family f using (cluster)
        join rule_names n using (rule) left join row_reasons r on r.row_id = o.row_id and o.rule = 4
        order by d.row_id) to '{run.out_dir / "links.parquet"}' (format parquet)"""  # noqa: S608 - our own path and codes
    )


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


def _reasons_table(run: Any, facts: dict[str, Array], pairs: Array, rows: Array) -> None:
    joined = {int(p): ",".join(_codes(facts, int(p))) for p in np.unique(pairs)}
    run.table(
        "row_texts", {"row_id": rows, "texts": np.array([joined[int(p)] for p in pairs], dtype=object).astype(object)}
    )
    run.con.execute(
        "create or replace table row_reasons as select row_id, string_split(texts::varchar, ',') as reasons from row_texts"
    )


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
        ("person", x, y, 0.5, 1.0, ["nik.equal", "nik.crowded"]) for x, y in _crowded(run) if (x, y) not in decided
    ]
    rows += _family_review(run)
    run.con.execute(
        "create or replace table review_out (kind text, a_row_id bigint, b_row_id bigint, probability double, gain double, reasons text[])"
    )
    if rows:
        kinds = [list(x) for x in zip(*rows, strict=True)]
        incoming = {
            "kind": np.array(kinds[0], dtype=object), "a": np.array(kinds[1]), "b": np.array(kinds[2]),
            "p": np.array(kinds[3]), "g": np.array(kinds[4]), "r": np.array([",".join(x) for x in kinds[5]], dtype=object),
        }  # fmt: skip
        run.table("review_in", incoming)
        run.con.execute("insert into review_out select kind, a, b, p, g, string_split(r, ',') from review_in")
    target = run.out_dir / "review_pairs.parquet"
    run.con.execute(
        f"copy (select * from review_out order by gain desc, kind, a_row_id, b_row_id) to '{target}' (format parquet)"
    )  # noqa: S608
    run.counts["review_pairs"] = len(rows)


def _chunks(run: Any) -> list[list[int]]:
    """Rows of each oversize component that was dissolved."""
    if not len(run.oversize):
        return []
    by_nik: dict[object, list[int]] = {}
    for row in run.oversize.tolist():
        by_nik.setdefault(run.niks[row], []).append(row)
    return [rows for rows in by_nik.values() if len(rows) > 1]


def _crowded(run: Any) -> list[tuple[int, int]]:
    """Neighbouring bearers of each NIK that more rows carry than one person can have; some of each, not thousands."""
    run.sql("95_crowded")
    pairs = run.arrays("select a, b from crowded_pairs order by a, b")
    return list(zip(pairs["a"].tolist(), pairs["b"].tolist(), strict=True))[: run.settings.review_pairs]


def _family_review(run: Any) -> list[tuple[str, int, int, float, float, list[str]]]:
    """Families that share as many people as not: who belongs together is a reviewer's answer."""
    edges = run.family_edges
    doubt = np.flatnonzero(~edges["joined"] & (edges["shared"] * 2 > edges["smaller"]) & (edges["shared"] >= 2))
    doubt = doubt[: run.settings.review_pairs]
    if not len(doubt):
        return []
    first = run.arrays("select fam, min(row_id) as row_id from person group by fam order by fam")
    a = first["row_id"][np.searchsorted(first["fam"], edges["a"][doubt])]
    b = first["row_id"][np.searchsorted(first["fam"], edges["b"][doubt])]
    share = edges["shared"][doubt] / (2 * edges["smaller"][doubt])
    gain = edges["shared"][doubt] * 0.5
    return [
        ("family", int(x), int(y), float(p), float(g), ["family.people"])
        for x, y, p, g in zip(a, b, share, gain, strict=True)
    ]
