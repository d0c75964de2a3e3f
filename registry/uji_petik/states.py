"""The states of a design and of a draw, and the moves between them."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class DesignState(models.TextChoices):
    """Where a design stands."""

    DRAWN = "drawn", _("drawn, being visited")
    CLOSED = "closed", _("closed, estimated")


class DrawState(models.TextChoices):
    """Where one drawn family stands."""

    WAITING = "waiting", _("waiting for the visit")
    ANSWERED = "answered", _("answered")
    NOT_REACHED = "not_reached", _("not reached")


DESIGN_TRANSITIONS: dict[DesignState, frozenset[DesignState]] = {
    DesignState.DRAWN: frozenset({DesignState.CLOSED}),
    DesignState.CLOSED: frozenset(),
}
DRAW_TRANSITIONS: dict[DrawState, frozenset[DrawState]] = {
    DrawState.WAITING: frozenset({DrawState.ANSWERED, DrawState.NOT_REACHED}),
    DrawState.NOT_REACHED: frozenset({DrawState.ANSWERED}),
    DrawState.ANSWERED: frozenset(),
}
