"""Deliveries: from the files of a source to validated Parquet; see README.md."""
