"""Regsosek in its own words: the question numbers of form REGSOSEK22-K."""

import numpy as np
from numpy.random import Generator

from dtsen_site.demo import writing
from dtsen_site.demo.dtks import places, serials
from dtsen_site.demo.houses import AREA
from dtsen_site.demo.observing import Delivery, iso
from dtsen_site.demo.population import HEAD, NEVER

ROOF = np.array((0, 1, 2, 3, 4, 6, 5, 7, 8))
ASSETS = (
    "tabung_gas", "lemari_es", "ac", "pemanas_air", "telepon_rumah", "tv_datar", "emas_perhiasan",
    "komputer_laptop_tablet", "sepeda_motor", "sepeda", "mobil", "perahu", "kapal_perahu_motor", "smartphone",
)  # fmt: skip
DIFFICULTIES = {
    "a": 2,
    "b": 3,
    "c": 1,
    "d": 6,
    "e": 10,
    "f": 11,
    "g": 4,
    "h": 7,
    "i": 12,
}  # the kind that hinders there


def lay_out(rng: Generator, d: Delivery) -> tuple[dict, dict, np.ndarray, np.ndarray]:
    """Return the columns of both files, each member's key and each family row's key."""
    p, f, items = d.population, len(d.family), d.items
    bps = np.array([v.bps for v in p.villages], dtype=object)[d.village]
    key = writing.joined(bps, "-", writing.padded(serials(d, d.village), 5)).to_numpy(zero_copy_only=False)
    starts = np.r_[0, np.flatnonzero(np.diff(d.row)) + 1]
    position = np.arange(len(d.row)) - np.repeat(starts, np.diff(np.r_[starts, len(d.row)])) + 1
    member_key = writing.joined(key[d.row], "-", writing.padded(position, 2)).to_numpy(zero_copy_only=False)
    area = items[AREA]
    floor = items["id_lantai_terluas"].astype(int)
    bad = rng.random(f) < 0.004
    floor = np.where(bad, rng.choice((0, 14, 99), f), floor)
    for at in np.flatnonzero(bad):
        d.family_faults[at].append("bad_code")
    welfare = p.welfare[d.family]
    a = d.address
    formed = p.formed[d.family] > 0
    yes = lambda share: np.where(rng.random(f) < share, 1, 2)  # noqa: E731
    columns = {
        "id_keluarga": key,
        "r101": _cut(bps, 2),
        "r102": _cut(bps, 4),
        "r103": _cut(bps, 7),
        "r104": bps,
        "r105": writing.joined(writing.padded(a["rt"], 2), writing.padded(a["rw"], 2)),
        "kode_kemendagri": places(d, "code"),
        "nama_provinsi": places(d, "province"),
        "nama_kabupaten": places(d, "regency"),
        "nama_kecamatan": places(d, "district"),
        "nama_desa": places(d, "name"),
        "r106": writing.joined("RT ", writing.padded(a["rt"], 3), "/RW ", writing.padded(a["rw"], 3)),
        "r107": writing.joined(
            "JL. ", writing.words(("KRAJAN", "BARAT", "TIMUR", "UTARA", "SELATAN"), a["hamlet"]), " NO. ", a["number"]
        ),
        "r108": d.name[starts],
        "r109": writing.padded(a["number"], 3),
        "r110": writing.padded(np.arange(f) % 997 + 1, 3),
        "r111": np.where(welfare < -1.3, 1, np.where(welfare < -0.5, 2, 3)),
        "r112": np.bincount(d.row, minlength=f),
        "r114": d.kk,
        "r115": np.where(formed, 2, np.where(rng.random(f) < 0.03, 1, 0)),
        "r201": iso(d.on),
        "r205": np.where(rng.random(f) < 0.986, 1, 2),
        "r301a": items["id_status_penguasaan_bangunan"],
        "r301b": np.where(
            items["id_status_penguasaan_bangunan"] == 1, rng.choice((1, 4, 5, 6), f, p=(0.34, 0.17, 0.32, 0.17)), -1
        ),
        "r302": writing.joined(area // 10, ",", area % 10),
        "r303": floor,
        "r304": items["id_dinding_terluas"],
        "r305": ROOF[items["id_atap_terluas"]],
        "r306a": items["id_sumber_airminum"],
        "r306b": np.where(
            (items["id_sumber_airminum"] >= 4) & (items["id_sumber_airminum"] <= 8),
            rng.choice((1, 2, 8), f, p=(0.25, 0.5, 0.25)),
            -1,
        ),
        "r307a": items["id_sumberpenerangan"],
        "r307b1": items["id_dayapenerangan"],
        "r307b2": np.full(f, -1),
        "r307b3": np.full(f, -1),
        "r308": np.where(items["id_bb_utama"] == 0, 12, items["id_bb_utama"]),
        "r309a": items["id_fasilitas_bab"],
        "r309b": items["id_jenis_kloset"],
        "r310": items["id_pembuangan_tinja"],
        "r501a": yes(0.2 - 0.1 * welfare),
        "r501b": yes(0.13 - 0.07 * welfare),
        "r501c": yes(0.055),
        "r501d": yes(0.74),
        "r501e": yes(0.04),
        "r501f": yes(0.06),
        "r501g": yes(0.75),
    }
    for letter, asset in zip("abcdefghijklmn", ASSETS, strict=True):
        columns["r502" + letter] = items["aset_bergerak_" + asset]
    columns |= {"r503a": items["lahan_tempat_lain"], "r503b": items["rumah_tempat_lain"]}
    for letter, animal in zip("abcde", ("sapi", "kerbau", "kuda", "babi", "kambing_domba"), strict=True):
        columns["r504" + letter] = items["jml_" + animal]
    smart = items["aset_bergerak_smartphone"] == 1
    columns |= {
        "r505": np.where(smart, np.where(rng.random(f) < 0.13, 2, 3), 0),
        "r506": np.where(rng.random(f) < 0.5 + 0.15 * welfare, 2, 4),
    }
    return columns, _members(rng, d, key[d.row], member_key, position), member_key, key


def _cut(texts: np.ndarray, end: int) -> np.ndarray:
    return np.array([text[:end] for text in texts], dtype=object)


def _members(rng: Generator, d: Delivery, key, member_key, position) -> dict:
    n, facts = len(d.person), d.facts
    age, asked = facts["age"], facts["age"] >= 5
    known = d.birth > -NEVER
    owns = facts["owns"] == 1
    chance = rng.random(n)
    columns = {
        "id_anggota": member_key,
        "id_keluarga": key,
        "r401": position,
        "r402": d.name,
        "r403": d.nik,
        "r404": np.where(d.present == 2, 2, np.where(chance < 0.002, 5, 1)),
        "r405": d.sex,
        "r406": np.where(known, iso(np.where(known, d.birth, 0)), None),
        "r407": age.clip(0, 98),
        "r408": facts["married"],
        "r409": d.relation,
        "r410": facts["pregnant"],
        "r411": np.where(age >= 17, np.where(chance < 0.5, 5, 4), np.where(chance < 0.35, 3, 1)),
        "r412": np.where(asked, facts["attends"], 1),
        "r413": facts["level"],
        "r414": facts["grade"],
        "r415": facts["diploma"],
        "r416a": np.where(facts["works"] == 1, 1, 2),
        "r416b": facts["hours"],
        "r417": facts["sector"],
        "r418": facts["status"],
        "r419": np.where(facts["works"] == 1, rng.choice((1, 2, 3), n, p=(0.15, 0.08, 0.77)), -1),
        "r420a": np.where(owns, 1, 2),
        "r420b": np.where(owns, 1, -1),
        "r421": np.where(owns, facts["sector"], -1),
        "r422": np.where(owns, np.where(facts["status"] == 3, rng.integers(1, 7, n), 0), -1),
        "r423": np.where(owns, np.where(facts["status"] == 2, rng.integers(1, 3, n), 0), -1),
        "r424": np.where(owns, np.where(chance < 0.88, 11, np.where(chance < 0.96, 4, 10)), -1),
        "r425": np.where(owns, rng.choice((1, 2, 3, 4, 5), n, p=(0.6, 0.24, 0.12, 0.035, 0.005)), -1),
        "r426": np.where(owns, np.where(chance < 0.5, 0, rng.integers(1, 64, n)), -1),
        "r427": np.where(age < 5, rng.choice((1, 2, 3, 8), n, p=(0.03, 0.17, 0.7, 0.1)), -1),
    }
    for letter, kind in DIFFICULTIES.items():
        hit = (facts["disability"] == kind) | ((letter == "h") & facts["severe"])
        value = np.where(hit, np.where(facts["severe"], 1 + (d.person % 2), 3), 4)
        columns["r428" + letter] = np.where(age >= (2 if letter < "f" else 5), value, -1)
    columns |= {
        "r428j": np.where(asked, rng.choice((2, 3, 4), n, p=(0.015, 0.055, 0.93)), -1),
        "r429": np.where((age >= 60) | facts["severe"], np.where((d.relation == HEAD) & (chance < 0.15), 3, 1), -1),
        "r430": facts["disease"],
        "r431a": rng.choice((0, 1, 2, 4), n, p=(0.385, 0.44, 0.12, 0.055)),
        "r431b": np.where(asked, 2, -1),
        "r431c": np.where(asked, np.where(owns & (chance < 0.09), 1, 2), -1),
        "r431d": np.where(asked, 2, -1),
        "r431e": np.where(facts["attends"] == 2, np.where(chance < 0.17, 1, 2), -1),
        "r431f": np.where(
            age >= 15, np.where(facts["status"] == 5, 16, np.where((facts["status"] == 4) & (chance < 0.3), 15, 0)), -1
        ),
    }
    return columns
