"""What the rows' numbers say before they are compared."""

from __future__ import annotations

import numpy as np
import pyarrow as pa

from registry.matching.rows import known_prefixes, numbers, prefix, usual_serials


def coded(prefix: int, n: int, *, serial: int = 1) -> np.ndarray:
    """As many NIK of one district, each of another birth date."""
    dates = np.array([(1 + day % 28) * 10_000 + (1 + day // 28 % 12) * 100 + day // 336 for day in range(n)])
    return 10**16 + prefix * 10**10 + dates * 10_000 + serial


def test_numbers_keep_leading_zeros_and_what_is_not_digits_stays_apart() -> None:
    text = pa.chunked_array([["0012", "12", None, "", "3514010112900001", "12-4", "AB", "12-4"]], pa.string())
    found = numbers(text).tolist()
    assert found[:5] == [10012, 112, 0, 0, 13514010112900001]
    assert found[5] == found[7] < 0
    assert found[6] < 0
    assert found[6] != found[5]


def test_a_mistyped_district_stays_unknown_however_many_rows_there_are() -> None:
    slips, far = coded(351491, 3), coded(120301, 3)
    small = known_prefixes(np.concatenate([coded(351401, 300), far]))
    assert small[351401]
    assert small[120301]
    large = known_prefixes(np.concatenate([*(coded(351401, 9000, serial=s) for s in range(2, 9)), slips, far]))  # fmt: skip
    assert large[351401]
    assert large[120301], "people from elsewhere are few, but nobody here is a digit away from them"
    assert not large[351491], "three in sixty thousand are slips of the neighbour's digit"


def test_serials_that_nobody_gives_out_are_slips() -> None:
    nik = np.concatenate([*(coded(351401, 5000, serial=s) for s in (1, 2, 3)), coded(351401, 8, serial=601)])
    usual = usual_serials(nik)
    assert usual[0]
    assert not usual[6]
    assert prefix(nik[:1])[0] == 351401
