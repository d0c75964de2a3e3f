"""Load the regions: the shipped ones, or any CSV."""

import argparse
import datetime as dt
import json
import time
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from registry.common.errors import DomainError
from registry.officers.actor import add_by_argument, get_actor
from registry.officers.operations import follow_recoded_regions, refresh_scope_regencies
from registry.wilayah import files
from registry.wilayah.operations import load_regions


def _column(text: str) -> tuple[str, str]:
    ours, separator, theirs = text.partition("=")
    if not separator:
        raise argparse.ArgumentTypeError("write it as code=KODE")
    return ours, theirs


class Command(BaseCommand):
    """Load regions with their validity; what is the same already stays untouched."""

    help = (
        "Load the regions of Indonesia. Without options: the shipped Kemendagri codes of 2025, "
        "the BPS bridge and the regencies recoded in 2022."
    )

    def add_arguments(self, parser: argparse.ArgumentParser) -> None:
        """Declare the options."""
        parser.add_argument(
            "--regions", nargs="+", type=Path, metavar="CSV",
            help="files (or a folder of files) with the columns code and name, and perhaps "
            "valid_from, valid_to, successor; plain or gzipped",
        )  # fmt: skip
        parser.add_argument(
            "--column", action="append", type=_column, default=[], metavar="OURS=THEIRS",
            help="what the files call a column, as --column code=kode --column name=nama",
        )  # fmt: skip
        parser.add_argument("--bridge", nargs="+", type=Path, metavar="CSV",
                            help="BPS bridge: bps_code, bps_name, code, name")  # fmt: skip
        parser.add_argument("--successions", type=Path, metavar="CSV",
                            help="recoded regions: old, new, since, kind, source")  # fmt: skip
        parser.add_argument("--complete", action="store_true",
                            help="regions that the files lack cease to be in force")  # fmt: skip
        parser.add_argument("--on", type=dt.date.fromisoformat, metavar="DATE",
                            help="the day on which they cease (default: today)")  # fmt: skip
        parser.add_argument("--json", action="store_true", help="print counts as JSON")
        add_by_argument(parser)

    def handle(self, *args: Any, **options: Any) -> None:
        """Read the files, write the difference, print counts."""
        started = time.monotonic()
        by = get_actor(options)
        shipped = not options["regions"]
        try:
            loaded = load_regions(
                regions=files.shipped_regions()
                if shipped
                else files.read_regions(options["regions"], columns=dict(options["column"])),
                bridge=files.read_bridge(
                    options["bridge"] or ([files.shipped("bps_bridge.csv.gz")] if shipped else [])
                ),
                successions=files.read_successions(options["successions"] or files.shipped("recoded.csv"))
                if shipped or options["successions"]
                else [],
                complete=options["complete"],
                on=options["on"],
                by=by,
                now=timezone.now(),
            )
            followed = follow_recoded_regions(by=by, now=timezone.now())
            refresh_scope_regencies(by=by, now=timezone.now())
        except DomainError as error:
            raise CommandError(error.sentence(), returncode=2) from error
        if options["json"]:
            self.stdout.write(json.dumps(loaded.__dict__))
        elif loaded.is_noop:
            self.stdout.write(f"{loaded.same} regions, all as they were. Nothing was changed.")
        else:
            self.stdout.write(
                f"{loaded.added} regions new, {loaded.changed} changed, {loaded.ended} ended, "
                f"{loaded.same} as they were; {loaded.bridged} BPS codes written "
                f"({time.monotonic() - started:.1f} s)"
            )
        if followed and not options["json"]:
            self.stdout.write(f"{followed} roles of officers follow their region to its new code.")
