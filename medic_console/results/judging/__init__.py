"""Judges: qualified by probes, their cards, and what stands."""
