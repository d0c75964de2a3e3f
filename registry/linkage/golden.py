"""Golden records: for each variable of a person or family the value that survives (`survivorship.py`), and who lives where."""

import duckdb

from registry.households.items import HOUSEHOLD_ITEMS, INDIVIDUAL_ITEMS
from registry.linkage.survivorship import Surviving, choose, forget_choice, surviving
from registry.wilayah.codes import NO_REGION

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


# The newest row first, then the source's priority (0 to 100), then the row: one number, as a list is dear to compare.
_NEWEST = "least(greatest(coalesce(survey_date - DATE '1970-01-01', 0), 0), 65535)::BIGINT << 47"
_STANDING = f"({_NEWEST}) + (priority::BIGINT << 40) + row_id"
# Of several addresses on one day the one that names a smaller place.
_HOME_STANDING = f"({_NEWEST}) + (coalesce(length(region_code), 0) << 43) + (priority::BIGINT << 36) + row_id"


def make_golden(con: duckdb.DuckDBPyConnection) -> None:
    """Make `golden_i`, `golden_h` and `member` from `p`, `f`, `person_of` and `family_of`.

    `person_of` is (row_id, individual_id, household_id); `family_of` (delivered_family, household_id).
    """
    con.execute("""
        CREATE OR REPLACE TABLE prow AS
        SELECT o.id, o.household_id, p.*, o.place
        FROM p JOIN (
            -- `row_id` has the order of source and key.
            SELECT individual_id AS id, household_id, row_id,
                   row_number() OVER (PARTITION BY individual_id ORDER BY row_id) AS place
            FROM person_of
        ) o USING (row_id)
    """)
    con.execute("""
        CREATE OR REPLACE TABLE frow AS
        SELECT o.id, f.*, NULL::BOOLEAN AS padan_dukcapil, o.place
        FROM f JOIN (
            SELECT household_id AS id, delivered_family,
                   row_number() OVER (PARTITION BY household_id ORDER BY f.source, delivered_family) AS place
            FROM f JOIN family_of USING (delivered_family)
        ) o USING (delivered_family)
    """)
    choose(con, rows="prow", into="golden_i0", fields=PERSON_FIELDS)
    choose(con, rows="frow", into="golden_h0", fields=FAMILY_FIELDS)
    con.execute(f"""
        CREATE OR REPLACE TABLE member AS
        SELECT id AS individual_id, arg_max(household_id, standing) AS household_id,
               arg_max(id_hub_kepala_keluarga, standing)
                   FILTER (id_hub_kepala_keluarga IS NOT NULL AND in_family) AS relation,
               max(survey_date) AS as_of
        FROM (
            SELECT prow.*, family_of.household_id IS NOT DISTINCT FROM prow.household_id AS in_family,
                   {_STANDING} AS standing
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
                   {_HOME_STANDING} AS standing
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
    for view in ("golden_i0", "golden_h0"):
        forget_choice(con, view)
