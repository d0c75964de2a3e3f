"""`fit_ranking`: a new ranking model and its card from any survey file."""

import json
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from registry.common.errors import DomainError
from registry.common.jobs import start_job
from registry.desil.fitting import fit_model
from registry.officers.actor import add_by_argument, get_actor
from registry.ranking import Settings

RIVALS = list(Settings().challengers)


class Command(BaseCommand):
    """Exit 0 with a new model, 2 when the survey cannot be used."""

    help = "Fit a ranking model to a survey: log spending per person on the family's items."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Declare the options."""
        parser.add_argument("survey", type=Path, help="CSV (or .csv.gz, .parquet), one row a household")
        parser.add_argument("--outcome", required=True, metavar="COL", help="spending, in money per month")
        parser.add_argument("--weight", metavar="COL", help="survey weight")
        parser.add_argument("--psu", metavar="COL", help="primary sampling unit: held out together")
        parser.add_argument("--stratum", metavar="COL", help="stratum of the sample")
        parser.add_argument("--region", metavar="COL", help="regency of the household")
        parser.add_argument("--region-system", choices=("kemendagri", "bps"), default="kemendagri",
                            help="whose codes the regency column holds")  # fmt: skip
        parser.add_argument("--mapping", type=Path, metavar="FILE", help="YAML that names a foreign survey's items")
        parser.add_argument("--unit", choices=("person", "family"), default="person", help="what the errors count")
        parser.add_argument("--challengers", nargs="*", choices=RIVALS, default=RIVALS, metavar="METHOD",
                            help=f"what it is compared with, some take minutes: {', '.join(RIVALS)}")  # fmt: skip
        parser.add_argument("--json", action="store_true", help="print version, hash and card as JSON")
        add_by_argument(parser)

    def handle(self, *args: Any, **options: Any) -> None:
        """Fit and tell."""
        by = get_actor(options)
        try:
            with start_job("fit_ranking", by=by, terminal=not options["json"]) as job:
                model = fit_model(
                    survey=options["survey"],
                    outcome=options["outcome"],
                    weight=options["weight"],
                    psu=options["psu"],
                    stratum=options["stratum"],
                    region=options["region"],
                    region_system=options["region_system"],
                    mapping=options["mapping"],
                    unit=options["unit"],
                    settings=Settings(challengers=tuple(options["challengers"])),
                    by=by,
                    now=timezone.now(),
                    progress=lambda done, total, step: job.progress(done, total, step),
                )
        except DomainError as error:
            raise CommandError(error.sentence("en"), returncode=2) from error
        card = model.card
        if options["json"]:
            self.stdout.write(json.dumps({"model": model.pk, "hash": model.hash, "card": card}))
            return
        self.stdout.write(f"Model {model.pk} ({model.hash[:12]}), fitted to {card['survey']['households']} households")
        r2 = card["r2"]
        self.stdout.write(f"  R² out of sample: {r2['value']:.3f} ({r2['low']:.3f} to {r2['high']:.3f})")
        self.stdout.write(f"  Spearman: {card['spearman']:.3f}")
        for line in card["errors"][card["unit"]]:
            exclusion = line["exclusion"]
            self.stdout.write(
                f"  poorest {line['quota']:>2} %: exclusion {exclusion['value']:.3f}"
                f" ({exclusion['low']:.3f} to {exclusion['high']:.3f}),"
                f" inclusion {line['inclusion']['value']:.3f}, best possible {line['best_possible']:.3f}"
            )
        for rival in card["challengers"]:
            self.stdout.write(f"  challenger {rival['name']}: {json.dumps(rival)[:160]}")
        if model.worsened:
            self.stdout.write(
                f"  {len(model.worsened)} protected groups fare worse than with model {model.predecessor_id}:"
                " two people must sign a reason before a ranking of this model is published"
            )
