"""`build_registry`: match the current deliveries and publish people and families."""

import json
from argparse import ArgumentParser
from dataclasses import asdict
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from registry.common.errors import DomainError
from registry.common.jobs import start_job
from registry.linkage.build import build_registry
from registry.officers.actor import add_by_argument, get_actor


class Command(BaseCommand):
    """Exit 0 when the register is published."""

    help = "Match the current deliveries into people and families and publish the difference."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Declare the options."""
        parser.add_argument("--retrain", action="store_true", help="train the matching model anew")
        parser.add_argument("--json", action="store_true", help="print the result as JSON")
        add_by_argument(parser)

    def handle(self, *args: Any, **options: Any) -> None:
        """Build and tell."""
        by = get_actor(options)
        try:
            with start_job("build_registry", by=by, terminal=not options["json"]) as job:
                result = build_registry(retrain=options["retrain"], by=by, now=timezone.now(), job=job)
        except DomainError as error:
            raise CommandError(error.sentence("en"), returncode=2) from error
        if options["json"]:
            self.stdout.write(json.dumps(asdict(result)))
            return
        counts = result.counts
        self.stdout.write(
            f"Run {result.run}: {counts['rows']} rows, {counts['individuals']} people,"
            f" {counts['households']} families, {counts['review_pairs']} pairs to review"
        )
        for step, seconds in result.seconds.items():
            self.stdout.write(f"  {step}: {seconds:.1f} s")
        self.stdout.write(f"  peak memory: {result.peak_memory / 2**20:.0f} MiB")
