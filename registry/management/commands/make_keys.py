"""`make_keys`: make the key files of a new installation."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from registry.common.crypto import get_key_folder
from registry.common.errors import DomainError
from registry.common.key_check import ensure_keys


class Command(BaseCommand):
    """Run by the install after the migrations; running it again changes nothing."""

    help = "Make the missing key files, unless this database was written with keys that are gone."

    def handle(self, *args: Any, **options: Any) -> None:
        """Make, check and tell."""
        try:
            made = ensure_keys(now=timezone.now())
        except DomainError as error:
            raise CommandError(error.sentence("en"), returncode=2) from None
        folder = get_key_folder()
        if made:
            self.stdout.write(f"Keys made in {folder}: {', '.join(made)}. Back them up apart.")
        else:
            self.stdout.write(f"The keys in {folder} fit this database.")
