"""Ratings of harm."""
