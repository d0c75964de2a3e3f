"""`install`: make this installation ready to serve; run again, it changes nothing that is there."""

import os
from typing import Any

from django.conf import settings
from django.core.management import call_command, get_commands
from django.core.management.base import BaseCommand
from django.core.management.utils import get_random_secret_key


class Command(BaseCommand):
    """Folders, tables, keys, regions, static files; called by `make install`."""

    help = "Make folders, tables, keys, regions and static files; run again, it changes nothing."

    requires_system_checks: list[str] = []  # they ask for what is made here

    def handle(self, *args: Any, **options: Any) -> None:
        """Do each step, telling what it did."""
        for folder in (settings.DTSEN_STATE_DIR, settings.DTSEN_STORE_DIR, settings.DTSEN_UPLOAD_DIR):
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        if make_secret_key():
            self.stdout.write(f"Key of the sessions made: {settings.SECRET_KEY_FILE}")
        call_command("migrate", verbosity=0, interactive=False)
        self.stdout.write("Tables: up to date")
        call_command("make_keys", stdout=self.stdout)
        if "load_wilayah" in get_commands():
            call_command("load_wilayah", stdout=self.stdout)
        call_command("load_programmes", stdout=self.stdout)
        call_command("collectstatic", verbosity=0, interactive=False)
        self.stdout.write("Static files: collected")


def make_secret_key() -> bool:
    """Make the key that signs sessions, readable by the owner only, unless it is there."""
    path = settings.SECRET_KEY_FILE
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    try:
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        return False
    with os.fdopen(handle, "w") as file:
        file.write(get_random_secret_key() + "\n")
    return True
