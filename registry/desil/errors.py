"""The sentences of this stage's errors."""

from registry.common.errors import register_sentences
from registry.ranking.errors import SENTENCES

register_sentences(
    SENTENCES
    | {
        "desil.model.none": (
            "Belum ada model peringkat. Buat dari berkas survei lebih dahulu.",
            "There is no ranking model yet. Fit one from a survey file first.",
        ),
        "desil.model.unknown": (
            "Model {version} tidak ada. Pilih salah satu dari daftar model.",
            "There is no model {version}. Choose one from the list of models.",
        ),
        "desil.model.retired": (
            "Model {version} sudah dipensiunkan. Pilih model yang lebih baru.",
            "Model {version} has been retired. Choose a newer one.",
        ),
        "desil.model.reason_missing": (
            "Model ini memperburuk kesalahan eksklusi kelompok yang dilindungi. Tulis alasannya; dua orang menandatangani.",
            "This model worsens the exclusion error of a protected group. Write the reason; two people sign it.",
        ),
        "desil.model.signed": (
            "Model ini sudah ditandatangani. Orang lain yang mengesahkannya.",
            "This model has been signed. Somebody else approves it.",
        ),
        "desil.model.not_signed": (
            "Model ini belum ditandatangani orang pertama.",
            "Nobody has signed this model first.",
        ),
        "desil.model.same_person": (
            "Orang yang menandatangani tidak dapat mengesahkan juga. Minta administrator lain.",
            "Who has signed cannot approve as well. Ask another administrator.",
        ),
        "desil.run.not_allowed": (
            "Hanya administrator pusat yang dapat menghitung dan menerbitkan peringkat.",
            "Only a central administrator may compute and publish a ranking.",
        ),
        "desil.run.no_register": (
            "Register belum dibangun, jadi belum ada keluarga untuk diperingkat. Bangun register lebih dahulu.",
            "The register has not been built, so there is no family to rank. Build the register first.",
        ),
        "desil.run.unknown": (
            "Peringkat {run} tidak ada. Pilih salah satu dari daftar peringkat.",
            "There is no ranking {run}. Choose one from the list of rankings.",
        ),
        "desil.run.state": (
            "Peringkat ini sedang dalam keadaan “{state}”; langkah itu tidak berlaku. Muat ulang halaman.",
            "This ranking is “{state}”; that step does not apply. Reload the page.",
        ),
        "desil.run.person_needed": (
            "Penerbitan butuh orang, bukan sistem: sebutkan --by dan --approved-by dengan dua petugas berbeda.",
            "Publishing takes people, not the system: name two different officers with --by and --approved-by.",
        ),
        "desil.run.same_person": (
            "Yang mengusulkan tidak dapat menerbitkan juga. Minta administrator lain.",
            "Who has proposed it cannot publish it as well. Ask another administrator.",
        ),
        "desil.run.model_not_approved": (
            "Model peringkat ini belum disahkan dua orang. Sahkan modelnya lebih dahulu.",
            "Two people have not approved the model of this ranking. Approve the model first.",
        ),
        "desil.run.none": (
            "Belum ada peringkat. Hitung peringkat lebih dahulu.",
            "There is no ranking yet. Compute one first.",
        ),
        "desil.ranks.format": (
            "Berkas {name} harus berakhiran .csv atau .parquet.",
            "The file {name} must end in .csv or .parquet.",
        ),
    }
)
