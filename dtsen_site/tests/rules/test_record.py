"""The record: what is in it stays, in every table of its kind, and why somebody looked is told in words."""

from __future__ import annotations

import ast
import datetime as dt
import uuid

import pytest
from django.apps import apps
from django.db import DatabaseError, connection, transaction
from django.urls import get_resolver

from dtsen_site.settings.environment import PROJECT_DIR
from registry.common import sealing
from registry.common.audit import record
from registry.common.reads import PURPOSES, label_of_purpose, record_read
from registry.officers.selectors import system_officer

NOW = dt.datetime(2026, 11, 24, 3, 0, tzinfo=dt.UTC)


def append_only_tables() -> set[str]:
    return {
        model._meta.db_table
        for model in apps.get_models()
        if any(trigger.name == "append_only_change" for trigger in getattr(model._meta, "triggers", []))
    }


def test_tables_of_the_record_are_append_only():
    record_tables = {"registry_auditevent", "registry_auditblock", "registry_accesslog", "registry_accesssubject"}
    assert record_tables <= append_only_tables()


@pytest.mark.django_db
def test_every_row_of_the_record_refuses_to_be_changed_or_deleted_also_in_its_partition():
    by = system_officer()
    record("common.job.cancel_requested", by=by, obj_type="job", obj_id="1", params={"kind": "x"}, now=NOW)
    sealing.seal(now=NOW)
    record_read(by, "office.family", "register.look", individuals=[uuid.uuid4()], now=NOW)
    refused = 0
    for table in sorted({"registry_auditevent", "registry_auditblock", "registry_accesslog", "registry_accesssubject"}):
        with connection.cursor() as cursor:
            cursor.execute(f"SELECT DISTINCT tableoid::regclass::text FROM {table}")
            places = [table, *(row[0] for row in cursor.fetchall())]
            cursor.execute(
                "SELECT column_name FROM information_schema.columns WHERE table_name = %s AND is_identity = 'NO' LIMIT 1",
                [table],
            )
            column = cursor.fetchone()[0]
        for place in places:
            for sql in (f"UPDATE {place} SET {column} = {column}", f"DELETE FROM {place}"):
                with (
                    pytest.raises(DatabaseError, match="append-only"),
                    transaction.atomic(),
                    connection.cursor() as cursor,
                ):
                    cursor.execute(sql)
                refused += 1
    assert refused >= 16


def purposes_in_the_code() -> set[str]:
    """Return the purposes that calls of `record_read` write out."""
    found = set()
    for path in (PROJECT_DIR / "registry").rglob("*.py"):
        if "tests" in path.parts:
            continue
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Call) and getattr(node.func, "id", "") == "record_read":
                given = [*node.args[2:3], *(word.value for word in node.keywords if word.arg == "purpose")]
                found |= {value.value for value in given if isinstance(value, ast.Constant)}
    return found


def test_every_purpose_of_a_look_has_its_words_in_both_languages():
    assert get_resolver().url_patterns  # the doors register their purposes when they are loaded
    written = purposes_in_the_code()
    assert len(written) >= 4
    assert written - set(PURPOSES) == set()
    for code in PURPOSES:
        indonesian, english = label_of_purpose(code, "id"), label_of_purpose(code, "en")
        assert indonesian and english and indonesian != english, code
        assert code not in {indonesian, english}
