"""Write made-up people of a regency as three deliveries, a survey and the truth behind them."""

import argparse
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from dtsen_site.demo.frequencies import PROFILES
from dtsen_site.demo.generation import generate


class Command(BaseCommand):
    """Exit 0 when all files are written."""

    help = "Make people, families and their deliveries; the same arguments give the same files."
    requires_system_checks: list[str] = []  # needs no database and no keys

    def add_arguments(self, parser: argparse.ArgumentParser) -> None:
        """Declare the options."""
        parser.add_argument("--people", type=int, default=5000, metavar="N")
        parser.add_argument("--regency", default="35.14", metavar="CODE", help="Kemendagri code, for example 35.14")
        parser.add_argument("--seed", type=int, default=1, metavar="S")
        parser.add_argument("--out", type=Path, required=True, metavar="DIR")
        parser.add_argument(
            "--profile", choices=PROFILES, default="plain", help="hard: more of everything that misleads"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        """Generate and tell."""
        try:
            rows = generate(
                people=options["people"],
                regency=options["regency"],
                seed=options["seed"],
                out=options["out"],
                profile=options["profile"],
                tell=self.stdout.write,
            )
        except ValueError as error:
            raise CommandError(str(error), returncode=2) from error
        for name, count in rows.items():
            self.stdout.write(f"{count:>10} {name}")
