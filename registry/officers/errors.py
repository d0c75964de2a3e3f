"""The sentences of this stage's errors; those of its audit events are in `events.py`."""

from registry.common.errors import register_sentences

register_sentences(
    {
        "officers.manage.not_allowed": (
            "Hanya administrator pusat yang dapat mengelola petugas.",
            "Only a central administrator may manage officers.",
        ),
        "officers.do.not_allowed": (
            "Peran Anda tidak mencakup tindakan ini.",
            "None of your roles covers this.",
        ),
        "officers.email.taken": (
            "Sudah ada akun dengan alamat {email}.",
            "There is an account with the address {email} already.",
        ),
        "officers.email.invalid": (
            "{email} bukan alamat surel.",
            "{email} is not an e-mail address.",
        ),
        "officers.officer.closed": (
            "Akun ini sudah ditutup.",
            "This account is closed.",
        ),
        "officers.officer.system": (
            "Akun sistem tidak dapat diubah.",
            "The system's own account cannot be changed.",
        ),
        "officers.officer.own": (
            "Tidak seorang pun dapat mengubah peran atau akunnya sendiri.",
            "Nobody may change their own roles or account.",
        ),
        "officers.role.unknown": (
            "Tidak ada peran {role}. Pilih salah satu: {known}.",
            "There is no role {role}. Choose one of: {known}.",
        ),
        "officers.role.wrong_level": (
            "Peran {role} dipegang untuk {levels}, bukan untuk wilayah {region}.",
            "The role {role} is held for {levels}, not for the region {region}.",
        ),
        "officers.role.region_ended": (
            "Kode wilayah {region} sudah tidak berlaku. Pakai kode penggantinya.",
            "The region code {region} is no longer in force. Use the code that took over.",
        ),
        "officers.role.no_day": (
            "Hari terakhir harus sama dengan atau sesudah hari pertama.",
            "The last day must be the first day or later.",
        ),
        "officers.role.excluded": (
            "Peran {role} tidak boleh dipegang bersama peran {other} pada hari yang sama.",
            "The role {role} may not be held together with the role {other} on the same day.",
        ),
        "officers.role.held": (
            "Peran ini sudah dipegang untuk wilayah dan hari yang sama.",
            "This role is held already for the same region and days.",
        ),
        "officers.role.ended": (
            "Peran ini sudah berakhir.",
            "This role has ended already.",
        ),
        "officers.stand_in.too_long": (
            "Penggantian sementara paling lama {days} hari.",
            "A stand-in holds for {days} days at most.",
        ),
        "officers.stand_in.outside": (
            "Penggantian harus berada dalam masa peran yang digantikan.",
            "The days of a stand-in must lie within those of the role it covers.",
        ),
        "officers.stand_in.self": (
            "Petugas tidak dapat menggantikan dirinya sendiri.",
            "An officer cannot stand in for themselves.",
        ),
        "officers.link.unusable": (
            "Tautan ini sudah dipakai, dicabut atau kedaluwarsa. Minta tautan baru kepada administrator.",
            "This link was used, withdrawn or has expired. Ask an administrator for a new one.",
        ),
        "officers.password.weak": (
            "Kata sandi belum memenuhi syarat: {why}",
            "The password is not good enough yet: {why}",
        ),
        "officers.case.granted_already": (
            "Akses untuk kasus ini sudah diberikan.",
            "This case was granted already.",
        ),
        "officers.case.ended": (
            "Akses untuk kasus ini sudah berakhir.",
            "This case grant has ended already.",
        ),
    }
)
