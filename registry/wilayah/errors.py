"""The sentences of this stage's errors; those of its audit events are in `events.py`."""

from registry.common.errors import register_sentences

register_sentences(
    {
        "wilayah.file.unreadable": (
            "Berkas {file} tidak dapat dibaca: {why}.",
            "The file {file} cannot be read: {why}.",
        ),
        "wilayah.file.columns": (
            "Berkas {file} harus mempunyai kolom {needed}; yang ada: {found}.",
            "The file {file} must have the columns {needed}; it has {found}.",
        ),
        "wilayah.file.bad_code": (
            "Berkas {file}, baris {line}: {value} bukan kode wilayah.",
            "File {file}, line {line}: {value} is not a region code.",
        ),
        "wilayah.file.no_name": (
            "Berkas {file}, baris {line}: wilayah {value} tidak mempunyai nama.",
            "File {file}, line {line}: the region {value} has no name.",
        ),
        "wilayah.file.twice": (
            "Kode {value} muncul dua kali (berkas {file}, baris {line}).",
            "The code {value} comes twice (file {file}, line {line}).",
        ),
        "wilayah.file.bad_date": (
            "Berkas {file}, baris {line}: {value} bukan tanggal TTTT-BB-HH.",
            "File {file}, line {line}: {value} is not a date YYYY-MM-DD.",
        ),
        "wilayah.load.empty": (
            "Tidak ada wilayah di dalam berkas; tidak ada yang diubah.",
            "There is no region in the files; nothing was changed.",
        ),
        "wilayah.load.orphan": (
            "Wilayah {region} berada di dalam {parent}, yang tidak ada di berkas maupun di register.",
            "The region {region} lies in {parent}, which neither the files nor the register know.",
        ),
        "wilayah.region.unknown": (
            "Tidak ada wilayah dengan kode {region}.",
            "There is no region with the code {region}.",
        ),
    }
)
