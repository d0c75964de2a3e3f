"""`demo`: the whole story on made-up deliveries. Calls the commands an office would; writes no row itself."""

import argparse
import datetime as dt
import io
import json
import re
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone
from rich.console import Console
from rich.progress import BarColumn, Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

from dtsen_site.demo.checking import answer_visits
from dtsen_site.demo.generation import PERIOD, delivery_files, generate, join_deliveries
from dtsen_site.demo.official import last_quarter, write_official
from registry.desil.publishing import propose_run
from registry.desil.selectors import find_published_run, get_run
from registry.desil.simulations import simulate_line
from registry.officers.actor import get_actor
from registry.officers.operations import set_password_by_link
from registry.officers.selectors import system_officer
from registry.programmes.selectors import find_programmes

# Of made-up officers over made-up people only; the demo prints it.
PASSWORD = "Satu-data-Indonesia-2025"  # noqa: S105
ADMINISTRATORS = ("Adi Administrator", "Ayu Administrator")
# Role, the name shown, how much of the regency's code the role is held for.
OFFICERS = (
    ("verifier", "Wening Verifikator", 5),
    ("approver", "Panji Penyetuju", 5),
    ("village_operator", "Ola Operator Desa", 13),
    ("companion", "Pandu Pendamping", 5),
    ("call_centre_agent", "Citra Agen 171", 0),
    ("province_officer", "Prima Provinsi", 2),
    ("task_force", "Satria Satgas", 5),
    ("administrator", ADMINISTRATORS[0], 0),
    ("administrator", ADMINISTRATORS[1], 0),
    ("auditor", "Audi Auditor", 0),
    ("partner", "Mitra Lembaga", 5),
)
SEED = 35
SURVEY = {
    "outcome": "pengeluaran_per_kapita", "weight": "penimbang", "psu": "psu", "stratum": "strata",
    "region": "kode_kabupaten_kota", "challengers": ["regency_ols"],
}  # fmt: skip
VILLAGES, PER_VILLAGE, LINE = 6, 10, 4
PROGRAMMES = ("pkh", "sembako")
OFFICIAL_SOURCE = "BPS (contoh karangan)"


class Command(BaseCommand):
    """Run again, it adds nothing that is there."""

    help = "Make deliveries of two regencies, receive and match them, make officers of every role, rank, draw a sample."

    def add_arguments(self, parser: argparse.ArgumentParser) -> None:
        """Declare the options."""
        parser.add_argument("--people", type=int, default=5000, metavar="N", help="in the first regency")
        parser.add_argument("--regency", default="35.14", metavar="CODE")
        parser.add_argument("--second", default="93.01", metavar="CODE", help="a small second regency")
        parser.add_argument("--seed", type=int, default=SEED, metavar="S")
        parser.add_argument("--profile", default="plain", choices=("plain", "hard"))

    def handle(self, *args: Any, **options: Any) -> None:
        """Do each step with its progress, then say where to look."""
        regencies = [options["regency"], options["second"]]
        sizes = [options["people"], max(300, options["people"] // 6)]
        root = Path(settings.DTSEN_STATE_DIR) / "demo"
        mark = f"{options['people']}-{options['seed']}-{options['profile']}"
        folders = [root / f"{regency}-{mark}" for regency in regencies]
        joined = root / f"{'-'.join(regencies)}-{mark}"
        answers: list[str] = []
        accounts: list[tuple[str, str, str]] = []
        console = Console(file=self.stdout, highlight=False)  # type: ignore[arg-type]
        columns = (SpinnerColumn(), TextColumn("{task.description}"), BarColumn(), TimeElapsedColumn())
        with Progress(*columns, console=console) as progress:
            steps = progress.add_task("People, families and their deliveries", total=2 + 3 + len(OFFICERS) * 2 + 9)
            for number, (regency, size, folder) in enumerate(zip(regencies, sizes, folders, strict=True)):
                if not (folder / "manifest.json").exists():
                    generate(
                        people=size, regency=regency, seed=options["seed"], out=folder, profile=options["profile"],
                        first=number * 100_000_000,
                    )  # fmt: skip
                progress.advance(steps)
            if not (joined / "done").exists():
                join_deliveries(folders, joined)
                (joined / "done").touch()
            for source, period in PERIOD.items():
                progress.update(steps, description=f"Receiving {source}")
                files = delivery_files(joined, source)
                answers.append(self._call("receive_delivery", source, *map(str, files), period=period))
                progress.advance(steps)
            progress.update(steps, description="Matching and publishing the register")
            answers.append(self._call("build_registry"))
            progress.advance(steps)
            for regency, folder in zip(regencies, folders, strict=True):
                for role, name, length in OFFICERS:
                    progress.update(steps, description=f"An officer: {role}")
                    accounts.append(self._officer(role, name, regency, length, folder))
                    progress.advance(steps)
            ranked = joined / "ranked"
            first, second = (self._email("administrator", "pusat", name) for name in ADMINISTRATORS)
            if not ranked.exists():
                progress.update(steps, description="Fitting a ranking model to the survey")
                answers.append(self._call("fit_ranking", folders[0] / "susenas.csv", **SURVEY))
                progress.advance(steps)
                progress.update(steps, description="Ranking the families, published by two administrators")
                publishing = {"publish": True, "by": first, "approved_by": second}
                answers.append(self._call("rank_households", **publishing))
                progress.advance(steps)
                progress.update(steps, description="Drawing families for an uji petik")
                visits = joined / "visits.csv"
                drawing = {"villages": VILLAGES, "per_village": PER_VILLAGE, "seed": options["seed"]}
                what = {"error": "model", "line": LINE, "region": regencies[0], "visits": visits}
                answers.append(self._call("draw_sample", **what, **drawing))
                progress.advance(steps)
                progress.update(steps, description="Checking the families that were drawn")
                links, ranks, results = joined / "links.csv", joined / "ranks.csv", joined / "results.csv"
                self._call("export_links", str(links))
                self._call("export_ranks", str(ranks))
                answer_visits(
                    visits, links=links, ranks=ranks, truths=folders, line=LINE, seed=options["seed"], out=results
                )
                answers.append(self._call("estimate_errors", results=results, close=True))
                progress.advance(steps)
                progress.update(steps, description="Drawing the next families to visit")
                drawing = {"villages": VILLAGES, "per_village": PER_VILLAGE, "seed": options["seed"] + 1}
                answers.append(self._call("draw_sample", region=regencies[0], **drawing))
                progress.advance(steps)
                ranked.touch()
            if not (joined / "official").exists():
                progress.update(steps, description="Importing an official ranking of the last quarter")
                answers.append(self._official(joined, folders, options["seed"], first))
                progress.advance(steps)
                progress.update(steps, description="Asking what another line would mean")
                answers.append(self._what_if(regencies[0]))
                progress.advance(steps)
                (joined / "official").touch()
            if not (joined / "proposed").exists():
                progress.update(steps, description="Proposing who receives PKH and Sembako this quarter")
                verifier = self._email("verifier", regencies[0].replace(".", ""), "")
                period = f"{last_quarter(timezone.localdate()) + dt.timedelta(days=1):%Y-%m}"
                for programme in PROGRAMMES:
                    asked = {"period": period, "region": regencies[0], "by": verifier}
                    answers.append(self._call("propose_candidates", programme, **asked))
                progress.advance(steps)
                (joined / "proposed").touch()
        for answer in answers:
            self.stdout.write(answer.rstrip())
        self._where(accounts)

    def _official(self, joined: Path, truths: list[Path], seed: int, proposer: str) -> str:
        """Import a sheet that is older than our ranking; one administrator proposes it, the other may publish it."""
        sheet = joined / "desil-resmi.csv"
        write_official(truths, sheet, ranked_on=last_quarter(timezone.localdate()), seed=seed)
        answer = self._call("import_ranking", sheet, source=OFFICIAL_SOURCE, by=proposer)
        propose_run(run=get_run(), by=get_actor({"by": proposer}), now=timezone.now())
        return f"{answer}  It waits for the second administrator; until then ours is in use\n"

    def _what_if(self, regency: str) -> str:
        """Ask what another line would mean for a programme that pays every family alike, as the office's page does."""
        run = find_published_run()
        paying = [one for one in find_programmes(timezone.localdate()) if one.rule and one.rule.amount]
        if run is None or not paying:
            return ""
        rule = paying[0].rule
        quarter = rule.amount * 3 // rule.period_months if rule and rule.amount else 0
        asked = simulate_line(run, before=LINE, after=LINE - 1, regions=(regency,), rupiah_per_family=quarter)
        if asked is None:
            return ""
        total = asked.shifts.total
        return (
            f"What if {paying[0].programme.name} reached desil 1-{LINE - 1} instead of 1-{LINE} in {regency}:"
            f" {total.families_after - total.families_before:+,} families,"
            f" {total.persons_after - total.persons_before:+,} persons,"
            f" {total.rupiah_after - total.rupiah_before:+,} rupiah a quarter\n"
        )

    def _call(self, command: str, *args: Any, **options: Any) -> str:
        answer = io.StringIO()
        try:
            call_command(command, *args, stdout=answer, stderr=answer, **options)
        except CommandError as error:
            raise CommandError(f"{command}: {error}", returncode=error.returncode) from error
        return answer.getvalue()

    def _officer(self, role: str, name: str, regency: str, length: int, folder: Path) -> tuple[str, str, str]:
        """Invite an officer as the command does and set the password through the link it prints."""
        where = regency if length == 5 else _first_village(folder) if length == 13 else regency[:length]
        place = regency.replace(".", "") if length else "pusat"
        email = self._email(role, place, name)
        answer = self._call("create_officer", email, role=role, region=where or "ID", name=name)
        link = re.search(r"https?://\S+", answer)
        if link:
            token = link.group().rstrip("/").rsplit("/", 1)[-1]
            set_password_by_link(token=token, password=PASSWORD, now=timezone.now(), by=system_officer())
        return role, email, where or "Indonesia"

    def _email(self, role: str, place: str, name: str) -> str:
        """Return the address of an account; the second administrator has one of her own."""
        title = "administrator-2" if name == ADMINISTRATORS[1] else role.replace("_", "-")
        return f"{title}.{place}@demo.dtsen.example"

    def _where(self, accounts: list[tuple[str, str, str]]) -> None:
        self.stdout.write(f"\nOffice          {settings.DTSEN_SITE_URL}/")
        self.stdout.write(f"Administration  {settings.DTSEN_SITE_URL}/admin/")
        self.stdout.write(f"\nPassword of all demo accounts: {PASSWORD}")
        for role, email, where in dict.fromkeys(accounts):
            self.stdout.write(f"  {role:<18} {email:<48} {where}")


def _first_village(folder: Path) -> str:
    code = json.loads((folder / "manifest.json").read_text())["villages"][0]
    return f"{code[:2]}.{code[2:4]}.{code[4:6]}.{code[6:]}"
