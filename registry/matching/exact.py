"""Exact evidence with its guards, and the components that hold two people all the same."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from registry.matching.arrays import mixed, pairs_within
from registry.matching.compare import Comparison, agree, placeholder

Array = np.ndarray


@dataclass(frozen=True, slots=True)
class Edges:
    """Pairs of rows by rule: 1 the NIK, 2 the family card, 3 the village. `strangers` share a NIK and nothing else."""

    a: Array
    b: Array
    rule: Array
    strangers: int


def find_edges(pairs: Comparison) -> Edges:
    """Pairs that exact evidence joins, in order of rows and rule."""
    rows = pairs.rows
    known = np.flatnonzero(rows.nik != 0)
    a, b = pairs_within(rows.nik[known], known)
    name, dates = pairs.names_of(a, b), pairs.dates(a, b)
    other_sex = agree(rows, "sex", a, b)[1]
    # The NIK, where name and birth date say so too.
    joined = (
        ((name >= 4) & ((dates >= 2) | (dates < 0)) & ~other_sex)
        | ((name >= 2) & ((dates >= 3) | (dates < 0)) & ~(other_sex & (name < 4)))
        | ((name >= 1) & (dates == 4) & ~other_sex)
    )
    strangers = int(np.sum((name >= 0) & (name <= 1) & (dates >= 0) & (dates <= 1)))
    found = [(a[joined], b[joined], 1)]
    # Family card or village, with name and birth date; a contradicting NIK goes to the model.
    told = (rows.kid >= 0) & ~np.isnat(rows.born)
    guessed = placeholder(rows.born)
    for rule, place, wanted in (
        (2, rows.kk, told & (rows.kk != 0)),
        (3, rows.village, told & (rows.village >= 0) & ~guessed),
    ):
        chosen = np.flatnonzero(wanted)
        born = rows.born[chosen].astype(np.int64)
        a, b = pairs_within(mixed(place[chosen], rows.kid[chosen], born), chosen)
        alike = (place[a] == place[b]) & (rows.kid[a] == rows.kid[b]) & (rows.born[a] == rows.born[b])
        alike &= ~agree(rows, "sex", a, b)[1] & ~agree(rows, "nik", a, b)[1]
        found.append((a[alike], b[alike], rule))
    a, b = (np.concatenate([part[side] for part in found]) for side in (0, 1))
    rules = np.concatenate([np.full(len(part[0]), part[2], np.int8) for part in found])
    order = np.argsort((a * max(rows.n, 1) + b) * 4 + rules)
    return Edges(a[order], b[order], rules[order], strangers)


def listed_twice(name: Array, dates: Array, same_nik: Array, other_nik: Array, other_sex: Array) -> Array:
    """One source, or one delivered family, lists one person twice only where everything else agrees."""
    by_nik = same_nik & ((name == 5) | ((name == 4) & (dates >= 1)) | ((name == 3) & (dates >= 3)))
    return ~other_sex & (by_nik | (~same_nik & ~other_nik & (name == 5) & (dates == 4)))


def conflicted(pairs: Comparison, label: Array, repeats: Array, max_cluster: int) -> set[int]:
    """Components that hold two people, or more rows than one person has."""
    rows = pairs.rows
    sizes = np.bincount(label, minlength=rows.n)
    bad = set(np.flatnonzero(sizes > max_cluster).tolist())
    some = np.flatnonzero((sizes[label] > 1) & (sizes[label] <= max_cluster))
    a, b = pairs_within(label[some], some)
    same_source = rows.src[a] == rows.src[b]
    same_nik, other_nik = agree(rows, "nik", a, b)
    asked = same_source | other_nik | agree(rows, "born", a, b)[1]
    a, b, same_source, same_nik, other_nik = (x[asked] for x in (a, b, same_source, same_nik, other_nik))
    dates = pairs.dates(a, b)
    once = (same_source & ~repeats[a]) | (rows.fam[a] == rows.fam[b])
    name = np.full(len(a), -1, np.int8)
    name[once] = pairs.names_of(a[once], b[once])
    two = once & ~listed_twice(name, dates, same_nik, other_nik, agree(rows, "sex", a, b)[1])
    two |= ((dates >= 0) & (dates <= 1)) | (other_nik & rows.fit[a] & rows.fit[b])
    return bad | set(label[a[two]].tolist())
