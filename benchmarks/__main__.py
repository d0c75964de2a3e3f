"""`python -m benchmarks [--full] [NAME …]`: every benchmark, one after the other, on made-up people.

Small sizes by default, minutes on two cores; `--full` takes the sizes the limits are promised for. Each prints its ratio to
a limit measured in the same run; the first that fails ends all.
"""

import argparse
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

FOLDER = Path(__file__).parent
ROOT = FOLDER.parent
SMALL, FULL = 0, 1

# Arguments of each benchmark: small, full. {made} is a folder of generated deliveries.
ARGUMENTS: dict[str, tuple[str, str]] = {
    "bench_receive": (
        "{made}/regsosek_anggota.csv {made}/regsosek_keluarga.csv --source regsosek --copies 5",
        "{made}/regsosek_anggota.csv {made}/regsosek_keluarga.csv --source regsosek --copies 50",
    ),
    "bench_matching": ("--people 5000", "--people 250000 1000000 --only-time"),
    "bench_foreign": ("--people 5000", "--people 50000"),
    "bench_ranking": (
        "{made}/susenas.csv --outcome pengeluaran_per_kapita --weight penimbang --psu psu --stratum strata"
        " --region kode_kabupaten_kota --region-system bps --families 100000 --no-challengers",
        "{made}/susenas.csv --outcome pengeluaran_per_kapita --weight penimbang --psu psu --stratum strata"
        " --region kode_kabupaten_kota --region-system bps --families 10000000",
    ),
    "bench_intervals": ("", "--replicates 100000"),
    "bench_publish": ("--people 50000", "--people 1000000"),
    "bench_import": ("--families 30000", "--families 1000000"),
    "bench_search": ("--people 100000 --queries 200", "--people 1000000 --queries 1000"),
}
PEOPLE = 20_000  # of the generated deliveries


def main() -> int:
    """Make the deliveries, run the benchmarks, say what each took."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("names", nargs="*", metavar="NAME", help="some of them, as bench_publish")
    parser.add_argument("--full", action="store_true", help="the sizes that the limits are promised for")
    asked = parser.parse_args()
    names = asked.names or sorted(path.stem for path in FOLDER.glob("bench_*.py"))
    # Some stand beside their helpers, some know them by the package's name.
    environment = dict(os.environ, PYTHONPATH=os.pathsep.join([str(ROOT), str(FOLDER)]))
    with tempfile.TemporaryDirectory(prefix="dtsen-bench-") as made:
        for name in names:
            arguments = ARGUMENTS.get(name, ("", ""))[FULL if asked.full else SMALL]
            if "{made}" in arguments and not any(Path(made).iterdir()):
                _generate(Path(made), environment)
            print(f"== {name} {arguments.format(made='…')}", flush=True)
            began = time.monotonic()
            command = [sys.executable, "-m", f"benchmarks.{name}", *arguments.format(made=made).split()]
            if code := subprocess.run(command, cwd=ROOT, env=environment).returncode:
                print(f"{name} ended with {code}", file=sys.stderr)
                return 1
            print(f"   ({time.monotonic() - began:.0f} s)\n", flush=True)
    return 0


def _generate(folder: Path, environment: dict[str, str]) -> None:
    command = [sys.executable, "manage.py", "generate_population", "--people", str(PEOPLE), "--out", str(folder)]
    subprocess.run(command, cwd=ROOT, env=environment, check=True, stdout=subprocess.DEVNULL)


if __name__ == "__main__":
    sys.exit(main())
