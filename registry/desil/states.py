"""The states of models and runs, and the moves between them."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class ModelState(models.TextChoices):
    """Where a ranking model stands."""

    FITTED = "fitted", _("fitted, not approved")
    APPROVED = "approved", _("approved")
    RETIRED = "retired", _("retired")


class RunState(models.TextChoices):
    """Where a ranking run stands."""

    RUNNING = "running", _("being computed")
    READY = "ready", _("computed, not published")
    PROPOSED = "proposed", _("waiting for a second person")
    PUBLISHED = "published", _("published")
    FAILED = "failed", _("not finished")


RUN_TRANSITIONS: dict[RunState, frozenset[RunState]] = {
    RunState.RUNNING: frozenset({RunState.READY, RunState.FAILED}),
    RunState.READY: frozenset({RunState.PROPOSED}),
    RunState.PROPOSED: frozenset({RunState.PUBLISHED, RunState.READY}),
    RunState.PUBLISHED: frozenset(),
    RunState.FAILED: frozenset(),
}
MODEL_TRANSITIONS: dict[ModelState, frozenset[ModelState]] = {
    ModelState.FITTED: frozenset({ModelState.APPROVED, ModelState.RETIRED}),
    ModelState.APPROVED: frozenset({ModelState.RETIRED}),
    ModelState.RETIRED: frozenset(),
}
