"""One sentence for each audit event of this stage."""

from registry.common.audit import register_event_sentences

register_event_sentences(
    {
        "linkage.register.built": (
            "{actor} membangun register: {rows} baris menjadi {individuals} orang dan {households} keluarga",
            "{actor} built the register: {rows} rows became {individuals} people and {households} families",
        ),
        "linkage.pair.decided": (
            "{actor} memutuskan pasangan {object}",
            "{actor} decided pair {object}",
        ),
        "linkage.links.exported": (
            "{actor} mengekspor tautan baris sumber, {rows} baris",
            "{actor} exported the links of source rows, {rows} rows",
        ),
        "linkage.plan.made": (
            "{actor} merencanakan penggabungan atau pemisahan {object}",
            "{actor} planned a merge or split {object}",
        ),
        "linkage.plan.applied": (
            "{actor} menjalankan rencana penggabungan atau pemisahan {object}",
            "{actor} carried out the merge or split {object}",
        ),
    }
)
