"""Whom a row is listed with: delivered families, the people already found in them, and what two families share."""

from __future__ import annotations

import numpy as np

from registry.matching.arrays import holds, shifts, unique
from registry.matching.rows import Rows, calendar

Array = np.ndarray


class Company:
    """People of delivered families under one labelling of the rows."""

    def __init__(self, rows: Rows, label: Array) -> None:
        self.rows, self.label = rows, label
        self.n_fams = int(rows.fam.max()) + 1 if rows.n else 0
        # A person of a family, each once: by person, then family.
        found = unique(label.astype(np.int64) * self.n_fams + rows.fam)
        self._people = found
        self.person, self.fam = found // max(self.n_fams, 1), found % max(self.n_fams, 1)
        self.size = np.bincount(self.fam, minlength=self.n_fams)
        shared = [self.fam[x] * self.n_fams + self.fam[y] for x, y in shifts(self.person)]
        pairs = np.sort(np.concatenate(shared)) if shared else np.zeros(0, np.int64)
        begins = np.flatnonzero(np.concatenate([[True], pairs[1:] != pairs[:-1]])) if len(pairs) else pairs
        self._links, self.shared = pairs[begins], np.diff(np.append(begins, len(pairs)))
        # Few pairs of families share anybody: most questions are answered by a bit.
        self._bits = np.zeros(1 << 22, dtype=bool)
        self._bits[_slot(self._links)] = True

    @property
    def links(self) -> tuple[Array, Array]:
        """Families that share people, the smaller number first."""
        return self._links // max(self.n_fams, 1), self._links % max(self.n_fams, 1)

    def lists(self, fam: Array, person: Array) -> Array:
        """Whether families list people."""
        return holds(self._people, person.astype(np.int64) * self.n_fams + fam)[0]

    def of(self, a: Array, b: Array) -> dict[str, Array]:
        """The company of pairs, the pair itself left out of it: people shared, whether one is there already."""
        fa, fb = self.rows.fam[a].astype(np.int64), self.rows.fam[b].astype(np.int64)
        shared = np.zeros(len(a), dtype=np.int64)
        occupied = np.zeros(len(a), dtype=bool)
        key = np.minimum(fa, fb) * self.n_fams + np.maximum(fa, fb)
        maybe = np.flatnonzero(self._bits[_slot(key)])
        there, place = holds(self._links, key[maybe])
        linked, place = maybe[there], place[there]
        ca, cb = self.label[a[linked]], self.label[b[linked]]
        a_there, b_there = self.lists(fb[linked], ca), self.lists(fa[linked], cb)
        shared[linked] = self.shared[place] - a_there - (b_there & (ca != cb))
        occupied[linked] = (ca != cb) & (a_there | b_there)
        return {"shared": shared, "occupied": occupied, "in_company": np.minimum(self.size[fa], self.size[fb]) >= 2}


def _slot(keys: Array) -> Array:
    with np.errstate(over="ignore"):
        return (keys.astype(np.uint64) * np.uint64(0x9E3779B97F4A7C15)) >> np.uint64(42)


def open_pairs(company: Company, changed: Array | None) -> tuple[Array, Array]:
    """Unlinked members of families that share people are candidates for one another.

    `changed` marks the families whose people are others than when last asked; None asks for all.
    """
    rows, label = company.rows, company.label
    one, two = company.links
    wanted = (company.shared < company.size[one]) & (company.shared < company.size[two])
    if changed is not None:
        wanted &= changed[one] | changed[two]
    one, two = one[wanted], two[wanted]
    members = np.argsort(rows.fam, kind="stable")
    begins = np.append(0, np.cumsum(np.bincount(rows.fam, minlength=company.n_fams)))
    a, link = _members(members, begins, one)
    there = company.lists(two[link], label[a])
    a, link = a[~there], link[~there]
    b, place = _members(members, begins, two[link])
    a, link = a[place], link[place]
    there = company.lists(one[link], label[b])
    a, b = a[~there], b[~there]
    fits = _may_be_one(rows, a, b)
    return np.minimum(a, b)[fits], np.maximum(a, b)[fits]


def _members(members: Array, begins: Array, fams: Array) -> tuple[Array, Array]:
    """Rows of each of these families, and the place of the family of each."""
    lengths = begins[fams + 1] - begins[fams]
    place = np.repeat(np.arange(len(fams)), lengths)
    within = np.arange(len(place)) - np.append(0, np.cumsum(lengths))[place]
    return members[begins[fams][place] + within], place


def _may_be_one(rows: Rows, a: Array, b: Array) -> Array:
    x, y = rows.born[a], rows.born[b]
    unborn = np.isnat(x) | np.isnat(y)
    sex_fits = (rows.sex[a] == rows.sex[b]) | (rows.sex[a] < 0) | (rows.sex[b] < 0) | (~unborn & (x == y))
    (year_a, month_a, day_a), (year_b, month_b, day_b) = calendar(x), calendar(y)
    same_name = (rows.kid[a] == rows.kid[b]) & (rows.kid[a] >= 0)
    same_role = (rows.relation[a] == rows.relation[b]) & (rows.relation[a] <= 2) & (rows.relation[a] >= 0)
    near = (np.abs(year_a - year_b) <= 2) | ((day_a == day_b) & (month_a == month_b))
    return sex_fits & (unborn | same_name | near | same_role)
