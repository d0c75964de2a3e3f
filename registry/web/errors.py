"""Sentences of what the doors themselves refuse."""

from registry.common.errors import register_sentences

SENTENCES = {
    "office.page.not_your_role": (
        "Peran Anda tidak mencakup pekerjaan ini. Tanyakan kepada administrator kantor Anda bila memerlukannya.",
        "Your role does not include this work. Ask the administrator of your office if you need it.",
    ),
    "office.upload.no_file": (
        "Belum ada berkas. Pilih berkas kiriman, lalu kirim lagi.",
        "There is no file yet. Choose the files of the delivery, then send again.",
    ),
}
register_sentences(SENTENCES)
