"""The sentences of this stage's errors."""

from registry.common.errors import register_sentences

register_sentences(
    {
        "beneficiaries.not_allowed": (
            "Peran Anda tidak mencakup penetapan penerima di wilayah ini.",
            "None of your roles covers deciding about recipients in this region.",
        ),
        "beneficiaries.person_needed": (
            "Keputusan dibuat oleh orang, bukan oleh sistem. Masuklah sebagai petugas.",
            "Decisions are made by people, not by the system. Sign in as an officer.",
        ),
        "beneficiaries.cycle.programme": (
            "Program {programme} tidak dikenal. Muat aturannya lebih dahulu.",
            "The programme {programme} is not known. Load its rules first.",
        ),
        "beneficiaries.cycle.region": (
            "Siklus dibuka untuk satu kabupaten atau kota, misalnya 35.14, bukan {region}.",
            "A cycle is opened for one regency, as 35.14, not for {region}.",
        ),
        "beneficiaries.cycle.period": (
            "Periode mulai pada tanggal 1 dan berjalan {months} bulan, dihitung dari Januari.",
            "A period begins on the first of a month and lasts {months} months, counted from January.",
        ),
        "beneficiaries.cycle.unclear": (
            "Pilih program, kabupaten atau kota, dan awal periode.",
            "Choose a programme, a regency and the beginning of a period.",
        ),
        "beneficiaries.cycle.no_ranking": (
            "Belum ada peringkat yang diterbitkan. Terbitkan peringkat lebih dahulu.",
            "No ranking has been published. Publish one first.",
        ),
        "beneficiaries.cycle.proposed": (
            "Calon penerima siklus ini sudah diusulkan.",
            "The candidates of this cycle have been proposed.",
        ),
        "beneficiaries.quota.families": (
            "Kuota adalah jumlah keluarga, 0 atau lebih.",
            "A quota is a number of families, 0 or more.",
        ),
        "beneficiaries.quota.law": (
            "Sebutkan dasar hukum kuota ini.",
            "Name the legal reference of this quota.",
        ),
        "beneficiaries.quota.unreadable": (
            "Tulis periode sebagai 2026-10-01 dan jumlah keluarga sebagai bilangan bulat.",
            "Write the period as 2026-10-01 and the families as a whole number.",
        ),
        "beneficiaries.move.state": (
            "Keluarga ini berstatus “{state}”; langkah “{move}” tidak dapat dibuat dari situ. Muat ulang halaman.",
            "This family is “{state}”; the step “{move}” cannot be made from there. Reload the page.",
        ),
        "beneficiaries.move.same_person": (
            "Keputusan ini dibuat oleh petugas lain, bukan oleh yang menyiapkannya.",
            "This is decided by another officer, not by the one who prepared it.",
        ),
        "beneficiaries.move.reason_missing": (
            "Tulis alasannya dengan kata yang dapat dibaca keluarga itu.",
            "Write the reason in words that the family can read.",
        ),
        "beneficiaries.move.held": (
            "Ada pengaduan atau banding yang belum diputus. Sampai itu selesai, bantuan keluarga ini tidak dihentikan.",
            "A complaint or an appeal is open. Until it is decided, nothing is taken from this family.",
        ),
    }
)
