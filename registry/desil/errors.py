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
        "desil.run.official_in_use": (
            "Peringkat resmi sedang dipakai; peringkat kami tidak menggantikannya. Impor peringkat resmi yang lebih baru.",
            "An official ranking is in use; ours does not replace it. Import a newer official one.",
        ),
        "desil.run.none": (
            "Belum ada peringkat. Hitung peringkat lebih dahulu.",
            "There is no ranking yet. Compute one first.",
        ),
        "desil.comparison.pruned": (
            "Berkas salah satu peringkat tidak disimpan lagi, jadi keduanya tidak dapat dibandingkan.",
            "The files of one ranking are no longer kept, so the two cannot be compared.",
        ),
        "desil.official.layout": (
            "Berkas pemetaan {name} tidak sah: {why}. Perbaiki lalu ulangi.",
            "The mapping file {name} is not valid: {why}. Correct it and try again.",
        ),
        "desil.official.source_missing": (
            "Sebutkan siapa yang membuat peringkat ini, misalnya BPS.",
            "Say who made this ranking, for example BPS.",
        ),
        "desil.official.no_desil": (
            "Berkas {name} tidak punya kolom desil. Yang dikenal: {names}. Untuk nama lain, beri berkas pemetaan.",
            "The file {name} has no column of the desil. Known are: {names}. For other names give a mapping file.",
        ),
        "desil.official.no_number": (
            "Berkas {name} tidak punya kolom NIK atau nomor KK. Yang dikenal: {names}. Untuk nama lain, beri berkas pemetaan.",
            "The file {name} has no column of NIK or KK number. Known are: {names}. For other names give a mapping file.",
        ),
        "desil.official.date_missing": (
            "Berkas {name} tidak menyebut tanggal pemeringkatan. Isi tanggalnya lalu ulangi.",
            "The file {name} names no day of the ranking. Give the day and try again.",
        ),
        "desil.official.date_ahead": (
            "Tanggal pemeringkatan {day} belum tiba. Periksa tanggalnya.",
            "The day of the ranking, {day}, lies ahead. Check it.",
        ),
        "desil.official.nobody_found": (
            "Tak satu pun dari {rows} baris berkas {name} menyebut keluarga di register. Periksa kolom dan wilayahnya.",
            "None of the {rows} rows of the file {name} names a family of the register. Check its columns and region.",
        ),
        "desil.ranks.format": (
            "Berkas {name} harus berakhiran .csv atau .parquet.",
            "The file {name} must end in .csv or .parquet.",
        ),
    }
)
