"""The provinces as tiles: one square each, placed roughly as on the map, so that none is too small to be seen."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Mapping
from dataclasses import dataclass

# Kemendagri code: letters on the tile, column, row of a 7 × 7 grid. Two grids stand side by side, or one under the other.
WEST: dict[str, tuple[str, int, int]] = {
    "11": ("ACE", 0, 0), "12": ("SUT", 1, 1), "14": ("RIA", 2, 1),
    "21": ("KEP", 3, 1), "13": ("SBR", 1, 2), "15": ("JMB", 2, 2),
    "17": ("BKL", 1, 3), "16": ("SSL", 2, 3), "19": ("BBL", 3, 3),
    "18": ("LPG", 2, 4), "36": ("BTN", 2, 5), "31": ("JKT", 3, 5),
    "32": ("JBR", 4, 5), "33": ("JTG", 5, 5), "35": ("JTM", 6, 5),
    "34": ("DIY", 5, 6), "61": ("KBR", 4, 1), "62": ("KTG", 5, 2),
    "64": ("KTM", 6, 1), "65": ("KTR", 6, 0), "63": ("KSL", 6, 2),
}  # fmt: skip
EAST: dict[str, tuple[str, int, int]] = {
    "51": ("BAL", 0, 5), "52": ("NTB", 1, 5), "53": ("NTT", 2, 5),
    "71": ("SLU", 2, 0), "75": ("GOR", 1, 0), "72": ("SLT", 1, 1),
    "76": ("SLB", 0, 2), "74": ("STR", 1, 3), "73": ("SLS", 0, 3),
    "82": ("MLU", 3, 1), "81": ("MAL", 3, 3), "96": ("PBD", 4, 1),
    "92": ("PBR", 4, 2), "94": ("PTE", 5, 2), "91": ("PAP", 6, 2),
    "95": ("PPG", 6, 3), "93": ("PSL", 6, 4),
}  # fmt: skip
SHADES = (0.12, 0.3, 0.45, 0.78, 1.0)
DARK = 0.78  # from this shade on the letters are light
STEP, SIDE = 46, 43


@dataclass(frozen=True)
class Tile:
    """One province: where its square lies, its letters, its number as text, how dark it is (nothing: no number)."""

    x: int
    y: int
    letters: str
    text: str
    shade: float | None

    @property
    def middle(self) -> float:
        return self.x + SIDE / 2

    @property
    def upper(self) -> int:
        return self.y + 18

    @property
    def lower(self) -> int:
        return self.y + 34

    @property
    def is_dark(self) -> bool:
        return self.shade is not None and self.shade >= DARK


def shade_of(value: float, limits: tuple[float, ...]) -> float:
    """Return how dark a share is drawn: one shade more for each limit that it reaches.

    >>> shade_of(0.4, (0.3, 0.4, 0.5, 0.6)), shade_of(0.1, (0.3, 0.4, 0.5, 0.6))
    (0.45, 0.12)
    """
    return SHADES[bisect_right(limits, value)]


def lay_tiles(values: Mapping[str, float | None], limits: tuple[float, ...]) -> tuple[list[Tile], list[Tile]]:
    """Return the tiles of the western and the eastern grid; shares are written in whole percent."""

    def lay(places: dict[str, tuple[str, int, int]]) -> list[Tile]:
        found = []
        for code, (letters, column, row) in places.items():
            value = values.get(code)
            text = "–" if value is None else str(round(100 * value))
            shade = None if value is None else shade_of(value, limits)
            found.append(Tile(column * STEP, row * STEP, letters, text, shade))
        return found

    return lay(WEST), lay(EAST)
