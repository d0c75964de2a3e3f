"""P3KE in its own words: labels instead of codes, no KK number, names in title case."""

import numpy as np
from numpy.random import Generator

from dtsen_site.demo import writing
from dtsen_site.demo.dtks import places
from dtsen_site.demo.observing import Delivery, iso
from dtsen_site.demo.population import NEVER

HAMLETS = ("Krajan", "Kulon", "Wetan", "Lor", "Kidul")
NONE = ""
TENURE = (NONE, "Milik Sendiri", "Kontrak/Sewa", "Bebas Sewa", "Dinas", "Lainnya")
ROOF = (
    NONE,
    "Beton",
    "Genteng",
    "Asbes/Seng",
    "Asbes/Seng",
    "Bambu",
    "Kayu/Sirap",
    "Jerami/Ijuk/Rumbia/Daun-daunan",
    "Lainnya",
)
WALL = (
    NONE,
    "Tembok",
    "Plesteran anyaman bambu/kawat/Lainnya",
    "Kayu/Papan",
    "Bambu",
    "Kayu/Papan",
    "Bambu",
    "Lainnya",
)
TILES = "Keramik/Granit/Marmer/Ubin/Tegel/Teraso"
FLOOR = (NONE, TILES, TILES, TILES, TILES, "Kayu/Papan", "Semen", "Bambu", "Tanah", "Lainnya")
FUEL = ("Lainnya", *["Listrik/Gas"] * 6, "Minyak Tanah", "Lainnya", "Arang/Kayu", "Arang/Kayu", "Lainnya")
WATER = (NONE, "Air Kemasan/Isi Ulang", "Air Kemasan/Isi Ulang", "Ledeng/PAM", "Sumur Bor", "Sumur Terlindung", "Sumur Tidak Terlindung", "Sumur Terlindung", "Sumur Tidak Terlindung", "Air Permukaan (Sungai, Danau, dll)", "Air Hujan", "Lainnya")  # fmt: skip
MARRIED = (NONE, "Belum Kawin", "Kawin", "Cerai Hidup", "Cerai Mati")
RELATION = {1: "Kepala Keluarga", 2: "Istri", 3: "Anak", 4: "Menantu", 5: "Cucu", 6: "Orang Tua/Mertua", 8: "Famili Lain", 0: "N/A", 9: "N/A", 99: "N/A"}  # fmt: skip
SCHOOL = {3: "SD", 4: "SD", 8: "SMP", 9: "SMP", 13: "SMA", 14: "SMA", 15: "SMA"}
BANDS = (("Usia < 7 Tahun", 0, 6), ("Usia 7-12 Tahun", 7, 12), ("Usia 13-15 Tahun", 13, 15), ("Usia 16-18 Tahun", 16, 18), ("Usia 19-21 Tahun", 19, 21), ("Usia 22-59 Tahun", 22, 59), ("Usia 60+ Tahun", 60, 200))  # fmt: skip
AIDS = ("bpnt", "bpum", "bst", "pkh", "sembako")


def lay_out(rng: Generator, d: Delivery) -> tuple[dict, dict, np.ndarray, np.ndarray]:
    """Return the columns of both files, each member's key and each family row's key."""
    p, f, n, items = d.population, len(d.family), len(d.person), d.items
    order = rng.permutation(f)  # P3KE's rows come in no order
    number = np.empty(f, int)
    number[order] = np.arange(1, f + 1) + d.first
    key = writing.joined("P3KE", writing.padded(number, 9)).to_numpy(zero_copy_only=False)
    starts = np.r_[0, np.flatnonzero(np.diff(d.row)) + 1]
    position = np.arange(n) - np.repeat(starts, np.diff(np.r_[starts, n])) + 1
    member_key = writing.joined(key[d.row], writing.padded(position, 2)).to_numpy(zero_copy_only=False)
    welfare = p.welfare[d.family]
    names = np.array([name.title().replace("'S", "'s") for name in d.name], dtype=object)
    agreed = np.array(
        [labels == [] or not any(x.startswith(("nik", "dob", "sex")) for x in labels) for labels in d.faults]
    )
    agreed ^= rng.random(n) < 0.05
    padan = writing.words(("Tidak", "Ya"), agreed.astype(int))
    sex = writing.words((NONE, "Laki-laki", "Perempuan"), d.sex)
    born = slash_midnight(d.birth)
    job, school = _jobs(rng, d), _schools(d)
    a = d.address
    text = np.array(
        ["Dsn. " + HAMLETS[h] + f" RT {rt}/{rw}" for h, rt, rw in zip(a["hamlet"], a["rt"], a["rw"], strict=True)],
        dtype=object,
    )
    text[rng.random(f) < 0.15] = None
    light, power, toilet = items["id_sumberpenerangan"], items["id_dayapenerangan"], items["id_fasilitas_bab"]
    lighting = np.select(
        [light == 2, light == 3, light == 4, power > 2],
        ["Listrik Bersama", "Genset/Solar Cell", "Non-Listrik", "Listrik Pribadi > 900 Watt"],
        "Listrik Pribadi s/d 900 Watt",
    )
    closet = np.select(
        [toilet > 4, toilet > 1, items["id_pembuangan_tinja"] == 1],
        ["Lainnya", "Tidak, Jamban Umum/Bersama", "Ya, dengan Septic Tank"],
        "Ya, tanpa Septic Tank",
    )
    floor = writing.words(FLOOR, items["id_lantai_terluas"].astype(int))
    bad = rng.random(f) < 0.004
    floor[bad] = "???"
    for at in np.flatnonzero(bad):
        d.family_faults[at].append("bad_code")
    aid = {
        name: _yes_no(rng, rng.random(f) < share - 0.1 * welfare)
        for name, share in zip(AIDS, (0.35, 0.05, 0.11, 0.25, 0.35), strict=True)
    }
    risk = writing.words(
        ("Bukan Target Sasaran", "Tidak Beresiko Stunting", "Beresiko Stunting"), rng.choice(3, f, p=(0.79, 0.06, 0.15))
    )
    desil = (
        (2.5 + 1.3 * (welfare - welfare.mean()) + rng.normal(0, 0.8, f)).round().clip(1, 4).astype(int)
        if f
        else np.empty(0, int)
    )
    where = {
        "provinsi": "province",
        "kabupaten_kota": "regency",
        "kecamatan": "district",
        "desa_kelurahan": "name",
        "kode_kemdagri": "code",
    }
    place = {column: places(d, field) for column, field in where.items()}
    families = {"no": number, "id_keluarga_P3KE": key, **place, "desil_kesejahteraan": desil, "alamat": text,
        "kepala_keluarga": names[starts], "nik": d.nik[starts], "padan_dukcapil": padan[starts], "jenis_kelamin": sex[starts],
        "tanggal_lahir": born[starts], "pekerjaan": job[starts], "pendidikan": school[starts],
        "kepemilikan_rumah": writing.words(TENURE, items["id_status_penguasaan_bangunan"].astype(int)),
        "memiliki_simpanan_uang_perhiasan_ternak_lainnya": _yes_no(rng, (items["aset_bergerak_emas_perhiasan"] == 1) | (items["jml_sapi"] > 0) | (rng.random(f) < 0.25)),
        "jenis_atap": writing.words(ROOF, items["id_atap_terluas"].astype(int)), "jenis_dinding": writing.words(WALL, items["id_dinding_terluas"].astype(int)),
        "jenis_lantai": floor, "sumber_penerangan": lighting.astype(object), "bahan_bakar_memasak": writing.words(FUEL, items["id_bb_utama"].astype(int)),
        "sumber_air_minum": writing.words(WATER, items["id_sumber_airminum"].astype(int)), "memiliki_fasilitas_buang_air_besar": closet.astype(object),
        **{"penerima_" + name: values for name, values in aid.items()}, "resiko_stunting": risk}  # fmt: skip
    by = {column: values[d.row] for column, values in place.items()}
    relation = np.array([RELATION[code] for code in d.relation.tolist()], dtype=object)
    relation[(relation == "Istri") & (d.population.sex[d.person] == 1)] = "Suami"
    age = d.facts["age"]
    members = {"No": np.arange(1, n + 1), "ID Keluarga P3KE": key[d.row], "Provinsi": by["provinsi"], "Kabupaten/Kota": by["kabupaten_kota"],
        "Kecamatan": by["kecamatan"], "Desa/Kelurahan": by["desa_kelurahan"], "Kode Kemdagri": by["kode_kemdagri"],
        "Desil Kesejahteraan": desil[d.row], "Alamat": text[d.row], "ID Individu": member_key, "Nama": names, "NIK": d.nik,
        "Padan Dukcapil": padan, "Jenis Kelamin": sex, "Hubungan dengan Kepala Keluarga": relation, "Tanggal Lahir": born,
        "Status Kawin": writing.words(MARRIED, d.facts["married"].astype(int)), "Pekerjaan": job, "Pendidikan": school,
        **{band: writing.words(("Tidak", "Ya"), ((age >= low) & (age <= high)).astype(int)) for band, low, high in BANDS},
        **{"Penerima " + (name if name == "sembako" else name).upper(): values[d.row] for name, values in aid.items()},
        "Resiko Stunting": np.where(age < 5, risk[d.row], "Bukan Target Sasaran")}  # fmt: skip
    by_number = np.argsort(number)
    by_member = np.lexsort((position, number[d.row]))
    families = {name: values[by_number] for name, values in families.items()}
    members = {name: values if name == "No" else values[by_member] for name, values in members.items()}
    return families, members, member_key, key


def slash_midnight(days: np.ndarray) -> np.ndarray:
    """Return days as `9/3/1983 0:00:00`, None where empty."""
    known = days > -NEVER
    texts = iso(np.where(known, days, 0))
    return np.array(
        [f"{int(t[8:10])}/{int(t[5:7])}/{t[:4]} 0:00:00" if k else None for t, k in zip(texts, known, strict=True)],
        dtype=object,
    )


def _yes_no(rng: Generator, yes: np.ndarray) -> np.ndarray:
    style = rng.choice(3, len(yes), p=(0.5, 0.25, 0.25))
    return np.where(yes, writing.words(("Ya", "ya", "YA"), style), writing.words(("Tidak", "tidak", "TIDAK"), style))


def _jobs(rng: Generator, d: Delivery) -> np.ndarray:
    facts = d.facts
    status, sector = facts["status"], facts["sector"]
    found = np.select(
        [status < 0, status == 5, sector == 4, status == 6, (sector <= 5) & (sector > 0), (sector == 12) & (status < 4), status == 7, status == 4, status == 8],
        ["Tidak/belum bekerja", "PNS/TNI/Polri", "Nelayan", "Buruh Tani", "Petani", "Pedagang", "Pekerja Lepas", "Pegawai Swasta", "Lainnya"],
        "Wiraswasta",
    ).astype(object)  # fmt: skip
    found[(status < 0) & (facts["attends"] == 2)] = "Pelajar/Mahasiswa"
    found[(status < 0) & (facts["age"] > 60) & (rng.random(len(status)) < 0.02)] = "Pensiunan"
    return found


def _schools(d: Delivery) -> np.ndarray:
    attends, level, diploma = d.facts["attends"].tolist(), d.facts["level"].tolist(), d.facts["diploma"].tolist()
    found = np.empty(len(attends), object)
    for i, (attending, grade, paper) in enumerate(zip(attends, level, diploma, strict=True)):
        if attending < 2:
            found[i] = "Tidak/belum sekolah"
        elif attending == 2:
            found[i] = f"Siswa {SCHOOL[grade]}/sederajat" if grade in SCHOOL else "Mahasiswa Perguruan Tinggi"
        elif paper == 23:
            found[i] = "Tidak tamat SD/sederajat"
        else:
            found[i] = f"Tamat {SCHOOL[paper]}/sederajat" if paper in SCHOOL else "Tamat Perguruan Tinggi"
    return found
