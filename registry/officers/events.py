"""One sentence for each audit event of this stage."""

from registry.common.audit import register_event_sentences

register_event_sentences(
    {
        "officers.officer.invited": (
            "{actor} membuat akun petugas {object}",
            "{actor} made the account of officer {object}",
        ),
        "officers.officer.renamed": (
            "{actor} mengubah nama atau bahasa petugas {object}",
            "{actor} changed the name or language of officer {object}",
        ),
        "officers.officer.closed": (
            "{actor} menutup akun petugas {object}",
            "{actor} closed the account of officer {object}",
        ),
        "officers.officer.reopened": (
            "{actor} membuka kembali akun petugas {object}",
            "{actor} reopened the account of officer {object}",
        ),
        "officers.officer.unlocked": (
            "{actor} membuka kunci masuk petugas {object}",
            "{actor} unlocked the sign-in of officer {object}",
        ),
        "officers.role.granted": (
            "{actor} memberi petugas {officer} peran {role} untuk wilayah {region}, {since} – {until}",
            "{actor} gave officer {officer} the role {role} for region {region}, {since} – {until}",
        ),
        "officers.role.stood_in": (
            "{actor} menunjuk petugas {officer} sebagai pengganti sementara ({role}, wilayah"
            " {region}), {since} – {until}",
            "{actor} had officer {officer} stand in ({role}, region {region}), {since} – {until}",
        ),
        "officers.role.ended": (
            "{actor} mengakhiri peran {role} petugas {officer} untuk wilayah {region}",
            "{actor} ended the role {role} of officer {officer} for region {region}",
        ),
        "officers.role.followed": (
            "{actor} meneruskan peran {role} petugas {officer} ke kode wilayah baru {region}, {since} – {until}",
            "{actor} carried the role {role} of officer {officer} over to the new region code {region},"
            " {since} – {until}",
        ),
        "officers.scope.refreshed": (
            "{actor} menghitung ulang kabupaten/kota petugas: {regencies}",
            "{actor} worked out the officers' regencies anew: {regencies}",
        ),
        "officers.link.made": (
            "{actor} membuat tautan sekali pakai ({purpose}) untuk petugas {object}",
            "{actor} made a one-time link ({purpose}) for officer {object}",
        ),
        "officers.link.withdrawn": (
            "{actor} mencabut {count} tautan petugas {object}",
            "{actor} withdrew {count} links of officer {object}",
        ),
        "officers.password.set": (
            "Petugas {object} memasang kata sandi lewat tautan ({purpose})",
            "Officer {object} set a password by a link ({purpose})",
        ),
        "officers.case.granted": (
            "{actor} membuka {kind} {object} bagi petugas {officer} ({cause})",
            "{actor} opened {kind} {object} to officer {officer} ({cause})",
        ),
        "officers.case.ended": (
            "{actor} menutup {kind} {object} bagi petugas {officer} ({cause})",
            "{actor} closed {kind} {object} to officer {officer} ({cause})",
        ),
    }
)
