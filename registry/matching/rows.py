"""The delivered rows as columns of numbers, one place a row: what every later stage reads by its row's number."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

Array = np.ndarray

# The columns that are compared; files say only the record's key beside them.
READ = [
    "source", "delivered_family", "kk_number", "nik", "sex", "birth_date", "relation", "region_code", "survey_date",
    "name", "mother_name",
]  # fmt: skip
NEVER = np.datetime64("NaT", "D")
SIXTEEN = 10**16  # a number of sixteen digits stands between this and twice this
# A slip of the pen hits one wrong digit of a NIK: about one NIK in a hundred has one, at one of sixteen places, and
# becomes one of nine other digits. More than that a district's number is no slip of another's.
SLIP_SHARE = 1e-2 / 16 / 9
USUAL = 10  # times what slips explain, before a hundred of serial numbers counts as one that is given out


@dataclass(slots=True)
class Rows:
    """Columns of numbers. -1 (0 for NIK and KK, NaT for dates) says nothing."""

    n: int
    source: pa.DictionaryArray
    src: Array
    family_names: pa.Array
    fam: Array
    kk: Array
    nik: Array
    delivered_nik: Array
    nik_today: Array
    sound: Array
    fit: Array
    born: Array
    sex: Array
    relation: Array
    village: Array
    district: Array
    survey: Array
    kid: Array
    mid: Array

    def know(self, column: str) -> Array:
        """Which rows say something in a column."""
        return self.told(column, getattr(self, column))

    @staticmethod
    def told(column: str, values: Array) -> Array:
        """Which values of a column say something."""
        if column in ("nik", "kk", "nik_today"):
            return values != 0
        return ~np.isnat(values) if column in ("born", "survey") else values >= 0


def read_columns(path: Path, names: list[str]) -> pa.Table:
    """Read columns in the order of the rows' numbers, which are dense from 0."""
    with pq.ParquetFile(path) as file:
        table = file.read(columns=["row_id", *names])
    rows = table["row_id"].to_numpy().astype(np.int64)
    if not np.array_equal(rows, np.arange(len(rows))):
        order = np.argsort(rows, kind="stable")
        if not np.array_equal(rows[order], np.arange(len(rows))):
            raise ValueError("row_id is not dense from 0")
        table = table.take(order)
    return table.drop_columns(["row_id"])


def coded(column: pa.ChunkedArray) -> tuple[Array, pa.Array]:
    """Number the distinct texts in the order of their first row: (number or -1 a row, texts)."""
    joined = column.cast(pa.string()).combine_chunks()
    found = joined.dictionary_encode()
    return found.indices.fill_null(-1).to_numpy(zero_copy_only=False).astype(np.int32), found.dictionary


def numbers(column: pa.ChunkedArray) -> Array:
    """NIK and KK as numbers: a 1 before the digits keeps leading zeros. What is not digits gets a number below 0."""
    text = column.cast(pa.string()).combine_chunks()
    length = pc.binary_length(text)
    good = pc.and_(pc.ascii_is_decimal(text), pc.less_equal(length, 17))
    digits = pc.if_else(good, text, None)
    value = digits.cast(pa.int64()).fill_null(-1).to_numpy(zero_copy_only=False)
    size = length.fill_null(0).to_numpy(zero_copy_only=False).astype(np.int64)
    result = np.where(value >= 0, value + 10 ** np.minimum(size, 17), 0)
    odd = (value < 0) & (size > 0)
    if odd.any():
        others = text.filter(pa.array(odd)).dictionary_encode()
        result[odd] = -1 - others.indices.to_numpy(zero_copy_only=False).astype(np.int64)
    return result


def read_rows(path: Path, recodings: list[tuple[str, str]], max_nik_rows: int) -> tuple[Rows, pa.Table]:
    """Read what is compared; names come beside it, as texts."""
    table = read_columns(path, READ)
    n = len(table)
    src, fam, family_names = _sources_and_families(table)
    nik = numbers(table["nik"])
    born, sex = _dates(table["birth_date"]), _small(table["sex"])
    delivered, nik = nik, _uncrowded(nik, max_nik_rows)
    full = (nik >= SIXTEEN) & (nik < 2 * SIXTEEN)
    sound = full & (nik % 10_000 != 0) & known_prefixes(delivered)[prefix(nik)] & bears_date(nik, born, sex)
    village, district = _places(table["region_code"])
    rows = Rows(
        n=n, source=table["source"].cast(pa.string()).combine_chunks().dictionary_encode(), src=src,
        family_names=family_names, fam=fam, kk=numbers(table["kk_number"]), nik=nik, delivered_nik=delivered,
        nik_today=_today(nik, full, recodings), sound=sound,
        # Another sound one contradicts it when its serial may be read too: hundreds of births on one day in one
        # district there never were.
        fit=sound & (nik // 1000 % 10 == 0) & usual_serials(nik[sound])[nik % 10_000 // 100],
        born=born, sex=sex, relation=_small(table["relation"]), village=village, district=district,
        survey=_dates(table["survey_date"]), kid=np.full(n, -1, np.int32), mid=np.full(n, -1, np.int32),
    )  # fmt: skip
    return rows, table.select(["name", "mother_name"])


def prefix(nik: Array) -> Array:
    """The first six digits of a number of sixteen: the district it was issued in."""
    return np.where((nik >= SIXTEEN) & (nik < 2 * SIXTEEN), nik // 10**10 % 10**6, 0)


def known_prefixes(nik: Array) -> Array:
    """Which districts these NIK were issued in, as a mask over six digits; a slip of another's digit is none.

    Several people must carry it, and more than slips of its neighbours, a digit away, explain.
    """
    distinct = unique_full(nik)
    carried = np.bincount(prefix(distinct), minlength=10**6).reshape([10] * 6)
    neighbours = sum(carried.sum(axis=place, keepdims=True) - carried for place in range(6))
    return ((carried > 1) & (carried > SLIP_SHARE * neighbours)).reshape(-1)


def usual_serials(nik: Array) -> Array:
    """Which hundreds of serial numbers are given out, as a mask over two digits; the others are slips of the pen."""
    carried = np.bincount(unique_full(nik) % 10_000 // 100, minlength=100).reshape(10, 10)
    neighbours = sum(carried.sum(axis=place, keepdims=True) - carried for place in range(2))
    return (carried > USUAL * SLIP_SHARE * neighbours).reshape(-1)


def unique_full(nik: Array) -> Array:
    """Distinct numbers of sixteen digits."""
    ranked = np.sort(nik[(nik >= SIXTEEN) & (nik < 2 * SIXTEEN)])
    return ranked[np.concatenate([[True], ranked[1:] != ranked[:-1]])] if len(ranked) else ranked


def bears_date(nik: Array, born: Array, sex: Array) -> Array:
    """Whether a NIK carries its row's birth date, and its sex where that is known."""
    year, month, day = calendar(born)
    told = nik // 10_000 % 10**6
    man = day * 10_000 + month * 100 + year % 100
    woman = man + 400_000
    fits = np.where(sex == 2, told == woman, told == man) | ((sex < 0) & (told == woman))
    return (nik != 0) & ~np.isnat(born) & fits


def calendar(dates: Array) -> tuple[Array, Array, Array]:
    """Year, month and day of dates; all 0 where there is none."""
    none = np.isnat(dates)
    months = dates.astype("datetime64[M]")
    count = np.where(none, 0, months.astype(np.int64))
    day = np.where(none, 0, (dates - months).astype(np.int64) + 1)
    return np.where(none, 0, count // 12 + 1970), np.where(none, 0, count % 12 + 1), day


def _uncrowded(nik: Array, most: int) -> Array:
    """A NIK on more rows than one person can have is nobody's."""
    ranked = np.sort(nik[nik != 0])
    begins = np.flatnonzero(np.concatenate([[True], ranked[1:] != ranked[:-1]])) if len(ranked) else ranked
    crowded = ranked[begins[np.diff(np.append(begins, len(ranked))) > most]]
    return np.where(np.isin(nik, crowded), 0, nik) if len(crowded) else nik


def _today(nik: Array, full: Array, recodings: list[tuple[str, str]]) -> Array:
    """What a NIK would be under the region codes of today; regencies first, then districts."""
    pairs = sorted(
        (len(old), old, new)
        for old, new in ((o.replace(".", ""), w.replace(".", "")) for o, w in recodings)
        if len(old) == len(new) and len(old) in (4, 6) and (old + new).isdigit()
    )
    if not pairs:
        return nik
    today = np.arange(10**6)
    for length, old, new in pairs:
        rest = 10 ** (6 - length)
        today[int(old) * rest : (int(old) + 1) * rest] = int(new) * rest + np.arange(rest)
    return np.where(full, SIXTEEN + today[prefix(nik)] * 10**10 + nik % 10**10, nik)


def _sources_and_families(table: pa.Table) -> tuple[Array, Array, pa.Array]:
    found, texts = coded(table["source"])
    rank = np.argsort(np.argsort(np.array(texts.to_pylist(), dtype=object))) if len(texts) else np.zeros(0, np.int64)
    src = (rank[found] + 1).astype(np.int8) if len(found) else np.zeros(0, np.int8)
    fam, names = coded(table["delivered_family"])
    alone = np.flatnonzero(fam < 0)
    fam[alone] = len(names) + np.arange(len(alone))
    return src, fam, names


def _places(column: pa.ChunkedArray) -> tuple[Array, Array]:
    """Village and district of a region code, as numbers."""
    found, texts = coded(column)
    codes = texts.to_pylist()

    def level(length: int) -> Array:
        cut = [code[:length] if len(code) >= length else None for code in codes]
        number = {code: place for place, code in enumerate(sorted({c for c in cut if c}))}
        of_code = np.array([number[c] if c else -1 for c in cut] + [-1], dtype=np.int32)
        return of_code[found]

    return level(13), level(8)


def _dates(column: pa.ChunkedArray) -> Array:
    days = column.cast(pa.date32()).combine_chunks().cast(pa.int32())
    none = days.is_null().to_numpy(zero_copy_only=False)
    found = days.fill_null(0).to_numpy(zero_copy_only=False).astype("datetime64[D]")
    found[none] = NEVER
    return found


def _small(column: pa.ChunkedArray) -> Array:
    return column.cast(pa.int16()).combine_chunks().fill_null(-1).to_numpy(zero_copy_only=False).astype(np.int16)
