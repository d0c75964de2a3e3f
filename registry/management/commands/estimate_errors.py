"""`estimate_errors`: take the answers of an uji petik and say how large the error is."""

import json
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from registry.common.errors import DomainError, RuleRefused
from registry.officers.actor import add_by_argument, get_actor
from registry.uji_petik.answers import receive_results
from registry.uji_petik.canvass import estimate_coverage
from registry.uji_petik.estimating import Checkers, close_design, estimate_errors
from registry.uji_petik.frames import suggest_name
from registry.uji_petik.models import Design, ErrorKind


class Command(BaseCommand):
    """Exit 0 with the estimates, 2 when the answers cannot be used."""

    help = "Estimate the error that a sample measures, with its interval, from a file of answers or those received."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Declare the options."""
        parser.add_argument("--design", type=int, metavar="ID", help="default: the newest")
        parser.add_argument("--results", type=Path, metavar="FILE", help="CSV: household_id, outcome, perhaps reason")
        parser.add_argument("--coverage", type=Path, metavar="FILE", help="CSV: an independent list of the area")
        parser.add_argument("--region", metavar="CODE", help="of the area, with --coverage")
        parser.add_argument("--guarantee", action="store_true", help="Clopper-Pearson where the sample is simple")
        parser.add_argument("--sensitivity", type=float, metavar="SHARE", help="of the checkers, with --specificity")
        parser.add_argument("--specificity", type=float, metavar="SHARE")
        parser.add_argument("--close", action="store_true", help="take no further answers of this design")
        parser.add_argument("--json", action="store_true", help="print the estimates as JSON")
        add_by_argument(parser)

    def handle(self, *args: Any, **options: Any) -> None:
        """Receive, estimate, tell."""
        by, now = get_actor(options), timezone.now()
        checkers = None
        if options["sensitivity"] is not None and options["specificity"] is not None:
            checkers = Checkers(options["sensitivity"], options["specificity"])
        if options["coverage"] and not options["region"]:
            raise CommandError("--coverage needs --region", returncode=2)
        try:
            if options["coverage"]:
                self._tell_coverage(
                    estimate_coverage(
                        name=suggest_name(ErrorKind.COVERAGE, options["region"]),
                        region_code=options["region"],
                        path=options["coverage"],
                        by=by,
                        now=now,
                    ),
                    as_json=options["json"],
                )
                return
            design = Design.objects.filter(**({"pk": options["design"]} if options["design"] else {})).first()
            if design is None:
                raise RuleRefused("uji_petik.design.unknown", design=options["design"] or "")
            if options["results"]:
                receive_results(design=design, path=options["results"], by=by, now=now)
            found = estimate_errors(
                design=design, checkers=checkers, guarantee=options["guarantee"], by=by, now=timezone.now()
            )
            if options["close"]:
                close_design(design=design, by=by, now=timezone.now())
        except DomainError as error:
            raise CommandError(error.sentence("en"), returncode=2) from error
        if options["json"]:
            rows = [
                {
                    "domain": row.domain, "value": row.value, "low": row.low, "high": row.high, "method": row.method,
                    "n": row.n, "n_eff": row.n_eff, "deff": row.deff, "response": row.response,
                }
                for row in found
            ]  # fmt: skip
            self.stdout.write(json.dumps({"design": design.pk, "error": design.error, "estimates": rows}))
            return
        self.stdout.write(f"Design {design.pk}, {design.name}: {design.get_error_display()}")
        for row in found:
            self.stdout.write(
                f"  {row.domain or 'all':<12} {100 * row.value:5.1f} % ({100 * row.low:.1f} to {100 * row.high:.1f},"
                f" {row.method}); n {row.n}, n_eff {row.n_eff:.0f}, deff {row.deff:.2f},"
                f" answered {100 * row.response:.0f} %"
            )

    def _tell_coverage(self, design: Design, *, as_json: bool) -> None:
        """Tell the share that is lacking, never without its band."""
        rows = list(design.estimates.order_by("pk"))
        if as_json:
            told = [
                {"domain": row.domain, "value": row.value, "low": row.low, "high": row.high, "n": row.n} | row.note
                for row in rows
            ]
            self.stdout.write(json.dumps({"design": design.pk, "error": design.error, "estimates": told}))
            return
        settings = design.settings
        for row in rows:
            note = row.note
            self.stdout.write(
                f"Design {design.pk}: {note['listed']} of about {note['population']}"
                f" {'families' if row.domain else 'people'} are registered;"
                f" lacking {100 * row.value:.1f} % ({100 * row.low:.1f} to {100 * row.high:.1f});"
                f" if the lists depend on each other by an odds ratio of {note['odds'][0]:g} to {note['odds'][1]:g}:"
                f" {100 * note['band_low']:.1f} to {100 * note['band_high']:.1f} %"
            )
        self.stdout.write(
            f"  linkage: comparing noticed {settings['noticed'][0]} of {settings['noticed'][1]} pairs known by NIK,"
            f" paired {settings['by_chance'][0]} of {settings['by_chance'][1]} strangers"
        )
