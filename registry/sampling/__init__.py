"""Sample sizes, draws that can be repeated, estimators and intervals. Pure: no Django, no clock, no chance of its own."""
