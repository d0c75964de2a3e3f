"""`export_links`: which source row became whom, by which rule, how likely."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from registry.common.errors import DomainError
from registry.linkage.links import export_links
from registry.officers.actor import add_by_argument, get_actor


class Command(BaseCommand):
    """Exit 0 when the file is written."""

    help = "Write source,record_key,individual_id,household_id,rule,probability as CSV or Parquet."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Declare the options."""
        parser.add_argument("file", help="ends in .csv or .parquet")
        add_by_argument(parser)

    def handle(self, *args: Any, **options: Any) -> None:
        """Export and tell."""
        try:
            rows = export_links(path=options["file"], by=get_actor(options), now=timezone.now())
        except DomainError as error:
            raise CommandError(error.sentence("en"), returncode=2) from error
        self.stdout.write(f"{rows} links in {options['file']}")
