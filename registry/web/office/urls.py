"""Addresses of the office. No address carries a NIK, a KK number or a name."""

from django.urls import path

from registry.web.office.views import audit, changes, deliveries, home, jobs, lists, register, rejoin, reviews

app_name = "office"
urlpatterns = [
    path("", home.home, name="home"),
    path("register/", register.register, name="register"),
    path("register/hasil/", register.results, name="results"),
    path("register/keluarga/<uuid:household_id>/", register.family, name="family"),
    path("register/keluarga/<uuid:household_id>/nomor/", register.family_numbers, name="family-numbers"),
    path("register/keluarga/<uuid:household_id>/pembetulan/", changes.correct, name="correct"),
    path("register/keluarga/<uuid:household_id>/gabung/", rejoin.family_merge, name="family-merge"),
    path("register/keluarga/<uuid:household_id>/pisah/", rejoin.family_split, name="family-split"),
    path("register/keluarga/<uuid:household_id>/riwayat/", register.family_history, name="family-history"),
    path("register/orang/<uuid:individual_id>/riwayat/", register.person_history, name="person-history"),
    path("register/orang/<uuid:individual_id>/", register.person, name="person"),
    path("register/orang/<uuid:individual_id>/pembetulan/", changes.correct_person, name="correct-person"),
    path("register/orang/<uuid:individual_id>/gabung/", rejoin.person_merge, name="person-merge"),
    path("register/orang/<uuid:individual_id>/pisah/", rejoin.person_split, name="person-split"),
    path("register/rencana/<uuid:plan_id>/", rejoin.plan, name="plan"),
    path("pembetulan/", changes.correction_list, name="corrections"),
    path("pembetulan/<int:correction_id>/", changes.correction_decide, name="correction-decide"),
    path("kiriman/", deliveries.delivery_list, name="deliveries"),
    path("kiriman/unggah/", deliveries.delivery_upload, name="delivery-upload"),
    path("kiriman/bangun/", deliveries.build, name="build"),
    path("kiriman/<int:delivery_id>/", deliveries.delivery, name="delivery"),
    path("kiriman/<int:delivery_id>/temuan/", deliveries.findings, name="findings"),
    path("kiriman/<int:delivery_id>/temuan/<str:fmt>/", deliveries.findings_download, name="findings-download"),
    path("daftar/", lists.lists, name="lists"),
    path("daftar/<uuid:job_id>/berkas/", lists.list_file, name="list-file"),
    path("tinjau/", reviews.review_list, name="reviews"),
    path("tinjau/<int:pair_id>/", reviews.review, name="review"),
    path("pekerjaan/", jobs.job_list, name="jobs"),
    path("pekerjaan/<uuid:job_id>/", jobs.job, name="job"),
    path("pekerjaan/<uuid:job_id>/panel/", jobs.job_panel, name="job-panel"),
    path("pekerjaan/<uuid:job_id>/hentikan/", jobs.job_cancel, name="job-cancel"),
    path("audit/", audit.audit, name="audit"),
    path("audit/pembacaan/", audit.reads, name="audit-reads"),
    path("audit/periksa/", audit.audit_verify, name="audit-verify"),
]
