"""How often the intervals of a sample hold the truth, beside the published table of the same designs.

Whole surveys are made up many times over (beta-binomial villages). The rule that the register follows, Korn–Graubard
for clusters, must lie within 0.005 of its published coverage; a difference ends the run with 1. So do pairs of lists whose interval holds the
number of people less often than it should.
"""

import argparse
import sys

from registry.sampling import simulate_coverage, simulate_list_coverage

METHODS = ("wald", "wilson", "wilson_clustered", "logit_t", "korn_graubard")
# villages, families in each, share, correlation: coverage of nominal 95 % by method
TABLE: dict[tuple[int, int, float, float], tuple[float, ...]] = {
    (30, 10, 0.05, 0.05): (0.913, 0.903, 0.952, 0.949, 0.964),
    (30, 10, 0.05, 0.15): (0.888, 0.814, 0.938, 0.939, 0.951),
    (30, 10, 0.20, 0.10): (0.937, 0.844, 0.955, 0.955, 0.962),
    (60, 10, 0.02, 0.10): (0.889, 0.838, 0.934, 0.939, 0.948),
    (12, 10, 0.10, 0.10): (0.888, 0.857, 0.962, 0.956, 0.974),
}
TOLERANCE = 0.005
# people of an area, share in the register, on the independent list, with a number, noticed, paired by chance
LISTS = (
    (500, 0.9, 0.5, 0.8, 0.95, 0.01),
    (2_000, 0.9, 0.5, 0.8, 0.95, 0.01),
    (2_000, 0.9, 0.5, 0.3, 0.85, 0.02),
    (10_000, 0.95, 0.3, 0.5, 0.9, 0.01),
)
LIST_REPLICATES = 2_000
LEAST_COVERAGE = 0.93  # of nominal 95 %


def main() -> int:
    """Print a line for each design and say whether all hold."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--replicates", type=int, default=20_000)
    parser.add_argument("--seed", type=int, default=1)
    asked = parser.parse_args()
    print(f"{asked.replicates} surveys of each design; published coverage in brackets")
    print(f"{'design':<26}" + "".join(f"{name:>22}" for name in METHODS))
    worst = 0.0
    for (villages, families, share, icc), published in TABLE.items():
        found = simulate_coverage(villages, families, share, icc, replicates=asked.replicates, seed=asked.seed)
        cells = (f"{found[name]:.3f} [{told:.3f}]" for name, told in zip(METHODS, published, strict=True))
        print(f"{villages}x{families}, {share:.2f}, ρ {icc:.2f}".ljust(26) + "".join(f"{cell:>22}" for cell in cells))
        worst = max(worst, *(abs(found[name] - told) for name, told in zip(METHODS, published, strict=True)))
    print(f"largest difference {worst:.4f} (limit {TOLERANCE})")
    print(f"coverage of the register from an independent list: {LIST_REPLICATES} pairs of lists, nominal 0.95")
    least = 1.0
    for people, register, canvass, numbers, noticed, by_chance in LISTS:
        held = simulate_list_coverage(
            people, register, canvass, numbers=numbers, noticed=noticed, by_chance=by_chance,
            replicates=LIST_REPLICATES, seed=asked.seed,
        )  # fmt: skip
        least = min(least, held)
        print(
            f"{people:>7} people, {register:.2f} registered, {canvass:.2f} on the list, {numbers:.1f} with NIK, comparing"
            f" notices {noticed:.2f} and pairs {by_chance:.2f} strangers: {held:.3f}"
        )
    print(f"least coverage {least:.3f} (limit {LEAST_COVERAGE})")
    return 0 if worst <= TOLERANCE and least >= LEAST_COVERAGE else 1


if __name__ == "__main__":
    sys.exit(main())
