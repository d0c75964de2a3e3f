"""Triggers that make a table append-only: rows may be added, never changed, deleted or truncated.

The database refuses, so that a stray bulk update or a hand at the SQL prompt is refused too.
Retention is by dropping whole monthly partitions, see `partitions`.
"""

import pgtrigger

# Django empties the tables of a test database between transactional tests; its name is given
# by Django ("test_" + name). Everywhere else TRUNCATE is refused.
_REFUSE_TRUNCATE = """
    IF current_database() LIKE 'test\\_%' THEN RETURN NULL; END IF;
    RAISE EXCEPTION 'append-only: cannot truncate %', TG_TABLE_NAME
        USING ERRCODE = 'insufficient_privilege';
"""

_REFUSE_CHANGE = """
    RAISE EXCEPTION 'append-only: cannot % rows of %', lower(TG_OP), TG_TABLE_NAME
        USING ERRCODE = 'insufficient_privilege';
"""


def append_only() -> list[pgtrigger.Trigger]:
    """Return the triggers for `Meta.triggers` of a table whose rows are never changed."""
    return [
        pgtrigger.Trigger(
            name="append_only_change",
            operation=pgtrigger.Update | pgtrigger.Delete,
            when=pgtrigger.Before,
            func=_REFUSE_CHANGE,
        ),
        pgtrigger.Trigger(
            name="append_only_truncate",
            operation=pgtrigger.Truncate,
            when=pgtrigger.Before,
            level=pgtrigger.Statement,
            func=_REFUSE_TRUNCATE,
        ),
    ]
