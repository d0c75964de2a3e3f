"""What is true of a person on a day: school, work, difficulty, disease, pregnancy. Steady over the sources."""

import numpy as np
from numpy.random import Generator

from dtsen_site.demo.population import CHILD, HEAD, SNAPSHOT, Population

# Years of schooling that end with a certificate: code of the level (Regsosek), years.
LEVELS = ((3, 6), (8, 9), (13, 12), (19, 16))
SECTORS = (1, 2, 3, 4, 5, 8, 11, 12, 13, 14, 20, 21, 22, 24)
SHARES = (0.24, 0.03, 0.04, 0.05, 0.07, 0.16, 0.12, 0.14, 0.05, 0.06, 0.012, 0.03, 0.008, 0.09)


class Members:
    """Latent facts of all people, drawn once; `on` gives them for a day."""

    def __init__(self, rng: Generator, p: Population) -> None:
        n = len(p.sex)
        age = (SNAPSHOT - p.birth) / 365.25
        welfare = p.welfare[p.family_today]
        years = np.round(rng.normal(8.3 + 0.055 * (45 - age.clip(15, 80)) + 1.6 * welfare, 3.2))
        ladder = np.array([0, 3, 6, 9, 12, 16])
        self.schooling = ladder[np.abs(years[:, None] - ladder).argmin(axis=1)]
        self.madrasah = rng.random(n) < 0.24
        self.vocational = rng.random(n) < 0.4
        self.works = rng.random(n) < np.where(p.sex == 1, 0.88, 0.47)
        self.sector = rng.choice(SECTORS, n, p=np.array(SHARES) / sum(SHARES))
        self.sector[(self.sector >= 20) & (self.sector <= 22) & (self.schooling < 12)] = 1
        status = rng.choice((1, 2, 3, 4, 7, 8), n, p=(0.26, 0.17, 0.03, 0.3, 0.14, 0.1))
        farming = self.sector <= 5
        status = np.where(farming & (status == 7), 6, status)
        status = np.where(np.isin(self.sector, (20, 21)) & (rng.random(n) < 0.55), 5, status)
        self.status = np.where((p.relation == HEAD) & (status == 8), 1, status)
        self.disability = np.where(rng.random(n) < 0.008 + 0.0006 * (age - 50).clip(0), rng.integers(1, 11, n), 0)
        self.severe = (self.disability > 0) & (rng.random(n) < 0.55)
        sick = rng.random(n) < 0.02 + 0.004 * (age - 30).clip(0)
        kinds = (2, 3, 4, 5, 6, 7, 8, 9, 10, 13, 18)
        self.disease = np.where(
            sick, rng.choice(kinds, n, p=(0.3, 0.16, 0.1, 0.07, 0.11, 0.05, 0.05, 0.03, 0.02, 0.06, 0.05)), 1
        )
        self.luck = rng.random(n)
        self._p = p

    def on(self, person: np.ndarray, day: np.ndarray) -> dict[str, np.ndarray]:
        """Return the facts of persons on a day in Regsosek's codes, -1 where nothing is asked."""
        p = self._p
        age = ((day - p.birth[person]) / 365.25).astype(int)
        goal = self.schooling[person]
        begun = age >= 7
        going = begun & (age < 7 + goal) & (age < 23) | ((age >= 7) & (age <= 12) & (self.luck[person] < 0.985))
        reached = np.where(going, np.minimum(age - 7, goal), goal).clip(0)
        level = np.select(
            [reached < 6, reached < 9, reached < 12, reached < 16],
            [3, np.where(going, 8, 3), np.where(going, 13, 8), np.where(going, 19, 13)],
            19,
        )
        level = np.where((reached == 6) & ~going, 3, level)
        diploma = np.select([reached < 6, reached < 9, reached < 12, reached < 16], [23, 3, 8, 13], 19)
        for values in (level, diploma):
            school = self.madrasah[person]
            values[school & (values == 3)] = 4
            values[school & (values == 8)] = 9
            vocational = self.vocational[person] & (values == 13)
            values[vocational] = 15
            values[school & ~vocational & (values == 13)] = 14
        attends = np.where(going, 2, np.where((goal == 0) | ~begun, 1, 3))
        asked = age >= 5
        works = (age >= 15) & (age < 78) & ~going & self.works[person]
        married = p.married[person].copy()
        married[(p.left[person] > day) & (married == 2) & (p.relation[person] == CHILD)] = 1
        fertile = (p.sex[person] == 2) & (age >= 10) & (age <= 54) & (married > 1)
        pregnant = (married == 2) & (age > 18) & (age < 42) & ((self.luck[person] * 997) % 1 < 0.055)
        owns = works & np.isin(self.status[person], (1, 2, 3))
        return {
            "age": age,
            "married": married,
            "attends": np.where(asked, attends, -1),
            "level": np.where(asked & (attends > 1), level, -1),
            "diploma": np.where(asked & (attends > 1), diploma, -1),
            "grade": np.where(asked & (attends > 1), np.where(going, reached % 6 + 1, 8), -1),
            "works": np.where(asked, np.where(works, 1, 2), -1),
            "hours": np.where(works, 12 + (self.luck[person] * 46).astype(int), -1),
            "sector": np.where(works, self.sector[person], -1),
            "status": np.where(works, self.status[person], -1),
            "owns": np.where(asked, np.where(owns, 1, 2), -1),
            "pregnant": np.where(fertile, np.where(pregnant, 1, 2), -1),
            "disability": self.disability[person],
            "severe": self.severe[person],
            "disease": self.disease[person],
        }
