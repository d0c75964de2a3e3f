"""Pairs worth a comparison: rows that share a key. Every key is bounded; large groups are left out."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from registry.matching.arrays import groups, mixed, pairs_within, shifts, unique
from registry.matching.names import Names
from registry.matching.rows import SIXTEEN, Rows, calendar

Array = np.ndarray

SLOTS = 23  # bits of the tables of marks that say which keys may matter


def weak_rows(rows: Rows, cluster: Array) -> Array:
    """Rows without firm evidence: no sound NIK of their own, and none that two sources give their cluster."""
    sound = np.flatnonzero(rows.sound & (rows.nik != 0))
    order, begins, _ = groups(mixed(cluster[sound], rows.nik[sound]))
    firm = np.zeros(rows.n, dtype=bool)
    if len(sound):
        src = rows.src[sound[order]]
        two = np.minimum.reduceat(src, begins) != np.maximum.reduceat(src, begins)
        firm[cluster[sound[order[begins[two]]]]] = True
    return ~firm[cluster] & ~rows.sound


def find_candidates(rows: Rows, names: Names, cluster: Array, max_block: int) -> Array:
    """Pairs of rows of different clusters that share a key, as row * n + row, in order."""
    weak = weak_rows(rows, cluster)
    found = [np.zeros(0, np.int64)]
    for columns, chosen, loose in _keys(rows, names):
        chosen = np.flatnonzero(chosen)
        key = mixed(*(column[chosen] for column in columns))
        mark = (key >> np.uint64(64 - SLOTS)).astype(np.int64)
        # Only keys that two clusters share, and loose ones only where a weak row has them too.
        if loose:
            wanted = np.zeros(1 << SLOTS, dtype=bool)
            wanted[mark[weak[chosen]]] = True
            kept = np.flatnonzero(wanted[mark])
            chosen, key, mark = chosen[kept], key[kept], mark[kept]
        last = np.zeros(1 << SLOTS, dtype=np.int32)
        last[mark] = cluster[chosen]
        wanted = np.zeros(1 << SLOTS, dtype=bool)
        wanted[mark[last[mark] != cluster[chosen]]] = True
        kept = np.flatnonzero(wanted[mark])
        found.append(_pairs(rows.n, chosen[kept], key[kept], cluster, weak if loose else None, max_block))
    return unique(np.concatenate(found))


def _pairs(n: int, rows: Array, keys: Array, cluster: Array, weak: Array | None, max_block: int) -> Array:
    order, _, sizes = groups(keys)
    small = np.repeat((sizes > 1) & (sizes <= max_block), sizes)
    rows, keys = rows[order[small]], keys[order[small]]
    found = [np.zeros(0, np.int64)]
    for x, y in shifts(keys):
        a, b = rows[x], rows[y]
        apart = cluster[a] != cluster[b]
        if weak is not None:
            apart &= weak[a] | weak[b]
        a, b = a[apart], b[apart]
        found.append(np.minimum(a, b) * n + np.maximum(a, b))
    return np.concatenate(found)


def _keys(rows: Rows, names: Names) -> Iterator[tuple[list[Array], Array, bool]]:
    """Columns of each key, which rows have it, and whether it binds loosely: only what a weak row has too."""
    year, month, _ = calendar(rows.born)
    born = rows.born.astype(np.int64)
    dated, homed, settled, carded = ~np.isnat(rows.born), rows.village >= 0, rows.district >= 0, rows.kk != 0
    named = rows.kid >= 0
    full = (rows.nik >= SIXTEEN) & (rows.nik < 2 * SIXTEEN)

    def of_name(column: Array) -> Array:
        return np.append(column, -1)[rows.kid]

    first, last, same_words = of_name(names.first), of_name(names.last), of_name(names.sid)
    letter, start = of_name(names.letter), of_name(names.start)
    yield [rows.nik], rows.nik != 0, False
    yield [rows.kk, born], carded & dated, False
    yield [rows.kk, rows.kid], carded & named, False
    yield [rows.village, rows.kid, born], homed & named & dated, False
    yield [rows.village, born], homed & dated, True
    yield [same_words, born], named & dated, True
    yield [rows.district, same_words], settled, True
    yield [rows.village, first, year], homed & dated, True
    yield [rows.nik // 10_000], full, True
    yield [rows.nik // 10**10, rows.nik % 10**8, letter], full, True
    yield [rows.mid, first, rows.district], rows.mid >= 0, True
    yield [born, rows.sex, start], dated, True
    yield [born, last], dated, True
    yield [same_words, year, np.where(settled, month, 0)], dated, True
    yield [rows.kk, rows.sex], carded, True
    yield [same_words], ~dated, True
    yield [rows.village, last, year], homed & dated, True
    yield [rows.village, same_words], homed & ~dated, True


def dissolved_pairs(label: Array, dissolved: Array) -> Array:
    """Members of dissolved components compare with one another."""
    a, b = pairs_within(label[dissolved], dissolved)
    return a * len(label) + b
