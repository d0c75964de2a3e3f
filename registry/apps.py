"""The registry room."""

from importlib import import_module
from importlib.util import find_spec

from django.apps import AppConfig

PARTS = (
    "common",
    "wilayah",
    "officers",
    "sources",
    "households",
    "linkage",
    "programmes",
    "desil",
    "visits",
    "uji_petik",
    "beneficiaries",
    "web",
)

# What a stage registers about itself when it has the file: sentences of its errors and audit
# events, its kinds of jobs, its merge rules, its public figures.
SELF_DECLARATIONS = ("errors", "events", "job_kinds", "merge_rules", "transparency")


class RegistryConfig(AppConfig):
    name = "registry"
    verbose_name = "Register"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Load what each stage declares about itself, then the room's signals."""
        for part in PARTS:
            for file in SELF_DECLARATIONS:
                name = f"registry.{part}.{file}"
                if find_spec(name):
                    import_module(name)
        import_module("registry.common.audit")
        import_module("registry.common.jobs")
        import_module("registry.signals")
