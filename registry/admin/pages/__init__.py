"""One module for each stage whose tables the administration shows."""
