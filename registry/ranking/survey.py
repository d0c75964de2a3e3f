"""Reading a household survey: its design, its outcome and the items that the ranking knows.

One row is one household. The outcome becomes the natural log of spending per person.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import duckdb
import numpy as np

from registry.ranking.errors import RankingError
from registry.ranking.items import MISSING, Items, load_items, load_mapping

Array = np.ndarray
LEAST_PSUS = 20
NO_REGION = ""


@dataclass(frozen=True, eq=False)
class Survey:
    """A survey ready to fit: arrays of one length, one entry a household.

    `outcome` is log spending per person; `weight` is scaled to mean 1; `psu`, `stratum` and `region_index` are
    numbers from 0; `regions[region_index]` is a dotted regency code ("" where the survey names none);
    `size` is persons; `values[item]` whole numbers with MISSING.
    """

    name: str
    items: Items
    outcome: Array
    weight: Array
    psu: Array
    stratum: Array
    region_index: Array
    regions: tuple[str, ...]
    size: Array
    values: Mapping[str, Array]
    sha256: str
    notes: Mapping[str, Any]

    def __len__(self) -> int:
        return len(self.outcome)

    @property
    def n_psus(self) -> int:
        """Primary sampling units: what is resampled and held out together."""
        return int(self.psu.max()) + 1

    @property
    def provinces(self) -> Array:
        """Province of each household, "" where none is named."""
        return np.array([region[:2] for region in self.regions], dtype=object)[self.region_index]


def read_survey(
    path: str | Path,
    *,
    outcome: str,
    weight: str | None = None,
    psu: str | None = None,
    stratum: str | None = None,
    region: str | None = None,
    mapping: str | Path | Items | None = None,
    region_system: Literal["kemendagri", "bps"] = "kemendagri",
    bridge: Mapping[str, str] | None = None,
    known_regions: Collection[str] | None = None,
) -> Survey:
    """Read a survey from CSV (or .csv.gz, .parquet).

    `mapping` names the items of a foreign survey (default: the published table). `bridge` gives the dotted
    Kemendagri regency of a BPS regency ("3514" → "35.14"); a code that it does not know keeps its digits.
    `known_regions`, when given, are all regencies there are. Without `psu` each row is its own unit, without
    `weight` all count alike.

    Raises: ranking.survey.not_found, .column_missing, .not_a_number, .outcome_not_positive,
    .weight_not_positive, .too_few_psus, .region_unknown, .no_items; ranking.mapping.invalid.
    """
    path = Path(path)
    items = mapping if isinstance(mapping, Items) else load_mapping(Path(mapping)) if mapping else load_items()
    table = _read(path, items)
    size_item = items.by_name.get(items.size)
    size_column = (size_item.column or size_item.name) if size_item else items.size
    wanted = [outcome, *(name for name in (weight, psu, stratum, region) if name)]
    if items.outcome_is == "whole_household":
        wanted.append(size_column)
    absent = [name for name in wanted if name not in table]
    if absent:
        raise RankingError("ranking.survey.column_missing", name=path.name, columns=", ".join(absent))
    present = [item for item in items.items if (item.column or item.name) in table]
    if not present:
        raise RankingError("ranking.survey.no_items", name=path.name)
    n = len(table[outcome])
    values = {item.name: _numbers(table[item.column or item.name], item.column or item.name, item) for item in present}
    if items.size in values:
        size = np.where(values[items.size] == MISSING, 1, values[items.size])
    elif size_column in table:
        size = _numbers(table[size_column], size_column, None)
    else:
        size = np.ones(n, dtype=np.int64)
    size = size.clip(1)
    money = _floats(table[outcome], outcome)
    if items.outcome_is == "whole_household":
        money = money / size
    bad = int((~(money > 0)).sum())
    if bad:
        raise RankingError("ranking.survey.outcome_not_positive", column=outcome, rows=bad)
    weights = _floats(table[weight], weight) if weight else np.ones(n)
    bad = int((~(weights > 0)).sum())
    if bad:
        raise RankingError("ranking.survey.weight_not_positive", column=weight, rows=bad)
    units = np.unique(table[psu], return_inverse=True)[1] if psu else np.arange(n)
    if units.max(initial=-1) + 1 < LEAST_PSUS:
        raise RankingError(
            "ranking.survey.too_few_psus", name=path.name, psus=int(units.max(initial=-1)) + 1, least=LEAST_PSUS
        )
    strata = np.unique(table[stratum], return_inverse=True)[1] if stratum else np.zeros(n, dtype=np.int64)
    codes, index = _regions(table[region] if region else None, n, region_system, bridge or {}, known_regions)
    return Survey(
        name=items.survey or path.stem,
        items=items.only([item.name for item in present]),
        outcome=np.log(money),
        weight=weights / weights.mean(),
        psu=units,
        stratum=strata,
        region_index=index,
        regions=codes,
        size=size,
        values=values,
        sha256=hashlib.sha256(path.read_bytes()).hexdigest(),
        notes={
            "file": path.name, "households": n, "psus": int(units.max()) + 1, "strata": int(strata.max()) + 1,
            "regencies": len(codes) if codes != (NO_REGION,) else 0, "outcome": outcome, "weight": weight, "psu": psu,
            "stratum": stratum, "currency": items.currency,
            "items_not_in_survey": [i.name for i in items.items if i.name not in values],
        },
    )  # fmt: skip


def _read(path: Path, items: Items) -> dict[str, Array]:
    con = duckdb.connect(":memory:")
    try:
        if path.suffix == ".parquet":
            relation = con.execute("SELECT COLUMNS(*)::VARCHAR FROM read_parquet(?)", [str(path)])
        else:
            options = "all_varchar = true, header = true, sample_size = 20000"
            arguments: list[str] = [str(path)]
            for option, value in (("delim", items.separator), ("encoding", items.encoding)):
                if value:
                    options += f", {option} = ?"
                    arguments.append(value)
            relation = con.execute(f"SELECT * FROM read_csv(?, {options})", arguments)
        found = relation.fetchnumpy()
    except duckdb.Error as error:
        raise RankingError("ranking.survey.not_found", name=path.name) from error
    finally:
        con.close()
    return {
        name.strip().lstrip("\ufeff"): np.where(np.ma.getmaskarray(column), "", np.ma.getdata(column)).astype(str)
        for name, column in found.items()
    }


def _floats(texts: Array, column: str) -> Array:
    """Return numbers, NaN where empty; a decimal comma is read as one."""
    texts = np.char.strip(texts)
    empty = np.isin(texts, ("", "NA", "NULL", "nan", "."))
    numbers = np.full(len(texts), np.nan)
    try:
        numbers[~empty] = texts[~empty].astype(float)
    except ValueError:
        wrong = 0
        for row in np.flatnonzero(~empty):
            try:
                numbers[row] = float(texts[row].replace(",", "."))
            except ValueError:
                wrong += 1
        if wrong:
            raise RankingError("ranking.survey.not_a_number", column=column, rows=wrong) from None
    return numbers


def _numbers(texts: Array, column: str, item: Any) -> Array:
    """Return whole numbers: texts by the item's words, amounts by its scale; empty becomes MISSING."""
    if item is not None and item.texts:
        texts = np.array([str(item.texts.get(text.strip(), text)) for text in texts])
    numbers = _floats(texts, column)
    scale = item.scale if item is not None else 1
    absent = np.isnan(numbers)
    if item is not None and item.missing:
        absent |= np.isin(numbers, item.missing)
    scaled = np.floor(np.where(absent, 0, numbers) * scale + 0.5).clip(-(2**30), 2**30)
    return np.where(absent, MISSING, scaled.astype(np.int64))


def _regions(
    texts: Array | None,
    n: int,
    system: str,
    bridge: Mapping[str, str],
    known: Collection[str] | None,
) -> tuple[tuple[str, ...], Array]:
    if system not in ("kemendagri", "bps"):
        raise RankingError("ranking.options.invalid", option="region_system", value=system, known="kemendagri, bps")
    if texts is None:
        return (NO_REGION,), np.zeros(n, dtype=np.int64)
    distinct, inverse = np.unique(texts, return_inverse=True)
    codes = []
    wrong: list[int] = []
    for number, text in enumerate(distinct.tolist()):
        code = re.sub(r"\.0$", "", text.strip())
        digits = code.replace(".", "")
        if digits.isdigit() and len(digits) >= 4 and len(digits) in (4, 6, 7, 10):
            first = digits[:4]
            dotted = bridge.get(first, "") if system == "bps" else ""
            code = dotted or f"{first[:2]}.{first[2:]}"
        elif known is not None:
            wrong.append(number)
        if known is not None and code not in known and number not in wrong:
            wrong.append(number)
        codes.append(code)
    if wrong:
        rows = int(np.isin(inverse, wrong).sum())
        raise RankingError("ranking.survey.region_unknown", rows=rows, example=distinct[wrong[0]])
    names, place = np.unique(np.array(codes, dtype=object).astype(str), return_inverse=True)
    return tuple(names.tolist()), place[inverse]
