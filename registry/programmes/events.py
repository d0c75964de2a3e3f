"""One sentence for each audit event of this stage."""

from registry.common.audit import register_event_sentences

register_event_sentences(
    {
        "programmes.rules.loaded": (
            "{actor} memuat aturan program: {added} baru, {changed} berubah, {same} tetap",
            "{actor} loaded the rules of programmes: {added} new, {changed} changed, {same} unchanged",
        ),
    }
)
