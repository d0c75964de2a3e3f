"""One sentence for each audit event of this stage."""

from registry.common.audit import register_event_sentences

register_event_sentences(
    {
        "uji_petik.sample.drawn": (
            "{actor} menarik sampel uji petik {object}: {draws} dari {frame} keluarga",
            "{actor} drew uji petik sample {object}: {draws} of {frame} families",
        ),
        "uji_petik.results.received": (
            "{actor} menerima {answers} hasil uji petik {object}",
            "{actor} received {answers} results of uji petik {object}",
        ),
        "uji_petik.results.refused": (
            "{actor} mengirim berkas hasil uji petik {object} yang ditolak: {findings} baris bermasalah",
            "{actor} sent a file of results of uji petik {object} that was refused: {findings} rows are wrong",
        ),
        "uji_petik.coverage.estimated": (
            "{actor} menaksir cakupan {object} dari daftar {people} orang",
            "{actor} estimated the coverage {object} from a list of {people} people",
        ),
        "uji_petik.lot.accepted": (
            "Lot {object} diterima setelah kiriman {actor}: {wrong} keliru di antara {opened} yang dibuka, {accept} dibolehkan",
            "Lot {object} was accepted after what {actor} sent: {wrong} wrong among {opened} opened, {accept} allowed",
        ),
        "uji_petik.lot.rejected": (
            "Lot {object} ditolak setelah kiriman {actor}: {wrong} keliru di antara {opened} dari {n} yang dibuka, {accept} dibolehkan",
            "Lot {object} was rejected after what {actor} sent: {wrong} wrong among {opened} of {n} opened, {accept} allowed",
        ),
        "uji_petik.design.closed": (
            "{actor} menutup uji petik {object}",
            "{actor} closed uji petik {object}",
        ),
        "uji_petik.errors.estimated": (
            "{actor} menaksir kesalahan dari uji petik {object}",
            "{actor} estimated the error from uji petik {object}",
        ),
    }
)
