"""Who opens the administration, and that nothing personal or of casework can be changed there."""

import io

import pytest
from django.apps import apps
from django.contrib import admin
from django.test import Client
from django.urls import reverse

from registry.admin.pages.base import is_shown
from registry.admin.pages.casework import models_of_casework
from registry.common.models import AuditEvent
from registry.common.privacy import ROOMS
from registry.officers.models import Officer, OfficerRole
from registry.tests.officers.staff import an_officer_with, signed_in, some_regions

pytestmark = pytest.mark.django_db

PAGES = sorted(admin.site._registry.items(), key=lambda item: item[0].__name__)
MANAGED = {Officer, OfficerRole}
CLOSED = [(model, page) for model, page in PAGES if model not in MANAGED]


@pytest.fixture
def administrator() -> Client:
    return signed_in("administrator")


@pytest.fixture
def auditor() -> Client:
    return signed_in("auditor")


def address(model, page, *args):
    return reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_{page}", args=args)


def a_key(model) -> str:
    """Return a primary key of the right kind, of no row."""
    return {"UUIDField": "01890000-0000-7000-8000-000000000000"}.get(model._meta.pk.get_internal_type(), "1")


def test_every_model_of_the_rooms_has_a_page():
    assert not [m for m in models_of_casework() if not admin.site.is_registered(m)]
    assert {m._meta.app_label for m, _page in PAGES} <= set(ROOMS)


@pytest.mark.parametrize("role", ["verifier", "approver", "companion", "province_officer", "partner"])
def test_other_roles_are_refused(role):
    region = {"province_officer": "34", "partner": ""}.get(role, "34.02")
    some_regions()
    client = Client()
    client.force_login(an_officer_with(role, region), backend="django.contrib.auth.backends.ModelBackend")

    answer = client.get(reverse("admin:index"), follow=True)

    assert answer.status_code == 403


def test_nobody_signed_in_is_sent_to_the_one_sign_in_page():
    answer = Client().get(reverse("admin:index"))

    assert answer.status_code == 302
    assert Client().get(reverse("admin:login")).url.startswith(reverse("account:sign-in"))


def test_index_opens_to_administrator_and_auditor(administrator, auditor):
    assert administrator.get(reverse("admin:index")).status_code == 200
    assert auditor.get(reverse("admin:index")).status_code == 200


@pytest.mark.parametrize("role", ["administrator", "auditor"])
def test_posting_to_any_change_view_is_refused(role):
    client = signed_in(role)
    wrong = {}

    for model, _page in CLOSED:
        key = a_key(model)
        answers = {
            "add": client.post(address(model, "add"), {}),
            "change": client.post(address(model, "change", key), {"name": "x"}),
            "delete": client.post(address(model, "delete", key), {"post": "yes"}),
            "list": client.post(address(model, "changelist"), {"action": "delete_selected", "_selected_action": key}),
            "history": client.get(address(model, "history", key)),
        }
        wrong |= {(model.__name__, n): a.status_code for n, a in answers.items() if a.status_code != 403}

    assert CLOSED
    assert wrong == {}


def test_no_page_shows_a_cipher_hash_token_or_password(rf):
    request = rf.get("/")
    request.user = an_officer_with("auditor")

    for model, page in CLOSED:
        shown = {*page.get_fields(request), *page.get_list_display(request), *page.get_readonly_fields(request)}
        hidden = {field.name for field in model._meta.fields if not is_shown(field)}
        assert not shown & hidden, model


def test_every_list_opens_to_an_auditor(auditor):
    refused = {m.__name__ for m, _page in PAGES if auditor.get(address(m, "changelist")).status_code != 200}

    assert refused == set()


@pytest.mark.parametrize(
    "model",
    [
        m
        for m in models_of_casework()
        if m._meta.label in {"registry.Household", "registry.Individual", "registry.Correction"}
    ],
)
def test_personal_lists_are_closed_to_administrators(administrator, model):
    assert administrator.get(address(model, "changelist")).status_code == 403


def test_auditor_changes_no_officer_and_no_role(auditor):
    officer = an_officer_with("verifier", "34.02")
    role = officer.roles.get()

    assert auditor.post(address(Officer, "add"), {"email": "x@dtsen.test", "name": "X"}).status_code == 403
    assert auditor.post(address(Officer, "change", officer.pk), {"name": "X"}).status_code == 403
    assert auditor.post(address(Officer, "act", officer.pk, "link")).status_code == 403
    assert auditor.post(address(OfficerRole, "act", role.pk, "end")).status_code == 403
    assert auditor.post(address(Officer, "import"), {}).status_code == 403


def test_administrator_deletes_no_officer_and_no_role(administrator):
    officer = an_officer_with("verifier", "34.02")

    for row in (officer, officer.roles.get()):
        assert administrator.post(address(type(row), "delete", row.pk), {"post": "yes"}).status_code == 403
        listed = {"action": "delete_selected", "_selected_action": str(row.pk), "post": "yes"}
        assert administrator.post(address(type(row), "changelist"), listed).status_code == 403
    assert administrator.post(address(OfficerRole, "change", officer.roles.get().pk), {}).status_code == 403


def test_libraries_register_nothing():
    labels = {model._meta.label for model, _page in PAGES}

    assert not {"auth.Group", "axes.AccessAttempt", "pghistory.Context"} & labels
    assert apps.is_installed("axes")


def test_export_without_a_purpose_gives_no_file(administrator):
    answer = administrator.post(address(Officer, "export"), {"format": "1", "resource": "0", "purpose": ""})

    assert answer.status_code == 200
    assert "attachment" not in answer.get("Content-Disposition", "")
    assert not AuditEvent.objects.filter(operation="admin.list.exported").exists()


def test_export_is_on_record_and_safe_to_open(administrator):
    Officer.objects.filter(pk=an_officer_with("verifier", "34.02").pk).update(name="=HYPERLINK(1)")

    answer = administrator.post(
        address(Officer, "export"), {"format": "1", "resource": "0", "purpose": "administration"}
    )

    assert "'=HYPERLINK(1)" in answer.content.decode()
    event = AuditEvent.objects.get(operation="admin.list.exported")
    assert event.params["purpose"] == "administration"
    assert event.params["rows"] == 2


def test_import_of_officers_shows_refusals_first_and_then_invites(administrator):
    good = io.BytesIO(b"email,name\nSari@dtsen.test,Sari\n")
    good.name = "officers.csv"

    preview = administrator.post(address(Officer, "import"), {"format": "1", "resource": "0", "import_file": good})

    assert not Officer.objects.filter(email="sari@dtsen.test").exists()
    confirm = preview.context["confirm_form"].initial
    administrator.post(address(Officer, "process_import"), confirm)
    assert Officer.objects.get(email="sari@dtsen.test").created_by.has_role("administrator")


def test_import_of_roles_refuses_an_excluded_pair_in_the_preview(administrator):
    an_officer_with("verifier", "34.02", email="budi@dtsen.test")
    bad = io.BytesIO(b"email,role,region,since,until\nbudi@dtsen.test,approver,34.04,,\n")
    bad.name = "roles.csv"

    preview = administrator.post(address(OfficerRole, "import"), {"format": "1", "resource": "0", "import_file": bad})

    assert "confirm_form" not in preview.context
    assert preview.context["result"].has_validation_errors()


def test_import_of_roles_brings_an_export_back_unchanged(administrator):
    an_officer_with("verifier", "34.02", email="budi@dtsen.test")
    taken = administrator.post(
        address(OfficerRole, "export"), {"format": "1", "resource": "0", "purpose": "administration"}
    )
    OfficerRole.objects.filter(officer__email="budi@dtsen.test").delete()
    again = io.BytesIO(taken.content)
    again.name = "roles.csv"

    preview = administrator.post(address(OfficerRole, "import"), {"format": "1", "resource": "0", "import_file": again})
    administrator.post(address(OfficerRole, "process_import"), preview.context["confirm_form"].initial)

    assert OfficerRole.objects.get(officer__email="budi@dtsen.test").region_code == "34.02"


def test_import_of_regions_loads_them_by_the_operation(administrator):
    rows = io.BytesIO(b"code,name\n34.04.02,Godean\n3402,Kab. Bantul\n")
    rows.name = "regions.csv"
    region = apps.get_model("registry", "Region")

    preview = administrator.post(address(region, "import"), {"format": "1", "resource": "0", "import_file": rows})
    assert not region.objects.filter(code="34.04.02").exists()
    administrator.post(address(region, "process_import"), preview.context["confirm_form"].initial)

    assert region.objects.get(code="34.02").name == "Kab. Bantul"
    assert region.objects.get(code="34.04.02").parent_id == "34.04"


def test_invite_then_role_then_link(administrator):
    made = administrator.post(address(Officer, "add"), {"email": "Sari@dtsen.test", "name": "Sari", "language": "id"})
    officer = Officer.objects.get(email="sari@dtsen.test")
    assert made.url == address(Officer, "change", officer.pk)

    page = administrator.get(address(Officer, "change", officer.pk)).content.decode()
    assert address(Officer, "act", officer.pk, "link") in page
    assert administrator.get(address(Officer, "act", officer.pk, "role")).status_code == 200
    administrator.post(address(Officer, "act", officer.pk, "role"), {"role": "verifier", "region": "34.02"})
    shown = administrator.post(address(Officer, "act", officer.pk, "link"))

    assert officer.roles.get().region_code == "34.02"
    assert "http://testserver/kata-sandi/" in shown.content.decode()
    assert "no-store" in shown["Cache-Control"]


def test_asking_before_an_act_changes_nothing(administrator):
    officer = an_officer_with("verifier", "34.02")

    for act in ("link", "unlock", "close", "role"):
        assert administrator.get(address(Officer, "act", officer.pk, act)).status_code == 200

    assert Officer.objects.get(pk=officer.pk).is_active
    assert not officer.links.exists()


def test_role_form_shows_a_refusal_beside_the_field(administrator):
    an_officer_with("verifier", "34.02", email="budi@dtsen.test")

    answer = administrator.post(
        address(OfficerRole, "add"), {"email": "budi@dtsen.test", "role": "approver", "region": "34.04"}
    )

    assert answer.status_code == 200
    assert answer.context["adminform"].form.non_field_errors()


def test_role_is_given_ended_and_stood_in_by_buttons(administrator):
    an_officer_with("companion", "34.02", email="budi@dtsen.test")
    an_officer_with("companion", "34.04", email="deputy@dtsen.test")
    administrator.post(address(OfficerRole, "add"), {"email": "budi@dtsen.test", "role": "task_force", "region": "34"})
    role = OfficerRole.objects.get(role="task_force")

    administrator.post(
        address(OfficerRole, "act", role.pk, "stand-in"),
        {"email": "deputy@dtsen.test", "until": role.valid.lower.isoformat()},
    )
    assert OfficerRole.objects.get(stands_in_for=role).officer.email == "deputy@dtsen.test"
    administrator.post(address(OfficerRole, "act", role.pk, "end"))
    assert not OfficerRole.objects.filter(role="task_force", ended_at=None).exists()


def test_nobody_is_offered_acts_on_their_own_account(administrator):
    own = Officer.objects.get(email="administrator@dtsen.test")

    assert administrator.post(address(Officer, "act", own.pk, "close")).status_code == 404
    assert administrator.post(address(Officer, "change", own.pk), {"name": "X", "language": "id"}).status_code == 403


@pytest.mark.parametrize("role", ["administrator", "auditor"])
def test_rules_mappings_and_dictionary_can_be_read(role):
    client = signed_in(role)

    page = client.get(reverse("admin:rules"))

    names = {(file.kind, file.name) for file in page.context["rule_files"]}
    assert ("mappings", "dtks") in names
    assert all(file.version and file.entries for file in page.context["rule_files"])
    for kind, name in names:
        assert client.get(reverse("admin:rule-file", args=[kind, name])).status_code == 200
    assert client.get(reverse("admin:rule-file", args=["rules", "none"])).status_code == 404
