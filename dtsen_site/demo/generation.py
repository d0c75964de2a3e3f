"""From a number of people to files: three deliveries, a survey for the ranking, and the truth to measure with."""

import json
import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import numpy as np

from dtsen_site.demo import dtks, frequencies, p3ke, regsosek, survey, writing
from dtsen_site.demo.houses import AREA, Houses
from dtsen_site.demo.members import Members
from dtsen_site.demo.observing import Delivery, iso, observe
from dtsen_site.demo.places import Village, find_villages
from dtsen_site.demo.population import NEVER, Population, make_population

# A workbook holds 1,048,576 rows, and readers grow slow long before.
LARGEST_WORKBOOK = 60_000
PERIOD = {"dtks": "2023-12", "regsosek": "2022-11", "p3ke": "2023-06"}
SOURCES = {"dtks": dtks, "regsosek": regsosek, "p3ke": p3ke}


def choose_villages(rng: np.random.Generator, villages: list[Village], people: int) -> list[Village]:
    """Return whole districts' villages, some 1,600 people each, not more than there are."""
    wanted = int(np.clip(round(people / 1600), 3, len(villages)))
    districts = list(dict.fromkeys(v.district for v in villages))
    chosen: list[Village] = []
    for district in rng.permutation(np.array(districts, dtype=object)):
        inside = [v for v in villages if v.district == district]
        chosen += inside[: max(1, min(wanted - len(chosen), 7 if wanted < 40 else len(inside)))]
        if len(chosen) >= wanted:
            break
    return sorted(chosen[: max(wanted, 1)], key=lambda v: v.code)


def generate(
    *,
    people: int,
    regency: str,
    seed: int,
    out: Path,
    profile: str = "plain",
    first: int = 0,
    tell: Callable[[str], None] = lambda text: None,
) -> dict[str, int]:
    """Write deliveries, survey and truth into a folder and return the rows of each file.

    The same arguments give the same files; `first` is where P3KE's numbers count on. Raises: ValueError for an unknown regency or profile.
    """
    begun = time.perf_counter()
    rates = frequencies.faults_of(profile)
    rng = np.random.default_rng([seed, int(regency.replace(".", ""))])
    villages = choose_villages(rng, find_villages(regency), people)
    out.mkdir(parents=True, exist_ok=True)
    (out / "truth").mkdir(exist_ok=True)
    p = make_population(rng, villages, people=people, lives=rates["lives"])
    houses = Houses(rng, p.welfare, p.urban, p.dwelling)
    members = Members(rng, p)
    tell(f"{len(p.sex)} people in {len(p.village)} families of {len(villages)} villages")
    rows: dict[str, int] = {}
    told: list[dict] = []
    family_told: list[dict] = []
    entries = []
    shares = []
    for source, layout in SOURCES.items():
        d = observe(rng, source, p, houses, members, rates[source])
        d.first = first
        families, persons, person_key, family_key = layout.lay_out(rng, d)
        for stem, columns in zip(_stems(source), (families, persons), strict=True):
            name = _write(out, source, stem, columns)
            rows[name] = len(next(iter(columns.values())))
            entries.append(_entry(source, name, rows[name]))
        told.append(_records(d, person_key, family_key))
        family_told.append(_family_records(d, family_key))
        shares += [(source, *line) for line in _shares(d)]
        tell(f"{source}: {len(d.family)} families, {len(d.person)} people ({time.perf_counter() - begun:.0f} s)")
    rows |= _write_truth(out / "truth", p, houses, told, family_told, shares)
    rows["susenas.csv"] = survey.write(
        np.random.default_rng([seed, 7]), out / "susenas.csv", villages[0].code[:2], rates["lives"]
    )
    manifest = {
        "seed": seed, "regency": regency, "people_asked": people, "profile": profile,
        "villages": [v.code for v in villages], "deliveries": entries, "rows": rows,
    }  # fmt: skip
    (out / "manifest.json").write_text(json.dumps(manifest, indent=1) + "\n")
    tell(f"written in {time.perf_counter() - begun:.0f} s")
    return rows


def _stems(source: str) -> tuple[str, str]:
    return {
        "dtks": ("dtks_rumah_tangga", "dtks_anggota"),
        "regsosek": ("regsosek_keluarga", "regsosek_anggota"),
        "p3ke": ("p3ke_keluarga", "p3ke_individu"),
    }[source]


def _write(out: Path, source: str, stem: str, columns: dict) -> str:
    if source == "p3ke" and len(next(iter(columns.values()))) <= LARGEST_WORKBOOK:
        writing.write_workbook(out / f"{stem}.xlsx", columns)
        return f"{stem}.xlsx"
    writing.write_csv(
        out / f"{stem}.csv", columns, separator=";" if source == "regsosek" else ",", bom=source == "dtks"
    )
    return f"{stem}.csv"


def _entry(source: str, name: str, rows: int) -> dict:
    text = name.endswith(".csv")
    return {
        "source": source,
        "file": name,
        "period": PERIOD[source],
        "separator": (";" if source == "regsosek" else ",") if text else None,
        "encoding": ("utf-8-sig" if source == "dtks" else "utf-8") if text else None,
        "rows": rows,
    }


def delivery_files(out: Path, source: str) -> list[Path]:
    """Return the two files of a source in a folder that `generate` wrote."""
    return [
        next(path for path in (out / f"{stem}.xlsx", out / f"{stem}.csv") if path.exists()) for stem in _stems(source)
    ]


def join_deliveries(folders: list[Path], out: Path) -> None:
    """Write the deliveries of several folders as one of each source: a source delivers all its regencies at once."""
    out.mkdir(parents=True, exist_ok=True)
    for source in SOURCES:
        for parts in zip(*(delivery_files(folder, source) for folder in folders), strict=True):
            target = out / parts[0].name
            if target.suffix == ".xlsx":
                writing.join_workbooks(target, list(parts))
            else:
                target.write_bytes(
                    b"".join(
                        p.read_bytes() if i == 0 else p.read_bytes().split(b"\n", 1)[1] for i, p in enumerate(parts)
                    )
                )


def _label(prefix: str, index: np.ndarray) -> np.ndarray:
    return writing.joined(prefix, writing.padded(index, 10 if prefix == "F" else 9)).to_numpy(zero_copy_only=False)


def _records(d: Delivery, person_key: np.ndarray, family_key: np.ndarray) -> dict:
    p = d.population
    return {
        "source": np.full(len(d.person), d.source, object),
        "record_key": person_key,
        "family_key": family_key[d.row],
        "person_id": _label("I", d.person),
        "family_id": _label("F", p.family_today[d.person]),
        "survey_date": iso(d.on[d.row]),
        "faults": np.array(["|".join(labels) for labels in d.faults], dtype=object),
    }


def _family_records(d: Delivery, family_key: np.ndarray) -> dict:
    return {
        "source": np.full(len(d.family), d.source, object),
        "family_key": family_key,
        "family_id": _label("F", d.family),
        "household_id": _label("H", d.population.dwelling[d.family]),
        "survey_date": iso(d.on),
        "faults": np.array(["|".join(labels) for labels in d.family_faults], dtype=object),
    }


def _shares(d: Delivery) -> list[tuple[str, int, float]]:
    counts = Counter(label for labels in d.faults for label in labels)
    return [(label, count, round(count / max(1, len(d.person)), 5)) for label, count in sorted(counts.items())]


def _write_truth(
    out: Path, p: Population, houses: Houses, told: list[dict], family_told: list[dict], shares: list
) -> dict[str, int]:
    n, f = len(p.sex), len(p.village)
    code = np.array([v.code for v in p.villages], dtype=object)
    today = p.family_today
    welfare = np.round(13.75 + 0.5 * p.welfare, 4)
    died = p.died < NEVER
    people = {
        "person_id": _label("I", np.arange(n)),
        "family_id": _label("F", today),
        "nik": p.nik,
        "kk": p.kk[today],
        "nama": p.name,
        "sex": writing.words(("", "L", "P"), p.sex.astype(int)),
        "birth_date": iso(p.birth),
        "village_code": code[p.village[today]],
        "welfare": welfare[today],
        "second_nik": np.where(p.second_nik > 0, p.second_nik, -1),
        "died": np.where(died, iso(np.where(died, p.died, 0)), None),
        "twin_of": np.where(p.twin_of >= 0, _label("I", p.twin_of.clip(0)), None),
        "same_name_and_birth_date_as_another": p.alike,
    }
    living = np.bincount(today[~died], minlength=f)
    families = {
        "family_id": _label("F", np.arange(f)),
        "household_id": _label("H", p.dwelling),
        "kk": p.kk,
        "village_code": code[p.village],
        "jumlah_anggota": living,
        "welfare": welfare,
    } | {name: values / 10 if name == AREA else values for name, values in sorted_items(houses.today).items()}
    tables = {
        "people": people,
        "families": families,
        "records": {key: np.concatenate([part[key] for part in told]) for key in told[0]},
        "family_records": {key: np.concatenate([part[key] for part in family_told]) for key in family_told[0]},
        "fault_rates": dict(zip(("source", "fault", "rows", "share"), (np.array(column, dtype=object if i < 2 else float if i == 3 else int) for i, column in enumerate(zip(*shares, strict=True))), strict=True)),
    }  # fmt: skip
    return {f"truth/{name}.csv": writing.write_csv(out / f"{name}.csv", table) for name, table in tables.items()}


def sorted_items(items: dict[str, np.ndarray]) -> dict[str, np.ndarray]:
    """Return the items in the order of the dictionary: the floor's area after the floor."""
    names = [name for name in items if name != AREA]
    names.insert(2, AREA)
    return {name: items[name] for name in names}
