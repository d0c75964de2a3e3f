"""Lists of another world: the example of the guide to mapping files, taken through the commands with its truth."""

from __future__ import annotations

import csv
import datetime as dt
import io
import re
from pathlib import Path
from random import Random

import duckdb
import pytest
from django.core.management import call_command

from dtsen_site.settings.environment import PROJECT_DIR
from dtsen_site.tests.conftest import make_officer, make_regions
from dtsen_site.tests.world import build
from registry.matching.quality import Quality, pairwise
from registry.models import Household, Individual

pytestmark = pytest.mark.django_db(transaction=True)

GUIDE = PROJECT_DIR / "docs" / "how-to" / "mapping.md"
GIVEN = [
    "Emma",
    "Oliver",
    "Amelia",
    "Jack",
    "Isla",
    "Harry",
    "Mia",
    "George",
    "Ava",
    "Noah",
    "Grace",
    "Leo",
    "Ruby",
    "Oscar",
    "Freya",
    "Arthur",
    "Nora",
    "Hugo",
    "Clara",
    "Felix",
]
FAMILY = [
    "Walker",
    "Bennett",
    "Fraser",
    "Hughes",
    "Doyle",
    "Marsh",
    "Palmer",
    "Sutton",
    "Kemp",
    "Barlow",
    "Nolan",
    "Frost",
    "Hale",
    "Osborne",
    "Pratt",
    "Quinn",
]
STREETS = ("Mill Lane", "Station Road", "Church Street", "Park Avenue", "High Street", "Orchard Close", "Kings Drive")
TOWNS = (("Ashford", "2601"), ("Brookvale", "2614"), ("Carlton", "2650"), ("Dunmore", "3012"), ("Eastlake", "3044"))
HEADER = ["id", "given name", "surname", "born", "street no", "street", "town", "postcode", "insurance no"]


def examples() -> list[str]:
    """Return the mapping files that the guide shows."""
    return re.findall(r"```yaml\n(.*?)```", GUIDE.read_text(encoding="utf-8"), re.DOTALL)


def slip(text: str, chance: Random) -> str:
    """Return a text with two neighbouring letters changed over, or one left out."""
    if len(text) < 3:
        return text
    at = chance.randrange(len(text) - 1)
    return text[:at] + (text[at + 1] + text[at] if chance.random() < 0.5 else text[at + 1]) + text[at + 2 :]


def write_lists(folder: Path, *, people: int = 400, seed: int = 8) -> tuple[dict[str, Path], Path]:
    """Write two lists of people who have no NIK, family or region, and the truth; each repeats some of its people."""
    chance = Random(seed)
    files: dict[str, list[list[str]]] = {"clinic": [], "voters": []}
    truth: list[tuple[str, str, str]] = []
    for person in range(people):
        town, postcode = chance.choice(TOWNS)
        born = dt.date(1935, 1, 1) + dt.timedelta(days=chance.randrange(28_000))
        cells = [
            chance.choice(GIVEN), chance.choice(FAMILY), born.strftime("%m/%d/%Y"), str(chance.randrange(1, 200)),
            chance.choice(STREETS), town, postcode, str(chance.randrange(10**8, 10**9)),
        ]  # fmt: skip
        for source in files:
            for copy in range(1 + (chance.random() < 0.2)):
                told = list(cells)
                for column in range(len(told)):
                    if chance.random() < 0.12:
                        told[column] = (
                            "" if chance.random() < 0.3 and column not in (0, 1) else slip(told[column], chance)
                        )
                if chance.random() < 0.03:
                    told[0], told[1] = told[1], told[0]
                key = f"{source[0]}{person:04}-{copy}"
                files[source].append([key, *told])
                truth.append((source, key, str(person)))
    paths = {}
    for source, rows in files.items():
        chance.shuffle(rows)
        paths[source] = folder / f"{source}.csv"
        with paths[source].open("w", newline="", encoding="utf-8") as file:
            csv.writer(file).writerows([HEADER, *rows])
    with (folder / "truth.csv").open("w", newline="", encoding="utf-8") as file:
        csv.writer(file).writerows([("source", "record_key", "person_id"), *truth])
    return paths, folder / "truth.csv"


def receive_by_mapping(mapping: Path, source: str, *files: Path) -> None:
    """Receive a list as an operator does."""
    call_command(
        "receive_delivery", source, *map(str, files), "--mapping", str(mapping), "--period", "2024-06", stdout=io.StringIO()
    )  # fmt: skip


def judge(folder: Path, truth: Path) -> Quality:
    """Export the links and compare them with the truth."""
    links = folder / "links.csv"
    call_command("export_links", str(links), stdout=io.StringIO())
    con = duckdb.connect()
    con.execute(
        f"create table judged as select * from read_csv('{links}', all_varchar = true, header = true, delim = ',') l"
        f" join read_csv('{truth}', all_varchar = true, header = true, delim = ',') t using (source, record_key)"
    )
    return pairwise(con, "individual_id", "person_id")


@pytest.fixture
def lists(tmp_path):
    """Return the two lists with the mappings that the guide shows, and their truth."""
    make_regions()
    files, truth = write_lists(tmp_path)
    mappings = {}
    for source in files:
        mappings[source] = tmp_path / f"{source}.yaml"
        mappings[source].write_text(examples()[0].replace("source: clinic", f"source: {source}"), encoding="utf-8")
    return files, mappings, truth


def test_two_lists_without_numbers_of_ours_become_people(lists, tmp_path):
    files, mappings, truth = lists

    for source, file in files.items():
        receive_by_mapping(mappings[source], source, file)
    build()

    found = judge(tmp_path, truth)
    assert found.precision >= 0.995, found
    assert found.recall >= 0.97, found


def test_one_list_that_repeats_its_people_is_cleared_of_repetitions(lists, tmp_path):
    files, mappings, truth = lists

    receive_by_mapping(mappings["clinic"], "clinic", files["clinic"])
    build()

    found = judge(tmp_path, truth_of(truth, "clinic"))
    assert found.precision >= 0.99 and found.recall >= 0.95, found


def truth_of(truth: Path, source: str) -> Path:
    """Return the truth of one source."""
    kept = truth.with_name(f"{source}-truth.csv")
    lines = truth.read_text(encoding="utf-8").splitlines()
    kept.write_text("\n".join([lines[0], *(line for line in lines if line.startswith(f"{source},"))]), encoding="utf-8")
    return kept


def test_people_without_a_region_are_seen_by_those_who_see_the_country(lists):
    files, mappings, _ = lists
    receive_by_mapping(mappings["clinic"], "clinic", files["clinic"])
    build()

    person = Individual.objects.filter(status="active").select_related("household")[0]
    here = make_officer("verifier", "35.14")
    assert (person.region_code, person.regency) == ("00.00", 0)
    assert person.household.address
    assert not Household.objects.visible_to(here).exists()
