"""Small tools on arrays whose index is a row: keys of several columns, rows that share one, unique pairs."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

Array = np.ndarray

_ODD = (0x9E3779B97F4A7C15, 0xBF58476D1CE4E5B9, 0x94D049BB133111EB)


def mixed(*columns: Array | int) -> Array:
    """One number of 64 bits for the values of several columns; equal values have equal numbers.

    >>> a = mixed(np.array([1, 1, 2]), np.array([5, 5, 5]))
    >>> bool(a[0] == a[1]), bool(a[0] == a[2])
    (True, False)
    """
    total = np.uint64(len(columns))
    with np.errstate(over="ignore"):
        for column in columns:
            value = np.asarray(column).astype(np.int64).astype(np.uint64)
            total = (total ^ (value * np.uint64(_ODD[0]))) * np.uint64(_ODD[1])
            total = total ^ (total >> np.uint64(29))
        total = total * np.uint64(_ODD[2])
        return np.asarray(total ^ (total >> np.uint64(32)))


def groups(keys: Array) -> tuple[Array, Array, Array]:
    """Order of the keys, and where each group of equal ones begins and how long it is in that order."""
    order = np.argsort(keys)
    ranked = keys[order]
    begins = np.flatnonzero(np.concatenate([[True], ranked[1:] != ranked[:-1]])) if len(keys) else np.zeros(0, np.int64)
    return order, begins, np.diff(np.append(begins, len(keys)))


def shifts(keys: Array, most: int | None = None) -> Iterator[tuple[Array, Array]]:
    """Positions of equal neighbours in sorted keys, one step apart, then two, until no group is that long.

    >>> [(x.tolist(), y.tolist()) for x, y in shifts(np.array([4, 7, 7, 7, 9]))]
    [([1, 2], [2, 3]), ([1], [3])]
    """
    left = np.flatnonzero(keys[1:] == keys[:-1])
    step = 1
    while len(left) and (most is None or step < most):
        yield left, left + step
        step += 1
        left = left[left + step < len(keys)]
        left = left[keys[left + step] == keys[left]]


def pairs_within(keys: Array, rows: Array | None = None, most: int | None = None) -> tuple[Array, Array]:
    """Every pair of rows that share a key, the smaller row first.

    >>> [x.tolist() for x in pairs_within(np.array([3, 1, 3, 3]))]
    [[0, 2, 0], [2, 3, 3]]
    """
    order = np.argsort(keys, kind="stable")
    if rows is None:
        rows = np.arange(len(keys))
    found = [(rows[order[x]], rows[order[y]]) for x, y in shifts(keys[order], most)]
    if not found:
        return np.zeros(0, np.int64), np.zeros(0, np.int64)
    one, two = (np.concatenate(part) for part in zip(*found, strict=True))
    return np.minimum(one, two), np.maximum(one, two)


def unique(values: Array) -> Array:
    """Distinct values in order; numpy's own hashes first and is slower."""
    ranked = np.sort(values)
    return ranked[np.concatenate([[True], ranked[1:] != ranked[:-1]])] if len(ranked) else ranked


def holds(ranked: Array, asked: Array) -> tuple[Array, Array]:
    """Whether sorted distinct values hold each of those asked for, and where."""
    if not len(ranked):
        return np.zeros(len(asked), dtype=bool), np.zeros(len(asked), dtype=np.int64)
    place = np.minimum(np.searchsorted(ranked, asked), len(ranked) - 1)
    return ranked[place] == asked, place
