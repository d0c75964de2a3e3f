"""What two rows say about each other, apart from their company: columns picked by row number, rules in SQL."""

from __future__ import annotations

from typing import Any

import numpy as np
import pyarrow as pa

from registry.matching.names import Names
from registry.matching.rows import SIXTEEN, Rows, calendar
from registry.matching.statements import read_statements

TWINS = 10  # serial numbers of children born together are nearer

Array = np.ndarray
Facts = dict[str, Array]


def agree(rows: Rows, column: str, a: Array, b: Array) -> tuple[Array, Array]:
    """Whether two rows say the same in a column, and whether they say different things; both false where one is silent."""
    values = getattr(rows, column)
    x, y = values[a], values[b]
    both = rows.told(column, x) & rows.told(column, y)
    return both & (x == y), both & (x != y)


def placeholder(born: Array) -> Array:
    """Whether dates are days that stand for an unknown day: 1 January, 1 July, 31 December."""
    _, month, day = calendar(born)
    return np.isin(month * 100 + day, (101, 701, 1231))


def may_slip(x: Array, y: Array) -> Array:
    """Whether two numbers of sixteen digits may be two slips apart: all digits but two are in the other, a place off at most.

    >>> may_slip(13514010112900001 + np.array([0, 8000, 10**12]), np.full(3, 13514010112900001)).tolist()
    [True, True, True]
    >>> may_slip(np.array([13514010112900001]), np.array([13514012308720002])).tolist()
    [False]
    """
    places = 10 ** np.arange(16)
    near = np.zeros(len(x), dtype=np.int8)
    digits = [(y // place % 10).astype(np.int8) for place in places]
    for k, place in enumerate(places):
        digit = (x // place % 10).astype(np.int8)
        there = digit == digits[k]
        for other in (k - 1, k + 1):
            if 0 <= other < len(digits):
                there |= digit == digits[other]
        near += there
    return near >= 14


class Comparison:
    """Compares pairs of rows."""

    def __init__(self, con: Any, rows: Rows, names: Names) -> None:
        self._con, self.rows, self.names = con, rows, names
        self._calendar = tuple(part.astype(np.int16) for part in calendar(rows.born))
        self._guessed = placeholder(rows.born)

    def dates(self, a: Array, b: Array) -> Array:
        """How far birth dates agree: 4 equal, 3 one part wrong or day and month swapped or three days apart, 2 a
        placeholder day with a near year, 1 within two years, 0 different; -1 where one is unknown.
        """
        x, y = self.rows.born[a], self.rows.born[b]
        known = ~(np.isnat(x) | np.isnat(y))
        level = np.where(known, np.where(x == y, 4, 0), -1).astype(np.int8)
        ask = np.flatnonzero(known & (x != y))
        a, b = a[ask], b[ask]
        year_a, month_a, day_a = (part[a] for part in self._calendar)
        year_b, month_b, day_b = (part[b] for part in self._calendar)
        years, days = np.abs(year_a - year_b), np.abs(x[ask] - y[ask]).astype(np.int64)
        parts = (day_a == day_b).astype(np.int8) + (month_a == month_b) + (year_a == year_b)
        swapped = (year_a == year_b) & (day_a == month_b) & (month_a == day_b)
        guessed = self._guessed[a] | self._guessed[b]
        level[ask] = np.select(
            [((parts == 2) & (years <= 10)) | swapped | (days <= 3), guessed & (years <= 5), days <= 750], [3, 2, 1]
        )
        return level

    def names_of(self, a: Array, b: Array) -> Array:
        """How far names agree, -1 where one is unknown."""
        return self.names.levels(self.rows.kid[a], self.rows.kid[b])

    def facts(self, a: Array, b: Array, level: Array | None = None) -> Facts:
        """Every comparison of these pairs but their company; `level` is how far their names agree, where known."""
        rows = self.rows
        same_sex, other_sex = agree(rows, "sex", a, b)
        same_mother, other_mother = agree(rows, "mid", a, b)
        same_kk, _ = agree(rows, "kk", a, b)
        same_village, _ = agree(rows, "village", a, b)
        same_district, other_district = agree(rows, "district", a, b)
        key_bits, token_bits = self.names.worth(rows.kid[a], rows.kid[b])
        place = np.where(
            same_kk, 3, np.where(same_village, 2, np.where(same_district, 1, np.where(other_district, 0, -1)))
        )
        nik, slip = self._niks(a, b)
        # Twins are registered one after the other; a slip of the pen takes a serial number elsewhere.
        serial_slip = (nik == 1) & (np.abs(rows.nik[a] - rows.nik[b]) >= TWINS)
        elsewhere = (rows.village[a] != rows.village[b]) | (rows.kk[a] != rows.kk[b])
        return {
            "a": a, "b": b, "sa": rows.src[a], "sb": rows.src[b],
            "name": self.names_of(a, b) if level is None else level, "key_bits": key_bits, "token_bits": token_bits,
            "dates": self.dates(a, b), "sex": _level(same_sex, other_sex), "nik": nik,
            "both_fit": rows.fit[a] & rows.fit[b], "mother": _level(same_mother, other_mother),
            "own_relation": self._relations(a, b, elsewhere), "place": place.astype(np.int8),
            "same_family": rows.fam[a] == rows.fam[b], "district_slip": slip, "serial_slip": serial_slip,
        }  # fmt: skip

    def _niks(self, a: Array, b: Array) -> tuple[Array, Array]:
        """How far NIK agree, and whether one is the other but for a slip in its district."""
        rows = self.rows
        x, y = rows.nik[a], rows.nik[b]
        known = (x != 0) & (y != 0)
        level = np.where(known, np.where(x == y, 4, 0), -1).astype(np.int8)
        slip = np.zeros(len(a), dtype=bool)
        ask = np.flatnonzero(known & (x != y))
        if len(ask):
            recoded = rows.nik_today[a[ask]] == rows.nik_today[b[ask]]
            x, y = x[ask], y[ask]
            full = (x >= SIXTEEN) & (x < 2 * SIXTEEN) & (y >= SIXTEEN) & (y < 2 * SIXTEEN)
            level[ask] = np.where(recoded, 2, np.where(full & (x // 10_000 == y // 10_000), 1, 0))
            same_rest = full & (x % 10**10 == y % 10**10)
            # Only one that does not fit its row can be a slip of the other.
            near = (level[ask] == 0) & ~(rows.fit[a[ask]] & rows.fit[b[ask]]) & (x > 0) & (y > 0)
            spelled = np.flatnonzero((near | same_rest) & (~full | may_slip(x, y)))
            if len(spelled):
                asked = {"place": np.arange(len(spelled)), "x": x[spelled], "y": y[spelled]}
                told = self._told("68_nik_slip", asked)["slip"]
                level[ask[spelled[told & near[spelled]]]] = 3
                slip[ask[spelled]] = told & same_rest[spelled]
        return level, slip

    def _relations(self, a: Array, b: Array, elsewhere: Array) -> Array:
        """How far relations to the head agree: 2 the same, 1 they may, 0 hardly; -1 where one is unknown."""
        rows = self.rows
        x, y = rows.relation[a], rows.relation[b]
        least, most = np.minimum(x, y), np.maximum(x, y)
        first_born = np.fmin(rows.born[a], rows.born[b])
        parent = (least <= 2) & ((most == 3) | (most == 5))
        late = (least == 1) & (most == 3) & (first_born > np.datetime64("2012-01-01"))
        level = np.select([least < 0, x == y, late, parent & elsewhere, parent], [-1, 2, 0, 1, 0], default=1)
        return level.astype(np.int8)

    def _told(self, statements: str, columns: dict[str, Array]) -> dict[str, Array]:
        asked = pa.table({name: pa.array(values) for name, values in columns.items()})  # noqa: F841
        found = self._con.execute(read_statements(statements)).fetchnumpy()
        place = np.ma.getdata(found.pop("place"))
        back = {}
        for name, values in found.items():
            back[name] = np.empty_like(np.ma.getdata(values))
            back[name][place] = np.ma.getdata(values)
        return back


def _level(same: Array, other: Array) -> Array:
    return np.where(same, 1, np.where(other, 0, -1)).astype(np.int8)
