"""The sentences of this stage's errors."""

from registry.common.errors import register_sentences

register_sentences(
    {
        "linkage.build.no_delivery": (
            "Belum ada kiriman yang diterima. Terima kiriman DTKS, Regsosek, atau P3KE lebih dahulu.",
            "No delivery has been accepted yet. Receive a delivery of DTKS, Regsosek or P3KE first.",
        ),
        "linkage.build.never": (
            "Register belum pernah dibangun. Jalankan pembangunan register lebih dahulu.",
            "The register has never been built. Build the register first.",
        ),
        "linkage.publish.changed_meanwhile": (
            "Data register berubah selama penerbitan, sehingga tidak ada yang diterbitkan. Jalankan pembangunan"
            " register sekali lagi.",
            "The register changed during the publication, so nothing was published. Build the register once more.",
        ),
        "linkage.links.format": (
            "Berkas {name} harus berakhiran .csv atau .parquet.",
            "The file {name} must end in .csv or .parquet.",
        ),
        "linkage.review.not_allowed": (
            "Peran Anda tidak mencakup tinjauan pasangan di wilayah ini.",
            "None of your roles covers the review of pairs in this region.",
        ),
        "linkage.review.already_decided": (
            "Pasangan ini sudah diputuskan atau tidak lagi ditanyakan. Buka pasangan berikutnya.",
            "This pair has been decided or is no longer asked. Open the next pair.",
        ),
        "linkage.review.answer_unknown": (
            "Pilih sama, beda, atau ragu.",
            "Choose same, different or unsure.",
        ),
        "linkage.plan.not_allowed": (
            "Peran Anda tidak mencakup penggabungan dan pemisahan di wilayah ini.",
            "None of your roles covers merging and splitting in this region.",
        ),
        "linkage.plan.other": (
            "Nomor publik itu tidak ditemukan di wilayah Anda, atau sama dengan halaman ini.",
            "That public id was not found in your regions, or it is this very page.",
        ),
        "linkage.plan.rows": (
            "Pilih sebagian baris kiriman: sedikitnya satu pergi dan satu tinggal.",
            "Choose some of the delivered rows: at least one leaves and one stays.",
        ),
        "linkage.plan.applied": (
            "Rencana ini sudah dijalankan.",
            "This plan has been carried out.",
        ),
    }
)
