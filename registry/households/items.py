"""Columns that the dictionary of variables declares, so that nobody types them twice."""

from collections.abc import Iterable

from django.db import models

from registry.variables import Variable, load_dictionary


def declare_items(name: str, variables: Iterable[Variable]) -> type[models.Model]:
    """Return an abstract model with one nullable smallint column for each variable.

    Values keep the dictionary's codes; a number with a `scale` is stored multiplied by it.
    """
    columns = {variable.name: models.SmallIntegerField(null=True) for variable in variables}
    meta = type("Meta", (), {"abstract": True})
    return type(name, (models.Model,), {"__module__": __name__, "Meta": meta, **columns})


HOUSEHOLD_ITEMS = tuple(variable.name for variable in load_dictionary().household_items)
# The relation to the head belongs to the membership, not to the person.
INDIVIDUAL_ITEMS = tuple(
    variable.name for variable in load_dictionary().individual_items if variable.name != "id_hub_kepala_keluarga"
)

HouseholdItems = declare_items("HouseholdItems", load_dictionary().household_items)
IndividualItems = declare_items(
    "IndividualItems",
    [variable for variable in load_dictionary().individual_items if variable.name in INDIVIDUAL_ITEMS],
)
