"""Business words for questions to deliveries."""

from django.db import models


class DeliveryQuerySet(models.QuerySet):
    """Deliveries by what has become of them."""

    def received(self) -> "DeliveryQuerySet":
        """Return those that came in and were not refused."""
        return self.filter(state="received")
