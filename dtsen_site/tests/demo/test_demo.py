"""The demo drives the commands and operations an office has, and ends with where to look and who may."""

from __future__ import annotations

import ast
import io
import re

import pytest
from django.conf import settings as django_settings
from django.contrib.auth import authenticate
from django.core.management import call_command
from django.http import HttpRequest
from django.test import Client
from django.urls import reverse

from dtsen_site.management.commands.demo import OFFICERS
from dtsen_site.settings.environment import PROJECT_DIR
from registry.desil.selectors import find_published_run, find_waiting_official
from registry.models import AuditEvent, Delivery, Household, Individual, Officer, OfficerRole
from registry.officers.roles import ROLES
from registry.uji_petik.models import Design
from registry.web.office.selectors.desil import desil_panel

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def demo(tmp_path, settings):
    """Return `demo()`: what the command says for a small population in a state folder of its own."""
    call_command("load_wilayah", stdout=io.StringIO())
    call_command("load_programmes", stdout=io.StringIO())
    keys = django_settings.DTSEN_STATE_DIR / "keys"
    settings.DTSEN_STATE_DIR = tmp_path
    settings.DTSEN_STORE_DIR = tmp_path / "store"
    (tmp_path / "keys").symlink_to(keys)

    def run() -> str:
        out = io.StringIO()
        call_command("demo", people=300, stdout=out)
        return out.getvalue()

    return run


def test_demo_calls_commands_and_operations_only():
    wrong = []
    for path in [
        PROJECT_DIR / "dtsen_site/management/commands/demo.py",
        *(PROJECT_DIR / "dtsen_site/demo").rglob("*.py"),
    ]:
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.ImportFrom) and re.search(r"(\.|^)models$|django\.db|psycopg", node.module or ""):
                wrong.append(f"{path.name} imports {node.module}")
            if isinstance(node, ast.Attribute) and node.attr in {"objects", "cursor", "bulk_create"}:
                wrong.append(f"{path.name}:{node.lineno} uses .{node.attr}")
    assert wrong == []


def test_demo_ends_with_addresses_and_accounts_that_open_and_again_adds_nothing(demo):
    told = demo()

    assert f"{django_settings.DTSEN_SITE_URL}/\n" in told
    assert f"{django_settings.DTSEN_SITE_URL}/admin/" in told
    password = re.search(r"Password of all demo accounts: (\S+)", told).group(1)
    accounts = dict(re.findall(r"^  (\w+) +(\S+@\S+)", told, flags=re.MULTILINE))
    assert set(accounts) == {role for role, _, _ in OFFICERS} == set(ROLES)
    for email in re.findall(r"\S+@demo\S+", told):
        assert authenticate(HttpRequest(), username=email, password=password) is not None, email
    client = Client()
    client.post(reverse("account:sign-in"), {"username": accounts["verifier"], "password": password})
    assert client.get(reverse("office:register")).status_code == 200

    assert Delivery.objects.count() == 3
    assert Individual.objects.filter(status="active").exists()
    # The families that were drawn answered, and the sample says how wrong the ranking is.
    checked = Design.objects.exclude(estimates=None).distinct().get()
    assert {"exclusion", "inclusion"} <= set(checked.estimates.values_list("domain", flat=True))
    # An official ranking waits for the second administrator; the family's page shows its desil beside ours.
    official = find_waiting_official()
    assert official is not None and official.proposed_by.email.startswith("administrator.")
    assert find_published_run().kind == "own" and official.as_of < find_published_run().as_of
    assert {"family.not_found", "number.digits_lost"} <= set(official.counts["findings"])
    asked = re.search(r"What if .+ in 35\.14: (-[\d,]+) families, (-[\d,]+) persons, (-[\d,]+) rupiah", told)
    families, _persons, rupiah = (int(number.replace(",", "")) for number in asked.groups())
    assert rupiah == 600_000 * families
    verifier = Officer.objects.get(email=accounts["verifier"])
    panels = [desil_panel(one.pk, verifier) for one in Household.objects.filter(status="active", regency=3514)[:5]]
    assert any(panel and panel.waiting for panel in panels)
    # Nothing came about without standing in the record.
    told_of = AuditEvent.objects.values_list("operation", "obj_id")
    assert {str(pk) for pk in Officer.objects.human().values_list("pk", flat=True)} == {
        obj_id for operation, obj_id in told_of if operation == "officers.officer.invited"
    }
    assert {str(pk) for pk in OfficerRole.objects.values_list("pk", flat=True)} == {
        obj_id for operation, obj_id in told_of if operation == "officers.role.granted"
    }
    assert sum(operation == "sources.delivery.received" for operation, _ in told_of) == 3

    kept = [
        set(model.objects.values_list("pk", flat=True))
        for model in (Officer, OfficerRole, Delivery, Household, Individual)
    ]
    again = demo()
    assert re.findall(r"\S+@demo\S+", again) == re.findall(r"\S+@demo\S+", told)
    assert kept == [
        set(model.objects.values_list("pk", flat=True))
        for model in (Officer, OfficerRole, Delivery, Household, Individual)
    ]
