"""Rubric items."""
