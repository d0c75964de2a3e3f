"""Codes of the reasons a link carries, each with its sentence in Indonesian and English."""

from __future__ import annotations

REASONS: dict[str, tuple[str, str]] = {
    "nik.equal": ("NIK sama", "Same NIK"),
    "nik.near": (
        "NIK hampir sama dan salah satunya bertentangan dengan barisnya",
        "NIK nearly the same, and one contradicts its own row",
    ),
    "nik.recoded": (
        "NIK hanya berbeda pada kode wilayah yang pernah diganti",
        "NIK differ only in a region code that was recoded",
    ),
    "nik.neighbour": ("NIK berbeda hanya pada nomor urut", "NIK differ only in the serial number"),
    "nik.different": ("NIK berbeda", "Different NIK"),
    "nik.crowded": (
        "Lebih banyak baris memakai NIK ini daripada yang mungkin bagi satu orang",
        "More rows carry this NIK than one person can have",
    ),
    "nik.two_attested": ("Dua NIK, masing-masing dinyatakan oleh dua sumber", "Two NIK, each attested by two sources"),
    "name.same": ("Nama sama", "Same name"),
    "name.contains": ("Nama yang satu termuat dalam nama yang lain", "One name contains the other"),
    "name.slip": ("Nama berbeda satu salah tulis", "Names a slip of the pen apart"),
    "name.alike": ("Nama mirip", "Similar names"),
    "name.word": ("Satu kata nama sama", "A word of the name in common"),
    "name.different": ("Nama berbeda", "Different names"),
    "birth.equal": ("Tanggal lahir sama", "Same birth date"),
    "birth.part": ("Tanggal lahir berbeda satu bagian atau tertukar", "Birth dates with one part wrong or swapped"),
    "birth.placeholder": ("Tanggal lahir perkiraan dengan tahun berdekatan", "Placeholder birth date with a near year"),
    "birth.near": ("Tanggal lahir berdekatan", "Near birth dates"),
    "birth.different": ("Tanggal lahir berbeda", "Different birth dates"),
    "sex.different": ("Jenis kelamin berbeda", "Different sex"),
    "mother.same": ("Nama ibu kandung sama", "Same mother's name"),
    "mother.different": ("Nama ibu kandung berbeda", "Different mother's names"),
    "relation.same": ("Hubungan dengan kepala keluarga sama", "Same relation to the head"),
    "relation.unlikely": (
        "Hubungan dengan kepala keluarga sulit disatukan",
        "Relations to the head that hardly go together",
    ),
    "company.shared": ("Anggota keluarga lain juga sama", "Other members of the family are the same too"),
    "company.none": ("Tidak ada anggota keluarga lain yang sama", "No other member of the family is the same"),
    "company.kk": ("Nomor KK sama", "Same family card"),
    "company.village": ("Desa/kelurahan sama", "Same village"),
    "company.district": ("Kecamatan sama", "Same district"),
    "company.elsewhere": ("Wilayah berbeda", "Different regions"),
    "company.taken": ("Keluarga itu sudah memuat orang ini", "That family already holds this person"),
    "source.same": ("Dua baris dari sumber yang sama", "Two rows of one source"),
    "decision.same": ("Diputuskan sama oleh pemeriksa", "Decided the same by a reviewer"),
    "decision.different": ("Diputuskan berbeda oleh pemeriksa", "Decided different by a reviewer"),
    "cluster.oversize": ("Terlalu banyak baris pada satu orang", "Too many rows for one person"),
    "alone": ("Tidak ada baris lain tentang orang ini", "No other row about this person"),
    "family.people": ("Keluarga berbagi orang yang sama", "The families share people"),
    "family.headed": ("Mengepalai keluarga sendiri", "Heads a family of their own"),
    "family.most_rows": ("Sebagian besar baris menempatkannya di sini", "Most rows place the person here"),
}

RULES: dict[str, tuple[str, str]] = {
    "alone": ("Satu baris saja", "A single row"),
    "exact.nik": ("NIK, nama dan tanggal lahir", "NIK, name and birth date"),
    "exact.kk": ("KK, nama dan tanggal lahir", "Family card, name and birth date"),
    "exact.village": ("Desa, nama dan tanggal lahir", "Village, name and birth date"),
    "model": ("Model peluang", "Probability model"),
    "decision": ("Keputusan pemeriksa", "Reviewer's decision"),
}

RULE_NAMES = {0: "alone", 1: "exact.nik", 2: "exact.kk", 3: "exact.village", 4: "model", 5: "decision"}

RULE_REASONS = {
    "alone": ["alone"],
    "exact.nik": ["nik.equal", "name.same", "birth.equal"],
    "exact.kk": ["company.kk", "name.same", "birth.equal"],
    "exact.village": ["company.village", "name.same", "birth.equal"],
    "decision": ["decision.same"],
}

# What a level of a comparison says, for the pairs the model has weighed.
LEVEL_REASONS: dict[str, dict[int, str]] = {
    "nik": {4: "nik.equal", 3: "nik.near", 2: "nik.recoded", 1: "nik.neighbour", 0: "nik.different"},
    "name": {5: "name.same", 4: "name.contains", 3: "name.slip", 2: "name.alike", 1: "name.word", 0: "name.different"},
    "dates": {4: "birth.equal", 3: "birth.part", 2: "birth.placeholder", 1: "birth.near", 0: "birth.different"},
    "sex": {0: "sex.different"},
    "mother": {1: "mother.same", 0: "mother.different"},
    "relation": {2: "relation.same", 0: "relation.unlikely"},
    "company": {
        7: "company.shared",
        6: "company.shared",
        5: "company.kk",
        4: "company.village",
        3: "company.none",
        2: "company.district",
        1: "company.none",
        0: "company.elsewhere",
    },
}


def reason_sentences() -> dict[str, tuple[str, str]]:
    """Every code a link or a review pair may carry: {code: (Indonesian, English)}."""
    return dict(REASONS)
