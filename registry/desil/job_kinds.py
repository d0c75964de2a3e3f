"""Fitting and ranking as jobs that the office can watch."""

import datetime as dt

from django.utils import timezone

from registry.common.jobs import JobHandle, register_kind


def _rank(handle: JobHandle) -> None:
    from registry.desil.runs import compute_run  # the engine is heavy: loaded when it runs
    from registry.desil.selectors import get_model

    params = handle.job.params
    now = timezone.now()
    run = compute_run(
        model=get_model(params.get("model")),
        unit=params.get("unit", "person"),
        scope=params.get("scope", "nation"),
        as_of=dt.date.fromisoformat(params["as_of"]) if params.get("as_of") else timezone.localdate(now),
        by=handle.job.created_by,
        now=now,
        progress=lambda done, total, step: handle.progress(done, total, step),
    )
    handle.count(run=run.pk, families=run.counts["families"])


register_kind(
    "rank_households",
    label=("Hitung peringkat", "Compute a ranking"),
    steps={
        "families": ("membaca keluarga", "reading families"),
        "score": ("menghitung skor", "scoring"),
        "keep": ("menyimpan", "keeping"),
    },
    shares={"families": 4, "score": 3, "keep": 3},
    work=_rank,
)
register_kind(
    "fit_ranking",
    label=("Buat model peringkat", "Fit a ranking model"),
    steps={
        "choose": ("memilih kekangan", "choosing penalties"),
        "judge": ("menilai silang", "cross-validating"),
        "challengers": ("membandingkan penantang", "comparing challengers"),
        "fit": ("mencocokkan", "fitting"),
        "intervals": ("menghitung selang", "computing intervals"),
        "card": ("menulis kartu model", "writing the card"),
    },
    shares={"choose": 4, "judge": 1, "challengers": 3, "fit": 1, "intervals": 2, "card": 1},
)
