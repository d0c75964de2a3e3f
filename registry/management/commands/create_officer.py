"""Make an account with a role and print the link that sets its password."""

import argparse
import datetime as dt
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.db import transaction
from django.utils import timezone

from registry.common.errors import DomainError, RuleRefused
from registry.officers.actor import add_by_argument, get_actor
from registry.officers.models import Officer, OfficerRole, OneTimeLink
from registry.officers.operations import grant_role, invite_officer, make_link
from registry.officers.roles import ROLES
from registry.officers.selectors import find_officer, get_link_address
from registry.wilayah.selectors import get_place


class Command(BaseCommand):
    """Invite an officer, or give another role to one who has an account."""

    help = "Make an account; prints a one-time link to set the password. Roles: " + ", ".join(ROLES)

    def add_arguments(self, parser: argparse.ArgumentParser) -> None:
        """Declare the options."""
        parser.add_argument("email", metavar="EMAIL")
        parser.add_argument("--role", required=True, metavar="ROLE")
        parser.add_argument("--region", default="", metavar="CODE", help="Kemendagri code; ID for all of Indonesia")
        parser.add_argument("--since", type=dt.date.fromisoformat, metavar="DATE",
                            help="first day of the role (default: today)")  # fmt: skip
        parser.add_argument("--until", type=dt.date.fromisoformat, metavar="DATE",
                            help="last day of the role (default: open)")  # fmt: skip
        parser.add_argument("--name", default="", help="name of the officer")
        parser.add_argument("--language", choices=["id", "en"], default="id")
        parser.add_argument("--link", action="store_true",
                            help="print a new link even when the account has a password")  # fmt: skip
        add_by_argument(parser)

    def handle(self, *args: Any, **options: Any) -> None:
        """Invite, grant, print the link; all or nothing."""
        by = get_actor(options)
        now = timezone.now()
        try:
            with transaction.atomic():
                officer = find_officer(options["email"])
                known = officer is not None
                if officer is None:
                    officer = invite_officer(
                        email=options["email"],
                        name=options["name"],
                        language=options["language"],
                        by=by,
                        now=now,
                    )
                role = self._grant(officer, options, by=by, now=now)
                token = None
                if options["link"] or not officer.has_usable_password():
                    purpose = OneTimeLink.Purpose.RESET if officer.has_usable_password() else OneTimeLink.Purpose.INVITE
                    token = make_link(officer=officer, purpose=purpose, by=by, now=now)
        except DomainError as error:
            raise CommandError(error.sentence(), returncode=2) from error
        if role is None:
            self.stdout.write(f"{officer.email} holds this role already.")
        else:
            place = get_place(role.region_code, above=1)
            verb = "has a new role" if known else "was invited"
            self.stdout.write(f"{officer.email} {verb}: {role.get_role_display()}, {place}")
        if token:
            self.stdout.write(get_link_address(token))
        else:
            self.stdout.write("The account has its password already (--link makes a new link).")

    def _grant(self, officer: Officer, options: dict[str, Any], *, by: Officer, now: dt.datetime) -> OfficerRole | None:
        """Grant the role; None when it is held already and the command came twice."""
        try:
            with transaction.atomic():
                return grant_role(
                    officer=officer,
                    role=options["role"],
                    region=options["region"],
                    since=options["since"],
                    until=options["until"],
                    by=by,
                    now=now,
                )
        except RuleRefused as refusal:
            if refusal.code != "officers.role.held":
                raise
            return None
