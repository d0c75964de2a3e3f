"""Where delivered rows, links and losing values lie: the folders of deliveries and of the published run."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from registry.linkage.runs import find_last_run, get_run_folder
from registry.models import Delivery


@dataclass(frozen=True)
class DeliveredFile:
    """One accepted delivery and its folder."""

    id: int
    source: str
    period: str
    folder: Path

    @property
    def day(self) -> dt.date | None:
        """The first day of the delivery's month."""
        return first_day(self.period)


def first_day(period: Any) -> dt.date | None:
    """The first day of a month written 2026-06, None when it is not one."""
    if isinstance(period, dt.date):
        return period
    try:
        return dt.date.fromisoformat(f"{str(period)[:7]}-01")
    except ValueError:
        return None


def current_deliveries(source: str) -> list[DeliveredFile]:
    """The accepted deliveries of a source, the newest first."""
    rows = Delivery.objects.received().filter(source=source).order_by("-id")
    return [DeliveredFile(one.pk, one.source, f"{one.period:%Y-%m}", one.folder) for one in rows]


def days_of_deliveries(ids: Iterable[int]) -> dict[int, dt.date | None]:
    """The first day of the month of each delivery."""
    return {one.pk: first_day(one.period) for one in Delivery.objects.filter(pk__in=set(ids))}


def lineage_folder() -> Path | None:
    """The values of all rows of the published run."""
    run = find_last_run()
    if run is None:
        return None
    path = get_run_folder(run.pk) / "lineage"
    return path if path.exists() else None
