"""What machines ask, and what stops the start."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest
from django.core.exceptions import ImproperlyConfigured
from django.utils import timezone

from dtsen_site import checks, health
from dtsen_site.settings.environment import PROJECT_DIR
from registry.common import crypto
from registry.common.errors import Misconfigured
from registry.common.jobs import start_job
from registry.common.key_check import ensure_keys
from registry.officers.selectors import system_officer


@pytest.fixture
def own_keys(tmp_path, settings):
    settings.DTSEN_STATE_DIR = tmp_path
    settings.SECRET_KEY_FILE = tmp_path / "keys" / "secret.key"
    crypto.forget_keys()
    crypto.make_keys()
    settings.SECRET_KEY_FILE.write_text("x")
    settings.SECRET_KEY_FILE.chmod(0o600)
    yield tmp_path / "keys"
    crypto.forget_keys()


def test_healthz_answers_without_asking_the_database(client, django_db_blocker):
    with django_db_blocker.block():
        assert client.get("/healthz").content == b"ok\n"


@pytest.mark.django_db
def test_readyz_is_ready_when_all_is_there(client):
    response = client.get("/readyz")
    assert response.status_code == 200
    assert response.json() == {"ready": True, "database": True, "queue": True, "keys": True, "migrations": True}


@pytest.mark.django_db
@pytest.mark.parametrize("part", ["_queue_answers", "_database_answers"])
def test_readyz_is_not_ready_when_a_part_is_missing(client, monkeypatch, part):
    monkeypatch.setattr(health, part, lambda: False)
    response = client.get("/readyz")
    assert response.status_code == 503
    assert response.json()["ready"] is False


@pytest.mark.django_db
def test_keys_that_are_there_let_the_start_pass(own_keys):
    checks.require_keys()


@pytest.mark.parametrize("name", ["secret.key", "data.key", "lookup.key", "file.key"])
def test_missing_key_stops_the_start_with_its_name(own_keys, name):
    (own_keys / name).unlink()
    crypto.forget_keys()
    with pytest.raises(ImproperlyConfigured, match=name):
        checks.require_keys()


def test_key_readable_by_others_stops_the_start(own_keys):
    (own_keys / "secret.key").chmod(0o644)
    with pytest.raises(ImproperlyConfigured, match="0600"):
        checks.require_keys()


@pytest.mark.django_db
def test_keys_of_another_installation_stop_the_start_and_long_work_and_are_not_ready(own_keys, client):
    ensure_keys(now=timezone.now())
    for path in own_keys.iterdir():
        path.unlink()
    crypto.forget_keys()
    crypto.make_keys()
    (own_keys / "secret.key").write_text("x")
    (own_keys / "secret.key").chmod(0o600)
    with pytest.raises(ImproperlyConfigured, match="data.key"):
        checks.require_keys()
    response = client.get("/readyz")
    assert (response.status_code, response.json()["keys"]) == (503, False)
    with pytest.raises(Misconfigured):
        start_job("build_registry", by=system_officer())


def test_database_that_cannot_be_reached_stops_the_start_without_its_password(tmp_path):
    answer = subprocess.run(
        [sys.executable, "-c", "import dtsen_site.wsgi"],
        cwd=PROJECT_DIR, capture_output=True, text=True,
        env=os.environ | {"DATABASE_URL": "postgres://dtsen:rahasia@127.0.0.1:9/none"},
    )  # fmt: skip
    assert answer.returncode != 0
    told = answer.stderr.strip().splitlines()[-1]
    assert "cannot be reached" in told and "127.0.0.1" in told
    assert "rahasia" not in told


def test_web_server_does_not_start_without_keys(tmp_path):
    environment = os.environ | {"DTSEN_STATE_DIR": str(tmp_path / "empty")}
    answer = subprocess.run(
        [sys.executable, "-c", "import dtsen_site.wsgi"],
        cwd=PROJECT_DIR, env=environment, capture_output=True, text=True,
    )  # fmt: skip
    assert answer.returncode != 0
    assert "make install" in answer.stderr


def test_production_without_host_names_stops_with_what_to_write(tmp_path):
    environment = os.environ | {"DTSEN_PRODUCTION": "yes", "DTSEN_STATE_DIR": str(tmp_path)}
    answer = subprocess.run(
        [sys.executable, "manage.py", "check"], cwd=PROJECT_DIR, env=environment, capture_output=True, text=True
    )
    assert answer.returncode != 0
    assert "DTSEN_HOSTS" in answer.stderr
