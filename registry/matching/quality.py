"""How good a match is against a truth: pairwise precision, recall and F1, lent NIK, and what stays wrong by cause."""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple

import duckdb


class Quality(NamedTuple):
    """Pairwise figures of one grouping of rows."""

    precision: float
    recall: float

    @property
    def f1(self) -> float:
        """Harmonic mean of precision and recall."""
        return 2 * self.precision * self.recall / max(self.precision + self.recall, 1e-9)

    def __str__(self) -> str:
        return f"P {self.precision:.5f}  R {self.recall:.5f}  F1 {self.f1:.5f}"


class Lent(NamedTuple):
    """Rows that carry another person's NIK, and how many of them were merged with that person."""

    rows: int
    merged: int


def load_judged(con: duckdb.DuckDBPyConnection, links: Path, match_input: Path, truth: Path) -> None:
    """Make the table `judged`: every linked row beside its truth.

    The truth is a CSV file with source, record_key, person_id, family_id, and faults (labels joined by `|`).
    """
    con.execute(
        f"create or replace table judged as select l.*, i.nik, i.kk_number, t.person_id, t.family_id, coalesce(t.faults, '') as faults "
        f"from '{links}' l join '{match_input}' i using (row_id) "
        f"join read_csv('{truth}', all_varchar = true) t on t.source = l.source and t.record_key = l.record_key"
    )


def pairwise(con: duckdb.DuckDBPyConnection, found: str, true: str, table: str = "judged") -> Quality:
    """Compare the pairs that share a value in one column with those of another; a null stands alone.

    >>> con = duckdb.connect()
    >>> _ = con.execute("create table judged as select * from (values (1, 'x'), (1, 'x'), (1, 'y'), (null, 'y')) t (f, t)")
    >>> pairwise(con, "f", "t")
    Quality(precision=0.3333333333333333, recall=0.5)
    """

    def count(columns: str, where: str) -> float:
        query = (
            f"select coalesce(sum(n * (n - 1) / 2), 0) from (select count(*)::double as n from {table} "
            f"where {where} group by {columns})"
        )
        return float(con.execute(query).fetchall()[0][0])

    hit = count(f"{found}, {true}", f"{found} is not null and {true} is not null")
    return Quality(hit / max(count(found, f"{found} is not null"), 1), hit / max(count(true, f"{true} is not null"), 1))


def lent_niks(con: duckdb.DuckDBPyConnection) -> Lent:
    """Count the rows whose fault is another person's NIK."""
    rows, merged = con.execute(
        """
        select count(*), count(*) filter (exists (
            select 1 from judged b where b.person_cluster = a.person_cluster and b.person_id <> a.person_id and b.nik = a.nik))
        from judged a where contains(faults, 'nik_shared')
        """
    ).fetchall()[0]
    return Lent(int(rows), int(merged))


def causes(con: duckdb.DuckDBPyConnection, limit: int = 12) -> list[tuple[str, str, int]]:
    """List wrong pairs by the faults of their two rows: (missed or false, faults, pairs), most frequent first."""
    found = []
    for kind, join, differs in (
        ("missed", "a.person_id = b.person_id", "a.person_cluster <> b.person_cluster"),
        ("false", "a.person_cluster = b.person_cluster", "a.person_id <> b.person_id"),
    ):
        found += con.execute(
            f"""
            select '{kind}', array_to_string(list_sort([coalesce(nullif(a.faults, ''), '-'), coalesce(nullif(b.faults, ''), '-')]), ' / ') as faults,
                   count(*) as n
            from judged a join judged b on {join} where a.row_id < b.row_id and {differs}
            group by 2 order by n desc, 2 limit {int(limit)}
            """
        ).fetchall()
    return found
