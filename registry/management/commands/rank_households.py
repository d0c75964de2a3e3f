"""`rank_households`: score every family, cut into desil; publish on request, by two people."""

import datetime as dt
import json
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from registry.common.errors import DomainError, NotAllowed
from registry.common.jobs import start_job
from registry.desil.models import RankModel
from registry.desil.publishing import approve_model, propose_run, publish_run, sign_model
from registry.desil.runs import compute_run
from registry.desil.selectors import get_model
from registry.desil.states import ModelState
from registry.officers.actor import add_by_argument, get_actor


class Command(BaseCommand):
    """Exit 0 when the run is there (and published, when asked for), 2 when something is refused."""

    help = "Score every family of the register with a ranking model and cut them into ten desil."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Declare the options."""
        parser.add_argument(
            "--model", type=int, metavar="VERSION", help="default: the newest approved, else the newest"
        )
        parser.add_argument("--unit", choices=("person", "family"), default="person")
        parser.add_argument("--scope", choices=("nation", "province", "regency"), default="nation")
        parser.add_argument("--as-of", type=dt.date.fromisoformat, metavar="DATE", help="default: today")
        parser.add_argument("--publish", action="store_true", help="publish it; needs --by and --approved-by")
        parser.add_argument("--approved-by", metavar="EMAIL", help="the second officer")
        parser.add_argument("--reason", default="", help="why a model that worsens a protected group is used")
        parser.add_argument("--json", action="store_true", help="print the result as JSON")
        add_by_argument(parser)

    def handle(self, *args: Any, **options: Any) -> None:
        """Compute, perhaps publish, and tell."""
        by = get_actor(options)
        now = timezone.now()
        try:
            second = None
            if options["publish"]:
                if not options["by"] or not options["approved_by"]:
                    raise NotAllowed("desil.run.person_needed")
                second = get_actor({"by": options["approved_by"]})
                if second.pk == by.pk:
                    raise NotAllowed("desil.run.same_person")
            model = get_model(options["model"])
            with start_job("rank_households", by=by, terminal=not options["json"]) as job:
                run = compute_run(
                    model=model,
                    unit=options["unit"],
                    scope=options["scope"],
                    as_of=options["as_of"] or timezone.localdate(now),
                    by=by,
                    now=now,
                    progress=lambda done, total, step: job.progress(done, total, step),
                )
            if second is not None:
                self._approve(model, options["reason"], by, second)
                run = propose_run(run=run, by=by, now=timezone.now())
                run = publish_run(run=run, by=second, now=timezone.now())
        except DomainError as error:
            raise CommandError(error.sentence("en"), returncode=2) from error
        told = {
            "run": run.pk, "model": run.model_id, "unit": run.unit, "scope": run.scope, "state": run.state,
            "hash": run.content_hash, **run.counts,
        }  # fmt: skip
        if options["json"]:
            self.stdout.write(json.dumps(told))
            return
        self.stdout.write(
            f"Ranking {run.pk} by model {run.model_id}: {run.counts['families']} families,"
            f" {run.counts['persons']} persons, {run.state}"
        )

    def _approve(self, model: RankModel, reason: str, by: Any, second: Any) -> None:
        """Let the same two people sign and approve a model that nobody has approved yet."""
        model.refresh_from_db()
        if model.state == ModelState.APPROVED:
            return
        if model.signed_by_id is None:
            sign_model(model=model, reason=reason, by=by, now=timezone.now())
        approve_model(model=model, by=second, now=timezone.now())
