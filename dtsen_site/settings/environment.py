"""Every environment variable of DTSEN, declared in one place; settings read them through `read` only.

The table in docs/how-to/deploy.md is compared with this list by a test.
"""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from django.core.exceptions import ImproperlyConfigured

PROJECT_DIR = Path(__file__).resolve().parents[2]


@dataclass(frozen=True)
class Variable:
    """One environment variable: what it is for and what to do when it is wrong."""

    name: str
    kind: str  # text | flag | number | size | folder | list | postgres | redis | site
    default: str  # as one would write it; empty = not set
    meaning: str
    advice: str  # the sentence shown when it is missing or wrong


VARIABLES: tuple[Variable, ...] = (
    Variable(
        "DTSEN_STATE_DIR",
        "folder",
        "var",
        "Folder of everything this installation keeps beside the database: keys, embedded servers, uploads, "
        "log. A relative path counts from the project.",
        "Give a folder that this user may create and write, such as /srv/dtsen/state.",
    ),
    Variable(
        "DTSEN_STORE",
        "text",
        "",
        "Folder of the deliveries and match runs (immutable Parquet); <state folder>/store when empty. It "
        "belongs on an encrypted volume.",
        "Give a folder on an encrypted volume, such as /srv/dtsen/store.",
    ),
    Variable(
        "DATABASE_URL",
        "postgres",
        "",
        "PostgreSQL server, 15 or newer. Empty: the embedded server of the state folder.",
        "Write it as postgres://USER:PASSWORD@HOST:5432/NAME, or leave it out to use the embedded server.",
    ),
    Variable(
        "REDIS_URL",
        "redis",
        "",
        "Redis or Valkey server for the queue and the throttles. Empty: the embedded Valkey.",
        "Write it as redis://HOST:6379/0 or unix:///run/redis.sock, or leave it out to use the embedded server.",
    ),
    Variable(
        "DTSEN_PRODUCTION",
        "flag",
        "no",
        "Whether real people's data are served here: HTTPS only, secure cookies, host names required.",
        "Write yes or no.",
    ),
    Variable(
        "DTSEN_DEBUG",
        "flag",
        "no",
        "Show error details in the browser. Never on a machine that others can reach.",
        "Write yes or no; it cannot be yes together with DTSEN_PRODUCTION.",
    ),
    Variable(
        "DTSEN_HOSTS",
        "list",
        "",
        "Host names this site answers to, separated by commas. Empty outside production: this machine only.",
        "Name the hosts, such as DTSEN_HOSTS=dtsen.example.go.id,10.0.0.5.",
    ),
    Variable(
        "DTSEN_PROXY",
        "flag",
        "no",
        "Whether a proxy that sets X-Forwarded-Proto and X-Forwarded-For itself stands in front.",
        "Write yes only when the proxy removes these headers from what the visitor sends.",
    ),
    Variable(
        "DTSEN_ADDRESS",
        "text",
        "127.0.0.1:8000",
        "Address and port where `make run` listens.",
        "Write it as ADDRESS:PORT, such as 0.0.0.0:8000.",
    ),
    Variable(
        "DTSEN_SITE_URL",
        "site",
        "",
        "How the site is called from outside; the links of invitations that a command prints begin with it. Empty: "
        "https and the first of DTSEN_HOSTS in production, else http and DTSEN_ADDRESS.",
        "Write it as https://dtsen.example.go.id, without a path.",
    ),
    Variable(
        "DTSEN_WEB_WORKERS",
        "number",
        "2",
        "Web processes of `make run`; the number of cores is a good choice.",
        "Give a whole number from 1 up.",
    ),
    Variable(
        "DTSEN_TASK_WORKERS",
        "number",
        "2",
        "Processes that work on long tasks (receive, build) in `make run`; the short ones have two of their own.",
        "Give a whole number from 1 up.",
    ),
    Variable(
        "DTSEN_DUCKDB_MEMORY",
        "size",
        "2GB",
        "Memory that one receiving or one build may use for its tables; what does not fit goes to disk. Each "
        "process that works on tasks may run one.",
        "Write a number and a unit, such as 4GB or 800MB.",
    ),
    Variable(
        "DTSEN_DUCKDB_THREADS",
        "number",
        "",
        "Threads of one receiving or one build. Empty: as many as the machine has cores.",
        "Give a whole number from 1 up, or leave it out.",
    ),
    Variable(
        "DTSEN_LOG_LEVEL",
        "text",
        "INFO",
        "How much is logged: DEBUG, INFO, WARNING or ERROR.",
        "Write DEBUG, INFO, WARNING or ERROR.",
    ),
    Variable(
        "DTSEN_POSTGRES_BIN",
        "text",
        "",
        "Folder of initdb, pg_ctl and postgres for the embedded server. Empty: the bundled ones, then an "
        "installed server's.",
        "Give the folder that holds initdb, pg_ctl and postgres, such as /usr/lib/postgresql/15/bin.",
    ),
    Variable(
        "DTSEN_VALKEY_BIN",
        "text",
        "",
        "Path of valkey-server or redis-server for the embedded queue. Empty: the bundled one, then an installed one.",
        "Give the path of the program, such as /usr/bin/redis-server.",
    ),
)
BY_NAME = {variable.name: variable for variable in VARIABLES}

_YES = {"1", "yes", "true", "on", "y", "ya"}
_NO = {"0", "no", "false", "off", "n", "tidak", ""}
_POSTGRES_SCHEMES = {"postgres", "postgresql", "pgsql"}
_REDIS_SCHEMES = {"redis", "rediss", "unix"}


def read(name: str, environ: Mapping[str, str] | None = None) -> Any:
    """Return the typed value of a declared variable.

    Raises: ImproperlyConfigured with a sentence that says what is wrong and what to write.
    """
    variable = BY_NAME[name]
    text = (environ if environ is not None else os.environ).get(name, "").strip() or variable.default
    match variable.kind:
        case "flag":
            if text.lower() in _YES:
                return True
            if text.lower() in _NO:
                return False
            raise wrong(name, f"“{text}” is neither yes nor no")
        case "number" if text or variable.default:
            if not text.isdigit() or int(text) < 1:
                raise wrong(name, f"“{text}” is not a whole number from 1 up")
            return int(text)
        case "size":
            if not re.fullmatch(r"[1-9][0-9]*(\.[0-9]+)? ?[KMGT]i?B", text, re.IGNORECASE):
                raise wrong(name, f"“{text}” is no size")
        case "number":
            return None
        case "folder":
            path = Path(text).expanduser()
            path = path if path.is_absolute() else PROJECT_DIR / path
            if path.exists() and not path.is_dir():
                raise wrong(name, f"{path} is not a folder")
            return path
        case "list":
            return [part.strip() for part in text.split(",") if part.strip()]
        case "postgres":
            _check_scheme(name, text, _POSTGRES_SCHEMES)
        case "redis":
            _check_scheme(name, text, _REDIS_SCHEMES)
        case "site":
            return _site(name, text)
    return text


def wrong(name: str, what: str) -> ImproperlyConfigured:
    """Build the error for a variable: what is wrong, what it is for, what to write."""
    variable = BY_NAME[name]
    return ImproperlyConfigured(f"{name}: {what}. {variable.advice} ({variable.meaning})")


def read_address() -> tuple[str, int]:
    """Return host and port where the site listens.

    Raises: ImproperlyConfigured as `read` does.
    """
    text = str(read("DTSEN_ADDRESS"))
    host, _, port = text.rpartition(":")
    if not host or not port.isdigit():
        raise wrong("DTSEN_ADDRESS", f"“{text}” is not ADDRESS:PORT")
    return host.strip("[]"), int(port)


def read_site_url() -> str:
    """Return what links to the site begin with, without a slash at the end.

    Raises: ImproperlyConfigured as `read` does.
    """
    if named := str(read("DTSEN_SITE_URL")):
        return named
    hosts = read("DTSEN_HOSTS")
    if read("DTSEN_PRODUCTION") and hosts:
        return f"https://{hosts[0].lstrip('.')}"
    host, port = read_address()
    here = "127.0.0.1" if host in {"0.0.0.0", "::"} else host  # noqa: S104
    return f"http://{f'[{here}]' if ':' in here else here}:{port}"


def _site(name: str, text: str) -> str:
    parts = urlsplit(text)
    if text and (parts.scheme not in {"http", "https"} or not parts.netloc or parts.path.strip("/") or parts.query):
        raise wrong(name, f"“{text}” is not http(s)://HOST")
    return text.rstrip("/")


def _check_scheme(name: str, text: str, schemes: set[str]) -> None:
    # The value may hold a password, so only its scheme is shown.
    if text and urlsplit(text).scheme not in schemes:
        scheme = urlsplit(text).scheme or "nothing"
        raise wrong(name, f"it begins with “{scheme}”, not with {' or '.join(sorted(schemes))}")
