"""The SQL of one file: staged raw columns in, the delivery's Parquet columns out, with fault bits.

Each row is read once. Whatever is wrong with it is one bit of `fault_bits_<n>`; `validation.py`
turns the bits of the few faulty rows into findings.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field

from registry.identifiers import Flag, clean_sql, form_flags_sql, kk_flags_sql, nik_flags_sql, usable_sql
from registry.sources import regions
from registry.sources.expressions import (
    Fault,
    area_value,
    code_value,
    date_value,
    is_serial,
    known_code,
    literal,
    quoted,
    sum_condition,
    whole_number,
)
from registry.sources.mapping import Column, Layout, plain_name
from registry.sources.rules import RuleSet
from registry.variables import load_dictionary

BITS = 60
DUMMY_DATE = "DATE '1900-01-01'"


@dataclass
class Conversion:
    """The pieces of one file's SQL; `build` puts them together."""

    layout: Layout
    header: Sequence[str]
    rules: RuleSet
    decimal: str
    period: str  # an SQL date
    has_faults: bool = False
    with_families: bool = False
    region_columns: Sequence[str] = ()
    faults: list[Fault] = field(default_factory=list)
    values: dict[str, str] = field(default_factory=dict)
    numbers: list[str] = field(default_factory=list)
    first: list[str] = field(default_factory=list)

    def staged(self, name: str) -> str | None:
        """Return the staged column of a raw name (or of one of its aliases), None when absent."""
        wanted = plain_name(name)
        for number, column in enumerate(self.header):
            if plain_name(column) == wanted:
                return f"c{number}"
        for column_spec in self.layout.columns:
            if plain_name(column_spec.raw) == wanted and column_spec.aliases:
                for alias in column_spec.aliases:
                    if (found := self._exact(alias)) is not None:
                        return found
        return None

    def _exact(self, name: str) -> str | None:
        wanted = plain_name(name)
        return next((f"c{n}" for n, column in enumerate(self.header) if plain_name(column) == wanted), None)

    def original(self, staged: str) -> str:
        """Return the header's own name of a staged column."""
        return self.header[int(staged[1:])]

    def fault(self, rule: str, staged: str | None, condition: str, kind: str = "plain", column: str = "") -> None:
        """Note one way in which a row can be wrong."""
        name = self.original(staged) if staged else column
        self.faults.append(Fault(rule, name, condition, staged, kind))

    # one raw column ---------------------------------------------------------------------------

    def read_columns(self) -> None:
        """Give every mapped column its value and its faults."""
        targets: dict[str, list[tuple[Column, str]]] = {}
        for number, column in enumerate(self.layout.columns):
            staged = self.staged(column.raw)
            if staged is None:
                continue
            value = self._read(number, column, staged)
            if column.to and value:
                targets.setdefault(column.to, []).append((column, value))
        for to, found in targets.items():
            expressions = [value for _, value in sorted(found, key=lambda pair: pair[0].part)]
            if len(expressions) == 1:
                self.values[to] = expressions[0]
            elif found[0][0].kind in ("text", "name"):
                self.values[to] = f"nullif(concat_ws(' ', {', '.join(expressions)}), '')"
            else:  # yes (1) in any of several columns is yes
                self.values[to] = f"least({', '.join(expressions)})"
        for derived in self.layout.derived:
            if conditions := self._when(derived["when"]):
                to = derived["to"]
                self.values[to] = (
                    f"CASE WHEN {conditions} THEN {derived['value']} ELSE {self.values.get(to, 'NULL')} END"
                )

    def _when(self, when: dict) -> str | None:
        parts = []
        for raw, wanted in when.items():
            staged = self.staged(raw)
            if staged is None:
                return None
            parts.append(f"trim({staged}) IN ({', '.join(literal(str(each)) for each in wanted)})")
        return " AND ".join(parts)

    def _read(self, number: int, column: Column, staged: str) -> str | None:
        alias = f"v{number}"
        present = f"{staged} IS NOT NULL"
        as_number = f"n{number}"
        if column.kind in ("integer", "area", "sum") or (
            column.kind == "code" and all(k.isdigit() for k in column.codes)
        ):
            # In a layer of its own: DuckDB does not share an expression between branches of CASE.
            self.numbers.append(
                f"{area_value(staged, self.decimal) if column.kind == 'area' else whole_number(staged)} AS {as_number}"
            )
        if column.kind == "code":
            complete = all(value is not None for value in column.codes.values())
            if column.to:
                self.first.append(f"{code_value(staged, column, as_number)} AS {alias}")
            if column.to and complete:
                self.fault("value.code", staged, f"{present} AND {alias} IS NULL")
            else:
                self.fault("value.code", staged, f"{present} AND NOT {known_code(staged, column, as_number)}")
            return alias if column.to else None
        if column.kind in ("integer", "area"):
            number_sql = as_number
            if column.range:
                number_sql = (
                    f"CASE WHEN {as_number} BETWEEN {column.range[0]} AND {column.range[1]} THEN {as_number} END"
                )
            self.first.append(f"{number_sql} AS {alias}")
            self.fault("value.number", staged, f"{present} AND {alias} IS NULL")
            return alias
        if column.kind == "sum":
            self.fault("value.sum", staged, f"{present} AND NOT {sum_condition(as_number, column)}")
            return None
        if column.kind == "date":
            self.first.append(f"{date_value(staged, column.formats)} AS {alias}")
            self.fault("date.unreadable", staged, f"{present} AND {alias} IS NULL", "date")
            self.fault("date.serial", staged, f"{present} AND {is_serial(staged)}", "date")
            return alias
        if column.kind == "identifier":
            self.first.append(f"{clean_sql(staged)} AS {alias}")
            return alias
        return f"nullif(trim({staged}), '')"

    # identifiers ------------------------------------------------------------------------------

    def identifier_source(self, to: str) -> tuple[str, str] | None:
        """Return the cleaned alias and the staged column of an identifier, None when absent."""
        for number, column in enumerate(self.layout.columns):
            if column.to == to and (staged := self.staged(column.raw)):
                return f"v{number}", staged
        return None

    def _identifier_faults(self, flags: str, staged: str, *, nik: bool) -> None:
        def has(*bits: Flag) -> str:
            return f"({flags} & {sum(int(bit) for bit in bits)}) <> 0"

        bad_form = (Flag.SCIENTIFIC, Flag.LETTER_O, Flag.PLACEHOLDER, Flag.MISSING)
        tell = self.fault
        if nik:
            tell("number.missing", staged, has(Flag.MISSING), "identifier")
        tell("number.cleaned", staged, f"{has(Flag.CLEANED)} AND {usable_sql(flags)}", "identifier")
        tell("number.scientific", staged, has(Flag.SCIENTIFIC), "identifier")
        tell("number.letter_o", staged, has(Flag.LETTER_O), "identifier")
        tell("number.placeholder", staged, has(Flag.PLACEHOLDER), "identifier")
        tell("number.not_digits", staged, f"{has(Flag.NON_DIGIT)} AND NOT {has(*bad_form)}", "identifier")
        tell("number.length", staged, f"{has(Flag.LENGTH)} AND NOT {has(*bad_form, Flag.NON_DIGIT)}", "identifier")
        tell("number.date" if nik else "number.kk_date", staged, has(Flag.IMPOSSIBLE_DATE), "identifier")
        if nik:
            tell("number.serial", staged, has(Flag.SERIAL_ZERO), "identifier")
            tell("number.region", staged, has(Flag.REGION_UNKNOWN), "identifier")
            tell("number.sex", staged, has(Flag.SEX_DIFFERS), "identifier")
            tell("number.birth_date", staged, has(Flag.BIRTH_DATE_DIFFERS), "identifier")
            tell("number.shared", staged, f"{has(Flag.SHARED)} AND {usable_sql(flags)}", "identifier")

    # rows -------------------------------------------------------------------------------------

    def row_faults(self) -> None:
        """Faults of the row as a whole: broken text, keys, repeated header."""
        key = self.staged(self.layout.key) or "c0"
        if self.has_faults:
            for fault in ("broken_quote", "null_bytes", "columns"):
                self.fault(f"row.{fault}", None, f"row_fault = {literal(fault)}")
            mapped = {self.staged(name) for name in self.layout.names.values()} - {None}
            numbers = ", ".join(sorted(str(name)[1:] for name in mapped))
            self.fault(
                "row.formula", None,
                f"row_fault LIKE 'formula:%' AND list_has_any(string_split(row_fault[9:], ','), string_split({literal(numbers)}, ', '))",
            )  # fmt: skip
        self.fault("row.header_again", key, f"{key} = {literal(self.original(key))}")
        self.fault("key.missing", key, f"({key} IS NULL OR trim({key}) = '')")
        self.fault("key.twice", key, "twice.first_row < row_no")

    def check_faults(self) -> None:
        """Faults across columns, from the rules file."""
        for rule in self.rules.rules.values():
            if rule.check and rule.role == self.layout.role:
                raw = next((c.raw for c in self.layout.columns if c.to == rule.column and self.staged(c.raw)), None)
                if raw is not None:
                    self.fault(rule.code, self.staged(raw), rule.check)

    def bits(self) -> tuple[list[str], list[int]]:
        """Return the expressions of the bit columns and the bits of errors in each."""
        columns, errors = [], []
        for start in range(0, len(self.faults), BITS):
            part = self.faults[start : start + BITS]
            terms = [f"(coalesce({fault.condition}, false)::BIGINT << {bit})" for bit, fault in enumerate(part)]
            columns.append(" + ".join(terms))
            errors.append(
                sum(1 << bit for bit, fault in enumerate(part) if self.rules.rules[fault.rule].severity == "error")
            )
        return columns, errors

    def raw_columns(self) -> list[str]:
        """Return the raw columns under their own names, `raw_` before them."""
        seen: set[str] = set()
        found = []
        for number, name in enumerate(self.header):
            label = f"raw_{name or number}"
            while label.casefold() in seen:
                label += "_"
            seen.add(label.casefold())
            found.append(f"c{number} AS {quoted(label)}")
        return found

    def raw_name(self, staged: str) -> str:
        """Return the output column of a staged column."""
        return self.raw_columns()[int(staged[1:])].partition(" AS ")[2]

    def value(self, target: str, kind: str) -> str:
        """Return a target's expression, a typed null where the file does not have it."""
        return f"({self.values[target]})::{kind}" if target in self.values else f"NULL::{kind}"

    def _finish(self, base: str, second: list[str], third: list[str], output: list[str]) -> str:
        """Return the whole query: `base` rows → values → joined values → bits → output."""
        bits, errors = self.bits()
        bit_columns = [f"({expression}) AS fault_bits_{number}" for number, expression in enumerate(bits)]
        accepted = " AND ".join(f"(fault_bits_{n} & {mask}) = 0" for n, mask in enumerate(errors)) or "true"
        names = ", ".join(f"fault_bits_{number}" for number in range(len(bits)))
        return f"""
            SELECT {", ".join(output)}, ({accepted}) AS accepted, {names}, {", ".join(self.raw_columns())}
            FROM (SELECT *, {", ".join(bit_columns)}
                  FROM (SELECT *, {", ".join(third)}
                        FROM (SELECT *, {", ".join(second)} FROM ({base}))))"""

    # families and persons ---------------------------------------------------------------------

    def families_sql(self, stage: str) -> str:
        """Return the query of families.parquet."""
        items = load_dictionary().household_items
        self.read_columns()
        self.row_faults()
        kk, head = self.identifier_source("kk_number"), self.identifier_source("head_nik")
        second = [f"coalesce({self.value('survey_date', 'DATE')}, {self.period}) AS survey_date"]
        second += [f"{self.value(item.name, 'SMALLINT')} AS {item.name}" for item in items]
        for name, source, nik in (("kk", kk, False), ("head", head, True)):
            flags = "1"
            if source and nik:
                flags = nik_flags_sql(*source, sex="NULL::SMALLINT", birth_date="NULL::DATE", region_state=None)
            elif source:
                flags = kk_flags_sql(*source)
            second.append(f"{flags} AS {name}_flags")
        if kk:
            self._identifier_faults("kk_flags", kk[1], nik=False)
        self._region_faults()
        self.check_faults()
        region = (
            ", region_code, coalesce(region_state, 4) AS region_state"
            if self.region_columns
            else ", NULL::VARCHAR AS region_code, 0 AS region_state"
        )
        key = self.staged(self.layout.key)
        base = f"""
            SELECT stage.*, twice.first_row{region}{self._first()}
            FROM {self._numbered(stage)} {self._region_join()} LEFT JOIN twice ON twice.key = stage.{key}"""
        self._replace_twice()
        third = [f"CASE WHEN {usable_sql('kk_flags')} THEN {kk[0] if kk else 'NULL'} END AS kk_number",
                 f"CASE WHEN {usable_sql('head_flags')} THEN {head[0] if head else 'NULL'} END AS head_nik"]  # fmt: skip
        output = ["row_no", f"{key} AS family_key", "region_code", "kk_number", "kk_flags"]
        output += [f"{self.value(name, 'VARCHAR')} AS {name}" for name in ("address", "sls", "head_name")]
        output += ["head_nik", "survey_date", f"{self.value('n_members', 'SMALLINT')} AS n_members"]
        output += [item.name for item in items]
        return self._finish(base, second, third, output)

    def persons_sql(self, stage: str) -> str:
        """Return the query of persons.parquet; joins `fam`, `shared`, `twice`, `nik_regions`."""
        items = load_dictionary().individual_items
        self.read_columns()
        self.row_faults()
        key = self.staged(self.layout.key)
        family = self.staged(self.layout.family) if self.layout.family else None
        dwelling = self.staged(self.layout.dwelling) if self.layout.dwelling else None
        nik, kk = self.identifier_source("nik"), self.identifier_source("kk_number")
        name = next((s for c in self.layout.columns if c.to == "name" and (s := self.staged(c.raw))), None)
        names = [s for c in self.layout.columns if c.to == "name" and (s := self.staged(c.raw))]
        joins = f"LEFT JOIN twice ON twice.key = stage.{key} {self._region_join()}"
        extra = ["twice.first_row"]
        if self.with_families and family:
            joins += f" LEFT JOIN fam ON fam.family_key = stage.{family}"
            extra += ["fam.family_key AS fam_key", "fam.accepted AS fam_accepted", "fam.kk_number AS fam_kk",
                      "fam.survey_date AS fam_date", "fam.region_code AS fam_region"]  # fmt: skip
        else:
            extra += ["NULL::VARCHAR AS fam_kk", "NULL::DATE AS fam_date", "NULL::VARCHAR AS fam_region"]
        own = (
            "own.region_code AS own_region, own.region_state AS region_state"
            if self.region_columns
            else "NULL::VARCHAR AS own_region, 0 AS region_state"
        )
        base = f"SELECT stage.*, {', '.join(extra)}, {own}{self._first()} FROM {self._numbered(stage)} {joins}"
        if nik:
            base = f"""SELECT base.*, nik_regions.state AS nik_state, shared.nik IS NOT NULL AS nik_shared
                FROM ({base}) base LEFT JOIN nik_regions ON nik_regions.code6 = base.{nik[0]}[1:6]
                LEFT JOIN shared ON shared.nik = base.{nik[0]}"""
        self._replace_twice()
        born = self.value("birth_date", "DATE")
        oldest = self.rules.limits["oldest_year"]
        second = [f"coalesce({self.value('survey_date', 'DATE')}, fam_date, {self.period}) AS survey_date",
                  f"{born} AS born", f"{self.value('sex', 'SMALLINT')} AS sex"]  # fmt: skip
        second += [f"{self.value(item.name, 'SMALLINT')} AS {item.name}" for item in items]
        flags = (
            nik_flags_sql(*nik, sex="sex", birth_date="born", region_state="nik_state", form="nik_form")
            + f" + CASE WHEN nik_shared THEN {int(Flag.SHARED)} ELSE 0 END"
            if nik
            else str(int(Flag.MISSING))
        )
        second += [
            f"({form_flags_sql(*source)}) AS {which}_form" for which, source in (("nik", nik), ("kk", kk)) if source
        ]
        kk_flags = kk_flags_sql(*kk, form="kk_form") if kk else str(int(Flag.MISSING))
        third = [f"({flags}) AS nik_flags", f"{kk_flags} AS kk_flags",
                 f"CASE WHEN born <= survey_date AND year(born) >= {oldest} THEN born END AS birth_date"]  # fmt: skip
        birth = next((s for c in self.layout.columns if c.to == "birth_date" and (s := self.staged(c.raw))), None)
        if birth:
            self.fault("date.future", birth, "born > survey_date", "date")
            self.fault("date.too_old", birth, f"year(born) < {oldest}", "date")
        if nik:
            self._identifier_faults("nik_flags", nik[1], nik=True)
        if kk:
            self._identifier_faults("kk_flags", kk[1], nik=False)
        joined_name = self.value("name", "VARCHAR")
        if name:
            self.fault("name.missing", name, f"{joined_name} IS NULL", "name")
            for each in names:
                self.fault("name.formula", each, f"trim({each})[1] IN ('=', '+', '@', '-')", "name")
        if family:
            self.fault("family.missing", family, f"({family} IS NULL OR trim({family}) = '')")
            if self.with_families:
                self.fault("family.unknown", family, f"fam_key IS NULL AND {family} IS NOT NULL")
                self.fault("family.rejected", family, "NOT fam_accepted")
        self.check_faults()
        family_no = f"coalesce({self.value('family_no', 'SMALLINT')}, 1)::SMALLINT"
        keep = f"{usable_sql('nik_flags')} AND nik_flags & {int(Flag.SHARED)} = 0"
        own_kk = f"CASE WHEN {usable_sql('kk_flags')} THEN {kk[0]} END" if kk else "fam_kk"
        padan = self.value("padan_dukcapil", "SMALLINT")
        output = [
            "row_no", f"{key} AS record_key", f"{family or 'NULL::VARCHAR'} AS family_key", f"{family_no} AS family_no",
            f"{dwelling or 'NULL::VARCHAR'} AS dwelling_key", f"{own_kk} AS kk_number",
            f"CASE WHEN {keep} THEN {nik[0] if nik else 'NULL::VARCHAR'} END AS nik", "nik_flags",
            f"regexp_replace({joined_name}, '\\s+', ' ', 'g') AS name",
            f"{('concat_ws(' + repr(' ') + ', ' + ', '.join(names) + ')') if names else 'NULL::VARCHAR'} AS name_raw",
            "sex", "birth_date", f"{self.value('birth_place', 'VARCHAR')} AS birth_place",
            f"{self.value('mother_name', 'VARCHAR')} AS mother_name", "id_hub_kepala_keluarga AS relation",
            "coalesce(fam_region, own_region) AS region_code", "survey_date",
            f"CASE {padan} WHEN 1 THEN true WHEN 2 THEN false END AS padan_dukcapil",
        ]  # fmt: skip
        output += [item.name for item in items]
        return self._finish(base, second, third, output)

    def _numbered(self, stage: str) -> str:
        return f"(SELECT *{''.join(f', {expression}' for expression in self.numbers)} FROM {stage}) stage"

    def _first(self) -> str:
        return "".join(f", {expression}" for expression in self.first)

    def _replace_twice(self) -> None:
        self.faults = [
            Fault(f.rule, f.column, "first_row < row_no", f.raw, f.kind) if f.rule == "key.twice" else f
            for f in self.faults
        ]

    def _region_join(self) -> str:
        if not self.region_columns:
            return ""
        alias = "place" if self.layout.role == "families" else "own"
        on = " AND ".join(f"stage.{name} IS NOT DISTINCT FROM {alias}.{name}" for name in self.region_columns)
        columns = ", ".join([*self.region_columns, "region_code", "region_state"])
        return f"LEFT JOIN (SELECT {columns} FROM region_of_{self.layout.role}) {alias} ON {on}"

    def _region_faults(self) -> None:
        if not self.region_columns:
            return
        column = self.region_columns[0]
        for rule, bit in (
            ("region.padded", regions.PADDED),
            ("region.village", regions.NO_VILLAGE),
            ("region.unknown", regions.UNKNOWN),
        ):
            self.fault(rule, column, f"region_state & {bit} <> 0")
