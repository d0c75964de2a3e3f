"""Readers: a file as it was sent becomes a clean UTF-8 text that DuckDB reads, row by row the same."""

from registry.sources.readers.prepared import Prepared, Refused
from registry.sources.readers.text import prepare_file

__all__ = ["Prepared", "Refused", "prepare_file"]
