"""Receive a delivery: `receive_delivery SOURCE FILE… --period YYYY-MM`."""

import argparse
import json
import sys
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from registry.common.errors import SENTENCES, DomainError, Misconfigured, render_sentence
from registry.common.jobs import start_job
from registry.officers.actor import add_by_argument, get_actor
from registry.sources.operations import Received, receive_delivery
from registry.sources.selectors import get_rule_sentence


class Command(BaseCommand):
    """Validate the files of one source and keep them, or refuse them whole (exit code 2)."""

    help = "Receive one delivery of a source: one or two files, in any order, csv, csv.gz or xlsx."

    def add_arguments(self, parser: argparse.ArgumentParser) -> None:
        """Declare the options."""
        parser.add_argument(
            "source", metavar="SOURCE", help="dtks, regsosek, p3ke, lapangan, or the mapping's own name"
        )
        parser.add_argument("files", metavar="FILE", nargs="+", type=Path)
        parser.add_argument("--period", required=True, metavar="YYYY-MM", help="a row's own date outranks it")
        parser.add_argument("--separator", metavar="C", help="found out unless announced")
        parser.add_argument("--encoding", metavar="E", help="found out unless announced")
        parser.add_argument("--mapping", type=Path, metavar="FILE", help="a mapping file of a layout of your own")
        parser.add_argument("--dry-run", action="store_true", help="validate and count, keep nothing")
        parser.add_argument("--json", action="store_true", help="print the answer as JSON")
        add_by_argument(parser)

    def handle(self, *args: Any, **options: Any) -> None:
        """Receive, print counts and where the findings are."""
        by = get_actor(options)
        try:
            with start_job("receive_delivery", by=by, terminal=not options["json"]) as job:
                answer = receive_delivery(
                    source=options["source"],
                    files=options["files"],
                    period=options["period"],
                    separator=options["separator"],
                    encoding=options["encoding"],
                    mapping_file=options["mapping"],
                    dry_run=options["dry_run"],
                    progress=lambda step, done: job.progress(done, step=step),
                    by=by,
                    now=timezone.now(),
                )
        except Misconfigured as error:
            raise CommandError(error.sentence()) from error
        except DomainError as error:
            self._refused(error.sentence("en"), error.sentence("id"), options)
        if answer.refusal:
            code, facts = answer.refusal
            pair = SENTENCES[code]
            self._refused(render_sentence(pair, facts, "en"), render_sentence(pair, facts, "id"), options)
        self._print(answer, options)

    def _refused(self, english: str, indonesian: str, options: dict[str, Any]) -> None:
        if options["json"]:
            self.stdout.write(
                json.dumps(
                    {"delivery": None, "findings_file": None, "refused": english, "refused_id": indonesian, "files": []}
                )
            )
            sys.exit(2)
        raise CommandError(f"Refused. {english}\nDitolak. {indonesian}", returncode=2)

    def _print(self, answer: Received, options: dict[str, Any]) -> None:
        place = str(answer.findings_file) if answer.findings_file else None
        if options["json"]:
            self.stdout.write(
                json.dumps(
                    {
                        "delivery": answer.delivery.content_hash if answer.delivery else None,
                        "findings_file": place,
                        "refused": None,
                        "already_there": answer.already_there,
                        "files": [vars(file) for file in answer.files],
                    }
                )
            )
            return
        if answer.already_there:
            self.stdout.write("These files were received before; nothing was changed.")
        if answer.dry_run:
            self.stdout.write("Dry run: nothing was kept.")
        for file in answer.files:
            self.stdout.write(
                f"{file.name} ({file.role}): {file.rows} rows, {file.accepted} accepted, {file.rejected} rejected,"
                f" {file.with_findings} with findings"
            )
        for rule, severity, n in answer.findings:
            self.stdout.write(f"  {n:>8} {severity:<8} {rule:<28} {get_rule_sentence(rule, 'en')}")
        if place:
            self.stdout.write(f"Findings: {place}")
