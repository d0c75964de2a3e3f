"""Regions of Indonesia: Kemendagri codes with validity and succession, and the BPS bridge."""
