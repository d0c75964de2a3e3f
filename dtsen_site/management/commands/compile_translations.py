"""Compile the Indonesian catalogue without GNU gettext; --check says what it lacks."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from dtsen_site.translations import compile_catalogue, extract, missing


class Command(BaseCommand):
    help = "Compile locale/id without GNU gettext. With --check: list the texts that lack Indonesian."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--check", action="store_true", help="list missing translations and write nothing")

    def handle(self, *args: Any, **options: Any) -> None:
        lacking = missing(extract().values())
        for message in lacking:
            self.stderr.write(f"{message.place}: {message.text}")
        if options["check"]:
            if lacking:
                raise CommandError(f"{len(lacking)} texts lack an Indonesian translation")
            return
        self.stdout.write(str(compile_catalogue()))
