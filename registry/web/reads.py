"""For which tasks the office opens personal data: the words that stand in the read log."""

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from registry.common.reads import register_purposes

PURPOSES = {
    "register.search": ("Mencari orang atau keluarga", "Search for a person or a family"),
    "register.look": ("Melihat data keluarga", "Look at a family"),
    "register.correct": ("Mengajukan pembetulan", "Propose a correction"),
    "register.rejoin": ("Menggabungkan atau memisahkan", "Merge or split"),
    "register.history": ("Melihat riwayat", "Look at the history"),
    "ranking.explain": ("Menjelaskan desil keluarga", "Explain the desil of a family"),
    "recipients.candidates": ("Melihat calon penerima", "Look at candidates"),
    "sample.visits": ("Menyiapkan kunjungan uji petik", "Prepare visits of an uji petik"),
    "review.pair": ("Meninjau pasangan", "Review a pair"),
    "ranking.findings": ("Memeriksa temuan peringkat resmi", "Check the findings of an official ranking"),
    "delivery.findings": ("Memeriksa temuan kiriman", "Check the findings of a delivery"),
    "administration.lookup": ("Melihat data lewat administrasi", "Look at rows in the administration"),
    "lists.field": ("Menyiapkan kunjungan atau musyawarah desa", "Prepare visits or a village meeting"),
    "lists.quality": ("Memperbaiki mutu data", "Work on data quality"),
    "lists.report": ("Melapor ke atasan atau pemerintah daerah", "Report to a superior or the regional government"),
    "lists.audit": ("Pemeriksaan atau audit", "Inspection or audit"),
    "numbers.identity": ("Mencocokkan identitas warga yang hadir", "Check the identity of a citizen who is present"),
    "numbers.correction": ("Memeriksa pembetulan dengan dokumen", "Check a correction against a document"),
    "numbers.complaint": ("Menangani pengaduan", "Handle a complaint"),
    "numbers.agency": ("Mencocokkan dengan lembaga lain", "Compare with another agency"),
}
register_purposes(PURPOSES)

# Why somebody takes a list out; the choice is recorded with the list.
WHY_LISTS: list[tuple[str, str | Promise]] = [
    ("", _("Choose the purpose")),
    ("lists.field", _("Prepare visits or a village meeting")),
    ("lists.quality", _("Work on data quality")),
    ("lists.report", _("Report to a superior or the regional government")),
    ("lists.audit", _("Inspection or audit")),
]

# Why somebody needs the numbers in full; the choice is recorded with the look.
WHY_FULL_NUMBERS: list[tuple[str, str | Promise]] = [
    ("", _("Choose the purpose")),
    ("numbers.identity", _("Check the identity of a citizen who is present")),
    ("numbers.correction", _("Check a correction against a document")),
    ("numbers.complaint", _("Handle a complaint")),
    ("numbers.agency", _("Compare with another agency")),
]
