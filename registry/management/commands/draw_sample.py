"""`draw_sample`: families for an uji petik, handed over as visit assignments."""

import datetime as dt
import json
from argparse import ArgumentParser
from dataclasses import replace
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from registry.common.errors import DomainError, RuleRefused
from registry.common.sheets import write_csv
from registry.officers.actor import add_by_argument, get_actor
from registry.officers.selectors import find_officer
from registry.programmes.selectors import get_desil_limit
from registry.uji_petik.answers import COLUMNS, list_visits
from registry.uji_petik.frames import suggest_name
from registry.uji_petik.lots import LotRequest
from registry.uji_petik.models import JUDGING, Design, ErrorKind
from registry.uji_petik.operations import draw_sample

WEEKS = 4


class Command(BaseCommand):
    """Exit 0 when the sample is drawn, 2 when it is refused."""

    help = (
        "Draw families for an uji petik; the same seed over the same register draws the same ones. With the methods lot"
        " and lqas the families of a region, or of each of its villages, are accepted or rejected together."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Declare the options."""
        parser.add_argument("--region", required=True, metavar="CODE", help="regency or below, as 35.14")
        parser.add_argument("--name", help="default: error and region")
        errors = [kind for kind in ErrorKind.values if kind != ErrorKind.COVERAGE]
        methods = [method for method in Design.Method.values if method != Design.Method.CANVASS]
        parser.add_argument("--error", choices=errors, default=ErrorKind.DATA.value, help="which error is measured")
        parser.add_argument("--method", choices=methods, default=Design.Method.TWO_STAGE.value)
        parser.add_argument("--frame", choices=Design.Frame.values, default=Design.Frame.EVERYONE.value)
        parser.add_argument(
            "--line", type=int, choices=range(1, 10), metavar="DESIL", help="of a frame below or above, or of a rank"
        )
        parser.add_argument("--programme", metavar="CODE", help="families up to the desil that this programme reaches")
        parser.add_argument("--villages", type=int, default=0, metavar="N", help="of two stages")
        parser.add_argument("--per-village", type=int, default=10, metavar="N")
        parser.add_argument("--families", type=int, default=0, metavar="N", help="of the other methods")
        parser.add_argument("--floor", type=float, default=0.25, metavar="SHARE", help="drawn by chance, of risk")
        parser.add_argument("--good", type=float, metavar="SHARE", help="wrong ones up to which a lot is good; 0.01")
        parser.add_argument("--bad", type=float, metavar="SHARE", help="wrong ones from which it may not pass; 0.10")
        parser.add_argument("--risk", type=float, metavar="SHARE", help="chance of an error about either; 0.05")
        parser.add_argument("--accept", type=int, metavar="N", help="wrong ones allowed; default: as the risks need")
        parser.add_argument("--per-area", type=int, metavar="N", help="visits in each small area (lqas); 19")
        parser.add_argument("--reduced", action="store_true", help="inspect less where the earlier lots allow it")
        parser.add_argument("--companion", metavar="EMAIL", help="only the area of this companion, within the region")
        parser.add_argument("--seed", type=int, required=True, help="any number; it repeats the draw")
        parser.add_argument("--due", type=dt.date.fromisoformat, metavar="DATE", help=f"default: in {WEEKS} weeks")
        parser.add_argument("--visits", type=Path, metavar="FILE", help="CSV of the drawn families, to fill in")
        parser.add_argument("--json", action="store_true", help="print the result as JSON")
        add_by_argument(parser)

    def handle(self, *args: Any, **options: Any) -> None:
        """Draw and tell."""
        now = timezone.now()
        today = timezone.localdate(now)
        try:
            by = get_actor(options)
            frame, line = options["frame"], options["line"]
            if options["programme"]:
                limit = get_desil_limit(options["programme"], on=today)
                frame, line = (Design.Frame.BELOW_LINE.value, limit) if limit < 10 else (frame, None)
            design = draw_sample(
                name=options["name"] or suggest_name(options["error"], options["region"]),
                error=options["error"],
                method=options["method"],
                frame=frame,
                line=line,
                region_code=options["region"],
                families=options["families"],
                villages=options["villages"],
                per_village=options["per_village"],
                floor=options["floor"],
                lot=self._lot(options),
                seed=options["seed"],
                due_on=options["due"] or today + dt.timedelta(weeks=WEEKS),
                by=by,
                now=now,
            )
            if options["visits"]:
                rows = list_visits(design, door="command.draw_sample", by=by, now=now)
                write_csv(options["visits"], [*COLUMNS, "order", "village"], rows)
        except DomainError as error:
            raise CommandError(error.sentence("en"), returncode=2) from error
        draws = design.draws.count()
        if options["json"]:
            told = {"design": design.pk, "draws": draws, "frame": design.frame_size, "frame_hash": design.frame_hash}
            self.stdout.write(json.dumps(told))
            return
        self.stdout.write(f"Design {design.pk}: {draws} of {design.frame_size} families drawn, due {design.due_on}")
        for stratum in design.strata.all():
            self.stdout.write(
                f"  {stratum.code or 'all':<12} {stratum.drawn_families} of {stratum.families} families"
                f" in {stratum.drawn_psus} of {stratum.psus} villages"
            )
        for lot in design.lots.order_by("pk"):
            self.stdout.write(
                f"  lot {lot.region_code}: open {lot.n} of {lot.size}, accept with at most {lot.accept} wrong"
                f" ({lot.severity}); a good one fails with {100 * lot.producer_risk:.1f} %, a bad one passes with"
                f" {100 * lot.consumer_risk:.1f} %"
            )

    def _lot(self, options: dict[str, Any]) -> LotRequest | None:
        """Return what a lot is asked to be; None for the designs that measure."""
        if options["method"] not in JUDGING:
            return None
        small = options["method"] == Design.Method.LQAS
        asked = LotRequest(
            good_share=0.2 if small else 0.01, bad_share=0.5 if small else 0.1, reduced=options["reduced"],
            accept=options["accept"],
        )  # fmt: skip
        given = {"good_share": options["good"], "bad_share": options["bad"], "visits": options["per_area"]}
        if options["risk"] is not None:
            given |= {"producer_risk": options["risk"], "consumer_risk": options["risk"]}
        if options["companion"]:
            companion = find_officer(options["companion"])
            if companion is None:
                raise RuleRefused("uji_petik.lot.no_area")
            given["companion"] = companion.pk
        return replace(asked, **{name: value for name, value in given.items() if value is not None})
