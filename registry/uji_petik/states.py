"""The states of a design, of a draw and of a lot, and the moves between them."""

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


class LotState(models.TextChoices):
    """Where one lot stands."""

    WAITING = "waiting", _("being opened")
    ACCEPTED = "accepted", _("accepted")
    REJECTED = "rejected", _("rejected")


DESIGN_TRANSITIONS: dict[DesignState, frozenset[DesignState]] = {
    DesignState.DRAWN: frozenset({DesignState.CLOSED}),
    DesignState.CLOSED: frozenset(),
}
DRAW_TRANSITIONS: dict[DrawState, frozenset[DrawState]] = {
    DrawState.WAITING: frozenset({DrawState.ANSWERED, DrawState.NOT_REACHED}),
    DrawState.NOT_REACHED: frozenset({DrawState.ANSWERED}),
    DrawState.ANSWERED: frozenset(),
}
LOT_TRANSITIONS: dict[LotState, frozenset[LotState]] = {
    LotState.WAITING: frozenset({LotState.ACCEPTED, LotState.REJECTED}),
    LotState.ACCEPTED: frozenset(),
    LotState.REJECTED: frozenset(),
}
