"""What a web process pays for the sentences of reasons: not the libraries of the engine."""

import subprocess
import sys


def test_reasons_are_read_without_the_libraries_of_the_engine() -> None:
    code = (
        "import sys; from registry.matching import REASONS, Constraint; "
        "print(sorted({'numpy', 'scipy', 'duckdb', 'splink'} & set(sys.modules)))"
    )
    told = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert told.stdout.strip() == "[]"
