"""The administration reads personal and casework rows and never writes them."""

from __future__ import annotations

import pytest
from django.contrib import admin
from django.test import Client
from django.urls import reverse

# Officers, their roles and reference data are kept here; everything else is only looked at.
KEPT_HERE = {"Region", "RegionSuccession", "BpsBridge", "Officer", "OfficerRole"}


def looked_at() -> list[type]:
    return [model for model in admin.site._registry if model.__name__ not in KEPT_HERE]


@pytest.mark.django_db
@pytest.mark.parametrize("role", ["administrator", "auditor"])
def test_every_change_view_of_personal_and_casework_models_refuses_a_post(officers_here, role):
    client = Client(raise_request_exception=False)
    client.force_login(officers_here[role], backend="django.contrib.auth.backends.ModelBackend")
    wrong = []
    for model in looked_at():
        space = f"admin:{model._meta.app_label}_{model._meta.model_name}"
        rows = model._default_manager.all()[:1]
        keys = [row.pk for row in rows] or [0]
        for address in (
            reverse(f"{space}_add"),
            *(reverse(f"{space}_change", args=[key]) for key in keys),
            *(reverse(f"{space}_delete", args=[key]) for key in keys),
        ):
            before = model._default_manager.count()
            response = client.post(address, {"post": "yes"})
            refused = response.status_code in {403, 404, 405}
            # Django leads back to the index when the row is not there.
            gone = response.status_code == 302 and response.headers["Location"] == reverse("admin:index")
            if not (refused or gone) or model._default_manager.count() != before:
                wrong.append(f"{address}: {response.status_code}")
        for action in ("delete_selected",):
            response = client.post(
                reverse(f"{space}_changelist"), {"action": action, "_selected_action": [str(key) for key in keys]}
            )
            if model._default_manager.count() < len(rows):
                wrong.append(f"{space}: {action} deletes")
    assert wrong == []


def test_administration_knows_models():
    assert len(admin.site._registry) >= 5
    assert looked_at()
