"""Given names of made-up people by region, era of birth and sex, and how clerks write them otherwise."""

import numpy as np
from numpy.random import Generator

from dtsen_site.demo import frequencies

JAVA, PAPUA = range(31, 37), range(91, 97)
MIDDLE, YOUNG = 730, 10_227  # days since 1970 of 1972-01-01 and 1998-01-01


def region_of(province: int) -> str:
    """Return which list of names fits a province.

    >>> region_of(35), region_of(94), region_of(12)
    ('jawa', 'papua', 'seberang')
    """
    return "jawa" if province in JAVA else "papua" if province in PAPUA else "seberang"


def _pick(rng: Generator, pool: list[str], n: int, slope: float = 0.55) -> np.ndarray:
    """Return n names; the earlier in the list, the more common."""
    weights = 1 / np.arange(2, len(pool) + 2) ** slope
    return np.array(pool, dtype=object)[rng.choice(len(pool), n, p=weights / weights.sum())]


def draw_names(rng: Generator, sex: np.ndarray, birth: np.ndarray, clan: np.ndarray, *, region: str) -> np.ndarray:
    """Return a name in capitals for each person; `clan` numbers the family whose name a person bears."""
    lists = frequencies.read("names")[region]
    names = np.empty(len(sex), dtype=object)
    eras = np.where(birth < MIDDLE, 0, np.where(birth < YOUNG, 1, 2))
    clans = lists["clans"]
    for code, letter in ((1, "L"), (2, "P")):
        for era, label in enumerate(("old", "middle", "young")):
            here = np.flatnonzero((sex == code) & (eras == era))
            n = len(here)
            if not n:
                continue
            made = _made(rng, lists, letter, n)
            alone = _pick(rng, lists["first"][letter], n)
            modern = _pick(rng, lists["young"][letter] + lists["first"][letter], n)
            given = np.where(rng.random(n) < (0.55, 0.45, 0.2)[era], made, modern if era == 2 else alone)
            for prefix, share in lists["prefix"][letter].items():
                hit = (rng.random(n) < share) & (era > 0)
                given[hit] = prefix + " " + given[hit]
            if clans:
                bears = rng.random(n) < lists["clan"]
                third = rng.random(n) < 0.3
                given[third] = given[third] + " " + _pick(rng, lists["second"][letter], int(third.sum()))
                given[bears] = given[bears] + " " + np.array(clans, dtype=object)[clan[here[bears]] % len(clans)]
            else:
                more = (rng.random(n) > lists["single"][label]) & ~np.char.count(given.astype(str), " ").astype(bool)
                more |= rng.random(n) < 0.12 * era
                pool = np.where(
                    rng.random(n) < 0.5, _pick(rng, lists["second"][letter], n), _made(rng, lists, letter, n)
                )
                given[more] = given[more] + " " + pool[more]
            names[here] = given
    return names


def _made(rng: Generator, lists: dict, letter: str, n: int) -> np.ndarray:
    if not lists["stems"]:
        return _pick(rng, lists["first"][letter], n)
    return _pick(rng, lists["stems"], n, 0.3) + _pick(rng, lists["ends"][letter], n, 0.3)


SPELLINGS = (
    ("U", "OE"),
    ("J", "DJ"),
    ("Y", "J"),
    ("F", "P"),
    ("KH", "H"),
    ("SY", "S"),
    ("Z", "J"),
    ("TH", "T"),
    ("A'", "A"),
    ("AH", "A"),
    ("W", "WH"),
    ("I", "IE"),
)
SHORT = {"MUHAMMAD": ("MOH.", "M.", "MUH", "MUHAMAD", "MOHAMMAD", "MOHAMAD"), "MOCHAMAD": ("MOCH.", "M", "MOH"), "ACHMAD": ("AHMAD", "ACH.", "A."), "ABDUL": ("ABD.", "ABD", "A."), "SITI": ("ST.", "ST", "S.")}  # fmt: skip


def write_otherwise(rng: Generator, name: str) -> str:
    """Return the name as another clerk may have written it."""
    words = name.split()
    kind = rng.random()
    if words[0] in SHORT and kind < 0.75:
        words[0] = SHORT[words[0]][rng.integers(len(SHORT[words[0]]))]
    elif len(words) > 1 and kind < 0.16:
        words[0], words[1] = words[1], words[0]
    elif len(words) > 1 and kind < 0.34:
        words.pop()
    elif len(words) > 1 and kind < 0.42:
        words = ["".join(words[:2]), *words[2:]]
    elif kind < 0.66:
        possible = [(old, new) for old, new in SPELLINGS if old in name]
        if possible:
            old, new = possible[rng.integers(len(possible))]
            return name.replace(old, new, 1)
        return _slip(rng, name)
    elif kind < 0.73:
        words = [("H.", "HJ.", "DRS.", "IBU")[rng.integers(4)], *words]
    elif kind < 0.77:
        words = [*words, "ALIAS", words[0][: max(3, len(words[0]) // 2)]]
    else:
        return _slip(rng, name)
    return " ".join(words)


def _slip(rng: Generator, name: str) -> str:
    """Return the name with one slip of the typing hand."""
    at = int(rng.integers(1, max(2, len(name) - 1)))
    kind = rng.integers(4)
    letter = "AEIOUNRSTLMK"[rng.integers(12)]
    if kind == 0:
        return name[:at] + name[at + 1 :] if len(name) > 3 else name + letter
    if kind == 1:
        return name[:at] + name[at : at + 1] + name[at:]
    if kind == 2 and at + 1 < len(name):
        return name[:at] + name[at + 1] + name[at] + name[at + 2 :]
    return name[:at] + letter + name[at + 1 :]
