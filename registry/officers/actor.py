"""`--by EMAIL` of every management command: in whose name it acts, for the record."""

import argparse
from typing import Any

from django.core.management.base import CommandError

from registry.officers.models import Officer
from registry.officers.selectors import find_officer, system_officer


def add_by_argument(parser: argparse.ArgumentParser) -> None:
    """Add the option to a command's parser."""
    parser.add_argument(
        "--by",
        metavar="EMAIL",
        default=None,
        help="the officer in whose name this is done (default: the system officer)",
    )


def get_actor(options: dict[str, Any]) -> Officer:
    """Return the officer named by `--by`, the system officer without it.

    Raises: CommandError when there is no such active account.
    """
    email = options.get("by")
    if not email:
        return system_officer()
    officer = find_officer(email)
    if officer is None or not officer.is_active:
        raise CommandError(f"There is no active officer {email}. Make one with create_officer.")
    return officer
