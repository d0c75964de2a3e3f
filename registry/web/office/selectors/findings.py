"""The findings of one delivery, read from its Parquet file: by page, by choice, within the officer's regions.

An officer of a region sees the findings of rows of that region only; rows whose region could not be read
belong to those who see everything.
"""

# ruff: noqa: S608  (the SQL is put together from constants of this file; values are parameters)

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb

from registry.officers.scoping import Scope

COLUMNS = ("finding_no", "file_role", "row_no", "record_key", "column", "rule", "severity", "masked_value")
SEVERITIES = ("error", "finding", "note")


@dataclass(frozen=True)
class Choice:
    """What to show; empty means all."""

    severity: str = ""
    rule: str = ""
    column: str = ""


@dataclass(frozen=True)
class Finding:
    finding_no: int
    file_role: str
    row_no: int
    record_key: str | None
    column: str
    rule: str
    severity: str
    masked_value: str | None


@dataclass(frozen=True)
class RuleCount:
    rule: str
    severity: str
    count: int
    example: str | None


class Findings:
    """One delivery's findings as one officer may see them."""

    def __init__(self, folder: Path, scope: Scope) -> None:
        self.folder = folder
        self.scope = scope
        self.connection = duckdb.connect(config={"threads": 1, "memory_limit": "512MB"})
        self.exists = (folder / "findings.parquet").is_file()

    def _source(self) -> tuple[str, list[Any]]:
        """The relation of visible findings, and its parameters."""
        # A finding about a whole file has no row and no column: such keys come first.
        findings = (
            'SELECT * REPLACE (coalesce(row_no, 0) AS row_no, coalesce("column", \'\') AS "column",'
            " coalesce(file_role, '') AS file_role) FROM read_parquet(?)"
        )
        parameters: list[Any] = [str(self.folder / "findings.parquet")]
        if self.scope.everything or not self.scope.regions:
            return f"({findings})", parameters
        parts = []
        for role in ("families", "persons"):
            path = self.folder / f"{role}.parquet"
            if path.is_file():
                where = " OR ".join("region_code = ? OR starts_with(region_code, ?)" for _ in self.scope.regions)
                parts.append(f"SELECT '{role}' AS file_role, row_no FROM read_parquet(?) WHERE {where}")
                parameters.append(str(path))
                for region in self.scope.regions:
                    parameters += [region, f"{region}."]
        if not parts:
            return f"({findings} WHERE false)", parameters[:1]
        rows = " UNION ALL ".join(parts)
        return f"(SELECT f.* FROM ({findings}) f SEMI JOIN ({rows}) r USING (file_role, row_no))", parameters

    def _where(self, choice: Choice) -> tuple[str, list[Any]]:
        tests, values = ["true"], []
        for name in ("severity", "rule", "column"):
            value = getattr(choice, name)
            if value:
                tests.append(f'"{name}" = ?')
                values.append(value)
        return " AND ".join(tests), values

    def count(self, choice: Choice) -> int:
        """How many findings fit."""
        if not self.exists:
            return 0
        source, parameters = self._source()
        where, values = self._where(choice)
        row = self.connection.execute(f"SELECT count(*) FROM {source} WHERE {where}", parameters + values).fetchone()
        return int(row[0]) if row else 0

    def by_rule(self) -> list[RuleCount]:
        """Each rule with its count and one masked example, most first."""
        if not self.exists:
            return []
        source, parameters = self._source()
        found = self.connection.execute(
            f"""SELECT rule, severity, count(*), min(masked_value) FILTER (WHERE masked_value <> '')
                FROM {source} GROUP BY rule, severity
                ORDER BY list_position(['error', 'finding', 'note'], severity), 3 DESC, 1""",
            parameters,
        ).fetchall()
        return [RuleCount(*row) for row in found]

    def columns(self) -> list[str]:
        """The columns that have findings."""
        if not self.exists:
            return []
        source, parameters = self._source()
        found = self.connection.execute(f'SELECT DISTINCT "column" FROM {source} ORDER BY 1', parameters).fetchall()
        return [row[0] for row in found if row[0]]

    def page(self, choice: Choice, after: Sequence[Any] | None, size: int) -> list[Finding]:
        """The next findings in the order of the files."""
        if not self.exists:
            return []
        source, parameters = self._source()
        where, values = self._where(choice)
        if after is not None and len(after) == 1:
            where += " AND finding_no > ?"
            values.append(int(after[0]))
        names = ", ".join(f'"{name}"' for name in COLUMNS)
        found = self.connection.execute(
            f"SELECT {names} FROM {source} WHERE {where} ORDER BY finding_no LIMIT ?",
            [*parameters, *values, size],
        ).fetchall()
        return [Finding(*row) for row in found]

    def every(self, choice: Choice) -> Iterator[Finding]:
        """All findings that fit, a thousand at a time, for a download."""
        if not self.exists:
            return
        source, parameters = self._source()
        where, values = self._where(choice)
        names = ", ".join(f'"{name}"' for name in COLUMNS)
        cursor = self.connection.execute(
            f"SELECT {names} FROM {source} WHERE {where} ORDER BY finding_no",
            parameters + values,
        )
        while rows := cursor.fetchmany(1000):
            for row in rows:
                yield Finding(*row)
