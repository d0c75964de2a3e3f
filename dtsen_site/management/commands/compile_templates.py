"""`compile_templates`: compile every template of ours and name each that does not."""

from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.template import TemplateSyntaxError
from django.template.loader import get_template


class Command(BaseCommand):
    """A check of `make test`: a page nobody opened yet does not break in front of an officer."""

    help = "Compile every template in templates/."

    def handle(self, *args: Any, **options: Any) -> None:
        """Compile all, then tell what failed."""
        root = settings.BASE_DIR / "templates"
        count, wrong = 0, []
        for path in sorted(root.rglob("*.html")):
            name = str(path.relative_to(root))
            count += 1
            try:
                get_template(name)
            except TemplateSyntaxError as error:
                wrong.append(f"{name}: {error}")
        if wrong:
            raise CommandError("\n".join(wrong))
        self.stdout.write(f"{count} templates compile")
