"""Two rankings compared by the workers: started with every run, never counted inside a page."""

from __future__ import annotations

import datetime as dt
import shutil
from pathlib import Path

import pytest
from django.test import Client
from django.urls import reverse

from dtsen_site.tests.test_ranking import model, publish, rank, second
from dtsen_site.tests.world import let_workers_work
from registry import ranking
from registry.common.models import Job
from registry.desil.comparing import KIND, ask_comparison
from registry.desil.models import RankModel
from registry.desil.runs import get_run_folder
from registry.models import Officer
from registry.officers.selectors import system_officer

__all__ = ["model", "second"]
NOW = dt.datetime(2026, 11, 24, 3, 0, tzinfo=dt.UTC)


def test_a_new_run_is_compared_by_the_workers_and_its_page_waits_for_them(
    model: RankModel,
    officers_here: dict[str, Officer],
    second: Officer,
    client: Client,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    first = publish(rank(model), officers_here["administrator"], second)
    assert not Job.objects.filter(kind=KIND).exists()  # a first run has nobody to be compared with
    later = rank(model, unit="family")
    job = Job.objects.get(kind=KIND)
    assert (job.params, job.state) == ({"before": first.pk, "after": later.pk}, Job.State.QUEUED)
    page, news = (
        reverse("office:ranking-compare", args=[later.pk]),
        reverse("office:ranking-compare-panel", args=[later.pk, first.pk]),
    )
    client.force_login(officers_here["verifier"])

    with monkeypatch.context() as patch:
        patch.setattr(ranking, "compare", lambda *told, **options: pytest.fail("counted inside a request"))
        waiting = client.get(page)
        assert waiting.context["place"].waiting and news in waiting.content.decode()
        assert "HX-Refresh" not in client.get(news)
        assert client.post(page, {"dengan": first.pk}).status_code == 302
    assert Job.objects.filter(kind=KIND).count() == 1  # the one that waits is not doubled

    let_workers_work()

    job.refresh_from_db()
    assert job.state == Job.State.DONE and job.counts["compared"] == later.counts["families"]
    assert client.get(news)["HX-Refresh"] == "true"
    counted = client.get(page).context["place"].counted
    assert (counted.before, counted.after, counted.in_both) == (first.pk, later.pk, later.counts["families"])
    client.force_login(officers_here["administrator"])
    panel = client.get(reverse("office:job", args=[job.pk])).content.decode()
    assert f"{page}?dengan={first.pk}" in panel


def test_a_pair_nobody_compared_is_asked_for_and_one_without_files_says_so(
    model: RankModel, officers_here: dict[str, Officer], client: Client, tmp_path: Path
) -> None:
    one, other = rank(model), rank(model, scope="province")
    page = reverse("office:ranking-compare", args=[one.pk])
    client.force_login(officers_here["province_officer"])
    offered = client.get(page, {"dengan": other.pk})
    assert 'name="dengan"' in offered.content.decode() and not offered.context["place"].waiting

    client.post(page, {"dengan": other.pk})
    asked = Job.objects.get(kind=KIND, created_by=officers_here["province_officer"])
    folder = get_run_folder(one.pk)
    folder.rename(tmp_path / "away")
    let_workers_work()

    asked.refresh_from_db()
    assert (asked.state, asked.error) == (Job.State.FAILED, "desil.comparison.pruned")
    place = client.get(page, {"dengan": other.pk}).context["place"]
    assert not place.kept and not place.waiting
    assert client.post(page, {"dengan": other.pk}).status_code == 302 and Job.objects.filter(kind=KIND).count() == 1

    shutil.move(tmp_path / "away", folder)
    again = ask_comparison(before=one, after=other, by=system_officer(), now=NOW)
    assert again.pk != asked.pk
    let_workers_work()
    assert client.get(page, {"dengan": other.pk}).context["place"].counted is not None
