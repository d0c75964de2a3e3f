"""Read-only pages of every personal and casework model, also of rooms and stages still to come.

A model that a stage adds tomorrow is here by itself, closed to changes and to administrators.
"""

from django.apps import apps
from django.contrib import admin
from django.db import models

from registry.admin.pages.base import CaseworkPage, ReferencePage
from registry.common.privacy import ROOMS

# Plumbing that shows nothing to anybody.
_LEFT_OUT = {"AuditUnsealed", "IdempotencyKey", "NameToken", "ScopeRegency"}
# About no person: what was delivered and which runs were made is the administrators' own work.
_OPEN_TO_ADMINISTRATORS = {"Delivery", "DeliveryFile", "FindingCount", "MatchRun"}


def models_of_casework() -> list[type[models.Model]]:
    """Return the models without a page of their own: neither history tables nor plumbing."""
    found = []
    for room in ROOMS:
        if not apps.is_installed(room):
            continue
        for model in apps.get_app_config(room).get_models():
            history = any(field.name.startswith("pgh_") for field in model._meta.fields)
            composite = isinstance(model._meta.pk, models.CompositePrimaryKey)
            proxy = model._meta.proxy or not model._meta.managed
            if not (history or composite or proxy or model.__name__ in _LEFT_OUT):
                found.append(model)
    return found


def register_rest() -> None:
    """Give every model that has no page yet the read-only one."""
    for model in models_of_casework():
        if not admin.site.is_registered(model):
            is_open = model.__name__ in _OPEN_TO_ADMINISTRATORS
            admin.site.register(model, ReferencePage if is_open else CaseworkPage)
