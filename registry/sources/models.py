"""Tables of this stage."""
