"""From weighed pairs to people: greedy merging, best pair first, under constraints that no merge may break."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence

import numpy as np
from scipy.sparse import coo_matrix
from scipy.sparse.csgraph import connected_components

from registry.matching.arrays import groups, mixed, unique

Array = np.ndarray


def components(n: int, a: Array, b: Array) -> Array:
    """Number the connected components of n rows; the number is the smallest row of each."""
    graph = coo_matrix((np.ones(len(a), dtype=np.int8), (a, b)), shape=(n, n))
    _, labels = connected_components(graph, directed=False)
    smallest = np.full(labels.max() + 1 if n else 0, n, dtype=np.int64)
    np.minimum.at(smallest, labels, np.arange(n))
    return smallest[labels]


def plain_merges(
    start: Array, a: Array, b: Array, *, src: Array, nik: Array, repeats: Array, apart: tuple[Array, Array]
) -> tuple[Array, Array, Array]:
    """Merge at once where pairs join two clusters and no constraint is near: (label, pairs that merged, pairs left).

    Pairs come best first. What is left, about one in fifty, is for `Clusters`.
    """
    n = len(start)
    whole = components(n, start[a], start[b])[start]
    clusters = unique(np.concatenate([start[a], start[b]]))
    plain = np.bincount(whole[clusters], minlength=n) == 2
    x, y = apart
    plain[whole[x[(whole[x] == whole[y]) & (start[x] != start[y])]]] = False
    rows = np.flatnonzero(plain[whole])
    # Two rows of one source.
    order, begins, sizes = groups(mixed(whole[rows], src[rows]))
    if len(rows):
        two = (sizes > 1) & np.logical_or.reduceat(~repeats[rows[order]], begins)
        plain[whole[rows[order[begins[two]]]]] = False
    # Two NIK, each attested by two sources.
    rows = rows[nik[rows] != 0]
    order, begins, _ = groups(mixed(whole[rows], nik[rows]))
    if len(rows):
        attested = np.minimum.reduceat(src[rows[order]], begins) != np.maximum.reduceat(src[rows[order]], begins)
        plain &= np.bincount(whole[rows[order[begins[attested]]]], minlength=n) < 2
    joins = start[a] != start[b]
    easy = np.flatnonzero(joins & plain[whole[a]])
    first = np.full(n, -1, dtype=np.int64)
    first[whole[a[easy[::-1]]]] = easy[::-1]
    return np.where(plain[whole], whole, start), first[first >= 0], np.flatnonzero(joins & ~plain[whole[a]])


class Clusters:
    """Clusters of rows that merge only where every constraint allows it."""

    def __init__(
        self,
        start: Array,
        sources: Array,
        niks: Array,
        touched: Array | Sequence[int],
        *,
        apart: Iterable[tuple[int, int]] = (),
        vetoed: Iterable[tuple[int, int]] = (),
        twice: Iterable[tuple[int, int]] = (),
        alike: Callable[[int, int], bool] = lambda x, y: False,
        repeats: Array | None = None,
    ) -> None:
        self.label = start.copy()
        self._sources, self._niks = sources, niks
        self._apart = _neighbours(apart)
        self._vetoed = _neighbours(vetoed)
        self._alike = alike
        self._repeats = np.zeros(len(start), dtype=bool) if repeats is None else repeats
        self._twice = {(min(p), max(p)) for p in twice}
        self.members: dict[int, list[int]] = defaultdict(list)
        wanted = np.zeros(len(start), dtype=bool)
        wanted[start[np.asarray(touched, dtype=np.int64)]] = True
        rows = np.flatnonzero(wanted[start])
        for row, cluster in zip(rows.tolist(), start[rows].tolist(), strict=True):
            self.members[cluster].append(row)

    def merge(self, a: int, b: int, *, decided: bool = False) -> str | None:
        """Merge the clusters of two rows; return what forbids it, or None when they are one now."""
        one, two = int(self.label[a]), int(self.label[b])
        if one == two:
            return None
        left, right = self.members[one], self.members[two]
        if self._touch(self._apart, left, right):
            return "decision.different"
        if not decided:
            if self._touch(self._vetoed, left, right):
                return "nik.different"
            if self._two_attested(left, right):
                return "nik.two_attested"
            if self._twice_in_source(left, right):
                return "source.same"
        keep, lose = min(one, two), max(one, two)
        moved = self.members.pop(lose)
        self.label[moved] = keep
        self.members[keep].extend(moved)
        return None

    @staticmethod
    def _touch(pairs: dict[int, set[int]], left: list[int], right: list[int]) -> bool:
        return bool(pairs) and any(not pairs[row].isdisjoint(right) for row in left if row in pairs)

    def _attested(self, rows: list[int]) -> set[int]:
        by_nik: dict[int, set[int]] = defaultdict(set)
        for row in rows:
            nik = int(self._niks[row])
            if nik:
                by_nik[nik].add(int(self._sources[row]))
        return {nik for nik, sources in by_nik.items() if len(sources) > 1}

    def _two_attested(self, left: list[int], right: list[int]) -> bool:
        if len(left) < 2 or len(right) < 2:
            return False
        one, two = self._attested(left), self._attested(right)
        return bool(one) and bool(two) and one != two

    def _twice_in_source(self, left: list[int], right: list[int]) -> bool:
        """One source has one row per person, unless it may repeat people or a pair of its rows was itself found the same."""
        by_source: dict[int, list[int]] = defaultdict(list)
        for row in left:
            if self._repeats[row]:
                continue
            by_source[int(self._sources[row])].append(row)
        for row in right:
            same = by_source.get(int(self._sources[row]))
            if same and not any((min(row, x), max(row, x)) in self._twice or self._alike(x, row) for x in same):
                return True
        return False


def _neighbours(pairs: Iterable[tuple[int, int]]) -> dict[int, set[int]]:
    found: dict[int, set[int]] = defaultdict(set)
    for a, b in pairs:
        found[int(a)].add(int(b))
        found[int(b)].add(int(a))
    return dict(found)


def accept_until(probability: Array, certain_pairs: int, wanted_precision: float) -> float:
    """Smallest probability to accept, so that expected false links stay within the wanted precision of all links.

    Half of the allowance is for the exact evidence, half for the model's links, best first.
    """
    ranked = np.sort(probability[probability > 0.5])[::-1]
    if not len(ranked):
        return 1.0
    allowed = (1.0 - wanted_precision) / 2 * (certain_pairs + np.arange(1, len(ranked) + 1))
    within = np.flatnonzero(np.cumsum(1.0 - ranked) <= allowed)
    return float(ranked[within[-1]]) if len(within) else 1.0
