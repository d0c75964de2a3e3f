"""From a register's families and people to the items of the published table: one SELECT, defined once.

The definitions equal the survey's, or the model would be read with other eyes than it was fitted with:
ages in completed years on the day; working age 15–64; elderly 60 and over; the dependency ratio is members outside
15–64 over all members, in thousandths; schooling in eight steps (0 never at school, 1 primary not finished … 7 master
and above).
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection
from pathlib import Path

import duckdb

from registry.ranking.errors import RankingError
from registry.ranking.items import load_items
from registry.variables import load_dictionary

# id_ijazah_tertinggi → the step of schooling; package, special and islamic schools stand with their level.
NO_CERTIFICATE, NEVER_AT_SCHOOL = 23, 1  # a code of id_ijazah_tertinggi, one of id_partisipasi_sekolah
CERTIFICATES = {
    NO_CERTIFICATE: 1, **{code: 2 for code in range(1, 6)}, **{code: 3 for code in range(6, 11)},
    **{code: 4 for code in range(11, 18)}, 18: 5, 19: 6, 20: 6, 21: 7, 22: 7,
}  # fmt: skip
CIVIL_SERVICE = 5  # id_status_kedudukan_pekerjaan: civil service, army, police, state companies
FROM_HOUSEHOLD = tuple(v.name for v in load_dictionary().household_items)
FROM_MEMBERS = (
    "jumlah_anggota_keluarga", "jml_usia_0_6", "jml_usia_7_18", "jml_lansia", "jml_usia_15_64", "jml_bekerja",
    "jml_disabilitas_berat", "jml_penyakit_menahun", "jml_masih_sekolah_7_18", "jml_pns_tni_polri", "jml_punya_usaha",
    "umur_kepala", "kepala_perempuan", "pendidikan_kepala", "status_pekerjaan_kepala", "lapangan_usaha_kepala",
    "pendidikan_tertinggi_keluarga", "rasio_tanggungan",
)  # fmt: skip
MEMBER_COLUMNS = (
    "household_id", "individual_id", "relation", "sex", "birth_date", "id_partisipasi_sekolah", "id_ijazah_tertinggi",
    "bekerja", "id_lapangan_usaha", "id_status_kedudukan_pekerjaan", "kepemilikan_usaha", "disabilitas_berat",
    "id_penyakit_menahun",
)  # fmt: skip


def families_query(households: str, members: str, as_of: dt.date, columns: Collection[str]) -> str:
    """Return the SELECT of what `score` reads: household_id, regency, persons and all items.

    `households` and `members` are anything that may stand behind FROM: a table, or read_parquet('…'). Households have
    `household_id`, `regency`, the dictionary's household items that they have (`columns` names their columns), and
    `perkotaan` where it is known; members have MEMBER_COLUMNS, `relation` 1 for the head. A family without a head is
    read by its eldest member. What no member tells is null; what only some tell is counted as told.
    """
    day = f"DATE '{as_of.isoformat()}'"
    age = f"date_sub('year', birth_date, {day})"
    steps = " ".join(f"WHEN {code} THEN {step}" for code, step in sorted(CERTIFICATES.items()))

    def counted(condition: str, known: str) -> str:
        return f"CASE WHEN count({known}) > 0 THEN count(*) FILTER ({condition}) END"

    items = [
        f'h."{name}"' if name in columns else f'NULL::SMALLINT AS "{name}"' for name in ("perkotaan", *FROM_HOUSEHOLD)
    ]
    return f"""
        WITH person AS (
            SELECT household_id, individual_id, coalesce(relation, 8) AS relation, sex, {age} AS age, bekerja,
                   id_partisipasi_sekolah, kepemilikan_usaha, disabilitas_berat, id_penyakit_menahun,
                   id_status_kedudukan_pekerjaan AS status,
                   CASE WHEN bekerja = 2 THEN 0 ELSE id_status_kedudukan_pekerjaan END AS job,
                   CASE WHEN bekerja = 2 THEN 0 ELSE id_lapangan_usaha END AS sector,
                   CASE WHEN id_partisipasi_sekolah = {NEVER_AT_SCHOOL} THEN 0
                        ELSE CASE id_ijazah_tertinggi {steps} END END AS certificate,
                   row_number() OVER (
                       PARTITION BY household_id ORDER BY coalesce(relation, 8) <> 1, birth_date NULLS LAST, individual_id
                   ) AS place
            FROM {members}
        ), family AS (
            SELECT household_id, count(*) AS jumlah_anggota_keluarga,
                   {counted("age <= 6", "age")} AS jml_usia_0_6,
                   {counted("age BETWEEN 7 AND 18", "age")} AS jml_usia_7_18,
                   {counted("age >= 60", "age")} AS jml_lansia,
                   {counted("age BETWEEN 15 AND 64", "age")} AS jml_usia_15_64,
                   {counted("bekerja = 1", "bekerja")} AS jml_bekerja,
                   {counted("disabilitas_berat = 1", "disabilitas_berat")} AS jml_disabilitas_berat,
                   {counted("id_penyakit_menahun > 1", "id_penyakit_menahun")} AS jml_penyakit_menahun,
                   {counted("age BETWEEN 7 AND 18 AND id_partisipasi_sekolah = 2", "id_partisipasi_sekolah")} AS jml_masih_sekolah_7_18,
                   {counted(f"status = {CIVIL_SERVICE}", "coalesce(status, bekerja)")} AS jml_pns_tni_polri,
                   {counted("kepemilikan_usaha = 1", "kepemilikan_usaha")} AS jml_punya_usaha,
                   max(certificate) AS pendidikan_tertinggi_keluarga,
                   any_value(age) FILTER (place = 1) AS umur_kepala,
                   any_value((sex = 2)::SMALLINT) FILTER (place = 1) AS kepala_perempuan,
                   any_value(certificate) FILTER (place = 1) AS pendidikan_kepala,
                   any_value(job) FILTER (place = 1) AS status_pekerjaan_kepala,
                   any_value(sector) FILTER (place = 1) AS lapangan_usaha_kepala
            FROM person GROUP BY household_id
        )
        SELECT h.household_id, h.regency, f.jumlah_anggota_keluarga::INTEGER AS persons, {", ".join(items)},
               {", ".join(f"f.{name}::SMALLINT AS {name}" for name in FROM_MEMBERS[:-1])},
               ((f.jumlah_anggota_keluarga - f.jml_usia_15_64) * 1000 // f.jumlah_anggota_keluarga)::SMALLINT AS rasio_tanggungan
        FROM {households} h JOIN family f USING (household_id)
        ORDER BY h.household_id
    """


def write_families(
    households: str | Path, members: str | Path, out: str | Path, *, as_of: dt.date, threads: int | None = None
) -> int:
    """Write the file that `score` reads from two Parquet files and return its rows.

    Raises: ranking.families.column_missing.
    """
    con = duckdb.connect(":memory:")
    try:
        if threads:
            con.execute(f"SET threads = {int(threads)}")
        sources = ["read_parquet('" + str(path).replace("'", "''") + "')" for path in (households, members)]
        found = [{row[0] for row in con.execute(f"DESCRIBE SELECT * FROM {source}").fetchall()} for source in sources]
        lacking = [n for n in ("household_id", "regency") if n not in found[0]]
        lacking += [n for n in MEMBER_COLUMNS if n not in found[1]]
        if lacking:
            raise RankingError("ranking.families.column_missing", columns=", ".join(lacking))
        target = str(out).replace("'", "''")
        rows = con.execute(
            f"COPY ({families_query(sources[0], sources[1], as_of, found[0])}) TO '{target}' (FORMAT parquet, COMPRESSION zstd)"
        ).fetchall()
        return int(rows[0][0])
    finally:
        con.close()


def items_of_register() -> tuple[str, ...]:
    """Return the published items that a register without the urban mark of its villages can give."""
    return tuple(item.name for item in load_items().items if item.name != "perkotaan")
