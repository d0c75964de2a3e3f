"""Golden records: for each variable the value that survives, by the dictionary's declared rules.

A rule orders the values that the rows of one person or family give: `grain` (fine before coarse: a
value that its row marks as standing for several codes, or of a source that knows only groups, comes last
whatever else the rule says),
`verified` (the civil registry's own check before none), `recency`, `agreement` (rows that say the
same) and `priority` of the source, in the order that the dictionary declares.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import duckdb

from registry.households.items import HOUSEHOLD_ITEMS, INDIVIDUAL_ITEMS
from registry.variables import load_dictionary
from registry.wilayah.codes import NO_REGION

_ORDER = {
    "grain": "max(CASE WHEN {coarse} THEN 0 ELSE 1 END)",
    "verified": "max(CASE WHEN padan_dukcapil THEN 1 ELSE 0 END)",
    "recency": "max(coalesce(epoch(survey_date::TIMESTAMP) // 86400, 0))",
    "agreement": "count(*)",
    "priority": "max(priority)",
}


@dataclass(frozen=True)
class Surviving:
    """One column of the golden record and the rule that orders its candidates."""

    name: str
    rule: tuple[str, ...]
    coarse_sources: tuple[str, ...] = ()
    bit: int | None = None  # of the rows' column `coarse`

    def order(self, marked: int = 0) -> str:
        """Return the DuckDB row that is compared, largest first; `marked` are the bits that any row has in `coarse`."""
        names = ", ".join(f"'{source}'" for source in self.coarse_sources)
        tests = [f"source IN ({names})"] if names else []
        if self.bit is not None and marked >> self.bit & 1:
            tests.append(f"(coalesce(coarse, 0) >> {self.bit}) & 1 = 1")
        rule = ["grain", *(word for word in self.rule if word != "grain")] if tests else self.rule
        keys = [_ORDER[word].format(coarse=" OR ".join(tests) or "false") for word in rule if word in _ORDER]
        return f"[{', '.join(f'({key})::BIGINT' for key in keys)}]"


def surviving(names: Sequence[str]) -> list[Surviving]:
    """Return the columns with the rules that the dictionary declares."""
    dictionary = load_dictionary()
    bits = {
        item.name: bit
        for items in (dictionary.household_items, dictionary.individual_items)
        for bit, item in enumerate(items)
    }
    found = []
    for name in names:
        variable = dictionary[name]
        coarse = tuple(source for source, grain in variable.grain.items() if grain == "coarse")
        found.append(Surviving(name, variable.survivorship, coarse, bits.get(name)))
    return found


PERSON_FIELDS = [
    *surviving(["nik", "name", "sex", "birth_date", "birth_place", "mother_name"]),
    *surviving(INDIVIDUAL_ITEMS),
]
FAMILY_FIELDS = [
    *surviving(["kk_number"]),
    Surviving("address", ("recency", "priority")),
    Surviving("sls", ("recency", "priority")),
    *surviving(HOUSEHOLD_ITEMS),
]


def choose(con: duckdb.DuckDBPyConnection, *, rows: str, into: str, fields: Sequence[Surviving]) -> None:
    """Make the table `into` (id, the fields, `winner`) from `rows` (id, place, source, …).

    `place` numbers the rows of one id from 1; byte k of `winner` is the place of the row that gave
    field k, 0 where no row has a value. The value that wins is given by the row that is newest.
    """
    con.execute(f"CREATE OR REPLACE TABLE {into} AS SELECT DISTINCT id FROM {rows} ORDER BY id")
    seen = con.execute(f"SELECT bit_or(coarse) FROM {rows}").fetchone()
    marked = int(seen[0] or 0) if seen else 0
    for number, field in enumerate(fields):
        con.execute(f"""
            CREATE OR REPLACE TEMP TABLE chosen_{number} AS
            SELECT id, arg_max(value, {{'standing': standing, 'then': value::VARCHAR}}) AS value,
                   arg_max(place, {{'standing': standing, 'then': value::VARCHAR}}) AS place
            FROM (
                SELECT id, {field.name} AS value, {field.order(marked)} AS standing,
                       arg_max(place, {{'on': coalesce(survey_date, DATE '1900-01-01'), 'then': -place}}) AS place
                FROM {rows} WHERE {field.name} IS NOT NULL GROUP BY id, {field.name}
            ) GROUP BY id
        """)
    columns = ", ".join(f"c{n}.value AS {field.name}" for n, field in enumerate(fields))
    joins = " ".join(f"LEFT JOIN chosen_{n} c{n} USING (id)" for n in range(len(fields)))
    # chr(0) is not text in every client: the places travel as hexadecimal digits.
    places = " || ".join(f"printf('%02x', coalesce(least(c{n}.place, 255), 0)::INTEGER)" for n in range(len(fields)))
    con.execute(f"""
        CREATE OR REPLACE TABLE {into} AS
        SELECT g.id, {columns}, {places} AS winner FROM {into} g {joins} ORDER BY g.id
    """)
    for number in range(len(fields)):
        con.execute(f"DROP TABLE chosen_{number}")


def make_golden(con: duckdb.DuckDBPyConnection) -> None:
    """Make `golden_i`, `golden_h` and `member` from `p`, `f`, `person_of` and `family_of`.

    `person_of` is (row_id, individual_id, household_id); `family_of` (delivered_family, household_id).
    """
    con.execute("""
        CREATE OR REPLACE TABLE prow AS
        SELECT o.individual_id AS id, o.household_id, p.*,
               row_number() OVER (PARTITION BY o.individual_id ORDER BY p.source, p.record_key) AS place
        FROM p JOIN person_of o USING (row_id)
    """)
    con.execute("""
        CREATE OR REPLACE TABLE frow AS
        SELECT o.household_id AS id, f.*, NULL::BOOLEAN AS padan_dukcapil,
               row_number() OVER (PARTITION BY o.household_id ORDER BY f.source, f.delivered_family) AS place
        FROM f JOIN family_of o USING (delivered_family)
    """)
    choose(con, rows="prow", into="golden_i0", fields=PERSON_FIELDS)
    choose(con, rows="frow", into="golden_h0", fields=FAMILY_FIELDS)
    con.execute("""
        CREATE OR REPLACE TABLE member AS
        SELECT id AS individual_id, arg_max(household_id, standing) AS household_id,
               arg_max(id_hub_kepala_keluarga, standing)
                   FILTER (id_hub_kepala_keluarga IS NOT NULL AND in_family) AS relation,
               max(survey_date) AS as_of
        FROM (
            SELECT prow.*, family_of.household_id IS NOT DISTINCT FROM prow.household_id AS in_family,
                   [coalesce(epoch(survey_date::TIMESTAMP) // 86400, 0)::BIGINT, priority::BIGINT, row_id] AS standing
            FROM prow LEFT JOIN family_of USING (delivered_family)
        ) GROUP BY id
    """)
    # One head a family: of several the one seen last, then the eldest id; the others' relation is open.
    con.execute("""
        CREATE OR REPLACE TABLE member AS
        SELECT individual_id, household_id, as_of,
               CASE WHEN relation = 1 AND row_number() OVER (
                        PARTITION BY household_id, relation ORDER BY as_of DESC NULLS LAST, individual_id) > 1
                    THEN NULL ELSE relation END AS relation
        FROM member
    """)
    con.execute(f"""
        CREATE OR REPLACE TABLE home AS
        SELECT household_id AS id, coalesce(arg_max(region_code, standing), '{NO_REGION}') AS region_code, max(survey_date) AS as_of,
               coalesce(arg_max(dwelling_key, standing) FILTER (dwelling_key IS NOT NULL), '') AS dwelling_key
        FROM (
            SELECT household_id, region_code, survey_date, dwelling_key,
                   [coalesce(epoch(survey_date::TIMESTAMP) // 86400, 0)::BIGINT, length(region_code)::BIGINT,
                    priority::BIGINT, row_id] AS standing
            FROM prow
        ) GROUP BY household_id
    """)
    con.execute("""
        CREATE OR REPLACE TABLE golden_h AS
        SELECT home.id, home.region_code, replace(home.region_code[1:5], '.', '')::SMALLINT AS regency,
               h.* EXCLUDE (id, address, sls), coalesce(h.address, '') AS address, coalesce(h.sls, '')[1:60] AS sls,
               home.dwelling_key, home.as_of, heads.head_id, coalesce(sizes.n_members, 0)::SMALLINT AS n_members
        FROM home LEFT JOIN golden_h0 h USING (id)
        LEFT JOIN (SELECT household_id AS id, individual_id AS head_id FROM member WHERE relation = 1) heads USING (id)
        JOIN (SELECT household_id AS id, count(*) AS n_members FROM member GROUP BY household_id) sizes USING (id)
        ORDER BY home.id
    """)
    con.execute("""
        CREATE OR REPLACE TABLE golden_i AS
        SELECT i.* EXCLUDE (name, birth_place, mother_name), coalesce(i.name, '') AS name,
               coalesce(i.birth_place, '') AS birth_place, coalesce(i.mother_name, '') AS mother_name,
               m.household_id, m.relation, m.as_of, home.region_code,
               replace(home.region_code[1:5], '.', '')::SMALLINT AS regency
        FROM golden_i0 i JOIN member m ON m.individual_id = i.id JOIN home ON home.id = m.household_id
        ORDER BY i.id
    """)
