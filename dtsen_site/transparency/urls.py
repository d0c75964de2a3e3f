"""Addresses of the pages of transparency."""

from django.urls import path

from dtsen_site.transparency import views

app_name = "transparency"
urlpatterns = [
    path("", views.page, name="page"),
    path("provinsi/<str:code>/", views.province, name="province"),
    path("unduh/<slug:name>.csv", views.file, name="file"),
    path("kamus/", views.dictionary, name="dictionary"),
    path("kamus.csv", views.dictionary_file, name="dictionary-file"),
]
