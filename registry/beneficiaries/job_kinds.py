"""Proposing candidates as a job that the office can watch."""

from django.utils import timezone

from registry.common.errors import InvalidMove
from registry.common.jobs import JobHandle, register_kind


def _propose(handle: JobHandle) -> None:
    from registry.beneficiaries.models import Cycle
    from registry.beneficiaries.operations import propose_candidates  # the entitlement's libraries load when it runs

    cycle = Cycle.objects.get(pk=handle.job.params["cycle"])
    try:
        cycle = propose_candidates(cycle=cycle, by=handle.job.created_by, now=timezone.now(), progress=handle.progress)
    except InvalidMove:  # a second run finds what the first has done
        cycle.refresh_from_db()
    handle.count(cycle=cycle.pk, entering=cycle.counts.get("entering", 0), leaving=cycle.counts.get("leaving", 0))


register_kind(
    "propose_candidates",
    label=("Usulkan calon penerima", "Propose candidates"),
    steps={
        "assess": ("memeriksa keluarga terhadap aturan", "holding families against the rule"),
        "propose": ("menyimpan usulan", "keeping the proposal"),
    },
    shares={"assess": 4, "propose": 1},
    work=_propose,
)
