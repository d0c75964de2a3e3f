"""Thin reads for the office's pages; what a stage itself answers is asked from its own selectors."""
