"""The sentences of this stage's errors."""

from registry.common.errors import register_sentences

register_sentences(
    {
        "households.correction.not_allowed": (
            "Peran Anda tidak mencakup pembetulan data di wilayah ini.",
            "None of your roles covers corrections in this region.",
        ),
        "households.correction.own": (
            "Pembetulan diperiksa oleh petugas lain, bukan oleh pengusulnya.",
            "A correction is checked by another officer, not by the one who proposed it.",
        ),
        "households.correction.decided": (
            "Pembetulan ini sudah diputuskan.",
            "This correction has been decided.",
        ),
        "households.correction.gone": (
            "Data ini sudah tidak ada lagi di register. Tolak pembetulan ini.",
            "This entry is no longer in the register. Refuse this correction.",
        ),
        "households.correction.value": (
            "Nilai itu tidak mungkin. Isi nilai yang sesuai dengan isian ini.",
            "That value cannot be. Fill in a value that fits this item.",
        ),
        "households.correction.variable": (
            "Isian ini tidak dapat dibetulkan di sini.",
            "This item cannot be corrected here.",
        ),
        "households.correction.evidence": (
            "Tuliskan dasar pembetulan.",
            "Say what the correction rests on.",
        ),
    }
)
