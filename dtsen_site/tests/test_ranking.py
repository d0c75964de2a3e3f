"""From a survey to a published desil: fitted, computed, signed by two people, explained on the family's page."""

from __future__ import annotations

import csv
import datetime as dt
import io
import uuid
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.db import IntegrityError, transaction
from django.test import Client
from django.urls import reverse

from registry import ranking
from registry.common.errors import InvalidMove, NotAllowed, RuleRefused
from registry.common.models import AuditEvent
from registry.desil import publishing
from registry.desil.explanations import explain_family
from registry.desil.models import HouseholdRank, RankModel, RankRun, RankSummary
from registry.desil.runs import compute_run
from registry.desil.selectors import find_published_run, find_standing
from registry.desil.states import RunState
from registry.models import Household, Officer
from registry.officers.operations import grant_role, invite_officer
from registry.officers.selectors import system_officer
from registry.tests.ranking.worlds import write_survey

NOW = dt.datetime(2026, 11, 24, 3, 0, tzinfo=dt.UTC)
TODAY = NOW.date()


@pytest.fixture
def model(fitted: RankModel, officers_here: dict[str, Officer]) -> RankModel:
    """The model of the module's world, as it was made."""
    return RankModel.objects.get(pk=fitted.pk)


@pytest.fixture
def second(officers_here: dict[str, Officer]) -> Officer:
    """Another administrator than the first."""
    by, at = system_officer(), dt.datetime.now(dt.UTC)
    officer = invite_officer(email="second.administrator@example.go.id", name="Second", by=by, now=at)
    grant_role(officer=officer, role="administrator", region="", by=by, now=at)
    officer.forget_scope()
    return officer


def rank(model: RankModel, **options: Any) -> RankRun:
    return compute_run(model=model, as_of=TODAY, by=system_officer(), now=NOW, **options)


def publish(run: RankRun, first: Officer, other: Officer) -> RankRun:
    assert run.model is not None
    if run.model.signed_by_id is None:
        publishing.sign_model(model=run.model, by=first, now=NOW)
        publishing.approve_model(model=run.model, by=other, now=NOW)
    publishing.propose_run(run=run, by=first, now=NOW)
    return publishing.publish_run(run=run, by=other, now=NOW)


def test_every_active_family_gets_a_desil_once(model: RankModel) -> None:
    run = rank(model)

    families = set(Household.objects.active().values_list("pk", flat=True))
    assert set(HouseholdRank.objects.filter(run=run.pk).values_list("household_id", flat=True)) == families
    assert run.state == RunState.READY and run.counts["families"] == len(families)
    counted = RankSummary.objects.filter(run=run, region_code="35.14").values_list("families", flat=True)
    assert sum(counted) == len(families)


def test_the_same_question_gives_the_same_hash_on_one_and_two_threads(model: RankModel) -> None:
    assert rank(model, threads=1).content_hash == rank(model, threads=2).content_hash


def test_a_run_that_was_left_is_taken_up(model: RankModel, monkeypatch: pytest.MonkeyPatch) -> None:
    def die(*args: Any, **kwargs: Any) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr("registry.desil.runs.keep_scores", die)
        with pytest.raises(KeyboardInterrupt):
            rank(model)
    left = RankRun.objects.get()
    assert left.state == RunState.RUNNING

    run = rank(model)

    assert run.pk == left.pk and run.state == RunState.READY


def test_one_person_cannot_publish(model: RankModel, officers_here: dict[str, Officer], second: Officer) -> None:
    first = officers_here["administrator"]
    run = rank(model)
    publishing.sign_model(model=model, by=first, now=NOW)
    with pytest.raises(NotAllowed):
        publishing.approve_model(model=model, by=first, now=NOW)
    publishing.propose_run(run=run, by=first, now=NOW)
    with pytest.raises(NotAllowed) as refused:
        publishing.publish_run(run=run, by=first, now=NOW)
    assert refused.value.code == "desil.run.same_person"
    with pytest.raises(RuleRefused):
        publishing.publish_run(run=run, by=second, now=NOW)  # the model lacks its second signature
    assert find_published_run() is None

    publishing.approve_model(model=model, by=second, now=NOW)
    publishing.publish_run(run=run, by=second, now=NOW)

    assert find_published_run() == run
    assert AuditEvent.objects.filter(operation="desil.run.published", obj_id=str(run.pk)).count() == 1


def test_the_database_refuses_one_person_too(model: RankModel, officers_here: dict[str, Officer]) -> None:
    run = rank(model)
    first = officers_here["administrator"]
    with pytest.raises(IntegrityError), transaction.atomic():
        RankRun.objects.filter(pk=run.pk).update(
            state="published", proposed_by=first, proposed_at=NOW, published_by=first, published_at=NOW
        )


def test_the_system_and_other_roles_cannot_publish(model: RankModel, officers_here: dict[str, Officer]) -> None:
    run = rank(model)
    for officer in (system_officer(), officers_here["verifier"], officers_here["auditor"]):
        with pytest.raises(NotAllowed):
            publishing.propose_run(run=run, by=officer, now=NOW)


def test_a_worsened_group_needs_a_reason(model: RankModel, officers_here: dict[str, Officer]) -> None:
    RankModel.objects.filter(pk=model.pk).update(worsened=[{"group": "female_head", "part": "yes", "quota": 40}])
    model.refresh_from_db()
    with pytest.raises(RuleRefused):
        publishing.sign_model(model=model, by=officers_here["administrator"], now=NOW)
    signed = publishing.sign_model(model=model, reason="Newer survey.", by=officers_here["administrator"], now=NOW)
    assert signed.reason == "Newer survey."


def test_earlier_runs_answer_as_of(model: RankModel, officers_here: dict[str, Officer], second: Officer) -> None:
    first = officers_here["administrator"]
    old = publish(rank(model), first, second)
    later = NOW + dt.timedelta(days=90)
    new = rank(model, unit="family")
    publishing.propose_run(run=new, by=first, now=later)
    publishing.publish_run(run=new, by=second, now=later)

    assert find_published_run() == new
    assert find_published_run(as_of=NOW + dt.timedelta(days=1)) == old
    family = Household.objects.active().first()
    assert family is not None and find_standing(family.pk, run=old) is not None
    with pytest.raises(InvalidMove):
        publishing.return_run(run=old, by=first, now=later)


def test_contributions_add_up_to_the_difference(
    model: RankModel, officers_here: dict[str, Officer], second: Officer
) -> None:
    publish(rank(model), officers_here["administrator"], second)
    for family in Household.objects.active():
        told, standing = explain_family(family.pk), find_standing(family.pk)
        assert told is not None and standing is not None
        assert sum(one.micro for one in told.contributions) == told.score - told.reference_score
        assert (told.score, told.desil) == (standing.score, standing.desil)


def test_ranks_are_exported_as_the_contract_says(model: RankModel, tmp_path: Path) -> None:
    run = rank(model)
    call_command("export_ranks", str(tmp_path / "ranks.csv"), "--run", str(run.pk), stdout=io.StringIO())
    with (tmp_path / "ranks.csv").open() as file:
        rows = list(csv.DictReader(file))
    assert list(rows[0]) == ["household_id", "regency", "score", "desil", "p_below_cut"]
    assert len(rows) == run.counts["families"] and {row["regency"] for row in rows} == {"35.14"}
    poorest = min(rows, key=lambda row: int(row["score"]))
    assert poorest["desil"] == "1" and 0 <= float(poorest["p_below_cut"]) <= 1
    assert uuid.UUID(poorest["household_id"])


def test_the_command_publishes_with_two_people_only(
    model: RankModel, officers_here: dict[str, Officer], second: Officer, capsys: pytest.CaptureFixture[str]
) -> None:
    first = officers_here["administrator"].email
    for options in (["--publish"], ["--publish", "--by", first], ["--publish", "--by", first, "--approved-by", first]):
        with pytest.raises(CommandError) as refused:
            call_command("rank_households", "--json", *options)
        assert refused.value.returncode == 2
    assert not RankRun.objects.exists()

    call_command("rank_households", "--json", "--publish", "--by", first, "--approved-by", second.email)

    run = find_published_run()
    assert run is not None and run.published_by == second and run.model == model


def test_a_survey_that_cannot_be_used_is_refused_in_words(officers_here: dict[str, Officer], tmp_path: Path) -> None:
    survey, before = write_survey(tmp_path / "survey.csv"), RankModel.objects.count()
    with pytest.raises(CommandError) as refused:
        call_command("fit_ranking", str(survey), "--outcome", "no_such_column", "--json")
    assert refused.value.returncode == 2 and "no_such_column" in str(refused.value)
    assert RankModel.objects.count() == before


def test_pages_show_run_model_and_reasons(
    model: RankModel, officers_here: dict[str, Officer], second: Officer, client: Client
) -> None:
    run = publish(rank(model), officers_here["administrator"], second)
    family = Household.objects.active().first()
    assert family is not None
    client.force_login(officers_here["verifier"])
    for name, kwargs in (
        ("rankings", {}),
        ("ranking", {"run_id": run.pk}),
        ("rank-model", {"version": model.pk}),
        ("programmes", {}),
        ("family", {"household_id": family.pk}),
        ("family-score", {"household_id": family.pk}),
    ):
        answer = client.get(reverse(f"office:{name}", kwargs=kwargs))
        assert answer.status_code == 200, name
    standing = find_standing(family.pk)
    assert standing is not None
    content = answer.content.decode()
    assert f"Desil {standing.desil}" in content
    assert reverse("public:model", args=[model.pk]) in content
    drivers = answer.context["score"].drivers
    assert drivers and all(one.origin for one in drivers if one.known)
    for one in drivers:
        assert (one.dispute_url in content) if one.dispute_url else ("tidak dapat disanggah" in content)
    client.force_login(officers_here["companion"])
    assert client.get(reverse("office:family-score", kwargs={"household_id": family.pk})).status_code == 403


def test_a_retired_model_ranks_nobody_any_more(
    model: RankModel, officers_here: dict[str, Officer], second: Officer, client: Client
) -> None:
    run = publish(rank(model), officers_here["administrator"], second)
    client.force_login(second)
    assert client.post(reverse("office:rank-model-retire", kwargs={"version": model.pk})).status_code == 302
    with pytest.raises(CommandError) as refused:
        call_command("rank_households", "--model", str(model.pk), "--json")
    assert refused.value.returncode == 2
    assert find_published_run() == run


def test_a_model_is_the_same_file_it_was_hashed_as(model: RankModel) -> None:
    assert ranking.RankModel.from_json(model.content).sha256 == model.hash
