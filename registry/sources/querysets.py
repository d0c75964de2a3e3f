"""Business words for questions to deliveries."""

from django.db import models


class DeliveryQuerySet(models.QuerySet):
    """Deliveries by what has become of them."""

    def received(self) -> "DeliveryQuerySet":
        """Return those that came in and were not refused."""
        return self.filter(state="received")

    def current(self) -> "DeliveryQuerySet":
        """Return those that take part in a build: a complete one replaces the older ones of its source."""
        replacing = self.model.objects.received().filter(
            source=models.OuterRef("source"), complete=True, id__gt=models.OuterRef("id")
        )
        return self.received().filter(~models.Exists(replacing)).order_by("id")
