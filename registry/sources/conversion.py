"""The SQL of one file: staged raw columns in, the delivery's Parquet columns out, with fault bits.

Each row is read once. Whatever is wrong with it is one bit of `fault_bits_<n>`; `validation.py`
turns the bits of the few faulty rows into findings.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from registry.identifiers import (
    Flag,
    clean_sql,
    date_part_sql,
    form_flags_sql,
    kk_flags_sql,
    nik_flags_sql,
    sixteen_sql,
    usable_sql,
)
from registry.sources import regions
from registry.sources.expressions import (
    NO_CODE,
    SMALLINT,
    Fault,
    area_value,
    coarse_table,
    code_table,
    date_value,
    is_serial,
    literal,
    one_space,
    other_code,
    plain_number,
    sum_condition,
    unless_read,
    usual_date,
)
from registry.sources.mapping import EVIDENCE, Column, Layout, plain_name
from registry.sources.rules import RuleSet
from registry.variables import Variable, load_dictionary

BITS = 60
DUMMY_DATE = "DATE '1900-01-01'"
READ_BY_TEXT = ("code", "integer", "area", "sum")
MAX_TEXTS = 200  # of a column that is read by its texts: a table is searched from its start
NEVER = "false"  # the condition of a fault that no text of its column has


@dataclass(frozen=True)
class Identifier:
    """The columns of one identifier: as sent, cleaned, its number when 16 digits were sent, its number."""

    staged: str
    clean: str
    sixteen: str
    number: str

    def layer(self, name: str) -> list[str]:
        """Return the columns `<name>_form` and `<name>_date`."""
        return [
            f"({form_flags_sql(self.clean, self.staged, sixteen=self.sixteen)}) AS {name}_form",
            f"{date_part_sql(self.number)} AS {name}_date",
        ]

    def kk_flags(self, name: str) -> str:
        """Return the flags of a KK number whose layer is there."""
        return kk_flags_sql(self.clean, self.staged, form=f"{name}_form", number=self.number, date=f"{name}_date")

    def nik_flags(self, name: str, *, sex: str, birth_date: str, region_state: str | None) -> str:
        """Return the flags of a NIK whose layer is there."""
        return nik_flags_sql(
            self.clean, self.staged, sex=sex, birth_date=birth_date, region_state=region_state,
            form=f"{name}_form", number=self.number, date=f"{name}_date",
        )  # fmt: skip


@dataclass(frozen=True)
class Reading:
    """How one text of a column is read: its value, its type in SQL, whether it stands for several codes, its faults."""

    text: str
    value: int | None
    kind: str
    coarse: bool
    faulty: tuple[bool, ...]


@dataclass
class Conversion:
    """The pieces of one file's SQL; `build` puts them together."""

    layout: Layout
    header: Sequence[str]
    rules: RuleSet
    decimal: str
    period: str  # an SQL date
    may_repeat: bool = False
    oldest_year: int | None = None
    has_faults: bool = False
    with_families: bool = False
    region_columns: Sequence[str] = ()
    faults: list[Fault] = field(default_factory=list)
    values: dict[str, str] = field(default_factory=dict)
    # Layers of one row, each reading the one before. DuckDB works out an expression over one column
    # once for each entry of the Parquet dictionary (`casts`); it shares none between branches of CASE.
    casts: list[str] = field(default_factory=list)
    numbers: list[str] = field(default_factory=list)
    first: list[str] = field(default_factory=list)
    last: list[str] = field(default_factory=list)
    coarse: dict[str, list[str]] = field(default_factory=dict)
    has_twice: bool = True
    has_shared: bool = True
    # Number of a mapped column → all texts in it, where they are few (`readings_sql`): looked up, not worked out.
    readings: dict[int, list[Reading]] = field(default_factory=dict)

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

    def fault(
        self, rule: str, staged: str | None, condition: str, kind: str = "plain", *, certain: bool = False
    ) -> None:
        """Note one way in which a row can be wrong; a `certain` condition is never null."""
        name = self.original(staged) if staged else ""
        self.faults.append(Fault(rule, name, condition, staged, kind, certain))

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

    def readings_sql(self, stage: str) -> dict[int, str]:
        """Return for each mapped column of codes or numbers the query of how each of its texts is read, as `Reading`."""
        found = {}
        for number, column in enumerate(self.layout.columns):
            staged = self.staged(column.raw)
            if staged is None or column.kind not in READ_BY_TEXT:
                continue
            alone = replace(self, faults=[], values={}, casts=[], numbers=[], first=[], last=[], coarse={}, readings={})
            value = alone._read(number, column, staged) or "NULL::INTEGER"
            coarse = " OR ".join(alone.coarse.get(column.to, ())) or "false"
            faulty = ", ".join(f"coalesce({fault.condition}, false)" for fault in alone.faults)
            texts = f"(SELECT DISTINCT {staged} FROM {stage} WHERE {staged} IS NOT NULL LIMIT {MAX_TEXTS + 1})"
            found[number] = (
                f"SELECT {staged}, {value}, typeof({value}), coalesce({coarse}, false), [{faulty}]"
                f" FROM {alone._layered(texts)}"
            )
        return found

    def _look_up(self, number: int, column: Column, staged: str, readings: Sequence[Reading]) -> str:
        """Read a column by its texts; what none of them does is left out."""
        alone = replace(self, faults=[], values={}, casts=[], numbers=[], first=[], last=[], coarse={}, readings={})
        alone._read(number, column, staged)
        for place, fault in enumerate(alone.faults):
            told = [each.text for each in readings if each.faulty[place]]
            condition = f"coalesce({_set_of(told)}[{staged}], false)" if told else NEVER
            self.faults.append(replace(fault, condition=condition, certain=True))
        if coarse := [each.text for each in readings if each.coarse]:
            self.casts.append(f"{_set_of(coarse)}[{staged}] AS a{number}")
            self.coarse.setdefault(column.to, []).append(f"a{number}")
        kind = readings[0].kind if readings else "INTEGER"
        values = [f"{literal(each.text)}: ({each.value})::{kind}" for each in readings if each.value is not None]
        table = f"MAP {{{', '.join(values)}}}[{staged}]" if values else f"NULL::{kind}"
        self.casts.append(f"{table} AS v{number}")
        return f"v{number}"

    def _read(self, number: int, column: Column, staged: str) -> str | None:
        alias = f"v{number}"
        if number in self.readings:
            told = self._look_up(number, column, staged, self.readings[number])
            return told if column.to or column.kind in ("integer", "area") else None
        if column.kind == "code":
            return self._read_code(number, column, staged)
        if column.kind in ("integer", "area", "sum"):
            as_number = f"n{number}"
            if column.kind == "area":
                self.casts.append(f"{area_value(staged, self.decimal)} AS {as_number}")
            else:
                self.casts.append(f"TRY_CAST({staged} AS INTEGER) AS m{number}")
                self.numbers.append(f"{plain_number(staged, f'm{number}')} AS {as_number}")
            if column.kind == "sum":
                self.fault("value.sum", staged, f"{staged} IS NOT NULL AND NOT {sum_condition(as_number, column)}")
                return None
            low, high = column.range or SMALLINT
            self.first.append(f"CASE WHEN {as_number} BETWEEN {low} AND {high} THEN {as_number} END AS {alias}")
            self.fault("value.number", staged, f"{staged} IS NOT NULL AND {alias} IS NULL", certain=True)
            return alias
        if column.kind == "date":
            self.casts.append(f"{usual_date(staged, column.formats)} AS m{number}")
            self.numbers.append(f"{unless_read(staged, f'm{number}', date_value(staged, column.formats))} AS {alias}")
            self.fault("date.unreadable", staged, f"{staged} IS NOT NULL AND {alias} IS NULL", "date", certain=True)
            serial = unless_read(staged, f"m{number}", is_serial(staged), otherwise="false")
            self.fault("date.serial", staged, serial, "date")
            return alias
        if column.kind == "identifier":
            self.casts.append(f"TRY_CAST({staged} AS BIGINT) AS m{number}")
            self.numbers.append(f"{sixteen_sql(staged, f'm{number}')} AS i{number}")
            self.first.append(f"CASE WHEN i{number} IS NOT NULL THEN {staged} ELSE {clean_sql(staged)} END AS {alias}")
            self.last.append(f"coalesce(i{number}, TRY_CAST({alias} AS BIGINT)) AS j{number}")
            return alias
        self.casts.append(f"trim({staged}) AS m{number}")
        self.numbers.append(f"nullif(m{number}, '') AS {alias}")
        return alias

    def _read_code(self, number: int, column: Column, staged: str) -> str | None:
        """Read a code: its usual texts by a table, other writings of a whole number (3.0) where that failed."""
        numeric = all(key.isdigit() for key in column.codes)
        if numeric:
            self.casts.append(f"{code_table(column)}[trim({staged})] AS m{number}")
            self.numbers.append(f"{unless_read(staged, f'm{number}', other_code(staged, column))} AS u{number}")
        else:
            self.casts.append(f"{code_table(column)}[lower(trim({staged}))] AS u{number}")
        self.fault("value.code", staged, f"{staged} IS NOT NULL AND u{number} IS NULL", certain=True)
        if not column.to:
            return None
        if column.among:
            text = f"trim({staged})" if numeric else f"lower(trim({staged}))"
            self.casts.append(f"{coarse_table(column)}[{text}] AS a{number}")
            self.coarse.setdefault(column.to, []).append(f"a{number}")
        if all(value is not None for value in column.codes.values()):
            return f"u{number}"
        self.first.append(f"nullif(u{number}, {NO_CODE}) AS v{number}")
        return f"v{number}"

    # identifiers ------------------------------------------------------------------------------

    def identifier_source(self, to: str) -> Identifier | None:
        """Return the columns of an identifier, None when the file lacks it."""
        for number, column in enumerate(self.layout.columns):
            if column.to == to and (staged := self.staged(column.raw)):
                return Identifier(staged, f"v{number}", f"i{number}", f"j{number}")
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
        self.fault("key.twice", key, "first_row < row_no")

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
            terms = [
                f"(({fault.condition})::BIGINT << {bit})"
                if fault.certain
                else f"(coalesce({fault.condition}, false)::BIGINT << {bit})"
                for bit, fault in enumerate(part)
                if fault.condition != NEVER
            ]
            columns.append(" + ".join(terms) or "0::BIGINT")
            errors.append(
                sum(1 << bit for bit, fault in enumerate(part) if self.rules.rules[fault.rule].severity == "error")
            )
        return columns, errors

    def coarse_bits(self, items: Sequence[Variable]) -> str:
        """Return the bits of the items whose value stands for several codes, the first item lowest."""
        terms = []
        for place, item in enumerate(items):
            if found := self.coarse.get(item.name):
                told = [
                    when
                    for each in self.layout.derived
                    if each["to"] == item.name and (when := self._when(each["when"]))
                ]
                unless = "".join(f" AND NOT coalesce({when}, false)" for when in told)
                terms.append(f"((coalesce({', '.join(found)}, false){unless})::BIGINT << {place})")
        return f"({' + '.join(terms) or '0'})::BIGINT AS coarse"

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
            SELECT {", ".join(output)}, ({accepted}) AS accepted, {names}
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
        second.append(self.coarse_bits(items))
        kk_flags = head_flags = str(int(Flag.MISSING))
        if kk:
            second += kk.layer("kk")
            kk_flags = kk.kk_flags("kk")
            self._identifier_faults("kk_flags", kk.staged, nik=False)
        if head:
            second += head.layer("head")
            head_flags = head.nik_flags("head", sex="NULL::SMALLINT", birth_date="NULL::DATE", region_state=None)
        self._region_faults()
        self.check_faults()
        region = (
            ", region_code, coalesce(region_state, 4) AS region_state"
            if self.region_columns
            else ", NULL::VARCHAR AS region_code, 0 AS region_state"
        )
        key = self.staged(self.layout.key)
        base = f"""
            SELECT stage.*, {self._first_row()}{region}
            FROM {self._rows(stage)} {self._region_join()} {self._twice_join(key)}"""
        third = [f"{kk_flags} AS kk_flags", f"{head_flags} AS head_flags"]
        output = ["row_no", f"{key} AS family_key", "region_code", _kept("kk_flags", kk, "kk_number"), "kk_flags"]
        output += [f"{self.value(name, 'VARCHAR')} AS {name}" for name in ("address", "sls", "head_name")]
        output += [
            _kept("head_flags", head, "head_nik"),
            "survey_date",
            f"{self.value('n_members', 'SMALLINT')} AS n_members",
        ]
        output += [*(item.name for item in items), "coarse"]
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
        joins = f"{self._twice_join(key)} {self._region_join()}"
        extra = [self._first_row()]
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
        base = f"SELECT stage.*, {', '.join(extra)}, {own} FROM {self._rows(stage)} {joins}"
        if nik:
            shared = f"LEFT JOIN shared ON shared.nik = base.{nik.clean}" if self.has_shared else ""
            base = f"""SELECT base.*, nik_regions.state AS nik_state,
                       {"shared.nik IS NOT NULL" if self.has_shared else "false"} AS nik_shared
                FROM ({base}) base LEFT JOIN nik_regions ON nik_regions.code6 = base.{nik.number} // 10000000000
                {shared}"""
        born = self.value("birth_date", "DATE")
        oldest = self.oldest_year or self.rules.limits["oldest_year"]
        second = [f"coalesce({self.value('survey_date', 'DATE')}, fam_date, {self.period}) AS survey_date",
                  f"{born} AS born", f"{self.value('sex', 'SMALLINT')} AS sex"]  # fmt: skip
        second += [f"{self.value(item.name, 'SMALLINT')} AS {item.name}" for item in items]
        second.append(self.coarse_bits(items))
        flags = kk_flags = str(int(Flag.MISSING))
        if nik:
            second += nik.layer("nik")
            flags = nik.nik_flags("nik", sex="sex", birth_date="born", region_state="nik_state")
            flags += f" + CASE WHEN nik_shared THEN {int(Flag.SHARED)} ELSE 0 END" if self.has_shared else ""
        if kk:
            second += kk.layer("kk")
            kk_flags = kk.kk_flags("kk")
        third = [f"({flags}) AS nik_flags", f"{kk_flags} AS kk_flags",
                 f"CASE WHEN born <= survey_date AND year(born) >= {oldest} THEN born END AS birth_date"]  # fmt: skip
        birth = next((s for c in self.layout.columns if c.to == "birth_date" and (s := self.staged(c.raw))), None)
        if birth:
            self.fault("date.future", birth, "born > survey_date", "date")
            self.fault("date.too_old", birth, f"year(born) < {oldest}", "date")
        if nik:
            self._identifier_faults("nik_flags", nik.staged, nik=True)
        if kk:
            self._identifier_faults("kk_flags", kk.staged, nik=False)
        joined_name = self.value("name", "VARCHAR")
        if name:
            self.fault("name.missing", name, f"{joined_name} IS NULL", "name")
            for each in names:
                self.fault("name.formula", each, f"ord(trim({each})) IN (61, 43, 64, 45)", "name")
        if family:
            self.fault("family.missing", family, f"({family} IS NULL OR trim({family}) = '')")
            if self.with_families:
                self.fault("family.unknown", family, f"fam_key IS NULL AND {family} IS NOT NULL")
                self.fault("family.rejected", family, "NOT fam_accepted")
        self.check_faults()
        family_no = f"coalesce({self.value('family_no', 'SMALLINT')}, 1)::SMALLINT"
        keep = f"{usable_sql('nik_flags')} AND nik_flags & {int(Flag.SHARED)} = 0"
        own_kk = f"CASE WHEN {usable_sql('kk_flags')} THEN {kk.clean} END" if kk else "fam_kk"
        padan = self.value("padan_dukcapil", "SMALLINT")
        output = [
            "row_no", f"{key} AS record_key", f"{family or 'NULL::VARCHAR'} AS family_key", f"{family_no} AS family_no",
            f"{dwelling or 'NULL::VARCHAR'} AS dwelling_key", f"{own_kk} AS kk_number",
            f"CASE WHEN {keep} THEN {nik.clean if nik else 'NULL::VARCHAR'} END AS nik", "nik_flags",
            f"{one_space(joined_name)} AS name",
            "sex", "birth_date", f"{self.value('birth_place', 'VARCHAR')} AS birth_place",
            f"{self.value('mother_name', 'VARCHAR')} AS mother_name", "id_hub_kepala_keluarga AS relation",
            "coalesce(fam_region, own_region) AS region_code", "survey_date",
            f"CASE {padan} WHEN 1 THEN true WHEN 2 THEN false END AS padan_dukcapil",
        ]  # fmt: skip
        output += [f"{self.value(target, 'VARCHAR')} AS {target}" for target in EVIDENCE if target in self.values]
        output += ["true AS may_repeat"] if self.may_repeat else []
        output += [*(item.name for item in items), "coarse"]
        return self._finish(base, second, third, output)

    def _rows(self, stage: str) -> str:
        """Return the staged rows with the layers that need no other table."""
        return f"(SELECT * FROM {self._layered(stage)}) stage"

    def _layered(self, query: str) -> str:
        for layer in (self.casts, self.numbers, self.first, self.last):
            if layer:
                query = f"(SELECT *, {', '.join(layer)} FROM {query})"
        return query

    def _first_row(self) -> str:
        return "twice.first_row" if self.has_twice else "NULL::BIGINT AS first_row"

    def _twice_join(self, key: str | None) -> str:
        return f"LEFT JOIN twice ON twice.key = stage.{key}" if self.has_twice else ""

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


def _set_of(texts: Sequence[str]) -> str:
    return f"MAP {{{', '.join(f'{literal(text)}: true' for text in texts)}}}"


def _kept(flags: str, source: Identifier | None, name: str) -> str:
    return f"CASE WHEN {usable_sql(flags)} THEN {source.clean if source else 'NULL::VARCHAR'} END AS {name}"
