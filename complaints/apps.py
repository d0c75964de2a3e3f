"""The complaints room."""

from django.apps import AppConfig


class ComplaintsConfig(AppConfig):
    name = "complaints"
