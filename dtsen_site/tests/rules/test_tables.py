"""What every table obeys: a privacy class for each field, who-and-when pairs, a docstring."""

from __future__ import annotations

import inspect

from django.apps import apps
from django.db import models

from registry.common.privacy import unclassified_fields

ROOMS = ("registry", "complaints", "graduation")
# Pairs whose other half is by its nature absent: the system does it, or somebody without an account.
WITHOUT_ACTOR = {"used_at", "withdrawn_at", "sent_at", "due_at", "started_at", "finished_at", "heartbeat_at"}


def our_models() -> list[type[models.Model]]:
    return [
        model
        for room in ROOMS
        for model in apps.get_app_config(room).get_models()
        if not hasattr(model, "pgh_tracked_model")
    ]


def test_every_field_has_its_privacy_class():
    assert unclassified_fields() == []


def test_every_optional_pair_of_who_and_when_is_held_together_by_the_database():
    wrong = []
    for model in our_models():
        fields = {field.name: field for field in model._meta.concrete_fields}
        conditions = " ".join(
            str(c.condition) for c in model._meta.constraints if isinstance(c, models.CheckConstraint)
        )
        for name, field in fields.items():
            stem = name.removesuffix("_at")
            actor = fields.get(f"{stem}_by")
            if stem == name or actor is None or name in WITHOUT_ACTOR:
                continue
            if not field.null:  # it always happened; the first officer was made by nobody
                continue
            if name not in conditions or actor.name not in conditions:
                wrong.append(f"{model.__name__}: {name} and {actor.name}")
    assert wrong == []


def test_every_actor_has_its_moment():
    wrong = []
    for model in our_models():
        names = {field.name for field in model._meta.concrete_fields}
        for name in names:
            if name.endswith("_by") and f"{name.removesuffix('_by')}_at" not in names:
                wrong.append(f"{model.__name__}.{name}")
    assert wrong == []


def test_every_table_says_what_one_row_is():
    silent = [
        model.__name__
        for model in our_models()
        if not inspect.getdoc(model) or inspect.getdoc(model).startswith(f"{model.__name__}(")
    ]
    assert silent == []
