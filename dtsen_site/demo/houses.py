"""Houses, assets and livestock of families by their welfare, as they are today and as they were before."""

import numpy as np
from numpy.random import Generator

from dtsen_site.demo import frequencies
from dtsen_site.demo.population import SNAPSHOT

AREA = "luas_lantai_bangunan"  # tenths of square metres


def item_names() -> list[str]:
    """Return the 33 family items, the floor's area in third place."""
    found = list(frequencies.read("houses"))
    found.insert(2, AREA)
    return found


class Houses:
    """What each family has today, what it had before and since when it has changed."""

    def __init__(self, rng: Generator, welfare: np.ndarray, urban: np.ndarray, dwelling: np.ndarray) -> None:
        self._rates = frequencies.read("houses")
        self._rng = rng
        self._welfare = welfare
        n = len(welfare)
        self.today: dict[str, np.ndarray] = {}
        self._before: dict[str, np.ndarray] = {}
        self._changed: dict[str, np.ndarray] = {}
        for name, rate in self._rates.items():
            self.today[name] = self._draw(name, welfare)
            self._before[name] = self._draw(name, welfare - 0.25)
            years = rng.exponential(1 / rate["change"], n)
            self._changed[name] = (SNAPSHOT - years * 365.25).astype(np.int64)
        area = np.clip(np.exp(3.85 + 0.17 * welfare + rng.normal(0, 0.27, n)), 9, 400)
        self.today[AREA] = self._before[AREA] = (np.round(area * 2) * 5).astype(np.int16)
        self._changed[AREA] = np.full(n, -(2**30))
        # Families under one roof live in the same house.
        _, first = np.unique(dwelling, return_index=True)
        place = np.searchsorted(dwelling[first], dwelling) if len(first) < n else np.arange(n)
        if len(first) < n:
            owner = first[place]
            for name in self.today:
                if not name.startswith(("aset", "jml", "lahan", "rumah")):
                    for table in (self.today, self._before, self._changed):
                        table[name] = table[name][owner]
        self._skip(self.today)

    def _draw(self, name: str, welfare: np.ndarray) -> np.ndarray:
        rate = self._rates[name]
        codes = np.array(list(rate["shares"]), np.int16)
        shares = np.cumsum(list(rate["shares"].values()))
        pull = rate["pull"]
        score = pull * welfare + np.sqrt(1 - pull**2) * self._rng.normal(0, 1, len(welfare))
        # 1 - normal distribution function, by the logistic approximation: the richest have the least.
        rank = 1 / (1 + np.exp(1.702 * score))
        return codes[np.searchsorted(shares / shares[-1], rank).clip(0, len(codes) - 1)]

    @staticmethod
    def _skip(values: dict[str, np.ndarray]) -> None:
        """Empty (-1) what the form does not ask: power without a meter, closet without a toilet."""
        values["id_dayapenerangan"] = np.where(
            values["id_sumberpenerangan"] == 1, values["id_dayapenerangan"], -1
        ).astype(np.int16)
        for name in ("id_jenis_kloset", "id_pembuangan_tinja"):
            values[name] = np.where(values["id_fasilitas_bab"] <= 3, values[name], -1).astype(np.int16)

    def seen(self, rng: Generator, family: np.ndarray, on: np.ndarray, *, error: float) -> dict[str, np.ndarray]:
        """Return the items of families as a surveyor wrote them on that day."""
        found = {}
        for name in self.today:
            if name == AREA:
                area = self.today[name][family] * (1 + rng.normal(0, 0.06, len(family)))
                found[name] = (np.round(area / 5).clip(14) * 5).astype(np.int16)
                continue
            value = np.where(self._changed[name][family] > on, self._before[name][family], self.today[name][family])
            wrong = rng.random(len(family)) < error
            if wrong.any():
                value[wrong] = self._draw(name, self._welfare[family[wrong]])
            found[name] = value
        self._skip_refill(found, family)
        return found

    def _skip_refill(self, values: dict[str, np.ndarray], family: np.ndarray) -> None:
        # Where today nothing is asked but it was asked then, the form still needs an answer.
        for name, value in (("id_dayapenerangan", 1), ("id_jenis_kloset", 4), ("id_pembuangan_tinja", 4)):
            values[name] = np.where(values[name] < 0, value, values[name]).astype(np.int16)
        self._skip(values)
