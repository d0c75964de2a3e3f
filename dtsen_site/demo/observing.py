"""Who stands on which row of a delivery, and what is wrong with it: sources see the same lives differently."""

from dataclasses import dataclass, field

import numpy as np
from numpy.random import Generator

from dtsen_site.demo.houses import Houses
from dtsen_site.demo.members import Members
from dtsen_site.demo.names import write_otherwise
from dtsen_site.demo.population import DAY, HEAD, NEVER, SPOUSE, Population, day

PERIODS = {
    "dtks": (day("2020-01-01"), day("2023-12-31")),
    "regsosek": (day("2022-10-15"), day("2022-11-14")),
    "p3ke": (day("2023-06-01"), day("2023-06-30")),
}
DAYS = np.array([str(DAY + np.timedelta64(d, "D")) for d in range(day("1900-01-01"), day("2027-01-01"))], dtype=object)


def iso(days: np.ndarray) -> np.ndarray:
    """Return days as `2022-10-15` texts."""
    return DAYS[days - day("1900-01-01")]


@dataclass
class Delivery:
    """The rows of one source before they are written in its own words."""

    source: str
    population: Population
    # a row of the family file (for DTKS: a family within a dwelling)
    family: np.ndarray
    on: np.ndarray
    village: np.ndarray
    items: dict[str, np.ndarray]
    kk: np.ndarray  # text or None
    address: dict[str, np.ndarray]
    # a row of the member file, in order of family rows
    row: np.ndarray
    person: np.ndarray
    relation: np.ndarray
    present: np.ndarray  # 1 lives here, 2 died
    facts: dict[str, np.ndarray]
    name: np.ndarray
    nik: np.ndarray
    birth: np.ndarray  # days, -1 empty
    sex: np.ndarray
    faults: list[list[str]]
    family_faults: list[list[str]]
    first: int = 0  # P3KE counts on from here
    old_names: np.ndarray = field(default_factory=lambda: np.empty(0, bool))


def observe(
    rng: Generator, source: str, p: Population, houses: Houses, members: Members, rates: dict[str, float]
) -> Delivery:
    """Return what a source would deliver about a population."""
    f = len(p.village)
    begin, end = PERIODS[source]
    # One visit finds all families of a dwelling.
    on = rng.integers(begin, end + 1, int(p.dwelling.max()) + 1)[p.dwelling]
    estimate = p.welfare + rng.normal(0, 0.6, f)
    poorest = estimate <= np.quantile(estimate, rates["of_poorest"])
    chosen = rng.random(int(p.dwelling.max()) + 1)[p.dwelling] < np.where(
        poorest, rates["covers"], rates["covers_others"]
    )
    person, family = _present(rng, p, on, chosen, rates)
    died = p.died[person] <= on[family]
    keep = ~died | ((rng.random(len(person)) < rates["dead_listed"]) & (on[family] - p.died[person] < 900))
    person, family, died = person[keep], family[keep], died[keep]
    relation = np.where(family == p.home[person], p.relation[person], p.own_relation[person])
    back = (family == p.home[person]) & (p.returned[person] <= on[family])
    relation = np.where(back, p.relation[person], relation)
    # Order: by village, within it by chance; members by relation, then by age.
    moved_yet = p.moved[family] <= on[family]
    place = np.where(moved_yet, p.village[family], p.village_before[family])
    chance = rng.permutation(f)
    house = p.dwelling[family]
    order = np.lexsort((p.birth[person], relation, family, chance[house], place))
    person, family, relation, died = person[order], family[order], relation[order], died[order]
    relation = _heads(family, relation)
    listed, first, row = np.unique(family, return_index=True, return_inverse=True)
    by_place = np.argsort(first)  # rows in the order written
    rank = np.empty(len(listed), int)
    rank[by_place] = np.arange(len(listed))
    row, listed = rank[row], listed[by_place]
    row, listed, person, relation, died, twice = _twice(rng, row, listed, person, relation, died, rates)
    extra = np.flatnonzero(rng.random(len(person)) < rates["person_twice"])
    elsewhere = rng.random(len(extra)) < 0.6
    target = np.where(elsewhere, (row[extra] + rng.integers(1, 40, len(extra))) % len(listed), row[extra])
    copied = np.r_[np.zeros(len(person), bool), np.ones(len(extra), bool)]
    row, person = np.r_[row, target], np.r_[person, person[extra]]
    relation = np.r_[relation, np.where(relation[extra] == HEAD, 8, relation[extra])]
    died = np.r_[died, died[extra]]
    order = np.argsort(row, kind="stable")
    row, person, relation, died, copied = row[order], person[order], relation[order], died[order], copied[order]
    faults: list[list[str]] = [[] for _ in person]
    delivery = Delivery(
        source=source,
        population=p,
        family=listed,
        on=on[listed],
        village=np.where(p.moved[listed] <= on[listed], p.village[listed], p.village_before[listed]),
        items=houses.seen(rng, listed, on[listed], error=rates["item"]),
        kk=np.empty(0, object),
        address=_address(rng, p, listed, rates),
        row=row,
        person=person,
        relation=relation.astype(int),
        present=np.where(died, 2, 1),
        facts=members.on(person, on[listed][row]),
        name=p.name[person].copy(),
        nik=p.nik[person].astype(str).astype(object),
        birth=p.birth[person].copy(),
        sex=p.sex[person].astype(int),
        faults=faults,
        family_faults=[[] for _ in listed],
    )
    delivery.old_names = rng.random(len(listed)) < rates.get("old_village_name", 0)
    _mark(delivery, np.flatnonzero(copied), "duplicate_in_source")
    _mark(
        delivery,
        np.flatnonzero(copied & (listed[row] != p.home[person]) & (listed[row] != p.own[person])),
        "listed_in_other_family",
    )
    _mark(delivery, np.flatnonzero(twice[row]), "duplicate_in_source")
    for at in np.flatnonzero(twice):
        delivery.family_faults[at].append("duplicate_in_source")
    _mark(delivery, np.flatnonzero(died), "deceased_listed")
    today = p.family_today[person]
    _mark(delivery, np.flatnonzero((today != listed[row]) & ~copied), "since_left_home")
    moved = delivery.village != p.village[listed]
    for at in np.flatnonzero(moved):
        delivery.family_faults[at].append("moved")
    _mark(delivery, np.flatnonzero(delivery.village[row] != p.village[today]), "moved")
    _numbers(rng, delivery, rates)
    _people(rng, delivery, rates)
    _cards(rng, delivery, rates)
    return delivery


def _present(rng, p: Population, on: np.ndarray, chosen: np.ndarray, rates: dict[str, float]):
    """Return pairs (person, family) that a visit to the chosen families finds."""
    everyone = np.arange(len(p.sex))
    lag = np.where(rng.random(len(everyone)) < rates["still_listed"], rng.integers(30, 500, len(everyone)), 0)
    day_home = on[p.home]
    at_home = (day_home < p.left + lag) | (day_home >= p.returned)
    # A home that is not founded yet cannot be visited (a child born there comes with it).
    at_home &= chosen[p.home] & (p.birth <= day_home) & (p.formed[p.home] <= day_home)
    moved_out = np.flatnonzero(p.own >= 0)
    day_own = on[p.own[moved_out]]
    away = (p.left[moved_out] <= day_own) & (p.returned[moved_out] > day_own) & chosen[p.own[moved_out]]
    person = np.r_[everyone[at_home], moved_out[away]]
    return person, np.r_[p.home[at_home], p.own[moved_out[away]]]


def _heads(family: np.ndarray, relation: np.ndarray) -> np.ndarray:
    """Give each family a head: where the head is gone, the first of its list (the spouse, else a child)."""
    relation = relation.copy()
    starts = np.r_[0, np.flatnonzero(np.diff(family)) + 1] if len(family) else np.empty(0, int)
    relation[starts[relation[starts] != HEAD]] = HEAD
    return relation


def _twice(rng, row, listed, person, relation, died, rates):
    """Enter some families a second time, right after the first."""
    again = rng.random(len(listed)) < rates["family_twice"]
    shift = np.r_[0, np.cumsum(again)[:-1]]
    new_row = row + shift[row]
    copies = again[row]
    listed_twice = np.repeat(listed, np.where(again, 2, 1))
    second = np.zeros(len(listed_twice), bool)
    second[np.flatnonzero(again) + shift[again] + 1] = True
    row = np.r_[new_row, new_row[copies] + 1]
    order = np.argsort(row, kind="stable")
    joined = [np.r_[values, values[copies]][order] for values in (person, relation, died)]
    return row[order], listed_twice, *joined, second


def _mark(d: Delivery, rows: np.ndarray, label: str) -> None:
    for at in rows.tolist():
        d.faults[at].append(label)


def _hit(rng: Generator, n: int, rate: float, free: np.ndarray | None = None) -> np.ndarray:
    hit = rng.random(n) < rate
    return np.flatnonzero(hit if free is None else hit & free)


def _address(rng: Generator, p: Population, family: np.ndarray, rates: dict[str, float]) -> dict[str, np.ndarray]:
    """Return hamlet, RT, RW and house number: they belong to the dwelling, some are miswritten."""
    seed = (p.dwelling[family] * 2654435761 + 12345) % 2**32
    parts = {"hamlet": seed % 5, "rt": seed // 5 % 9 + 1, "rw": seed // 45 % 6 + 1, "number": seed // 270 % 260 + 1}
    for name, top in (("hamlet", 5), ("rt", 9), ("rw", 6), ("number", 260)):
        wrong = _hit(rng, len(family), rates["address_typo"])
        parts[name][wrong] = rng.integers(0 if name == "hamlet" else 1, top, len(wrong))
    return parts


def _numbers(rng: Generator, d: Delivery, rates: dict[str, float]) -> None:
    p, n = d.population, len(d.person)
    second = np.flatnonzero((p.second_nik[d.person] > 0) & (rng.random(n) < 0.5))
    d.nik[second] = p.second_nik[d.person[second]].astype(str).astype(object)
    _mark(d, second, "nik_second")
    free = np.ones(n, bool)
    missing = _hit(rng, n, rates["nik_missing"])
    d.nik[missing] = None
    _mark(d, missing, "nik_missing")
    free[missing] = False
    fake = _hit(rng, n, rates["nik_placeholder"], free)
    region = [str(d.population.villages[v].code[:6]) + "0" * 10 for v in d.village[d.row[fake]]]
    kinds = rng.integers(0, 5, len(fake))
    d.nik[fake] = [("0" * 16, "9" * 16, own, "0", "-")[kind] for kind, own in zip(kinds, region, strict=True)]
    _mark(d, fake, "nik_placeholder")
    free[fake] = False
    shared = _hit(rng, n, rates["nik_shared"], free)
    near = rng.random(len(shared)) < 0.8
    shift = np.where(near, np.where(rng.random(len(shared)) < 0.5, 1, -1), rng.integers(5, 5000, len(shared)))
    other = d.person[(shared + shift) % n]
    ok = other != d.person[shared]
    shared, other = shared[ok], other[ok]
    d.nik[shared] = p.nik[other].astype(str).astype(object)
    _mark(d, shared, "nik_shared_with_other_person")
    same = p.home[other] == p.home[d.person[shared]]
    _mark(d, shared[same], "nik_of_family_member")
    _mark(d, shared[~same], "nik_of_stranger")
    free[shared] = False
    typo = _hit(rng, n, rates["nik_typo"], free)
    for at in typo.tolist():
        d.nik[at] = _miskey(rng, d.nik[at])
    _mark(d, typo, "nik_typo")


def _miskey(rng: Generator, number: str) -> str:
    kind, at = rng.random(), int(rng.integers(0, len(number)))
    if kind < 0.65:
        return number[:at] + str((int(number[at]) + int(rng.integers(1, 10))) % 10) + number[at + 1 :]
    if kind < 0.9:
        for i in [*range(at, len(number) - 1), *range(at)]:
            if number[i] != number[i + 1]:
                return number[:i] + number[i + 1] + number[i] + number[i + 2 :]
    return number[:at] + number[at + 1 :]


def _people(rng: Generator, d: Delivery, rates: dict[str, float]) -> None:
    n = len(d.person)
    variant = _hit(rng, n, rates["name_variant"])
    d.name[variant] = [write_otherwise(rng, name) for name in d.name[variant]]
    changed = variant[d.name[variant] != d.population.name[d.person[variant]]]
    _mark(d, changed, "name_variant")
    wrong = _hit(rng, n, rates["dob_bad"])
    dates = DAY + d.birth[wrong].astype("timedelta64[D]")
    months = dates.astype("datetime64[M]")
    years = dates.astype("datetime64[Y]")
    dd, mm = (dates - months).astype(int) + 1, months.astype(int) % 12 + 1
    kind = rng.random(len(wrong))
    old = d.birth[wrong] < day("1972-01-01")
    jan = (years.astype("datetime64[D]") - DAY).astype(int)
    swapped = (
        ((years.astype("datetime64[M]") + (dd.clip(1, 12) - 1)).astype("datetime64[D]") - DAY).astype(int) + mm - 1
    )
    value = np.where(
        (kind < 0.35) & (dd <= 12),
        swapped,
        d.birth[wrong]
        + np.where(kind < 0.7, rng.integers(1, 15, len(wrong)), 365 * rng.integers(1, 4, len(wrong)))
        * rng.choice((-1, 1), len(wrong)),
    )
    value = np.where(old & (kind > 0.45), jan + np.array((0, 181, 364))[rng.integers(0, 3, len(wrong))], value)
    value = np.clip(value, day("1901-01-01"), d.on[d.row[wrong]])
    _mark(d, wrong[value != d.birth[wrong]], "dob_bad")
    d.birth[wrong] = value
    empty = _hit(rng, n, rates["dob_missing"])
    d.birth[empty] = -NEVER
    _mark(d, empty, "dob_missing")
    sex = _hit(rng, n, rates["sex_wrong"])
    d.sex[sex] = 3 - d.sex[sex]
    _mark(d, sex, "sex_wrong")
    bad = _hit(rng, n, rates["bad_code"], d.relation != HEAD)
    d.relation[bad] = rng.choice((0, 9, 99), len(bad))
    _mark(d, bad, "bad_code")
    spouse_died = np.flatnonzero(
        (d.relation == HEAD) & (d.population.relation[d.person] == SPOUSE) & (d.facts["married"] == 2)
    )
    d.facts["married"][spouse_died] = 4


def _cards(rng: Generator, d: Delivery, rates: dict[str, float]) -> None:
    if d.source == "p3ke":
        return
    p, f = d.population, len(d.family)
    late = np.where(rng.random(f) < rates["kk_late"], rng.integers(0, 700, f), 0)
    known = p.reissued[d.family] + late <= d.on
    number = np.where(known, p.kk[d.family], p.kk_before[d.family])
    kk = number.astype(str).astype(object)
    missing = _hit(rng, f, rates["kk_missing"])
    kk[missing] = None
    has = np.ones(f, bool)
    has[missing] = False
    typo = _hit(rng, f, rates["kk_typo"], has)
    kk[typo] = [_miskey(rng, text) for text in kk[typo]]
    d.kk = kk
    for rows, label in ((missing, "kk_missing"), (typo, "kk_typo")):
        hit = np.zeros(f, bool)
        hit[rows] = True
        _mark(d, np.flatnonzero(hit[d.row]), label)
    outdated = has[d.row] & (number[d.row] != p.kk[p.family_today[d.person]])
    _mark(d, np.flatnonzero(outdated), "kk_outdated")
