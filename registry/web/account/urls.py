"""Addresses of signing in and of a person's own choices."""

from django.urls import path

from registry.web.account import views

app_name = "account"
urlpatterns = [
    path("masuk/", views.sign_in, name="sign-in"),
    path("keluar/", views.sign_out, name="sign-out"),
    path("kata-sandi/<str:token>/", views.first_password, name="first-password"),
    path("bahasa/", views.choose_language, name="language"),
    path("warna/", views.choose_theme, name="theme"),
]
