"""What the benchmarks of the register stand on: a throw-away installation and made-up golden records."""

import contextlib
import os
import shutil
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parent.parent))

PEOPLE_A_REGENCY = 250_000  # as the country has them


@contextlib.contextmanager
def installation() -> Iterator[Path]:
    """Start an empty register of its own (server, tables, keys) and remove it afterwards; yields its folder."""
    state = Path(tempfile.mkdtemp(prefix="dtsen-bench-"))
    os.environ["DTSEN_STATE_DIR"] = str(state)
    os.environ.pop("DATABASE_URL", None)
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "dtsen_site.settings")
    from dtsen_site.embedded import postgres
    from dtsen_site.embedded.places import prepare

    places = prepare(state)
    try:
        postgres.start(places)
        import django

        django.setup()
        from django.core.management import call_command

        from registry.common.crypto import make_keys

        call_command("migrate", verbosity=0)
        make_keys()
        yield state
    finally:
        postgres.stop(places, mode="immediate")
        shutil.rmtree(places.home, ignore_errors=True)
        shutil.rmtree(places.sockets, ignore_errors=True)
        shutil.rmtree(state, ignore_errors=True)


def make_golden_records(con: Any, people: int) -> None:
    """Make the tables that `publish` reads: about 3.4 people a family, 5 % with a number that lost."""
    import numpy as np
    import pyarrow as pa

    from dtsen_site.demo.names import draw_names
    from registry.households.items import HOUSEHOLD_ITEMS, INDIVIDUAL_ITEMS

    rng = np.random.default_rng(11)
    sex, born = rng.integers(1, 3, people), rng.integers(-12_000, 20_000, people)
    names = draw_names(rng, sex, born, np.arange(people), region="jawa")
    con.register("given", pa.table({"n": np.arange(people), "name": names.astype(str), "sex": sex, "born": born}))
    regencies = max(1, round(people / PEOPLE_A_REGENCY))
    household = "('018f0000000070009000' || printf('%012x', {n}))::UUID"
    person = "('018f0000000070008000' || printf('%012x', {n}))::UUID"
    family = "(n * 5 // 17)"  # 3.4 people each
    region = f"printf('33.%02d.01.%d', 1 + ({family} % {regencies}), 2001 + ({family} % 80))"

    def codes(items: tuple[str, ...]) -> str:
        return ", ".join(f"(hash(n, {k}) % 5)::SMALLINT AS {item}" for k, item in enumerate(items))

    con.execute(f"""
        CREATE OR REPLACE TABLE member AS
        SELECT {person.format(n="n")} AS individual_id, {household.format(n=family)} AS household_id,
               DATE '2022-10-01' AS as_of,
               (CASE WHEN row_number() OVER (PARTITION BY {family} ORDER BY n) = 1 THEN 1 ELSE 3 END)::SMALLINT AS relation
        FROM given
    """)
    con.execute(f"""
        CREATE OR REPLACE TABLE golden_i AS
        SELECT {person.format(n="n")} AS id, printf('33%014d', n) AS nik, name, sex::SMALLINT AS sex,
               DATE '1970-01-01' + born::INTEGER AS birth_date, 'SEMARANG' AS birth_place, 'SITI' AS mother_name,
               {household.format(n=family)} AS household_id, DATE '2022-10-01' AS as_of, {region} AS region_code,
               (3301 + {family} % {regencies})::SMALLINT AS regency, repeat('01', 18) AS winner,
               {codes(INDIVIDUAL_ITEMS)}
        FROM given ORDER BY id
    """)
    con.execute(f"""
        CREATE OR REPLACE TABLE golden_h AS
        SELECT {household.format(n=family)} AS id, printf('34%014d', {family}) AS kk_number, {region} AS region_code,
               (3301 + {family} % {regencies})::SMALLINT AS regency, 'JALAN MERDEKA ' || {family} AS address,
               'RT 001 RW 002' AS sls, '' AS dwelling_key, DATE '2022-10-01' AS as_of,
               {person.format(n="n")} AS head_id, size::SMALLINT AS n_members, repeat('01', 36) AS winner,
               {codes(HOUSEHOLD_ITEMS)}
        FROM (SELECT min(n) AS n, count(*) AS size FROM given GROUP BY {family}) ORDER BY id
    """)
    con.execute("CREATE OR REPLACE TABLE home AS SELECT id, region_code, as_of, dwelling_key FROM golden_h")
    for rows, golden, number in (("prow", "golden_i", "nik"), ("frow", "golden_h", "kk_number")):
        con.execute(f"""
            CREATE OR REPLACE TABLE {rows} AS
            SELECT id, 'regsosek' AS source, {number} FROM {golden}
            UNION ALL
            SELECT id, 'dtks', CASE WHEN hash(id) % 20 = 0 THEN '9' || {number}[2:] ELSE {number} END FROM {golden}
        """)
    for kind in ("household", "individual"):
        con.execute(f"CREATE OR REPLACE TABLE {kind}_moves (old_id UUID, new_id UUID, was VARCHAR)")


def publish_golden(con: Any, *, run: int) -> Any:
    """Publish the tables of `con` as a build does: one transaction, encrypted numbers, keys, indexes."""
    from django.db import transaction
    from django.utils import timezone

    from registry.linkage.publish import publish
    from registry.officers.selectors import system_officer

    with transaction.atomic():
        return publish(con, run=run, by=system_officer(), now=timezone.now())
