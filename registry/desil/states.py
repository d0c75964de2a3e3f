"""The states of models and runs, the moves between them, and who makes them."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from registry.officers.roles import May


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
RUN_HOLDERS: dict[RunState, May | None] = {
    RunState.RUNNING: None,
    RunState.READY: May.MANAGE_RANKING,
    RunState.PROPOSED: May.MANAGE_RANKING,
    RunState.PUBLISHED: None,
    RunState.FAILED: None,
}
MODEL_TRANSITIONS: dict[ModelState, frozenset[ModelState]] = {
    ModelState.FITTED: frozenset({ModelState.APPROVED, ModelState.RETIRED}),
    ModelState.APPROVED: frozenset({ModelState.RETIRED}),
    ModelState.RETIRED: frozenset(),
}
