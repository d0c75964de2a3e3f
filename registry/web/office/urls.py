"""Addresses of the office. No address carries a NIK, a KK number or a name."""

from django.urls import path

from registry.web.office.views import audit, home, jobs

app_name = "office"
urlpatterns = [
    path("", home.home, name="home"),
    path("pekerjaan/", jobs.job_list, name="jobs"),
    path("pekerjaan/<uuid:job_id>/", jobs.job, name="job"),
    path("pekerjaan/<uuid:job_id>/panel/", jobs.job_panel, name="job-panel"),
    path("pekerjaan/<uuid:job_id>/hentikan/", jobs.job_cancel, name="job-cancel"),
    path("audit/", audit.audit, name="audit"),
    path("audit/pembacaan/", audit.reads, name="audit-reads"),
    path("audit/periksa/", audit.audit_verify, name="audit-verify"),
]
