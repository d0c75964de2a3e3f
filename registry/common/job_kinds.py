"""Making a list as a job that the office can watch."""

from django.utils import timezone

from registry.common.exports import KIND, make_list
from registry.common.job_handle import JobHandle
from registry.common.jobs import register_kind


def _work(handle: JobHandle) -> None:
    make_list(handle, now=timezone.now())


register_kind(
    KIND,
    label=("Menyusun daftar", "Making a list"),
    steps={"write": ("Menulis baris", "Writing the rows"), "keep": ("Menyimpan berkas", "Keeping the file")},
    shares={"write": 9, "keep": 1},
    work=_work,
)
