"""A household survey like Susenas: the family items, counts of members, and the spending to rank by."""

from pathlib import Path

import numpy as np
from numpy.random import Generator

from dtsen_site.demo import writing
from dtsen_site.demo.houses import AREA, Houses
from dtsen_site.demo.members import Members
from dtsen_site.demo.places import find_regencies, find_villages
from dtsen_site.demo.population import HEAD, SNAPSHOT, make_population

HOUSEHOLDS, PER_VILLAGE, REGENCIES = 6000, 12, 12
# Levels of schooling: 0 never at school, 1 no certificate, 2 primary, 3 junior, 4 senior, 5 diploma, 6 bachelor, 7 master.
SCHOOLING = {23: 1, 3: 2, 4: 2, 8: 3, 9: 3, 13: 4, 14: 4, 15: 4, 18: 5, 19: 6, 21: 7}
NEVER_AT_SCHOOL = 1


def write(rng: Generator, path: Path, province: str, lives: dict[str, float]) -> int:
    """Write the survey of a province and return its rows; its families are none of the deliveries'."""
    regencies = find_regencies(province)
    chosen = sorted(rng.permutation(np.array(regencies, dtype=object))[:REGENCIES])
    per_regency = HOUSEHOLDS // PER_VILLAGE // len(chosen)
    villages = []
    for regency in chosen:
        inside = find_villages(regency)
        pick = rng.permutation(len(inside))[:per_regency]
        villages += [inside[i] for i in sorted(pick)]
    p = make_population(
        rng, villages, people=int(len(villages) * PER_VILLAGE * 3.6), lives=lives | {"leaves_home": 0.0}
    )
    houses, facts = Houses(rng, p.welfare, p.urban, p.dwelling), Members(rng, p)
    here = np.flatnonzero((p.birth < SNAPSHOT) & (p.died > SNAPSHOT))
    family = p.home[here]
    f = len(p.village)
    on = facts.on(here, np.full(len(here), SNAPSHOT))
    age = on["age"]

    def count(condition: np.ndarray) -> np.ndarray:
        return np.bincount(family[condition], minlength=f)

    size = count(np.ones(len(here), bool))
    order = np.lexsort((-age, p.relation[here] != HEAD, family))
    lead = order[np.r_[0, np.flatnonzero(np.diff(family[order])) + 1]]  # the first person of each family, in order
    level = np.array([SCHOOLING.get(code, 0) for code in on["diploma"].tolist()])
    level[on["attends"] == NEVER_AT_SCHOOL] = 0
    best = np.zeros(f, int)
    np.maximum.at(best, family, level)
    working = count((age >= 15) & (age < 65))
    effect = rng.normal(0, 0.12, len(regencies) + 1)
    regency = np.array([int(v.code[:4]) for v in villages])[p.village]
    where = np.unique(regency, return_inverse=True)[1]
    civil = count(on["status"] == 5)
    woman = np.zeros(f, int)
    woman[family[lead]] = p.sex[here][lead] == 2
    # Spending per head: welfare, large families poorer, and the crossings that a straight line misses.
    spend = (
        13.75 + 0.34 * p.welfare + 0.05 * p.welfare**2 - 0.16 * np.log(size.clip(1)) ** 2 + 0.05 * best
        + effect[where] + 0.08 * p.urban * p.welfare + 0.12 * p.urban * (civil > 0) - 0.1 * woman * ~p.urban + rng.normal(0, 0.27, f)
    )  # fmt: skip
    kept = np.flatnonzero(size > 0)[:HOUSEHOLDS]
    seat = np.zeros(f, int)
    seat[family[lead]] = lead
    head = seat[kept]
    urban = np.where(p.urban, 1, 2)
    missing = rng.random(len(kept)) < 0.066
    columns = {
        "id_rumah_tangga": writing.joined("S", writing.padded(np.arange(1, len(kept) + 1), 6)),
        "kode_kabupaten_kota": regency[kept],
        "psu": np.array([v.code for v in villages], dtype=object)[p.village[kept]],
        "strata": writing.joined(regency[kept], "-", urban[kept]),
        "perkotaan": p.urban[kept].astype(int),
        "penimbang": np.round(rng.lognormal(5.6, 0.25, len(villages)), 2)[p.village[kept]],
        "jumlah_anggota_keluarga": size[kept],
    }
    names = [name for name in houses.today if name != AREA]
    names.insert(2, AREA)
    columns |= {name: houses.today[name][kept] / 10 if name == AREA else houses.today[name][kept] for name in names}
    columns |= {
        "jml_usia_0_6": count(age <= 6)[kept],
        "jml_usia_7_18": count((age >= 7) & (age <= 18))[kept],
        "jml_lansia": count(age >= 60)[kept],
        "jml_usia_15_64": working[kept],
        "jml_bekerja": count(on["works"] == 1)[kept],
        "jml_disabilitas_berat": count(on["severe"])[kept],
        "jml_penyakit_menahun": count(on["disease"] > 1)[kept],
        "jml_masih_sekolah_7_18": count((age >= 7) & (age <= 18) & (on["attends"] == 2))[kept],
        "jml_pns_tni_polri": np.where(missing, -1, civil[kept]),
        "jml_punya_usaha": count(on["owns"] == 1)[kept],
        "umur_kepala": age[head],
        "kepala_perempuan": woman[kept],
        "pendidikan_kepala": level[head],
        "status_pekerjaan_kepala": on["status"][head].clip(0),
        "lapangan_usaha_kepala": on["sector"][head].clip(0),
        "pendidikan_tertinggi_keluarga": best[kept],
        "rasio_tanggungan": np.round((size - working)[kept] / size[kept], 3),
        "pengeluaran_per_kapita": np.round(np.exp(spend[kept])).astype(int),
    }
    return writing.write_csv(path, columns)
