"""Back up and put back as an operator does: dump, another database, keys, the record."""

from __future__ import annotations

import os
import shutil
import stat
import subprocess
import sys
import uuid
from collections.abc import Callable, Iterator
from pathlib import Path
from urllib.parse import quote

import psycopg
import pytest
from django.conf import settings
from django.db import connection

from dtsen_site.settings.environment import PROJECT_DIR
from registry.common import crypto


class Installation:
    """A database and a state folder of their own."""

    def __init__(self, state: Path) -> None:
        server = connection.settings_dict
        self.name = f"dtsen_backup_{uuid.uuid4().hex[:8]}"
        self.access = {"host": server["HOST"], "user": server["USER"], "password": server["PASSWORD"],
                       "port": server["PORT"] or None}  # fmt: skip
        self.access = {key: value for key, value in self.access.items() if value}
        secret = f":{quote(server['PASSWORD'])}" if server["PASSWORD"] else ""
        port = f"&port={server['PORT']}" if server["PORT"] else ""
        self.state = state
        self.environment = os.environ | {
            "DATABASE_URL": f"postgres://{server['USER']}{secret}@/{self.name}?host={quote(server['HOST'], safe='')}{port}",
            "REDIS_URL": settings.REDIS_URL,
            "DTSEN_STATE_DIR": str(state),
        }
        self.sql(f"CREATE DATABASE {self.name}", database="postgres")

    def sql(self, text: str, database: str | None = None) -> list[tuple[object, ...]]:
        """Run one statement."""
        with psycopg.connect(dbname=database or self.name, autocommit=True, **self.access) as con:
            cursor = con.execute(text)  # type: ignore[call-overload]
            return cursor.fetchall() if cursor.description else []

    def run(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        """Run Python with arguments in the name of this installation."""
        return subprocess.run(
            [sys.executable, *arguments], cwd=PROJECT_DIR, env=self.environment, capture_output=True, text=True
        )

    def install(self) -> None:
        """Make the tables, the keys and one officer, whose account is on record."""
        for command in (["migrate", "--verbosity", "0"], ["make_keys"],
                        ["create_officer", "ana@example.go.id", "--role", "auditor"]):  # fmt: skip
            answer = self.run("manage.py", *command)
            assert answer.returncode == 0, answer.stderr


@pytest.fixture
def installation(tmp_path, db) -> Iterator[Callable[[str], Installation]]:
    made: list[Installation] = []

    def make(name: str) -> Installation:
        made.append(Installation(tmp_path / name))
        return made[-1]

    yield make
    for each in made:
        each.sql(f"DROP DATABASE {each.name} WITH (FORCE)", database="postgres")


def test_dump_comes_back_in_another_database_with_its_keys_and_only_with_them(installation, tmp_path):
    old = installation("old")
    old.install()
    file = tmp_path / "register.dump"
    answer = old.run("-m", "dtsen_site.backup", "dump", str(file))
    assert answer.returncode == 0, answer.stderr
    assert stat.S_IMODE(file.stat().st_mode) == 0o600

    new = installation("new")
    crypto.make_keys(new.state / "keys")
    answer = new.run("-m", "dtsen_site.backup", "restore", str(file))
    assert answer.returncode == 1
    assert "not the key that wrote this database" in answer.stderr

    shutil.rmtree(new.state / "keys")
    shutil.copytree(old.state / "keys", new.state / "keys")
    answer = new.run("-m", "dtsen_site.backup", "restore", str(file))
    assert answer.returncode == 0, answer.stderr
    assert "fit this database" in answer.stdout
    for table in ("registry_officer", "registry_officerrole", "registry_keyfingerprint"):
        assert new.sql(f"SELECT count(*) FROM {table}") == old.sql(f"SELECT count(*) FROM {table}")
    # The triggers came along: what is on record is still refused to be changed.
    with pytest.raises(psycopg.errors.InsufficientPrivilege, match="append-only"):
        new.sql("DELETE FROM registry_auditevent")

    half = tmp_path / "half.dump"
    half.write_bytes(file.read_bytes()[: file.stat().st_size // 2])
    answer = new.run("-m", "dtsen_site.backup", "restore", str(half))
    assert answer.returncode == 1
    assert "pg_restore" in answer.stderr
    assert new.sql("SELECT count(*) FROM registry_officer WHERE email = 'ana@example.go.id'") == [(1,)]


def test_restore_over_a_register_is_refused_unless_it_is_said(installation, tmp_path):
    held = installation("held")
    held.sql("CREATE TABLE registry_delivery AS SELECT 1 AS id")
    held.sql("CREATE TABLE registry_household (id int)")
    file = tmp_path / "empty.dump"
    other = installation("other")
    assert other.run("-m", "dtsen_site.backup", "dump", str(file)).returncode == 0

    answer = held.run("-m", "dtsen_site.backup", "restore", str(file))

    assert answer.returncode == 1
    assert "--replace" in answer.stderr
    assert held.sql("SELECT count(*) FROM registry_delivery") == [(1,)]


def test_database_that_does_not_answer_is_told_in_one_sentence(tmp_path):
    environment = os.environ | {"DATABASE_URL": "postgres://dtsen:rahasia@127.0.0.1:9/none"}
    answer = subprocess.run(
        [sys.executable, "-m", "dtsen_site.backup", "dump", str(tmp_path / "x")],
        cwd=PROJECT_DIR, env=environment, capture_output=True, text=True,
    )  # fmt: skip
    assert answer.returncode == 1
    assert "cannot be reached" in answer.stderr and "rahasia" not in answer.stderr
