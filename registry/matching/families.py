"""Families after persons: delivered families that share people, then each person decides where to belong."""

from __future__ import annotations

from typing import Any

import numpy as np

from registry.matching.resolve import components
from registry.matching.settings import Constraint


def place_people(run: Any, constraints: list[Constraint]) -> None:
    """Group delivered families, and give every person the family they belong to today."""
    run.sql("90_families")
    edges = run.arrays("select * from family_edges order by fa, fb")
    fams = run.arrays("select fam, src from family_counts order by fam")
    position = fams["fam"]
    a, b = np.searchsorted(position, edges["fa"]), np.searchsorted(position, edges["fb"])
    shared, core = edges["shared"].astype(float), edges["core_shared"].astype(float)
    smaller = np.minimum(edges["na"], edges["nb"])
    smaller_core = np.maximum(np.minimum(edges["ka"], edges["kb"]), 1)
    same_source = edges["sa"] == edges["sb"]
    no_core = (edges["ka"] == 0) | (edges["kb"] == 0)
    # The head may have died or changed between two lists: whoever else is there says that it is one family.
    most = (shared >= 2) & (shared * 2 > np.maximum(edges["na"], edges["nb"]))
    joined = np.where(
        same_source,
        (core >= smaller_core) & (shared * 2 > smaller),
        (core >= 1) | (no_core & (shared * 2 > smaller)) | most,
    )
    strength = core * 2 + shared / np.maximum(edges["na"] + edges["nb"] - shared, 1)
    must, apart = _decided(run, constraints, position)
    rows = np.flatnonzero(joined)
    group = components(len(position), np.append(a[rows], must[0]), np.append(b[rows], must[1]))
    group = _split_crowded(group, fams["src"], a[rows], b[rows], strength[rows], same_source[rows], must, apart)
    run.table("family_group", {"fam": position, "family": group})
    run.sql("91_place_people")
    run.counts["families"] = int(len(np.unique(group)))
    run.family_edges = {
        "a": edges["fa"],
        "b": edges["fb"],
        "joined": joined,
        "core": core,
        "shared": shared,
        "smaller": smaller,
    }


def _decided(run: Any, constraints: list[Constraint], position: np.ndarray) -> tuple[Any, list[tuple[int, int]]]:
    known: dict[str, int] = {}
    if constraints:
        keys = sorted({c.key_a for c in constraints} | {c.key_b for c in constraints})
        marks = ", ".join("?" for _ in keys)
        query = f"select delivered_family, fam from delivered_families where delivered_family in ({marks})"  # noqa: S608 - marks only
        known = dict(run.con.execute(query, keys).fetchall())
    pairs = [
        (int(np.searchsorted(position, known[c.key_a])), int(np.searchsorted(position, known[c.key_b])), c.verdict)
        for c in constraints
        if c.key_a in known and c.key_b in known
    ]
    same = [(x, y) for x, y, v in pairs if v == "same"]
    must = (np.array([x for x, _ in same], dtype=np.int64), np.array([y for _, y in same], dtype=np.int64))
    return must, [(x, y) for x, y, v in pairs if v == "different"]


def _split_crowded(
    group: np.ndarray, sources: np.ndarray, a: np.ndarray, b: np.ndarray, strength: np.ndarray,
    same_source: np.ndarray, must: tuple[np.ndarray, np.ndarray], apart: list[tuple[int, int]],
) -> np.ndarray:  # fmt: skip
    """Groups with two families of one source that are not the same delivered twice: join best edges first."""
    order = np.lexsort((sources, group))
    crowded = order[1:][(group[order][1:] == group[order][:-1]) & (sources[order][1:] == sources[order][:-1])]
    bad = np.isin(group, np.unique(np.append(group[crowded], [group[x] for x, y in apart if group[x] == group[y]])))
    if not bad.any():
        return group
    label = group.copy()
    label[bad] = np.flatnonzero(bad)
    members = {int(f): [int(f)] for f in np.flatnonzero(bad)}
    divided = {frozenset(p) for p in apart}
    twins = {frozenset(p) for p in zip(a[same_source].tolist(), b[same_source].tolist(), strict=True)}

    def merge(x: int, y: int, *, decided: bool) -> None:
        one, two = int(label[x]), int(label[y])
        if one == two:
            return
        for p in members[one]:
            for q in members[two]:
                if frozenset((p, q)) in divided:
                    return
                if not decided and sources[p] == sources[q] and frozenset((p, q)) not in twins:
                    return
        keep, lose = min(one, two), max(one, two)
        moved = members.pop(lose)
        label[moved] = keep
        members[keep].extend(moved)

    for x, y in zip(must[0].tolist(), must[1].tolist(), strict=True):
        if bad[x] and bad[y]:
            merge(x, y, decided=True)
    inside = np.flatnonzero(bad[a] & bad[b])
    for i in inside[np.lexsort((b[inside], a[inside], -strength[inside]))].tolist():
        merge(int(a[i]), int(b[i]), decided=False)
    return label
