"""`export_ranks`: what a run gave every family, for whoever wants to check it."""

import datetime as dt
from pathlib import Path
from typing import Any

import duckdb
from django.db import transaction

from registry.common.audit import record
from registry.common.errors import BadInput
from registry.desil.models import RankRun
from registry.desil.runs import get_run_folder

LINE = 4  # the desil whose cut `p_below_cut` is about


def export_ranks(*, run: RankRun, path: str, by: Any, now: dt.datetime) -> int:
    """Write `household_id,regency,score,desil,p_below_cut` as CSV or Parquet; return the rows.

    `regency` as 35.14; a higher `score` (1e-6 log-rupiah) is better off; `p_below_cut` is the probability of truly
    lying in desil 1 to 4, empty for an official ranking.

    Raises: BadInput `desil.ranks.format`.
    """
    formats = {".csv": "FORMAT csv, HEADER", ".parquet": "FORMAT parquet, COMPRESSION zstd"}
    wanted = formats.get(Path(path).suffix)
    if wanted is None:
        raise BadInput("desil.ranks.format", name=Path(path).name)
    ranks = get_run_folder(run.pk) / "ranks.parquet"
    quoted = str(path).replace("'", "''")
    chance = "NULL::DOUBLE" if run.kind == RankRun.Kind.OFFICIAL else f"p{LINE} / 1000.0"
    with transaction.atomic(), duckdb.connect(":memory:") as con:
        con.execute(
            f"COPY (SELECT household_id, regency, score, desil, {chance} AS p_below_cut"  # noqa: S608 - our own path
            f" FROM read_parquet('{ranks}') ORDER BY regency, household_id) TO '{quoted}' ({wanted})"
        )
        found = con.execute("SELECT count(*) FROM read_parquet($1)", [str(ranks)]).fetchone()
        rows = int(found[0]) if found else 0
        record("desil.ranks.exported", by=by, obj_type="rank_run", obj_id=run.pk, params={"rows": rows}, now=now)
    return rows
