"""What must be there before the site serves anyone: the keys, a new enough PostgreSQL."""

from __future__ import annotations

import stat
from typing import Any

from django.conf import settings
from django.core import checks
from django.core.exceptions import ImproperlyConfigured
from django.db import OperationalError, ProgrammingError, connections

OLDEST_POSTGRESQL = 15


@checks.register(checks.Tags.security)
def check_keys_are_kept(app_configs: Any, **kwargs: Any) -> list[checks.CheckMessage]:
    """Warn when the install has not made the keys yet."""
    told = find_missing_keys()
    return [checks.Warning(told, id="dtsen.W001")] if told else []


@checks.register(checks.Tags.database)
def check_database_version(app_configs: Any, databases: Any = None, **kwargs: Any) -> list[checks.CheckMessage]:
    """Refuse a PostgreSQL that is older than what the tables need."""
    found: list[checks.CheckMessage] = []
    for alias in databases or []:
        connection = connections[alias]
        connection.ensure_connection()
        version = connection.pg_version  # type: ignore[attr-defined]
        if version < OLDEST_POSTGRESQL * 10000:
            found.append(
                checks.Error(
                    f"The database “{alias}” is PostgreSQL {version // 10000}; {OLDEST_POSTGRESQL} or newer is needed.",
                    id="dtsen.E002",
                )
            )
    return found


def find_missing_keys() -> str:
    """Return what is wrong with the key files in one sentence, empty when all is well."""
    from registry.common import crypto
    from registry.common.errors import DomainError

    folder = crypto.get_key_folder()
    secret = settings.SECRET_KEY_FILE
    if not secret.is_file():
        return f"The key file {secret} is missing. Run `make install`, or put it back from the backup."
    if secret.stat().st_mode & (stat.S_IRWXG | stat.S_IRWXO):
        return f"The key file {secret} is readable by others. Give it the mode 0600."
    try:
        for name in crypto.KEY_NAMES:
            crypto.load_keys(name, folder)
    except DomainError as error:
        return error.sentence("en")
    return ""


def find_wrong_keys() -> str:
    """Return what is wrong with the keys, compared with the database too, in one sentence; empty when all is well."""
    from registry.common import key_check
    from registry.common.errors import DomainError

    if told := find_missing_keys():
        return told
    try:
        key_check.check_keys()
    except DomainError as error:
        return error.sentence("en")
    except ProgrammingError:
        return "The database has no tables yet. Run `make install`."
    except OperationalError as error:
        # libpq names host and database, never the password.
        why = next(iter(str(error).strip().splitlines()), "no answer")
        return f"The database cannot be reached, so its keys cannot be checked: {why}"
    return ""


def require_keys() -> None:
    """Stop the process when the keys are not there, or are not those that wrote the database.

    Raises: ImproperlyConfigured with the sentence.
    """
    if told := find_wrong_keys():
        raise ImproperlyConfigured(told)
