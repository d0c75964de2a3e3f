"""From files to a delivery's folder: stage, convert, count, list findings. DuckDB does the rows.

Knows no Django model and no settings; `operations.receive_delivery` calls it.
"""

import datetime as dt
import json
import os
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa

from registry.sources import regions
from registry.sources.comparison import Previous, RegencyCount, compare, count_regencies
from registry.sources.conversion import BITS, MAX_TEXTS, Conversion, Reading
from registry.sources.expressions import literal, masked_sql, quoted
from registry.sources.mapping import Layout, Mapping, find_layout, get_shipped_sources, load_mapping, plain_name
from registry.sources.readers import Prepared, Refused, prepare_file
from registry.sources.readers.plain import survey, write_plain
from registry.sources.readers.text import check_header, rewrite_carefully
from registry.sources.rules import RuleSet

PARQUET = "FORMAT parquet, COMPRESSION zstd, COMPRESSION_LEVEL 1, ROW_GROUP_SIZE 122880"
FINDING_COLUMNS = 'file_role, row_no, record_key, "column", rule, severity, masked_value'
Progress = Callable[[str, int], None]


@dataclass
class FileResult:
    """One file's counts."""

    name: str
    role: str
    rows: int = 0
    accepted: int = 0
    rejected: int = 0
    with_findings: int = 0


@dataclass
class Result:
    """What came of a delivery."""

    files: list[FileResult]
    findings: list[tuple[str, str, int]] = field(default_factory=list)  # rule, severity, n
    regencies: list[RegencyCount] = field(default_factory=list)
    read: dict[str, dict[str, Any]] = field(default_factory=dict)  # how each file was read, to validate it again


def fit_header(mapping: Mapping) -> Callable[[Any], float]:
    """Return how well a header suits the announced source, or any shipped one."""

    def fit(header: Any) -> float:
        others = [load_mapping(source) for source in get_shipped_sources() if source != mapping.source]
        return max([find_layout(each, header)[1] for each in (mapping, *others)])

    return fit


def place_file(mapping: Mapping, prepared: Prepared) -> Layout:
    """Return the layout that a file has, from its header.

    Raises: Refused when it is another source's, unknown, or lacks a mandatory column.
    """
    layout, score = find_layout(mapping, prepared.header)
    for source in get_shipped_sources():
        if source != mapping.source:
            _, other = find_layout(load_mapping(source), prepared.header)
            if other > score + 0.2 and other > 0.8:
                raise Refused("sources.file.other_source", name=prepared.name, source=mapping.source, found=source)
    if layout is None or score < 0.3:
        raise Refused("sources.file.unknown_layout", name=prepared.name, source=mapping.source)
    names = {plain_name(name) for name in prepared.header}
    for column in layout.columns:
        if names & {plain_name(alias) for alias in column.aliases}:
            names.add(plain_name(column.raw))
    missing = [name for name in layout.mandatory if plain_name(name) not in names]
    if missing:
        raise Refused("sources.file.column_missing", name=prepared.name, columns=", ".join(missing))
    check_header(prepared.header, prepared.name)
    return layout


def raw_names(header: Sequence[str]) -> list[str]:
    """Return the names of the columns of `<role>.raw.parquet`: the header's own, `raw_` before them."""
    seen: set[str] = set()
    found = []
    for number, name in enumerate(header):
        label = f"raw_{name or number}"
        while label.casefold() in seen:
            label += "_"
        seen.add(label.casefold())
        found.append(label)
    return found


class Validation:
    """One delivery on its way through DuckDB, in a working folder of its own."""

    def __init__(
        self, *, mapping: Mapping, rules: RuleSet, period: dt.date, folder: Path, out: Path, lookup: Path,
        limits: dict[str, Any] | None = None, progress: Progress | None = None,
    ) -> None:  # fmt: skip
        self.mapping, self.rules, self.period = mapping, rules, period
        self.folder, self.out = folder, out
        self.progress = progress or (lambda step, done: None)
        spill = {"temp_directory": str(folder / "spill")}
        self.con = duckdb.connect(str(folder / "work.duckdb"), config=(limits or {}) | spill)
        self.lookup = lookup
        self.conversions: dict[str, Conversion] = {}
        self.prepared: dict[str, Prepared] = {}
        self.staged: dict[str, Prepared] = {}

    def close(self) -> None:
        """Let go of the working database."""
        self.con.close()

    def prepare(self, files: list[Path], *, separator: str | None, encoding: str | None) -> None:
        """Read the headers, find each file's role.

        Raises: Refused.
        """
        for path in files:
            self.progress("read", 0)
            prepared = prepare_file(
                path, folder=self.folder, fit=fit_header(self.mapping), usual=self.mapping.separator,
                separator=separator, encoding=encoding,
            )  # fmt: skip
            layout = place_file(self.mapping, prepared)
            if layout.role in self.prepared:
                raise Refused(
                    "sources.delivery.role_twice",
                    name=prepared.name,
                    role=layout.role,
                    other=self.prepared[layout.role].name,
                )
            self.prepared[layout.role] = prepared
        if self.mapping.one_file and len(self.prepared) == 1:
            only = next(iter(self.prepared.values()))
            for role in self.mapping.layouts:
                self.prepared.setdefault(role, only)

    def take_up(self, folder: Path, read: dict[str, dict[str, Any]]) -> None:
        """Take the text that an earlier validation left in `folder` in place of files."""
        for role, one in read.items():
            os.link(folder / f"{role}.raw.parquet", self.out / f"{role}.raw.parquet")
            self.prepared[role] = Prepared(
                folder, one["name"], one["header"], self.mapping.separator, faults=one["faults"], notes=one["notes"]
            )

    def has_regions(self) -> bool:
        """Load the regions; return whether there are any."""
        self.progress("regions", 0)
        regions.load_regions(self.con, self.lookup)
        return bool(self.con.execute("SELECT count(*) FROM regions").fetchone()[0])

    def run(self, previous: Sequence[Previous] = ()) -> Result:
        """Stage, convert, compare, list findings; leave the Parquet files in the out folder.

        Raises: Refused.
        """
        counted: dict[str, FileResult] = {}
        # Families first: persons take their region and date from them.
        for role in ("families", "persons"):
            if role in self.prepared:
                self.progress(role, 0)
                counted[role] = self._convert(role)
            else:
                self._empty(role)
        self.progress("findings", 0)
        regencies = count_regencies(self.con, self.out)
        compare(self.con, self.out, regencies, previous, complete=self.mapping.complete)
        self._findings(counted, regencies)
        by_rule = self.con.execute(
            "SELECT rule, severity, count(*)::BIGINT FROM findings GROUP BY ALL ORDER BY ALL"
        ).fetchall()
        read = {
            role: {"name": one.name, "header": one.header, "faults": one.faults, "notes": one.notes}
            for role, one in self.prepared.items()
        }
        return Result([counted[role] for role in counted], by_rule, regencies, read)

    # staging ----------------------------------------------------------------------------------

    def _scan(self, prepared: Prepared, path: Path) -> str:
        names = [f"c{number}" for number in range(len(prepared.header))]
        if prepared.faults:
            names.append("row_fault")
        columns = ", ".join(f"'{name}': 'VARCHAR'" for name in names)
        return (
            f"read_csv({literal(str(path))}, delim = {literal(prepared.separator)}, quote = '\"', escape = '\"',"
            f" header = {str(prepared.has_header).lower()}, auto_detect = false, columns = {{{columns}}},"
            " max_line_size = 4194304)"
        )

    def _stage(self, role: str) -> str:
        """Write the file's text to `<role>.raw.parquet`, read in one pass, and name it as a view of plain columns."""
        prepared = self.prepared[role]
        target = self.out / f"{role}.raw.parquet"
        if target.exists():  # taken up
            self._name_stage(role, target)
            return f"stage_{role}"
        twin = next((other for other in self.staged if self.staged[other] is prepared), None)
        if twin:  # one file that holds both
            os.link(self.out / f"{twin}.raw.parquet", target)
            self.prepared[role] = self.prepared[twin]
        else:
            self.staged[role] = prepared
            self.prepared[role] = self._write_raw(prepared, target)
        self._name_stage(role, target)
        return f"stage_{role}"

    def _write_raw(self, prepared: Prepared, target: Path) -> Prepared:
        """Write the text by the cheapest reader that has no doubt about it; return how it was read."""
        if not prepared.faults:
            found = survey(prepared)
            try:
                if found.plain:
                    write_plain(prepared, raw_names(prepared.header), target)
                    return prepared
                if not found.null_bytes:
                    self._copy_raw(prepared, target)
                    return prepared
            except (pa.ArrowInvalid, duckdb.Error):
                pass
            prepared = rewrite_carefully(prepared, self.folder)
        self._copy_raw(prepared, target)
        return prepared

    def _copy_raw(self, prepared: Prepared, target: Path) -> None:
        columns = [f"c{n} AS {quoted(name)}" for n, name in enumerate(raw_names(prepared.header))]
        columns += ["row_fault"] if prepared.faults else []
        scan = self._scan(prepared, prepared.path)
        self.con.execute(f"COPY (SELECT {', '.join(columns)} FROM {scan}) TO {literal(str(target))} ({PARQUET})")

    def _name_stage(self, role: str, target: Path) -> None:
        prepared = self.prepared[role]
        columns = [f"{quoted(name)} AS c{n}" for n, name in enumerate(raw_names(prepared.header))]
        columns += ["row_fault"] if prepared.faults else []
        used = " OR ".join(f"trim({quoted(name)}) <> ''" for name in raw_names(prepared.header))
        blank = f" WHERE {used}" if prepared.faults else ""
        extra = (
            f" QUALIFY row_number() OVER (PARTITION BY {self._key_of(role)} ORDER BY file_row_number) = 1"
            if self._is_derived(role)
            else ""
        )
        self.con.execute(
            f"CREATE VIEW stage_{role} AS SELECT (file_row_number + 1)::BIGINT AS row_no, {', '.join(columns)}"
            f" FROM read_parquet({literal(str(target))}, file_row_number = true){blank}{extra}"
        )

    def _is_derived(self, role: str) -> bool:
        return self.mapping.one_file and role == "families"

    def _key_of(self, role: str) -> str:
        return str(self._conversion(role).staged(self.mapping.layouts[role].key))

    def _conversion(self, role: str) -> Conversion:
        prepared = self.prepared[role]
        return Conversion(
            layout=self.mapping.layouts[role], header=prepared.header, rules=self.rules, decimal=self.mapping.decimal,
            period=f"DATE '{self.period.isoformat()}'", has_faults=prepared.faults,
            may_repeat=self.mapping.may_repeat, oldest_year=self.mapping.oldest_year,
        )  # fmt: skip

    def _convert(self, role: str) -> FileResult:
        stage = self._stage(role)
        conversion = self._conversion(role)
        layout = conversion.layout
        conversion.with_families = "families" in self.prepared and bool(layout.family) and role == "persons"
        if layout.region:
            conversion.region_columns = regions.resolve(
                self.con, stage=stage, specs=layout.region, column=conversion.staged, table=f"region_of_{role}"
            )
        conversion.readings = self._read_texts(conversion, stage)
        key = conversion.staged(layout.key)
        self.con.execute(
            f"CREATE OR REPLACE TABLE twice AS SELECT {key} AS key, min(row_no) AS first_row FROM {stage}"
            f" WHERE {key} IS NOT NULL GROUP BY 1 HAVING count(*) > 1"
        )
        conversion.has_twice = self._has_rows("twice")
        if role == "persons":
            self._shared_niks(conversion, stage)
            conversion.has_shared = self._has_rows("shared")
            query = conversion.persons_sql(stage)
        else:
            query = conversion.families_sql(stage)
        target = self.out / f"{role}.parquet"
        self.con.execute(f"COPY ({query}) TO {literal(str(target))} ({PARQUET})")
        self.conversions[role] = conversion
        rows, accepted = self.con.execute(
            f"SELECT count(*), count(*) FILTER (accepted) FROM read_parquet({literal(str(target))})"
        ).fetchone()
        if rows == 0:
            raise Refused("sources.file.no_rows", name=self.prepared[role].name)
        if role == "families":
            number = next(n for n, fault in enumerate(conversion.faults) if fault.rule == "key.twice")
            self.con.execute(
                "CREATE TABLE fam AS SELECT family_key, kk_number, survey_date, region_code, accepted FROM"
                f" read_parquet({literal(str(target))}) WHERE family_key IS NOT NULL"
                f" AND (fault_bits_{number // BITS} >> {number % BITS}) & 1 = 0"
            )
        return FileResult(self.prepared[role].name, role, rows, accepted, rows - accepted)

    def _read_texts(self, conversion: Conversion, stage: str) -> dict[int, list[Reading]]:
        """Return how every text is read of the columns that hold few different ones."""
        found: dict[int, list[Reading]] = {}
        for number, query in conversion.readings_sql(stage).items():
            rows = self.con.execute(query).fetchall()
            if len(rows) <= MAX_TEXTS:
                found[number] = [
                    Reading(text, value, kind, coarse, tuple(faulty)) for text, value, kind, coarse, faulty in rows
                ]
        return found

    def _has_rows(self, table: str) -> bool:
        return bool(self.con.execute(f"SELECT EXISTS (SELECT * FROM {table})").fetchone()[0])

    def _shared_niks(self, conversion: Conversion, stage: str) -> None:
        nik = conversion.identifier_source("nik")
        name = next(
            (s for c in conversion.layout.columns if c.to == "name" and (s := conversion.staged(c.raw))), "NULL"
        )
        if not nik:
            self.con.execute("CREATE TABLE shared (nik VARCHAR)")
            return
        limit = self.rules.limits["same_nik"]
        raw = nik.staged
        self.con.execute(
            f"CREATE TABLE shared AS WITH often AS (SELECT {raw} AS nik FROM {stage} WHERE length({raw}) = 16"
            f" GROUP BY 1 HAVING count(*) >= {limit})"
            f" SELECT nik FROM often JOIN {stage} ON {raw} = nik GROUP BY nik HAVING count(DISTINCT lower(trim({name}))) >= {limit}"
        )

    def _empty(self, role: str) -> None:
        """Write an empty file with the right columns, so that readers find both files."""
        layout = self.mapping.layouts.get(role) or self._blank_layout(role)
        header = [layout.key, *([layout.family] if layout.family else [])]
        columns = ", ".join(f"NULL::VARCHAR AS c{number}" for number in range(len(header)))
        self.con.execute(f"CREATE VIEW stage_{role} AS SELECT 1::BIGINT AS row_no, {columns} WHERE false")
        conversion = Conversion(
            layout=layout, header=header, rules=self.rules, decimal=".", period=f"DATE '{self.period}'"
        )
        self.con.execute("CREATE OR REPLACE TABLE twice (key VARCHAR, first_row BIGINT)")
        query = (
            conversion.families_sql(f"stage_{role}") if role == "families" else conversion.persons_sql(f"stage_{role}")
        )
        self.con.execute(f"COPY ({query}) TO {literal(str(self.out / f'{role}.parquet'))} ({PARQUET})")

    @staticmethod
    def _blank_layout(role: str) -> Layout:
        return Layout(role, "key", None, None, (), (), (), ())

    # findings ---------------------------------------------------------------------------------

    def _findings(self, counted: dict[str, FileResult], regencies: Sequence[RegencyCount]) -> None:
        self.con.execute(
            'CREATE TABLE findings (file_role VARCHAR, row_no BIGINT, record_key VARCHAR, "column" VARCHAR,'
            " rule VARCHAR, severity VARCHAR, masked_value VARCHAR)"
        )
        for role in counted:
            self._row_findings(role)
        if "persons" in counted:
            self._family_findings("families" in counted)
        for role, prepared in self.prepared.items():
            for note in prepared.notes:
                self._file_finding(role, note)
        if len(self.mapping.layouts) == 2 and len(self.prepared) == 1:
            self._file_finding(next(iter(self.prepared)), "file.companion_missing")
        for each in regencies:
            gone, before = each.persons_gone or 0, each.persons_before or 0
            if gone * 100 > before * self.rules.limits["gone_percent"]:
                self._file_finding("persons", "file.regency_shrunk", f"{each.regency}; {gone}/{before}", each.regency)
        target = literal(str(self.out / "findings.parquet"))
        self.con.execute(
            'COPY (SELECT row_number() OVER (ORDER BY file_role, row_no NULLS FIRST, record_key, rule, "column") AS finding_no,'
            f" {FINDING_COLUMNS} FROM findings ORDER BY finding_no) TO {target} ({PARQUET})"
        )
        rejected = "SELECT 'families' AS file_role, row_no FROM read_parquet({}) WHERE NOT accepted".format(
            literal(str(self.out / "families.parquet"))
        ) + " UNION ALL SELECT 'persons', row_no FROM read_parquet({}) WHERE NOT accepted".format(
            literal(str(self.out / "persons.parquet"))
        )
        for role, n in self.con.execute(
            f"""SELECT file_role, count(DISTINCT coalesce(row_no::VARCHAR, record_key, rule)) FROM findings
                WHERE severity = 'finding' AND (file_role, coalesce(row_no, -1)) NOT IN ({rejected}) GROUP BY 1"""
        ).fetchall():
            counted[role].with_findings = n

    def _file_finding(self, role: str, rule: str, shown: str | None = None, key: str | None = None) -> None:
        severity = self.rules.rules[rule].severity
        self.con.execute("INSERT INTO findings VALUES (?, NULL, ?, '', ?, ?, ?)", [role, key, rule, severity, shown])

    def _row_findings(self, role: str) -> None:
        conversion = self.conversions[role]
        faults = conversion.faults
        words = (len(faults) + BITS - 1) // BITS
        parquet = literal(str(self.out / f"{role}.parquet"))
        bits = [f"fault_bits_{word}" for word in range(words)]
        there = self.con.execute(f"SELECT {', '.join(f'bit_or({each})' for each in bits)} FROM read_parquet({parquet})")
        found = there.fetchone()
        present = [n for n in range(len(faults)) if (found[n // BITS] or 0) >> (n % BITS) & 1]
        if not present:
            return
        key = "family_key" if role == "families" else "record_key"
        shown = sorted({str(faults[n].raw) for n in present if faults[n].raw})
        names = ", ".join([key, *bits])
        values = f"JOIN (SELECT {', '.join(['row_no', *shown])} FROM stage_{role}) USING (row_no)" if shown else ""
        self.con.execute(
            f"CREATE TABLE faulty_{role} AS SELECT row_no, {key} AS key, {', '.join([*bits, *shown])}"
            f" FROM (SELECT row_no, {names} FROM read_parquet({parquet})"
            f" WHERE {' OR '.join(f'{each} <> 0' for each in bits)}) {values}"
        )
        for n in present:
            fault = faults[n]
            # An empty cell of spaces is no wrong value.
            filled = f"AND trim({fault.raw}) <> ''" if fault.raw and fault.rule.startswith(("value.", "date.")) else ""
            self.con.execute(
                f"INSERT INTO findings SELECT '{role}', row_no, key, {literal(fault.column)}, {literal(fault.rule)},"
                f" {literal(self.rules.rules[fault.rule].severity)}, {masked_sql(fault.raw, fault.kind)}"
                f" FROM faulty_{role} WHERE (fault_bits_{n // BITS} >> {n % BITS}) & 1 = 1 {filled}"
            )
        # What a row that is no row says about its columns is of no use to anybody.
        self.con.execute(
            f"""DELETE FROM findings WHERE file_role = '{role}' AND NOT starts_with(rule, 'row.') AND row_no IN
                (SELECT row_no FROM findings WHERE file_role = '{role}' AND rule IN
                 ('row.broken_quote', 'row.null_bytes', 'row.columns', 'row.header_again'))"""
        )

    def _family_findings(self, with_families: bool) -> None:
        """Faults of whole families; each is counted once, with the members' file."""
        layout = self.mapping.layouts["persons"]
        if not layout.family:
            return
        persons = f"read_parquet({literal(str(self.out / 'persons.parquet'))})"
        families = f"read_parquet({literal(str(self.out / 'families.parquet'))})"
        has_relation = "id_hub_kepala_keluarga" in self.conversions["persons"].values
        self.con.execute(
            f"""CREATE TABLE grouped AS
                SELECT family_key, family_no, count(*) FILTER (accepted) AS members,
                       count(*) FILTER (accepted AND relation = 1) AS heads,
                       count(*) FILTER (NOT accepted OR relation IS NULL) AS unsure,
                       min(row_no) AS first_row,
                       max(row_no) FILTER (accepted AND relation = 1) AS head_row,
                       arg_min(record_key, row_no) AS first_key,
                       arg_max(record_key, row_no) FILTER (accepted AND relation = 1) AS head_key
                FROM {persons} WHERE family_key IS NOT NULL GROUP BY ALL"""
        )
        column = literal(layout.family)

        def tell(rule: str, where: str, row: str = "first_row", key: str = "first_key") -> None:
            severity = self.rules.rules[rule].severity
            self.con.execute(
                f"INSERT INTO findings SELECT 'persons', {row}, {key}, {column}, '{rule}', '{severity}', family_key"
                f" FROM grouped WHERE {where}"
            )

        if has_relation:
            tell("family.two_heads", "heads > 1", "head_row", "head_key")
            tell("family.no_head", "heads = 0 AND unsure = 0 AND members > 0")
            tell("family.no_head_left", "heads = 0 AND unsure > 0 AND members > 0")
        tell("family.too_many", f"members > {self.rules.limits['members']}")
        if with_families:
            for rule, where in (("family.no_members", "g.n IS NULL"), ("family.no_members_left", "g.n = 0")):
                severity = self.rules.rules[rule].severity
                self.con.execute(
                    f"""INSERT INTO findings SELECT 'persons', NULL, f.family_key, {column}, '{rule}', '{severity}', f.family_key
                        FROM {families} f LEFT JOIN (SELECT family_key, sum(members) AS n FROM grouped GROUP BY 1) g
                        USING (family_key) WHERE f.accepted AND {where}"""
                )


def write_manifest(out: Path, content: dict[str, Any]) -> None:
    """Write manifest.json and make every file of the folder durable."""
    (out / "manifest.json").write_text(json.dumps(content, indent=1, ensure_ascii=False, default=str), encoding="utf-8")
    for path in [*out.rglob("*"), out]:
        handle = os.open(path, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)


__all__ = ["FileResult", "Result", "Validation", "write_manifest"]
