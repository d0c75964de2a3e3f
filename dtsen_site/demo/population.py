"""Made-up people and families of a regency with their lives from 2020 to the snapshot: the truth.

Vectorised: a person or a family is a place in arrays. Days count from 1970-01-01.
"""

from dataclasses import dataclass, field

import numpy as np
from numpy.random import Generator

from dtsen_site.demo import names
from dtsen_site.demo.places import Village

DAY = np.datetime64("1970-01-01")
NEVER = 2**30


def day(text: str) -> int:
    """Return a date as days since 1970.

    >>> day("1970-01-11")
    10
    """
    return int((np.datetime64(text) - DAY).astype(int))


START, SNAPSHOT, RECODED = day("2020-01-01"), day("2025-02-01"), day("2022-07-25")
HEAD, SPOUSE, CHILD, IN_LAW, GRANDCHILD, PARENT, OTHER = 1, 2, 3, 4, 5, 6, 8


@dataclass
class Population:
    """People, families and what changed when."""

    villages: list[Village]
    # people
    sex: np.ndarray
    birth: np.ndarray
    home: np.ndarray  # family at the start (or at birth)
    relation: np.ndarray  # in it
    married: np.ndarray  # id_status_perkawinan today
    mother: np.ndarray  # person, -1 unknown
    twin_of: np.ndarray
    left: np.ndarray  # day of leaving home
    returned: np.ndarray
    own: np.ndarray  # family after leaving
    own_relation: np.ndarray
    died: np.ndarray
    # families
    village: np.ndarray
    village_before: np.ndarray
    moved: np.ndarray
    formed: np.ndarray
    dwelling: np.ndarray
    reissued: np.ndarray
    welfare: np.ndarray  # standard normal
    urban: np.ndarray
    # filled in afterwards
    name: np.ndarray = field(default_factory=lambda: np.empty(0, object))
    nik: np.ndarray = field(default_factory=lambda: np.empty(0, np.int64))
    second_nik: np.ndarray = field(default_factory=lambda: np.empty(0, np.int64))
    kk: np.ndarray = field(default_factory=lambda: np.empty(0, np.int64))
    kk_before: np.ndarray = field(default_factory=lambda: np.empty(0, np.int64))
    alike: np.ndarray = field(default_factory=lambda: np.empty(0, bool))

    @property
    def family_today(self) -> np.ndarray:
        """Return the family of each person at the snapshot."""
        away = (self.left <= SNAPSHOT) & (self.returned > SNAPSHOT)
        return np.where(away, self.own, self.home)


def make_population(rng: Generator, villages: list[Village], *, people: int, lives: dict[str, float]) -> Population:
    """Return about so many people with their families, names and numbers."""
    families = max(2, round(people / 3.2))
    town = np.array([v.code[6] == "1" for v in villages])
    size = rng.gamma(4, 1, len(villages)) * np.where(town, 1.4, 1.0)
    village = np.sort(rng.choice(len(villages), families, p=size / size.sum()))
    p = _families(rng, village, lives)
    p = _leave_home(rng, p, lives)
    n, f = len(p["sex"]), len(p["village"])
    # Mortality by age: a rough Gompertz curve; a few die as infants.
    age = (SNAPSHOT - p["birth"]) / 365.25
    risk = np.clip(0.00012 * np.exp(0.082 * np.clip(age, 0, 95)) + 0.0006, 0, 0.25) * lives["dies"]
    dies = rng.random(n) < np.clip(risk * 5, 0, 0.8)
    died = np.where(dies, rng.integers(START, SNAPSHOT, n), NEVER)
    died = np.where(died > p["birth"] + 1, died, NEVER)
    moves = rng.random(f) < lives["moved"]
    town_of = rng.random(f) < np.where(town[p["village"]], 0.85, 0.25)
    p["welfare"] = p["welfare"] + 0.35 * town_of - 0.15
    population = Population(
        villages=villages,
        died=died,
        village_before=np.where(moves, rng.integers(0, len(villages), f), p["village"]),
        moved=np.where(moves, rng.integers(START, SNAPSHOT, f), -NEVER),
        reissued=np.where(rng.random(f) < lives["kk_reissued"], rng.integers(START, SNAPSHOT, f), -NEVER),
        urban=town_of,
        **p,
    )
    _name(rng, population, lives)
    _number(rng, population, lives)
    return population


def _families(rng: Generator, village: np.ndarray, lives: dict[str, float]) -> dict[str, np.ndarray]:
    """Return the families as they would be had nobody left home, and who is in them."""
    f = len(village)
    head_age = 24 + rng.beta(1.7, 2.1, f) * 62
    kind = rng.random(f)  # couple, woman alone, man alone
    older = np.clip((head_age - 45) / 40, 0, 1)
    couple = kind < 0.88 - 0.42 * older
    woman = ~couple & (rng.random(f) < 0.78)
    head_sex = np.where(woman, 2, 1)
    head_birth = (SNAPSHOT - head_age * 365.25).astype(np.int64)
    parts = [_part(np.arange(f), head_sex, head_birth, HEAD, np.where(couple, 2, np.where(rng.random(f) < 0.4, 3, 4)))]
    wives = np.flatnonzero(couple)
    wife_birth = head_birth[wives] + (rng.normal(3.3, 3.4, len(wives)) * 365.25).astype(np.int64)
    wife_birth = np.minimum(wife_birth, SNAPSHOT - 18 * 366)
    parts.append(_part(wives, 2, wife_birth, SPOUSE, 2))
    # The mother: the wife, else the woman who heads the family.
    mother_birth = np.where(woman, head_birth, np.int64(NEVER))
    mother_birth[wives] = wife_birth
    mother_row = np.where(woman, np.arange(f), -1)
    mother_row[wives] = f + np.arange(len(wives))
    has_mother = np.flatnonzero(mother_row >= 0)
    at = mother_birth[has_mother] + ((18.5 + rng.gamma(2.2, 1.9, len(has_mother))) * 365.25).astype(np.int64)
    wanted = rng.choice(6, len(has_mother), p=[0.06, 0.2, 0.36, 0.22, 0.11, 0.05])
    count = f + len(wives)
    twins: list[tuple[int, int, int]] = []
    for order in range(5):
        at = at + ((1.2 + rng.gamma(2.4, 1.5, len(at))) * 365.25 * (order > 0)).astype(np.int64)
        age = (SNAPSHOT - at) / 365.25
        home = rng.random(len(at)) < np.clip(1.4 - age / 33, 0.04, 1)  # the grown ones have left long ago
        born = (wanted > order) & (at < SNAPSHOT) & (at < mother_birth[has_mother] + 45 * 365) & home
        here = np.flatnonzero(born)
        sex = rng.integers(1, 3, len(here))
        adult = age[here]
        status = np.where((adult > 24) & (rng.random(len(here)) < 0.06), 3, 1)
        parts.append(_part(has_mother[here], sex, at[here], CHILD, status, mother_row[has_mother[here]]))
        base = count
        count += len(here)
        double = np.flatnonzero(rng.random(len(here)) < lives["twins"])
        same = np.where(rng.random(len(double)) < 0.65, sex[double], 3 - sex[double])
        parts.append(
            _part(has_mother[here[double]], same, at[here[double]], CHILD, 1, mother_row[has_mother[here[double]]])
        )
        twins.append((base, count, 0))
        parts[-1]["twin_of"] = base + double
        count += len(double)
    # A son- or daughter-in-law with a grandchild, a parent, another relative.
    grown = np.flatnonzero((head_age > 46) & (rng.random(f) < 0.075))
    law_birth = head_birth[grown] + ((23 + rng.random(len(grown)) * 4) * 365.25).astype(np.int64)
    parts.append(_part(grown, rng.integers(1, 3, len(grown)), law_birth, IN_LAW, 2))
    child_birth = np.minimum(law_birth + ((21 + rng.gamma(2, 2, len(grown))) * 365.25).astype(np.int64), SNAPSHOT - 30)
    parts.append(_part(grown, rng.integers(1, 3, len(grown)), child_birth, GRANDCHILD, 1))
    old = np.flatnonzero((head_age < 58) & (rng.random(f) < 0.09))
    old_birth = head_birth[old] - ((21 + rng.gamma(3, 2.5, len(old))) * 365.25).astype(np.int64)
    parts.append(
        _part(old, np.where(rng.random(len(old)) < 0.7, 2, 1), np.maximum(old_birth, day("1926-01-01")), PARENT, 4)
    )
    other = np.flatnonzero(rng.random(f) < 0.035)
    parts.append(
        _part(
            other,
            rng.integers(1, 3, len(other)),
            SNAPSHOT - rng.integers(6, 70, len(other)) * 365 - rng.integers(0, 365, len(other)),
            OTHER,
            1,
        )
    )
    people = {key: np.concatenate([part[key] for part in parts]) for key in parts[0]}
    dwelling = np.arange(f)
    shares = np.flatnonzero(rng.random(f) < lives["shares_dwelling"])
    shares = shares[(shares > 0) & (village[shares] == village[shares - 1])]
    dwelling[shares] = dwelling[shares - 1]
    return people | {
        "village": village,
        "formed": np.full(f, -NEVER),
        "dwelling": dwelling,
        "welfare": rng.normal(0, 1, f),
    }


def _part(family, sex, birth, relation, married, mother=None) -> dict[str, np.ndarray]:
    n = len(family)
    return {
        "home": np.asarray(family, np.int64),
        "sex": np.broadcast_to(sex, n).astype(np.int8),
        "birth": np.asarray(birth, np.int64),
        "relation": np.full(n, relation, np.int8),
        "married": np.broadcast_to(married, n).astype(np.int8),
        "mother": np.full(n, -1, np.int64) if mother is None else np.asarray(mother, np.int64),
        "twin_of": np.full(n, -1, np.int64),
        "left": np.full(n, NEVER, np.int64),
        "returned": np.full(n, NEVER, np.int64),
        "own": np.full(n, -1, np.int64),
        "own_relation": np.zeros(n, np.int8),
    }


def _leave_home(rng: Generator, p: dict[str, np.ndarray], lives: dict[str, float]) -> dict[str, np.ndarray]:
    """Let grown children marry each other and found families of their own; some come back."""
    age = (SNAPSHOT - p["birth"]) / 365.25
    grown = (
        (p["relation"] == CHILD)
        & (p["married"] == 1)
        & (age > 21)
        & (age < 36)
        & (rng.random(len(age)) < lives["leaves_home"] * 2)
    )
    men, women = np.flatnonzero(grown & (p["sex"] == 1)), np.flatnonzero(grown & (p["sex"] == 2))
    pairs = min(len(men), len(women))

    # Of like age, mostly from near villages: sorted by age band, then by village with some noise.
    def order(who: np.ndarray) -> np.ndarray:
        where = p["village"][p["home"][who]] + rng.normal(0, 3, len(who))
        return who[np.lexsort((where, (age[who] // 4).astype(int)))]

    men, women = order(rng.permutation(men)[:pairs]), order(rng.permutation(women)[:pairs])
    related = p["home"][men] == p["home"][women]
    men, women = men[~related], women[~related]
    pairs = len(men)
    if not pairs:
        return p
    f = len(p["village"])
    new = f + np.arange(pairs)
    youngest = np.maximum(p["birth"][men], p["birth"][women])
    when = np.minimum(np.maximum(rng.integers(START + 60, SNAPSHOT - 30, pairs), youngest + 17 * 366), SNAPSHOT - 20)
    for who, relation in ((men, HEAD), (women, SPOUSE)):
        p["left"][who], p["own"][who], p["own_relation"][who], p["married"][who] = when, new, relation, 2
    back = rng.random(pairs) < lives["returns"]
    back_day = when + rng.integers(200, 900, pairs)
    back &= back_day < SNAPSHOT
    for who in (men, women):
        p["returned"][who[back]] = back_day[back]
        p["married"][who[back]] = 3
    with_his = rng.random(pairs) < 0.6
    parents = np.where(with_his, p["home"][men], p["home"][women])
    same_house = rng.random(pairs) < 0.22
    dwelling = np.where(same_house, p["dwelling"][parents], f + np.arange(pairs))
    p["village"] = np.concatenate([p["village"], p["village"][parents]])
    p["formed"] = np.concatenate([p["formed"], when])
    p["dwelling"] = np.concatenate([p["dwelling"], dwelling])
    p["welfare"] = np.concatenate([p["welfare"], 0.5 * p["welfare"][parents] + rng.normal(0, 0.8, pairs)])
    born = when + rng.integers(250, 1100, pairs)
    has = (born < SNAPSHOT) & ~back & (rng.random(pairs) < 0.85)
    babies = _part(new[has], rng.integers(1, 3, int(has.sum())), born[has], CHILD, 1, women[has])
    for key, values in babies.items():
        p[key] = np.concatenate([p[key], values])
    return p


def _name(rng: Generator, p: Population, lives: dict[str, float]) -> None:
    region = names.region_of(int(p.villages[0].code[:2]))
    clan = (p.home * 2654435761) % 9973
    foreign = np.isin(p.relation, (SPOUSE, IN_LAW, OTHER))
    clan = np.where(foreign, rng.integers(0, 9973, len(clan)), clan)
    p.name = names.draw_names(rng, p.sex, p.birth, clan, region=region)
    twins = np.flatnonzero(p.twin_of >= 0)
    near = twins[(rng.random(len(twins)) < 0.35) & (p.sex[twins] == p.sex[p.twin_of[twins]])]
    for person in near:  # near-equal names: one word shared
        first = p.name[p.twin_of[person]].split()
        own = p.name[person].split()
        p.name[person] = " ".join([*first[:-1], own[-1]]) if len(first) > 1 else first[0] + "A"
    # A few are another person's namesake, born on the same day in another family.
    p.alike = np.zeros(len(p.sex), bool)
    n = int(len(p.sex) * lives["same_name_and_birth_date"] / 2)
    chosen = rng.permutation(np.flatnonzero((p.relation == CHILD) & (p.left == NEVER) & (p.twin_of < 0)))[: 2 * n]
    a, b = chosen[: len(chosen) // 2], chosen[len(chosen) // 2 : 2 * (len(chosen) // 2)]
    alike = (p.sex[a] == p.sex[b]) & (np.abs(p.birth[a] - p.birth[b]) < 700) & (p.home[a] != p.home[b])
    p.name[b[alike]], p.birth[b[alike]] = p.name[a[alike]], p.birth[a[alike]]
    p.alike[a[alike]] = p.alike[b[alike]] = True


def _number(rng: Generator, p: Population, lives: dict[str, float]) -> None:
    """Give NIK and KK their numbers: district, date, serial. Serials start high: no office came so far."""
    n, f = len(p.sex), len(p.village)
    now = np.array([int(v.code[:6]) for v in p.villages])
    before = np.array([int(v.registers_as) for v in p.villages])
    home_village = p.village_before[p.home]
    district = np.where(p.birth < RECODED, before[home_village], now[home_village])
    elsewhere = rng.random(n) < lives["registered_elsewhere"] * np.where(
        np.isin(p.relation, (SPOUSE, IN_LAW)), 2.5, 0.7
    )
    near = rng.random(n) < 0.6
    away = np.where(
        near, rng.choice(before, n), district // 10000 * 10000 + rng.integers(1, 20, n) * 100 + rng.integers(1, 8, n)
    )
    district = np.where(elsewhere, away, district)
    p.nik = _serial(rng, district, p.birth, np.where(p.sex == 2, 40, 0))
    second = np.flatnonzero(rng.random(n) < lives["second_nik"])
    p.second_nik = np.zeros(n, np.int64)
    p.second_nik[second] = (
        _serial(rng, rng.choice(before, len(second)), p.birth[second], np.where(p.sex[second] == 2, 40, 0)) + 40
    )
    issued = np.where(p.formed > 0, p.formed + 10, rng.integers(day("1997-01-01"), START, f))
    at = np.where(p.formed > RECODED, now[p.village], before[p.village_before])
    p.kk_before = _serial(rng, at, issued, 0)
    late = np.where(p.reissued > 0, p.reissued, issued)
    changed = np.where(late > RECODED, now[p.village], before[p.village])
    p.kk = np.where(p.reissued > 0, _serial(rng, changed, late, 0) + 50, p.kk_before)


def _serial(rng: Generator, district: np.ndarray, days: np.ndarray, plus: np.ndarray | int) -> np.ndarray:
    dates = DAY + days.astype("timedelta64[D]")
    months = dates.astype("datetime64[M]")
    years = dates.astype("datetime64[Y]").astype(int) + 1970
    dd = (dates - months).astype(int) + 1 + plus
    mm = months.astype(int) % 12 + 1
    head = district.astype(np.int64) * 10**6 + dd * 10**4 + mm * 100 + years % 100
    order = np.lexsort((rng.random(len(head)), head))
    ranked = head[order]
    starts = np.r_[0, np.flatnonzero(np.diff(ranked)) + 1] if len(ranked) else np.empty(0, int)
    rank = np.empty(len(head), np.int64)
    rank[order] = np.arange(len(head)) - np.repeat(starts, np.diff(np.r_[starts, len(head)]))
    return head * 10**4 + 6001 + rank
