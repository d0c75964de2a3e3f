"""Families after persons: delivered families that share people, then each person decides where to belong."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from registry.matching.arrays import groups, shifts, unique
from registry.matching.resolve import components
from registry.matching.rows import Rows
from registry.matching.settings import Constraint

NEVER = -(10**9)  # before any day a survey was held on


@dataclass(frozen=True, slots=True)
class Roll:
    """People of delivered families, each once a family: by person, then family."""

    person: np.ndarray
    fam: np.ndarray
    n_rows: np.ndarray
    core: np.ndarray
    newest: np.ndarray

    @classmethod
    def of(cls, rows: Rows, label: np.ndarray, n_fams: int) -> Roll:
        """Gather the rows of each person in each family."""
        key = label.astype(np.int64) * n_fams + rows.fam
        order, begins, lengths = groups(key)
        first = key[order[begins]]
        core = (rows.relation[order] <= 2) & (rows.relation[order] >= 0)
        survey = np.where(np.isnat(rows.survey), NEVER, rows.survey.astype(np.int64))
        return cls(
            person=first // max(n_fams, 1), fam=first % max(n_fams, 1), n_rows=lengths,
            core=_over(np.logical_or, core, begins), newest=_over(np.maximum, survey[order], begins),
        )  # fmt: skip


def place_people(run: Any, label: np.ndarray, constraints: list[Constraint]) -> None:
    """Group delivered families, and give every person the family they belong to today."""
    rows = run.rows
    n_fams = int(rows.fam.max()) + 1 if rows.n else 0
    sources = np.zeros(n_fams, dtype=rows.src.dtype)
    sources[rows.fam[::-1]] = rows.src[::-1]
    roll = Roll.of(rows, label, n_fams)
    a, b, shared, core = _edges(roll, n_fams)
    people = np.bincount(roll.fam, minlength=n_fams)
    heads = np.bincount(roll.fam, weights=roll.core, minlength=n_fams)
    smaller = np.minimum(people[a], people[b])
    smaller_core = np.maximum(np.minimum(heads[a], heads[b]), 1)
    same_source = sources[a] == sources[b]
    no_core = (heads[a] == 0) | (heads[b] == 0)
    # The head may have died or changed between two lists: whoever else is there says that it is one family.
    most = (shared >= 2) & (shared * 2 > np.maximum(people[a], people[b]))
    joined = np.where(
        same_source,
        (core >= smaller_core) & (shared * 2 > smaller),
        (core >= 1) | (no_core & (shared * 2 > smaller)) | most,
    )
    strength = core * 2 + shared / np.maximum(people[a] + people[b] - shared, 1)
    must, apart = _decided(rows, constraints)
    chosen = np.flatnonzero(joined)
    group = components(n_fams, np.append(a[chosen], must[0]), np.append(b[chosen], must[1]))
    group = _split_crowded(group, sources, a[chosen], b[chosen], strength[chosen], same_source[chosen], must, apart)
    run.family_of_fam = group
    run.family_of_person = _places(roll, group, rows.n)
    run.counts["families"] = len(unique(group))
    run.family_edges = {"a": a, "b": b, "joined": joined, "core": core, "shared": shared, "smaller": smaller}


def _edges(roll: Roll, n_fams: int) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """Families that share people: both, how many they share, how many of these are heads and spouses in both."""
    none = np.zeros(0, np.int64)
    found = [(none, none)]
    for x, y in shifts(roll.person):
        found.append((roll.fam[x] * n_fams + roll.fam[y], roll.core[x] & roll.core[y]))
    pair, core = (np.concatenate([part[side] for part in found]) for side in (0, 1))
    order, begins, shared = groups(pair)
    first = pair[order[begins]]
    both = _over(np.add, core[order].astype(float), begins)
    return first // max(n_fams, 1), first % max(n_fams, 1), shared.astype(float), both


def _places(roll: Roll, group: np.ndarray, n: int) -> np.ndarray:
    """Each person decides: a family they head, else where most rows put them, else the newest."""
    family = group[roll.fam]
    order, begins, _ = groups(roll.person * max(len(group), 1) + family)
    person, family = roll.person[order[begins]], family[order[begins]]
    core, n_rows = _over(np.logical_or, roll.core[order], begins), _over(np.add, roll.n_rows[order], begins)
    newest = _over(np.maximum, roll.newest[order], begins)
    several = np.bincount(person, minlength=n)[person] > 1
    place = np.full(n, -1, dtype=np.int64)
    place[person[~several]] = family[~several]
    asked = np.flatnonzero(several)
    best = asked[np.lexsort((family[asked], -newest[asked], -n_rows[asked], ~core[asked], person[asked]))]
    place[person[best[::-1]]] = family[best[::-1]]
    return place


def _over(how: np.ufunc, values: np.ndarray, begins: np.ndarray) -> np.ndarray:
    return how.reduceat(values, begins) if len(begins) else values


def _decided(rows: Rows, constraints: list[Constraint]) -> tuple[Any, list[tuple[int, int]]]:
    asked = sorted({c.key_a for c in constraints} | {c.key_b for c in constraints})
    found = pc.index_in(pa.array(asked, pa.string()), rows.family_names).to_pylist()
    known = {key: place for key, place in zip(asked, found, strict=True) if place is not None}
    pairs = [(known[c.key_a], known[c.key_b], c.verdict) for c in constraints if c.key_a in known and c.key_b in known]
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
