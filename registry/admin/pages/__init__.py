"""One module for each stage whose tables the administration shows; `casework` takes the rest."""

from registry.admin.pages import common, officers, programmes, recipients, wilayah  # noqa: F401  (registers)
from registry.admin.pages.casework import register_rest

register_rest()
