"""Changes to the programmes: loading a file by the difference. Rules that a file lacks stay as they are."""

import datetime as dt
from dataclasses import dataclass
from typing import Any

from django.db import IntegrityError, connection, transaction
from django.db.backends.postgresql.psycopg_any import DateRange

from registry.common.audit import record
from registry.common.errors import BadInput, NotAllowed
from registry.common.history import because
from registry.officers.roles import May
from registry.programmes.files import ProgrammeFile
from registry.programmes.models import Component, Programme, ProgrammeRule


@dataclass
class LoadedProgrammes:
    """What a load changed, counted in rules and components."""

    added: int = 0
    changed: int = 0
    same: int = 0

    @property
    def is_noop(self) -> bool:
        """Say whether the register held all of it already."""
        return not (self.added or self.changed)


def load_programmes(*, content: ProgrammeFile, by: Any, now: dt.datetime) -> LoadedProgrammes:
    """Make the register hold what the file says; a rule is known by its programme and first day.

    Raises: NotAllowed `programmes.load.not_allowed`; BadInput `programmes.load.overlap` when a rule of the file
    meets one that only the register holds.
    """
    if not (by.is_system or by.may(May.MANAGE_REFERENCE)):
        raise NotAllowed("programmes.load.not_allowed")
    loaded = LoadedProgrammes()
    code = start = ""
    try:
        with transaction.atomic(), because("programmes.rules.loaded", by=by):
            for order, told in enumerate(content.programmes):
                code = told["code"]
                programme, _ = Programme.objects.update_or_create(
                    code=code,
                    defaults={"name": told["name"], "unit": told["unit"]},
                    create_defaults={"name": told["name"], "unit": told["unit"], "order": order},
                )
                for rule in told["rules"]:
                    start = rule["valid"][0].isoformat()
                    _write(ProgrammeRule, programme, rule, (), loaded)
                for component in told["components"]:
                    start = component["valid"][0].isoformat()
                    _write(Component, programme, component, ("need",), loaded)
            with connection.cursor() as cursor:
                cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
            if not loaded.is_noop:
                record(
                    "programmes.rules.loaded",
                    by=by,
                    obj_type="programmes",
                    obj_id=content.version,
                    params={"added": loaded.added, "changed": loaded.changed, "same": loaded.same},
                    now=now,
                )
    except IntegrityError as error:
        raise BadInput("programmes.load.overlap", programme=code, start=start) from error
    return loaded


def _write(
    model: type[ProgrammeRule] | type[Component],
    programme: Programme,
    told: dict[str, Any],
    keys: tuple[str, ...],
    loaded: LoadedProgrammes,
) -> None:
    first, after = told["valid"]
    wanted = {field: value for field, value in told.items() if field != "valid"} | {"valid": DateRange(first, after)}
    known = model.objects.filter(
        programme=programme, valid__startswith=first, **{key: told[key] for key in keys}
    ).first()
    if known is None:
        model.objects.create(programme=programme, **wanted)
        loaded.added += 1
        return
    different = [field for field, value in wanted.items() if getattr(known, field) != value]
    if not different:
        loaded.same += 1
        return
    for field in different:
        setattr(known, field, wanted[field])
    known.save(update_fields=different)
    loaded.changed += 1
