"""The sentences of this stage's errors."""

from registry.common.errors import register_sentences
from registry.sampling.errors import SENTENCES

register_sentences(
    SENTENCES
    | {
        "uji_petik.draw.not_allowed": (
            "Peran Anda tidak mencakup penarikan sampel di wilayah ini.",
            "None of your roles covers drawing samples in this region.",
        ),
        "uji_petik.draw.no_ranking": (
            "Belum ada peringkat yang diterbitkan, padahal kerangka ini memakai desil. Terbitkan peringkat lebih dahulu.",
            "No ranking has been published, and this frame uses the desil. Publish a ranking first.",
        ),
        "uji_petik.draw.empty": (
            "Tidak ada keluarga dalam kerangka ini. Pilih wilayah atau desil lain.",
            "There is no family in this frame. Choose another region or desil.",
        ),
        "uji_petik.draw.payroll": (
            "Kesalahan eksklusi tidak dapat ditaksir dari penerima saja. Tarik dari semua keluarga atau dari yang di atas batas.",
            "Exclusion cannot be estimated from recipients alone. Draw from all families or from those above the line.",
        ),
        "uji_petik.draw.coverage": (
            "Keluarga yang belum terdaftar tidak ada di register, jadi tidak dapat ditarik dari sini. Pilih kesalahan lain; "
            "cakupan ditaksir dari daftar mandiri suatu wilayah.",
            "Families that are not registered are not in the register and cannot be drawn from it. Choose another error; "
            "coverage is estimated from an area canvass.",
        ),
        "uji_petik.draw.size": (
            "Jumlah desa dan keluarga per desa harus sedikitnya 1.",
            "Villages, and families in each, must be 1 at least.",
        ),
        "uji_petik.design.unknown": (
            "Rancangan uji petik {design} tidak ada.",
            "There is no uji petik design {design}.",
        ),
        "uji_petik.design.closed": (
            "Rancangan ini sudah ditutup; hasilnya tidak dapat ditambah.",
            "This design is closed; no result can be added.",
        ),
        "uji_petik.draw.line": (
            "Pilih desil batasnya: 1 sampai 9.",
            "Choose the desil of the line: 1 to 9.",
        ),
        "uji_petik.results.columns": (
            "Berkas {name} butuh kolom id_keluarga dan hasil. Yang ada: {columns}.",
            "The file {name} needs the columns household_id and outcome. Found: {columns}.",
        ),
        "uji_petik.results.refused": (
            "Berkas {name} ditolak: {findings} baris bermasalah, mulai dari baris {row}. Tidak ada hasil yang disimpan.",
            "The file {name} is refused: {findings} rows are wrong, from row {row} on. No result was kept.",
        ),
        "uji_petik.results.outcome": (
            "Hasil “{value}” tidak dikenal. Tulis benar, salah, tidak_ditemui, atau menolak.",
            "The outcome “{value}” is unknown. Write right, wrong, not_reached or refused.",
        ),
        "uji_petik.results.not_drawn": (
            "Keluarga ini tidak ditarik dalam rancangan ini. Hasil hanya untuk keluarga yang ditarik.",
            "This family was not drawn in this design. Results are for drawn families only.",
        ),
        "uji_petik.results.twice": (
            "Keluarga ini ditulis dua kali dengan hasil yang berbeda.",
            "This family stands here twice with different outcomes.",
        ),
        "uji_petik.results.empty": (
            "Berkas {name} tidak memuat satu hasil pun. Isi kolom hasil, lalu kirim lagi.",
            "The file {name} holds no outcome at all. Fill in the column of outcomes, then send it again.",
        ),
        "uji_petik.results.none": (
            "Belum ada hasil untuk rancangan ini. Kirim berkas hasil kunjungan dahulu.",
            "There are no results for this design yet. Send a file with the results of the visits first.",
        ),
        "uji_petik.canvass.columns": (
            "Daftar {name} butuh kolom nama, tanggal_lahir, dan kode_desa. Yang ada: {columns}.",
            "The list {name} needs the columns nama, tanggal_lahir and kode_desa. Found: {columns}.",
        ),
        "uji_petik.canvass.rows": (
            "Daftar {name} ditolak: {count} baris tanpa nama, tanggal lahir (1985-08-27), atau desa di wilayah ini. Baris: {rows}.",
            "The list {name} is refused: {count} rows lack a name, a birth date (1985-08-27) or a village of this region. Rows: {rows}.",
        ),
        "uji_petik.canvass.empty": (
            "Daftar {name} tidak memuat seorang pun.",
            "The list {name} holds nobody.",
        ),
        "uji_petik.canvass.apart": (
            "Daftar ini tidak dapat dihubungkan dengan register: pencocokan nama tidak lebih baik daripada kebetulan. Tambah NIK.",
            "This list cannot be linked to the register: comparing names is no better than chance. Add NIK.",
        ),
        "uji_petik.lot.no_area": (
            "Pendamping ini tidak memegang wilayah di sini. Pilih pendamping lain atau wilayah yang ia dampingi.",
            "This companion holds no region here. Choose another companion, or a region that the companion covers.",
        ),
        "uji_petik.lot.shares": (
            "Bagian keliru yang masih baik harus lebih kecil daripada bagian yang tidak boleh lolos.",
            "The share of wrong ones that is still good must be smaller than the share that may not pass.",
        ),
        "uji_petik.lot.source": (
            "Lot tidak dapat dibuat dari {source}.",
            "Lots cannot be made of {source}.",
        ),
        "uji_petik.results.unreadable": (
            "Berkas {name} tidak terbaca sebagai CSV. Periksa berkasnya.",
            "The file {name} cannot be read as CSV. Check the file.",
        ),
    }
)
