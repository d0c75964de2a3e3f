"""DTKS in its own words: dwellings with their families, members with their family's number."""

import numpy as np
from numpy.random import Generator

from dtsen_site.demo import writing
from dtsen_site.demo.houses import AREA
from dtsen_site.demo.observing import Delivery, iso
from dtsen_site.demo.population import HEAD, NEVER

HAMLETS = ("KRAJAN", "KULON", "WETAN", "LOR", "KIDUL")
# From DTSEN's codes; the index is the code.
WATER = (-1, 1, 2, 3, 5, 6, 7, 8, 9, 10, 11, 12)
FLOOR = (-1, 1, 2, 3, 4, 5, 6, 7, 9, 10)
ROOF = (-1, 1, 4, 6, 5, 8, 7, 9, 10)
FUEL = (9, 1, 2, 2, 3, 4, 4, 5, 6, 7, 8, 8)
TOILET = (-1, 1, 2, 3, 3, 4, 4)
CLOSET = (-1, 1, 2, 2, 3)
DISPOSAL = (-1, 1, 2, 4, 3, 5, 6)
LIGHT = (-1, 1, 1, 2, 3)
SECTOR = (0, 1, 2, 3, 4, 6, 7, 8, 9, 10, 10, 11, 12, 14, 13, 15, 16, 16, 19, 19, 19, 17, 18, 19, 19, 19, 19)
LEVEL = {3: 1, 4: 3, 8: 4, 9: 6, 13: 7, 15: 7, 14: 9, 19: 10}
DIPLOMA = {23: 0, 3: 1, 4: 1, 8: 2, 9: 2, 13: 3, 14: 3, 15: 3, 18: 4, 19: 5, 21: 6}
ASSETS = (
    ("ada_tabung_gas", "tabung_gas", 1), ("ada_lemari_es", "lemari_es", 3), ("ada_ac", "ac", 1), ("ada_pemanas", "pemanas_air", 3), ("ada_telepon", "telepon_rumah", 1),
    ("ada_tv", "tv_datar", 3), ("ada_emas", "emas_perhiasan", 1), ("ada_laptop", "komputer_laptop_tablet", 3), ("ada_sepeda", "sepeda", 1), ("ada_motor", "sepeda_motor", 3),
    ("ada_mobil", "mobil", 1), ("ada_perahu", "perahu", 3), ("ada_motor_tempel", "", 1), ("ada_perahu_motor", "kapal_perahu_motor", 3), ("ada_kapal", "", 1),
)  # fmt: skip


def coded(table: tuple[int, ...], values: np.ndarray) -> np.ndarray:
    """Return the dialect's codes; empty stays empty."""
    return np.where(values < 0, -1, np.array(table)[values.clip(0)])


def mapped(table: dict[int, int], values: np.ndarray) -> np.ndarray:
    """Return what a dictionary says of each code, -1 where it says nothing."""
    lookup = np.full(max(table) + 2, -1)
    for code, other in table.items():
        lookup[code] = other
    found: np.ndarray = lookup[np.where(values < 0, len(lookup) - 1, values)]
    return found


def slash_date(days: np.ndarray) -> np.ndarray:
    """Return days as `31-12-2020`, None where empty."""
    known = days > -NEVER
    texts = iso(np.where(known, days, 0))
    return np.array(
        [t[8:10] + "-" + t[5:7] + "-" + t[:4] if k else None for t, k in zip(texts, known, strict=True)], dtype=object
    )


def places(d: Delivery, field: str) -> np.ndarray:
    """Return a field of the village of each family row; some rows keep a village's old name."""
    table = np.array([getattr(v, field) for v in d.population.villages], dtype=object)
    found: np.ndarray = table[d.village]
    if field == "name" and d.old_names.any():
        # A renamed village: the later deliveries know it with a word more.
        found = np.where(d.old_names & (d.village % 5 == 0), "DESA " + found + " LAMA", found)
    return found


def serials(d: Delivery, group: np.ndarray) -> np.ndarray:
    """Return a running number within each village for rows that come village by village."""
    starts = np.r_[0, np.flatnonzero(np.diff(group)) + 1] if len(group) else np.empty(0, int)
    return np.arange(len(group)) - np.repeat(starts, np.diff(np.r_[starts, len(group)])) + 1


def lay_out(rng: Generator, d: Delivery) -> tuple[dict, dict, np.ndarray, np.ndarray]:
    """Return the columns of both files, each member's key and each family row's key."""
    p, f = d.population, len(d.family)
    # Families of a dwelling that stand together are one rumah tangga, unless one was entered twice.
    again = np.array(["duplicate_in_source" in labels for labels in d.family_faults])
    new = np.r_[True, (np.diff(p.dwelling[d.family]) != 0) | (np.diff(d.village) != 0)] if f else np.empty(0, bool)
    new = new | again
    new[1:] |= again[:-1]
    house = np.cumsum(new) - 1
    lead = np.flatnonzero(new)
    nuk = np.arange(f) - lead[house] + 1
    village = d.village[lead]
    bps = np.array([v.bps for v in p.villages], dtype=object)
    key = writing.joined(bps[village], writing.padded(serials(d, village), 8)).to_numpy(zero_copy_only=False)
    member_house = house[d.row]
    starts = np.r_[0, np.flatnonzero(np.diff(member_house)) + 1]
    position = np.arange(len(member_house)) - np.repeat(starts, np.diff(np.r_[starts, len(member_house)])) + 1
    member_key = writing.joined(key[member_house], writing.padded(position, 2)).to_numpy(zero_copy_only=False)
    items = {name: values[lead] for name, values in d.items.items()}
    head = starts
    h = len(lead)
    floor = coded(FLOOR, items["id_lantai_terluas"])
    floor = np.where((floor == 5) & (rng.random(h) < 0.55), 8, floor)
    bad = rng.random(h) < 0.004
    floor = np.where(bad, rng.choice((0, 14, 99), h), floor)
    for at in lead[bad]:
        d.family_faults[at].append("bad_code")
    unmetered = items["id_sumberpenerangan"] == 2
    address = {name: values[lead] for name, values in d.address.items()}
    welfare = p.welfare[d.family[lead]]
    columns = {
        "IDBDT": key,
        "PROVINSI": places(d, "province")[lead],
        "KDPROP": words_of(bps[village], 0, 2),
        "KABUPATEN": places(d, "regency")[lead],
        "KDKAB": words_of(bps[village], 2, 4),
        "KECAMATAN": places(d, "district")[lead],
        "KDKEC": words_of(bps[village], 4, 7),
        "DESA_KELURAHAN": places(d, "name")[lead],
        "KDDESA": words_of(bps[village], 7, 10),
        "Nama_SLS": writing.joined("RT ", writing.padded(address["rt"], 3), " RW ", writing.padded(address["rw"], 3)),
        "Alamat": writing.joined("DSN ", writing.words(HAMLETS, address["hamlet"]), " NO ", address["number"]),
        "Nama_KRT": d.name[head],
        "Jumlah_ART": np.bincount(member_house, minlength=h),
        "Jumlah_Keluarga": np.bincount(house, minlength=h),
        "Tgl_pemutakhiran": slash_date(d.on[lead]),
        "sta_bangunan": items["id_status_penguasaan_bangunan"],
        "sta_lahan": np.where(items["id_status_penguasaan_bangunan"] == 1, 1, 2),
        "luas_lantai": items[AREA] // 10,
        "lantai": floor,
        "dinding": items["id_dinding_terluas"],
        "kondisi_dinding": np.where(rng.random(h) < 0.5 + 0.15 * welfare, 1, 2),
        "atap": coded(ROOF, items["id_atap_terluas"]),
        "kondisi_atap": np.where(rng.random(h) < 0.5 + 0.15 * welfare, 1, 2),
        "jumlah_kamar": (items[AREA] // 220).clip(1, 6),
        "sumber_airminum": coded(WATER, items["id_sumber_airminum"]),
        "sumber_penerangan": coded(LIGHT, items["id_sumberpenerangan"]),
        "daya": np.where(unmetered, 6, items["id_dayapenerangan"]),
        "bb_masak": coded(FUEL, items["id_bb_utama"]),
        "fasbab": coded(TOILET, items["id_fasilitas_bab"]),
        "kloset": np.where(items["id_fasilitas_bab"] > 4, 4, coded(CLOSET, items["id_jenis_kloset"])),
        "buang_tinja": coded(DISPOSAL, items["id_pembuangan_tinja"]),
    }
    columns["kloset"] = np.where(columns["kloset"] < 0, 4, columns["kloset"])
    for name, item, yes in ASSETS:
        has = items["aset_bergerak_" + item] == 1 if item else rng.random(h) < 0.002
        columns[name] = np.where(has, yes, yes + 1)
    land = items["lahan_tempat_lain"]
    columns |= {
        "aset_tak_bergerak": land,
        "luas_atb": np.where(land == 1, rng.integers(1, 60, h) * 50, -1),
        "rumah_lain": items["rumah_tempat_lain"],
        "jumlah_sapi": items["jml_sapi"],
        "jumlah_kerbau": items["jml_kerbau"],
        "jumlah_kuda": items["jml_kuda"],
        "jumlah_babi": items["jml_babi"],
        "jumlah_kambing": items["jml_kambing_domba"],
        "sta_art_usaha": np.where(np.bincount(member_house, d.facts["owns"] == 1, minlength=h) > 0, 1, 2),
        "sta_kks": np.where(rng.random(h) < 0.32 - 0.1 * welfare, 1, 2),
        "sta_pkh": np.where(rng.random(h) < 0.27 - 0.1 * welfare, 1, 2),
        "sta_rastra": np.where(rng.random(h) < 0.5 - 0.12 * welfare, 1, 2),
        "sta_keberadaan_rt": np.ones(h, int),
        "percentile": (45 + 22 * welfare + rng.normal(0, 6, h)).clip(1, 99).astype(int),
    }
    return columns, _members(rng, d, key[member_house], member_key, position, nuk[d.row]), member_key, key[house]


def words_of(texts: np.ndarray, begin: int, end: int) -> np.ndarray:
    """Return a part of each text."""
    return np.array([text[begin:end] for text in texts], dtype=object)


def _members(rng: Generator, d: Delivery, key, member_key, position, nuk) -> dict:
    p, n, facts = d.population, len(d.person), d.facts
    birthplace = np.array(
        [p.villages[0].regency.split(" ", 1)[-1], "SURABAYA", "JAKARTA", "MEDAN", "MAKASSAR"], dtype=object
    )
    mother = p.mother[d.person]
    known = (mother >= 0) & (rng.random(n) < 0.9)
    mothers = np.where(known, p.name[mother.clip(0)], None)
    # Those whose mother lives elsewhere name her too: steady over the files, made from their own number.
    steady = (mother < 0) & (rng.random(n) < 0.78)
    women = np.flatnonzero(p.sex == 2)
    mothers = np.where(steady, p.name[women[(d.person * 7919) % len(women)]], mothers)
    age, attends = facts["age"], facts["attends"]
    return {
        "IDARTBDT": member_key,
        "IDBDT": key,
        "No_urut": position,
        "Nama": d.name,
        "JnsKel": d.sex,
        "TmpLahir": birthplace[np.where((d.person * 31) % 100 < 82, 0, 1 + d.person % 4)],
        "TglLahir": slash_date(d.birth),
        "NIK": d.nik,
        "NoKK": d.kk[d.row],
        "Hub_KRT": np.where((nuk > 1) & (d.relation == HEAD), 8, d.relation),
        "NUK": nuk,
        "Hubkel": d.relation,
        "Umur": age,
        "Sta_kawin": facts["married"],
        "Ada_akta_nikah": np.where(facts["married"] > 1, np.where(rng.random(n) < 0.85, 1, 2), -1),
        "Ada_diKK": np.where(rng.random(n) < 0.979, 1, 2),
        "Ada_kartu_identitas": np.where((age > 16) & (rng.random(n) < 0.98), 1, 0),
        "Sta_hamil": facts["pregnant"],
        "Jenis_cacat": np.where(facts["severe"], facts["disability"].clip(1), 0),
        "Penyakit_kronis": facts["disease"] - 1,
        "Partisipasi_sekolah": np.where(attends < 0, 0, np.array((0, 0, 1, 2))[attends.clip(0)]),
        "Pendidikan_tertinggi": mapped(LEVEL, facts["level"]),
        "Ijazah_tertinggi": np.where(facts["diploma"] < 0, 0, mapped(DIPLOMA, facts["diploma"])),
        "Sta_Bekerja": np.where(facts["works"] == 1, 1, 2),
        "Jumlah_jamkerja": facts["hours"],
        "Lapangan_usaha": coded(SECTOR, facts["sector"]),
        "Status_pekerjaan": facts["status"],
        "Sta_keberadaan_art": d.present,
        "Sta_kepesertaan_pbi": np.where(rng.random(n) < 0.72, 1, 2),
        "namagadis_ibukandung": mothers,
    }
