"""One sentence for each audit event of this stage."""

from registry.common.audit import register_event_sentences

register_event_sentences(
    {
        "households.correction.proposed": (
            "{actor} mengusulkan pembetulan data {object}",
            "{actor} proposed a correction of {object}",
        ),
        "households.correction.accepted": (
            "{actor} menerima pembetulan data {object}",
            "{actor} accepted a correction of {object}",
        ),
        "households.correction.refused": (
            "{actor} menolak pembetulan data {object}",
            "{actor} refused a correction of {object}",
        ),
    }
)
