"""Ranking runs over the register: models with their cards, scores, published desil and their explanation.

The statistics are in `registry.ranking` (pure); this stage keeps, publishes and shows them.
"""
