"""`export_ranks`: the score and desil of every family in a run."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from registry.common.errors import DomainError
from registry.desil.exports import export_ranks
from registry.desil.selectors import get_run
from registry.officers.actor import add_by_argument, get_actor


class Command(BaseCommand):
    """Exit 0 when the file is written."""

    help = "Write household_id,regency,score,desil,p_below_cut as CSV or Parquet."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Declare the options."""
        parser.add_argument("file", help="ends in .csv or .parquet")
        parser.add_argument("--run", type=int, metavar="ID", help="default: the latest run")
        add_by_argument(parser)

    def handle(self, *args: Any, **options: Any) -> None:
        """Export and tell."""
        try:
            run = get_run(options["run"])
            rows = export_ranks(run=run, path=options["file"], by=get_actor(options), now=timezone.now())
        except DomainError as error:
            raise CommandError(error.sentence("en"), returncode=2) from error
        self.stdout.write(f"{rows} families of ranking {run.pk} in {options['file']}")
