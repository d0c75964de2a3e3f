"""The graduation room."""

from django.apps import AppConfig


class GraduationConfig(AppConfig):
    name = "graduation"
