"""Where the SQL statements of the matching stand."""

from pathlib import Path

SQL = Path(__file__).parent / "sql"


def read_statements(name: str) -> str:
    """Return one file of statements by its name without the ending."""
    return (SQL / f"{name}.sql").read_text()
