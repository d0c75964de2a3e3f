"""Fitting, ranking and comparing as jobs that the office can watch."""

import datetime as dt
import shutil
from pathlib import Path

from django.conf import settings
from django.utils import timezone

from registry.common.jobs import JobHandle, register_kind
from registry.desil.comparing import KIND


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


def _import(handle: JobHandle) -> None:
    from registry.desil.importing import import_ranking  # the readers are heavy: loaded when they run

    params = handle.job.params
    path = Path(params["file"])
    mapping = Path(params["mapping"]) if params.get("mapping") else None
    answer = import_ranking(
        path=path,
        source=params["source"],
        version=params.get("version", ""),
        ranked_on=dt.date.fromisoformat(params["ranked_on"]) if params.get("ranked_on") else None,
        unit=params["unit"],
        scope=params["scope"],
        mapping=mapping,
        by=handle.job.created_by,
        now=timezone.now(),
        progress=lambda done, total, step: handle.progress(done, total, step),
    )
    counts = answer.run.counts
    handle.count(
        run=answer.run.pk, rows=counts["rows"], families=counts["families"], already_there=answer.already_there
    )
    remove_uploads(path, mapping)


def _compare(handle: JobHandle) -> None:
    from registry.desil.comparisons import compare_runs  # the engine is heavy: loaded when it runs
    from registry.desil.selectors import get_run

    before, after = (get_run(handle.job.params[name]) for name in ("before", "after"))
    compared = compare_runs(before, after, progress=lambda step: handle.progress(0, None, step))
    handle.count(compared=compared.counts.in_both)


def _fit(handle: JobHandle) -> None:
    from registry.desil.fitting import fit_model  # the statistics are heavy: loaded when they run

    params = handle.job.params
    survey = Path(params["file"])
    mapping = Path(params["mapping"]) if params.get("mapping") else None
    model = fit_model(
        survey=survey,
        outcome=params["outcome"],
        weight=params.get("weight") or None,
        psu=params.get("psu") or None,
        stratum=params.get("stratum") or None,
        region=params.get("region") or None,
        region_system=params["region_system"],
        mapping=mapping,
        unit=params["unit"],
        by=handle.job.created_by,
        now=timezone.now(),
        progress=lambda done, total, step: handle.progress(done, total, step),
    )
    handle.count(model=model.pk, surveyed=model.card["survey"]["households"])
    remove_uploads(survey, mapping)


def remove_uploads(*paths: Path | None) -> None:
    """Remove uploaded files with their own folders, once what they said is kept."""
    uploads = Path(settings.DTSEN_UPLOAD_DIR).resolve()
    for folder in {path.parent.resolve() for path in paths if path}:
        if folder != uploads and uploads in folder.parents:
            shutil.rmtree(folder, ignore_errors=True)


register_kind(
    "import_ranking",
    label=("Impor peringkat resmi", "Import an official ranking"),
    steps={
        "read": ("membaca berkas", "reading the file"),
        "families": ("membaca keluarga", "reading families"),
        "find": ("mencari keluarga", "finding the families"),
        "keep": ("menyimpan", "keeping"),
    },
    shares={"read": 2, "families": 4, "find": 2, "keep": 3},
    work=_import,
)
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
    KIND,
    label=("Bandingkan dua peringkat", "Compare two rankings"),
    steps={
        "count": ("menghitung perpindahan", "counting who moved"),
        "causes": ("mencari sebabnya", "finding why"),
    },
    shares={"count": 1, "causes": 2},
    work=_compare,
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
    work=_fit,
)
