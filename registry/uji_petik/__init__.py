"""Uji petik: random checks in the field that say how wrong the register, the ranking and the decisions are.

The statistics are in `registry.sampling` (pure); this stage keeps designs, draws, answers and estimates.
"""
