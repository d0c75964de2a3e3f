"""Programmes as data: who may receive, how much, from when, by which law. Whom they reach is decided downstream."""
