"""The build as a job that the office can watch."""

from django.utils import timezone

from registry.common.jobs import JobHandle, register_kind

STEPS = {
    "load": ("membaca kiriman", "reading deliveries"),
    "match": ("mencocokkan", "matching"),
    "golden": ("memilih nilai", "choosing values"),
    "publish": ("menerbitkan", "publishing"),
}


def _work(handle: JobHandle) -> None:
    from registry.linkage.build import build_registry  # the engine is heavy: loaded when it runs

    build_registry(
        retrain=bool(handle.job.params.get("retrain")), by=handle.job.created_by, now=timezone.now(), job=handle
    )


register_kind(
    "build_registry",
    label=("Bangun register", "Build the register"),
    steps=STEPS,
    shares={"load": 1, "match": 5, "golden": 2, "publish": 2},
    work=_work,
)
