"""Addresses of the public pages."""

from django.urls import path

from registry.web.public import views

app_name = "public"
urlpatterns = [
    path("", views.home, name="home"),
    path("tentang/", views.about, name="about"),
    path("model/", views.models, name="models"),
    path("model/<int:version>/", views.model, name="model"),
    path("model/<int:version>/model.json", views.model_file, name="model-file"),
    path("model/<int:version>/kartu.json", views.model_card, name="model-card"),
    path("model/<int:version>/bobot.csv", views.model_weights, name="model-weights"),
]
