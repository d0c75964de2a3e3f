"""One sentence for each audit event of this stage."""

from registry.common.audit import register_event_sentences

register_event_sentences(
    {
        "desil.model.fitted": (
            "{actor} membuat model peringkat {object} dari {households} rumah tangga survei",
            "{actor} fitted ranking model {object} from {households} surveyed households",
        ),
        "desil.model.signed": (
            "{actor} menandatangani model peringkat {object}",
            "{actor} signed ranking model {object}",
        ),
        "desil.model.approved": (
            "{actor} mengesahkan model peringkat {object}",
            "{actor} approved ranking model {object}",
        ),
        "desil.model.retired": (
            "{actor} memensiunkan model peringkat {object}",
            "{actor} retired ranking model {object}",
        ),
        "desil.run.computed": (
            "{actor} menghitung peringkat {object}: {families} keluarga",
            "{actor} computed ranking {object}: {families} families",
        ),
        "desil.run.imported": (
            "{actor} mengimpor peringkat resmi {object} dari {source}: {families} keluarga dari {rows} baris",
            "{actor} imported official ranking {object} of {source}: {families} families from {rows} rows",
        ),
        "desil.run.proposed": (
            "{actor} mengusulkan peringkat {object} untuk diterbitkan",
            "{actor} proposed ranking {object} for publication",
        ),
        "desil.run.returned": (
            "{actor} mengembalikan peringkat {object} tanpa menerbitkannya",
            "{actor} sent ranking {object} back unpublished",
        ),
        "desil.run.published": (
            "{actor} menerbitkan peringkat {object}",
            "{actor} published ranking {object}",
        ),
        "desil.ranks.exported": (
            "{actor} mengekspor peringkat {object}: {rows} keluarga",
            "{actor} exported ranking {object}: {rows} families",
        ),
    }
)
