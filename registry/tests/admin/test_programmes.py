"""Rules and components of programmes in the administration: read, taken out, brought back as a load, refused in words."""

from __future__ import annotations

import datetime as dt
import io
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from registry.models import AuditEvent, Component, ProgrammeRule
from registry.officers.selectors import system_officer
from registry.programmes.files import read_programmes
from registry.programmes.operations import load_programmes
from registry.tests.officers.staff import signed_in

pytestmark = pytest.mark.django_db
NOW = dt.datetime(2026, 11, 24, 3, 0, tzinfo=dt.UTC)
ASKED = {"format": "1", "resource": "0"}


@pytest.fixture
def administrator() -> Client:
    load_programmes(content=read_programmes(), by=system_officer(), now=NOW)
    return signed_in("administrator")


def address(model: Any, page: str) -> str:
    return reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_{page}")


def take_out(client: Client, model: Any) -> str:
    answer = client.post(address(model, "export"), ASKED | {"purpose": "administration"})
    return answer.content.decode("utf-8-sig")


def bring(client: Client, model: Any, text: str) -> Any:
    """Send a list and confirm the preview where there is nothing wrong; return the preview."""
    file = io.BytesIO(text.encode())
    file.name = "rules.csv"
    preview = client.post(address(model, "import"), ASKED | {"import_file": file})
    assert preview.status_code == 200
    if "confirm_form" in preview.context:
        client.post(address(model, "process_import"), preview.context["confirm_form"].initial)
    return preview


@pytest.mark.parametrize("model", [ProgrammeRule, Component])
def test_a_list_comes_back_unchanged(administrator: Client, model: Any) -> None:
    loads = AuditEvent.objects.filter(operation="programmes.rules.loaded").count()
    before = list(model.objects.order_by("pk").values())
    text = take_out(administrator, model)
    assert text.count("\n") == len(before) + 1

    preview = bring(administrator, model, text)

    assert "confirm_form" in preview.context
    assert list(model.objects.order_by("pk").values()) == before
    assert AuditEvent.objects.filter(operation="programmes.rules.loaded").count() == loads  # nothing new, nothing told


def test_a_new_rule_ends_the_one_before_it_and_is_on_record(administrator: Client) -> None:
    text = take_out(administrator, ProgrammeRule)
    kept = [line for line in text.splitlines() if line.startswith(("programme,", "pkh,2026"))]
    new = "pkh,2027-01-01,,2,5,ya,4,,3,,civil_servant deceased,Permensos contoh,tidak"

    bring(administrator, ProgrammeRule, "\n".join([*kept, new]))

    rules = ProgrammeRule.objects.filter(programme="pkh").order_by("-valid")
    assert (rules[0].desil_max, rules[0].valid.lower, rules[0].valid.upper) == (2, dt.date(2027, 1, 1), None)
    assert rules[0].exclusions == ["civil_servant", "deceased"] and not rules[0].confirmed
    assert rules[1].valid.upper == dt.date(2027, 1, 1)
    event = AuditEvent.objects.filter(operation="programmes.rules.loaded").first()
    assert event is not None and (event.params["added"], event.params["changed"]) == (1, 1)
    assert event.actor is not None and event.actor.has_role("administrator")


@pytest.mark.parametrize(
    ("row", "said"),
    [
        ("pkh,2025-08-01,2026-02-01,2,5,ya,4,,3,,,Permensos,tidak", "bertumpang tindih"),
        ("tidak-ada,2027-01-01,,2,5,ya,4,,3,,,Permensos,tidak", "tidak-ada"),
        ("pkh,2027-01-01,,12,,ya,4,,3,,,Permensos,tidak", "desil_max"),
        ("pkh,2027-01-01,,dua,,ya,4,,3,,,Permensos,tidak", "dua"),
        ("pkh,2027-01-01,,2,,mungkin,4,,3,,,Permensos,tidak", "mungkin"),
        ("pkh,besok,,2,,ya,4,,3,,,Permensos,tidak", "besok"),
    ],
)
def test_what_cannot_be_is_refused_in_the_preview_and_nothing_is_kept(
    administrator: Client, row: str, said: str
) -> None:
    heading = take_out(administrator, ProgrammeRule).splitlines()[0]
    before = list(ProgrammeRule.objects.order_by("pk").values())

    preview = bring(administrator, ProgrammeRule, f"{heading}\n{row}\n")

    assert "confirm_form" not in preview.context and said in preview.content.decode()
    assert list(ProgrammeRule.objects.order_by("pk").values()) == before


def test_nothing_is_typed_and_an_auditor_only_reads(administrator: Client) -> None:
    rule = ProgrammeRule.objects.first()
    assert rule is not None
    page = reverse("admin:registry_programmerule_change", args=[rule.pk])
    shown = administrator.get(page).content.decode()
    assert rule.legal_reference in shown and "civil_servant" not in shown and "sudah meninggal" in shown
    assert administrator.post(page, {"desil_max": "9"}).status_code == 403
    assert administrator.get(address(ProgrammeRule, "changelist") + "?in_force=yes").status_code == 200

    auditor = signed_in("auditor")

    assert auditor.get(address(ProgrammeRule, "changelist")).status_code == 200
    assert auditor.get(address(ProgrammeRule, "import")).status_code == 403
