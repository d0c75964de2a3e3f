"""One sentence for each audit event of this stage."""

from registry.common.audit import register_event_sentences

register_event_sentences(
    {
        "wilayah.regions.loaded": (
            "{actor} memuat wilayah: {added} baru, {changed} berubah, {ended} berakhir, {same} tetap",
            "{actor} loaded regions: {added} new, {changed} changed, {ended} ended, {same} unchanged",
        ),
    }
)
