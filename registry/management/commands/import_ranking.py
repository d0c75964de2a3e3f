"""`import_ranking`: an official ranking from a file, ready to be published by two people."""

import datetime as dt
import json
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from registry.common.errors import DomainError, NotAllowed
from registry.common.jobs import start_job
from registry.desil.importing import import_ranking
from registry.desil.publishing import propose_run, publish_run
from registry.desil.runs import get_run_folder
from registry.desil.states import RunState
from registry.officers.actor import add_by_argument, get_actor


class Command(BaseCommand):
    """Exit 0 when the run is there (and published, when asked for), 2 when something is refused."""

    help = "Import an official ranking: NIK or KK number and desil of each family, as CSV or XLSX."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Declare the options."""
        parser.add_argument("file", type=Path, help="CSV, CSV in gzip, or XLSX")
        parser.add_argument("--source", required=True, help="who made the ranking, for example BPS")
        parser.add_argument("--model-version", default="", metavar="TEXT", help="version of its model, as told")
        parser.add_argument("--ranked-on", type=dt.date.fromisoformat, metavar="DATE", help="default: as the rows say")
        parser.add_argument("--unit", choices=("person", "family"), default="person", help="tenths of what, as told")
        parser.add_argument("--scope", choices=("nation", "province", "regency"), default="nation")
        parser.add_argument(
            "--mapping", type=Path, metavar="FILE", help="YAML that names the columns of another layout"
        )
        parser.add_argument("--publish", action="store_true", help="publish it; needs --by and --approved-by")
        parser.add_argument("--approved-by", metavar="EMAIL", help="the second officer")
        parser.add_argument("--json", action="store_true", help="print the result as JSON")
        add_by_argument(parser)

    def handle(self, *args: Any, **options: Any) -> None:
        """Import, perhaps publish, and tell."""
        by = get_actor(options)
        try:
            second = None
            if options["publish"]:
                if not options["by"] or not options["approved_by"]:
                    raise NotAllowed("desil.run.person_needed")
                second = get_actor({"by": options["approved_by"]})
                if second.pk == by.pk:
                    raise NotAllowed("desil.run.same_person")
            with start_job("import_ranking", by=by, terminal=not options["json"]) as job:
                answer = import_ranking(
                    path=options["file"],
                    source=options["source"],
                    version=options["model_version"],
                    ranked_on=options["ranked_on"],
                    unit=options["unit"],
                    scope=options["scope"],
                    mapping=options["mapping"],
                    by=by,
                    now=timezone.now(),
                    progress=lambda done, total, step: job.progress(done, total, step),
                )
            run = answer.run
            if second is not None and run.state != RunState.PUBLISHED:
                if run.state == RunState.READY:
                    run = propose_run(run=run, by=by, now=timezone.now())
                run = publish_run(run=run, by=second, now=timezone.now())
        except DomainError as error:
            raise CommandError(error.sentence("en"), returncode=2) from error
        findings_file = get_run_folder(run.pk) / "findings.parquet"
        if options["json"]:
            told = {
                "run": run.pk, "state": run.state, "as_of": run.as_of.isoformat(), "hash": run.content_hash,
                "already_there": answer.already_there, "findings_file": str(findings_file), **run.counts,
            }  # fmt: skip
            self.stdout.write(json.dumps(told))
            return
        if answer.already_there:
            self.stdout.write(f"This file is ranking {run.pk} already; nothing changed")
        counts = run.counts
        self.stdout.write(
            f"Ranking {run.pk} of {run.source} as of {run.as_of}: {counts['families']} families"
            f" from {counts['rows']} rows, {counts['unranked']} families of the register not in it, {run.state}"
        )
        for rule, n in counts["findings"].items():
            self.stdout.write(f"  {rule}: {n}")
        self.stdout.write(f"  findings: {findings_file}")
