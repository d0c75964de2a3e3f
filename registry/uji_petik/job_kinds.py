"""Drawing a sample and taking in answers as jobs that the office can watch."""

import datetime as dt
from pathlib import Path

from django.utils import timezone

from registry.common.errors import DomainError
from registry.common.jobs import JobHandle, register_kind


def _draw(handle: JobHandle) -> None:
    from registry.uji_petik.lots import request_from  # the statistics are heavy: loaded when it runs
    from registry.uji_petik.models import Design
    from registry.uji_petik.operations import draw_sample

    params = dict(handle.job.params)
    mark = str(handle.job.pk)
    design = Design.objects.filter(settings__job=mark).first()  # a second run finds what the first has drawn
    handle.progress(0, 1, "draw")
    if design is None:
        params |= {"due_on": dt.date.fromisoformat(params["due_on"]), "wish": params["wish"] | {"job": mark}}
        if params.get("lot") is not None:
            params["lot"] = request_from(params["lot"])
        design = draw_sample(
            **params,
            by=handle.job.created_by,
            now=timezone.now(),
        )
    handle.count(design=design.pk, families_drawn=design.draws.count())


def _receive(handle: JobHandle) -> None:
    from registry.uji_petik.answers import receive_results
    from registry.uji_petik.estimating import estimate_errors
    from registry.uji_petik.models import CheckResult, Design

    params, by = handle.job.params, handle.job.created_by
    design = Design.objects.get(pk=params["design"])
    handle.count(design=design.pk)
    handle.progress(0, 1, "read")
    kept = receive_results(design=design, path=Path(params["file"]), by=by, now=timezone.now())
    handle.count(results_kept=kept)
    handle.progress(0, 1, "estimate")
    if kept and CheckResult.objects.filter(draw__design=design, outcome__in=["right", "wrong"]).exists():
        estimate_errors(design=design, by=by, now=timezone.now())


def _cover(handle: JobHandle) -> None:
    from registry.uji_petik.canvass import estimate_coverage

    params, path = handle.job.params, Path(handle.job.params["file"])
    if not path.exists() and handle.job.counts.get("design"):
        return  # a second run: what the first has estimated stands, and the list is gone as it should be
    handle.progress(0, 1, "link")
    try:
        design = estimate_coverage(
            name=params["name"],
            region_code=params["region_code"],
            path=path,
            by=handle.job.created_by,
            now=timezone.now(),
        )
    except DomainError:
        path.unlink(missing_ok=True)
        raise
    handle.count(design=design.pk, people_compared=design.settings["canvassed"])
    path.unlink(missing_ok=True)  # nothing of the list is kept


register_kind(
    "estimate_coverage",
    label=("Taksir cakupan dari daftar mandiri", "Estimate coverage from an independent list"),
    steps={"link": ("mencocokkan daftar dengan register", "linking the list to the register")},
    work=_cover,
)
register_kind(
    "draw_sample",
    label=("Tarik sampel uji petik", "Draw an uji petik sample"),
    steps={"draw": ("menarik keluarga", "drawing families")},
    work=_draw,
)
register_kind(
    "receive_check_results",
    label=("Terima hasil uji petik", "Receive results of an uji petik"),
    steps={
        "read": ("memeriksa berkas", "checking the file"),
        "estimate": ("menaksir kesalahan", "estimating the error"),
    },
    work=_receive,
)
