"""One sentence for each audit event of this stage."""

from registry.common.audit import register_event_sentences

register_event_sentences(
    {
        "beneficiaries.cycle.opened": (
            "{actor} membuka siklus {object}",
            "{actor} opened the cycle {object}",
        ),
        "beneficiaries.candidates.proposed": (
            "{actor} mengusulkan {entering} keluarga masuk dan {leaving} keluarga berakhir pada siklus {object}",
            "{actor} proposed {entering} families to enter and {leaving} to end in the cycle {object}",
        ),
        "beneficiaries.quota.set": (
            "{actor} menetapkan kuota {object}: {families} keluarga",
            "{actor} set the quota {object}: {families} families",
        ),
        "beneficiaries.enrolment.moved": (
            "{actor} memutuskan kepesertaan {object}",
            "{actor} decided about the enrolment {object}",
        ),
        "beneficiaries.hold.placed": (
            "{actor} menahan penghentian bantuan keluarga {object}",
            "{actor} placed a hold on ending the assistance of the family {object}",
        ),
        "beneficiaries.hold.ended": (
            "{actor} mengakhiri penahanan keluarga {object}",
            "{actor} ended the hold of the family {object}",
        ),
    }
)
