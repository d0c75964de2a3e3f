"""`load_programmes`: the rules of the programmes, shipped or from a file of one's own."""

import argparse
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from registry.common.errors import DomainError
from registry.officers.actor import add_by_argument, get_actor
from registry.programmes.files import SHIPPED, read_programmes
from registry.programmes.operations import load_programmes


class Command(BaseCommand):
    """Exit 0 also when all of it was there already."""

    help = "Load programmes, their rules and components with their days; what is the same stays untouched."

    def add_arguments(self, parser: argparse.ArgumentParser) -> None:
        """Declare the options."""
        parser.add_argument("file", nargs="?", type=Path, default=SHIPPED, help="YAML file (default: the shipped one)")
        add_by_argument(parser)

    def handle(self, *args: Any, **options: Any) -> None:
        """Read, write the difference, tell."""
        by = get_actor(options)
        try:
            loaded = load_programmes(content=read_programmes(options["file"]), by=by, now=timezone.now())
        except DomainError as error:
            raise CommandError(error.sentence("en"), returncode=2) from error
        if loaded.is_noop:
            self.stdout.write(f"{loaded.same} rules of programmes, all as they were. Nothing was changed.")
        else:
            self.stdout.write(
                f"Rules of programmes: {loaded.added} new, {loaded.changed} changed, {loaded.same} as they were"
            )
