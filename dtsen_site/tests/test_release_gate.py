"""A model that misses a protected group more often, from the uploaded survey to two signatures under one reason."""

from __future__ import annotations

import functools
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from django.test import Client
from django.urls import reverse

from dtsen_site.tests.test_ranking import second
from dtsen_site.tests.world import let_workers_work
from registry import ranking
from registry.common.models import AuditEvent, Job
from registry.desil.models import RankModel
from registry.models import Officer
from registry.tests.ranking.worlds import QUICK, write_survey

__all__ = ["second"]
COLUMNS = {"outcome": "spending", "weight": "weight", "psu": "psu", "stratum": "stratum", "region": "regency"}


def blur_women(path: Path, out: Path) -> Path:
    """Write a survey again in which what families led by women spend no longer follows from anything."""
    heading, *rows = [line.split(",") for line in path.read_text().splitlines()]
    woman, spending = heading.index("kepala_perempuan"), heading.index("spending")
    chance = np.random.default_rng(11)
    for row in rows:
        if row[woman] == "1":
            row[spending] = str(int(np.exp(chance.normal(13.4, 0.7))))
    out.write_text("\n".join(",".join(row) for row in [heading, *rows]) + "\n")
    return out


def upload(client: Client, survey: Path) -> RankModel:
    """Send a survey through the office and return the model that the workers fit to it."""
    with survey.open("rb") as file:
        answer = client.post(
            reverse("office:survey-upload"), {**COLUMNS, "region_system": "kemendagri", "unit": "person", "sheet": file}
        )
    assert answer.status_code == 302
    let_workers_work()
    job = Job.objects.filter(kind="fit_ranking").latest("created_at")
    assert job.state == Job.State.DONE, (job.error, job.error_facts)
    shown = client.get(reverse("office:job", args=[job.pk])).content.decode()
    assert reverse("office:rank-model", args=[job.counts["model"]]) in shown
    return RankModel.objects.get(pk=job.counts["model"])


@pytest.fixture
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    def fit(whole: Callable[..., Any], *told: Any, **options: Any) -> Any:
        return whole(*told, **(options | {"settings": QUICK}))

    monkeypatch.setattr(ranking, "fit", functools.partial(fit, ranking.fit))


@pytest.mark.usefixtures("quick")
def test_a_model_that_worsens_a_group_is_signed_by_two_people_under_a_reason(
    officers_here: dict[str, Officer], second: Officer, client: Client, tmp_path: Path
) -> None:
    first = officers_here["administrator"]
    client.force_login(first)
    plain = write_survey(tmp_path / "survey.csv")
    old = upload(client, plain)
    assert old.predecessor is None and not old.worsened
    sign = reverse("office:rank-model-sign", args=[old.pk])
    client.post(sign)
    client.force_login(second)
    client.post(sign)

    client.force_login(first)
    new = upload(client, blur_women(plain, tmp_path / "another_name.csv"))  # another name is no way around the gate
    assert new.predecessor == old
    assert ("female_head", "yes") in {(one["group"], one["part"]) for one in new.worsened}
    page, sign = (reverse(f"office:{name}", args=[new.pk]) for name in ("rank-model", "rank-model-sign"))
    lines = client.get(page).context["model"].worsened
    assert lines and all(line.more.startswith("+") and line.before and line.noise for line in lines)

    refused = client.post(sign, {"reason": "  "})
    assert refused.status_code == 400 and "Tulis alasannya" in refused.content.decode()
    new.refresh_from_db()
    assert new.signed_by is None
    client.post(sign, {"reason": "Survei yang lebih baru; diperbaiki pada rilis berikut."})
    same = client.post(sign)  # the same person once more
    assert same.status_code == 403
    new.refresh_from_db()
    assert (new.state, new.signed_by, new.approved_by) == ("fitted", first, None)

    client.force_login(second)
    shown = client.get(page).content.decode()
    assert "Survei yang lebih baru" in shown and "menandatangani alasan" in shown
    client.post(sign)
    new.refresh_from_db()
    assert (new.state, new.signed_by, new.approved_by) == ("approved", first, second)
    told = AuditEvent.objects.filter(obj_type="rank_model", obj_id=str(new.pk)).values_list("operation", "actor_id")
    assert {("desil.model.signed", first.pk), ("desil.model.approved", second.pk)} <= set(told)
