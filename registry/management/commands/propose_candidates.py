"""`propose_candidates`: open a cycle and propose who enters a programme and who leaves it."""

import datetime as dt
import json
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from registry.beneficiaries.operations import open_cycle, propose_candidates
from registry.common.errors import DomainError
from registry.officers.actor import add_by_argument, get_actor


class Command(BaseCommand):
    """Exit 0 when the candidates are proposed, 2 when it is refused."""

    help = "Hold the families of a regency against a programme's rule, in the order of the published ranking."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Declare the options."""
        parser.add_argument("programme", help="as pkh or sembako")
        parser.add_argument("--period", required=True, metavar="YYYY-MM", help="first month of the period, as 2026-10")
        parser.add_argument("--region", required=True, metavar="CODE", help="a regency, as 35.14")
        parser.add_argument("--json", action="store_true", help="print the result as JSON")
        add_by_argument(parser)

    def handle(self, *args: Any, **options: Any) -> None:
        """Propose and tell."""
        now = timezone.now()
        try:
            starts_on = dt.datetime.strptime(options["period"], "%Y-%m").date()  # noqa: DTZ007 - a month, no time
        except ValueError as error:
            raise CommandError("A period is written YYYY-MM, as 2026-10.", returncode=2) from error
        try:
            by = get_actor(options)
            cycle = open_cycle(
                programme=options["programme"], starts_on=starts_on, region_code=options["region"], by=by, now=now
            )
            cycle = propose_candidates(cycle=cycle, by=by, now=now)
        except DomainError as error:
            raise CommandError(error.sentence("en"), returncode=2) from error
        if options["json"]:
            self.stdout.write(json.dumps({"cycle": cycle.pk, **cycle.counts}))
            return
        counts = cycle.counts
        self.stdout.write(
            f"Cycle {cycle.pk}: {counts['within']} families within the rule, {counts['entering']} proposed to enter,"
            f" {counts.get('waiting', 0)} waiting beyond the quota, {counts.get('enrolled', 0)} keep their place,"
            f" {counts['leaving']} proposed to end"
        )
