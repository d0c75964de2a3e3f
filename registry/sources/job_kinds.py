"""Receiving a delivery as long work: its steps, and what a worker does for an upload."""

import shutil
from pathlib import Path

from django.conf import settings
from django.utils import timezone

from registry.common.errors import BadInput
from registry.common.job_handle import JobHandle
from registry.common.jobs import register_kind
from registry.sources.operations import Received, receive_delivery
from registry.sources.revalidation import revalidate_deliveries


def _receive(handle: JobHandle) -> Received:
    params = handle.job.params
    paths = [Path(path) for path in params["files"]]
    answer = receive_delivery(
        source=params["source"],
        files=paths,
        period=params["period"],
        progress=lambda step, done: handle.progress(done, step=step),
        by=handle.job.created_by,
        now=timezone.now(),
    )
    handle.count(
        delivery=answer.delivery.pk if answer.delivery else None,
        rows=sum(file.rows for file in answer.files),
        accepted=sum(file.accepted for file in answer.files),
        already_there=answer.already_there,
    )
    if answer.refusal:
        code, facts = answer.refusal
        raise BadInput(code, **facts)
    uploads = Path(settings.DTSEN_UPLOAD_DIR).resolve()
    for folder in {path.parent.resolve() for path in paths}:
        if folder != uploads and uploads in folder.parents:
            shutil.rmtree(folder, ignore_errors=True)
    return answer


def _revalidate(handle: JobHandle) -> None:
    def tell(number: int, of: int) -> None:
        handle.progress(number, total=of, step="validate")

    done = revalidate_deliveries(by=handle.job.created_by, now=timezone.now(), progress=tell)
    handle.count(deliveries=len(done), rows=sum(delivery.rows for delivery in done))


register_kind(
    "receive_delivery",
    label=("Menerima kiriman", "Receiving a delivery"),
    steps={
        "read": ("Membaca berkas", "Reading the files"),
        "regions": ("Memuat wilayah", "Loading the regions"),
        "families": ("Memeriksa keluarga", "Checking families"),
        "persons": ("Memeriksa anggota", "Checking members"),
        "findings": ("Mencatat temuan", "Listing findings"),
        "keep": ("Menyimpan", "Keeping"),
    },
    shares={"read": 1, "regions": 0.5, "families": 2, "persons": 6, "findings": 1, "keep": 1},
    work=_receive,
)

register_kind(
    "revalidate",
    label=("Memeriksa ulang kiriman", "Validating deliveries again"),
    steps={"validate": ("Memeriksa ulang", "Validating again")},
    shares={"validate": 1},
    work=_revalidate,
)
