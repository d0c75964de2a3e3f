"""The sentences of this stage's errors."""

from registry.common.errors import register_sentences

register_sentences(
    {
        "programmes.load.unreadable": (
            "Berkas program {name} tidak dapat dibaca: {why}. Perbaiki berkas, lalu muat lagi.",
            "The programme file {name} cannot be read: {why}. Mend the file, then load it again.",
        ),
        "programmes.load.overlap": (
            "Aturan program {programme} yang mulai {start} bertumpang tindih dengan aturan lain. Periksa tanggalnya.",
            "The rule of programme {programme} from {start} overlaps another one. Check its dates.",
        ),
        "programmes.load.not_allowed": (
            "Hanya administrator pusat yang dapat memuat aturan program.",
            "Only a central administrator may load the rules of programmes.",
        ),
        "programmes.programme.unknown": (
            "Program {programme} tidak dikenal. Muat aturan program lebih dahulu, atau periksa kodenya.",
            "The programme {programme} is unknown. Load the rules of programmes first, or check its code.",
        ),
        "programmes.rule.none_in_force": (
            "Program {programme} tidak punya aturan yang berlaku pada {day}. Muat aturan program lebih dahulu.",
            "Programme {programme} has no rule in force on {day}. Load the rules of programmes first.",
        ),
    }
)
