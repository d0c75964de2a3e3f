"""Sentences of this stage: why a file is refused whole, and what to do next."""

from registry.common.audit import register_event_sentences
from registry.common.errors import register_sentences

SENTENCES = {
    "sources.mapping.unknown": (
        "Sumber {source} tidak dikenal. Yang dikenal: {known}. Untuk tata letak lain, beri berkas pemetaan (--mapping).",
        "The source {source} is not known. Known are: {known}. For another layout give a mapping file (--mapping).",
    ),
    "sources.mapping.invalid": (
        "Berkas pemetaan {name} tidak sah: {why}. Perbaiki lalu ulangi.",
        "The mapping file {name} is not valid: {why}. Correct it and try again.",
    ),
    "sources.mapping.other_source": (
        "Berkas pemetaan {name} adalah untuk sumber {found}, bukan {source}. Pakai nama sumber yang sama.",
        "The mapping file {name} is for the source {found}, not {source}. Use the same source name.",
    ),
    "sources.delivery.role_twice": (
        "{name} dan {other} sama-sama berkas {role}. Kirim satu berkas keluarga dan satu berkas anggota.",
        "{name} and {other} both are the {role} file. Send one file of families and one of members.",
    ),
    "sources.delivery.same_file_twice": (
        "{name} diberikan dua kali. Beri setiap berkas satu kali saja.",
        "{name} was given twice. Give each file once.",
    ),
    "sources.file.not_found": (
        "Berkas {name} tidak ada atau tidak boleh dibaca. Periksa nama dan izinnya.",
        "The file {name} is not there or may not be read. Check its name and permissions.",
    ),
    "sources.file.empty": (
        "Berkas {name} kosong. Minta pengirim mengekspor ulang.",
        "The file {name} is empty. Ask the sender to export it again.",
    ),
    "sources.file.no_rows": (
        "Berkas {name} hanya berisi judul, tanpa baris. Minta pengirim mengekspor ulang.",
        "The file {name} has a header and no rows. Ask the sender to export it again.",
    ),
    "sources.file.no_header": (
        "Berkas {name} tidak punya baris judul yang terbaca. Simpan sebagai CSV atau XLSX dengan judul kolom.",
        "The file {name} has no readable header line. Save it as CSV or XLSX with column names.",
    ),
    "sources.file.old_excel": (
        "Berkas {name} adalah Excel lama (.xls) atau terkunci sandi. Simpan sebagai XLSX tanpa sandi.",
        "The file {name} is an old Excel file (.xls) or locked by a password. Save it as XLSX without one.",
    ),
    "sources.file.unreadable": (
        "Berkas {name} terpotong atau rusak; tidak ada yang dimuat. Kirim ulang berkas yang utuh.",
        "The file {name} is cut short or damaged; nothing was loaded. Send the whole file again.",
    ),
    "sources.file.bomb": (
        "Berkas {name} mengembang lebih dari {ratio} kali ukurannya; pembacaan dihentikan. Kirim tanpa kompresi.",
        "The file {name} unpacks to more than {ratio} times its size; reading was stopped. Send it uncompressed.",
    ),
    "sources.file.workbook_too_large": (
        "Buku kerja {name} berisi lebih dari {limit} MB tabel. Kirim sebagai CSV; ukurannya tidak dibatasi.",
        "The workbook {name} holds more than {limit} MB of tables. Send it as CSV, which has no such limit.",
    ),
    "sources.file.too_many_columns": (
        "Berkas {name} punya {columns} kolom; tidak ada tata letak dengan lebih dari {limit}. Kirim tabel aslinya.",
        "The file {name} has {columns} columns; no layout has more than {limit}. Send the original table.",
    ),
    "sources.file.column_twice": (
        "Berkas {name} punya dua kolom bernama {column}; tidak jelas mana yang benar. Hapus atau ganti nama satu.",
        "The file {name} has two columns named {column}; which one counts is not known. Delete or rename one.",
    ),
    "sources.file.separator": (
        "Pemisah {announced} tidak cocok untuk {name}: kolomnya terbaca dengan {found}. Sebutkan pemisah itu, atau jangan sebutkan.",
        "The separator {announced} does not fit {name}: its columns are read with {found}. Announce that one, or none.",
    ),
    "sources.file.encoding": (
        "Berkas {name} bukan {announced} seperti disebutkan, melainkan {found}. Sebutkan --encoding {found}, atau jangan sebutkan.",
        "The file {name} is not {announced} as announced but {found}. Give --encoding {found}, or none.",
    ),
    "sources.file.encoding_unknown": (
        "Pengodean {encoding} tidak dikenal untuk {name}. Pakai utf-8, latin-1 atau utf-16.",
        "The encoding {encoding} is not known for {name}. Use utf-8, latin-1 or utf-16.",
    ),
    "sources.file.other_source": (
        "Berkas {name} adalah berkas {found}, bukan {source}. Terima dengan sumber {found}.",
        "The file {name} is a {found} file, not {source}. Receive it as {found}.",
    ),
    "sources.file.unknown_layout": (
        "Judul kolom {name} tidak cocok dengan tata letak {source}. Periksa berkasnya, atau beri berkas pemetaan.",
        "The column names of {name} fit no layout of {source}. Check the file, or give a mapping file.",
    ),
    "sources.file.column_missing": (
        "Kolom wajib {columns} tidak ada di {name}. Minta pengirim menyertakannya.",
        "The mandatory column {columns} is missing in {name}. Ask the sender to include it.",
    ),
    "sources.regions.missing": (
        "Daftar wilayah belum dimuat. Jalankan load_wilayah lebih dulu.",
        "The regions have not been loaded. Run load_wilayah first.",
    ),
    "sources.period.invalid": (
        "Periode {period} tidak dikenal. Tulis TTTT-BB, misalnya 2023-06.",
        "The period {period} is not known. Write YYYY-MM, for example 2023-06.",
    ),
}

register_sentences(SENTENCES)

register_event_sentences(
    {
        "sources.delivery.received": (
            "{actor} menerima kiriman {source} periode {period}: {accepted} dari {rows} baris diterima",
            "{actor} received a delivery of {source} for {period}: {accepted} of {rows} rows accepted",
        ),
        "sources.delivery.refused": (
            "{actor} mencoba menerima kiriman {source} periode {period}: ditolak ({reason})",
            "{actor} tried to receive a delivery of {source} for {period}: refused ({reason})",
        ),
        "sources.delivery.revalidated": (
            "{actor} memeriksa ulang kiriman {source} dengan aturan versi {rules}",
            "{actor} validated a delivery of {source} again by the rules of version {rules}",
        ),
    }
)
